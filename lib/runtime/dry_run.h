// Probes of a session (binance/probe.h) with the governor's leave, and the dry-run order that every start
// makes. Private to the sources of lib/runtime; on the main thread.
#pragma once

#include <string>

#include "binance/probe.h"
#include "governor/governor.h"
#include "runtime/start_steps.h"

namespace vigil::runtime {

/// What the probes of this session are made with. Errors: invalid (a URL), not_found or corrupt (CA file).
[[nodiscard]] base::Result<binance::ProbeParts> probe_parts(Session& session);

/// One probe: leave, request, answer. Errors: as binance::probe, and exhausted.
/// @param key another than the session's
[[nodiscard]] base::Result<binance::ProbeAnswer> take_probe(Session& session, governor::Cost cost,
                                                            const binance::ProbeRequest& request,
                                                            binance::KeyInUse key = nullptr);

/// Why an answer that is not good is an Error, with the kind that fits.
[[nodiscard]] base::Error as_error(const binance::ProbeAnswer& answer, std::string_view what);

/// What `dry_run` tried, for people: "BUY 0.001 BTCUSDT at 30000".
struct DryRun {
    domain::NewOrder order;
    std::string text;
};
/// `order/test` with the smallest legal order, far from the market, on the first symbol in use that trades.
/// Errors: rejected, with what the exchange said; denied; unavailable ...
[[nodiscard]] base::Result<DryRun> dry_run(Session& session);

/// The same as a step of the start: what the exchange says against the order is told, and no obstacle; what
/// it says against the key is one.
[[nodiscard]] Step dry_run_at_start(Session& session);

}  // namespace vigil::runtime
