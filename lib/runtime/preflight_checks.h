// What a preflight checks beyond the steps of a start. Private to the sources of lib/runtime; on the main
// thread, with a session that is past the steps which each of them needs.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "binance/probe.h"
#include "runtime/session.h"

namespace vigil::runtime {

/// What a check saw; with a remedy it is a warning.
struct Seen {
    std::string detail;
    std::string remedy{};
};
using CheckResult = base::Result<Seen>;

/// How far the clock is off, and how well that is known.
[[nodiscard]] CheckResult check_clock(Session& session);
/// `GET /api/v3/account` with the key.
[[nodiscard]] CheckResult check_account(Session& session);
/// `order/test` with the smallest legal order, far from the market.
[[nodiscard]] CheckResult check_dry_run(Session& session);
/// The counts that answers tell, beside the own ones.
[[nodiscard]] CheckResult check_counts(Session& session);
/// A request that is wrong on purpose has to be refused with the right code.
[[nodiscard]] CheckResult check_refusal(Session& session, binance::Spoilt spoilt);
/// Several requests at once, over several endpoints, REST and WebSocket: all are counted together.
[[nodiscard]] CheckResult check_shared_budget(Session& session);
/// A ping to the WebSocket API and one to the streams, on connections of their own.
[[nodiscard]] CheckResult check_pings(Session& session);
/// Places an order that cannot fill, cancels it, and waits for the exchange's definite word on both.
[[nodiscard]] CheckResult check_live_order(Session& session);

/// How several requests at once were counted.
struct BudgetSample {
    std::int64_t before{0};     ///< used weight that an answer told before them
    std::int64_t after{0};      ///< and one after
    std::int64_t spent{0};      ///< what they cost, the answer after them included
    std::int64_t websocket{0};  ///< used weight that the WebSocket API told meanwhile
};
/// Nothing: a new window began meanwhile, so it says nothing. Error rejected: they are not counted together.
[[nodiscard]] std::optional<CheckResult> judge_budget(const BudgetSample& sample);

}  // namespace vigil::runtime
