// The gate that every request to the exchange passes: request weight, raw requests, unfilled orders, bans,
// cool-downs.
//
// Budgets come from exchangeInfo.rateLimits and are never assumed; until they are known a small bootstrap
// allowance lets the first reads through (time, exchangeInfo). Windows are fixed intervals of exchange time
// (rest-api.md, "LIMITS"). The governor charges a request when it lets it go, believes the highest of its own
// count and what answers report, and reports the difference as drift: another program on this address shrinks
// our budget at once.
//
// Lanes have priority by ceilings: each lane stops at a lower share of the budget than the one above it, and
// the reserve beyond the share is for cancels alone, so that a cancel always finds room. Within the order
// lane the unfilled orders of a window are shared fairly between the strategies (fair_share.h). The governor
// holds no queue: it answers "go", "not before" or "never", and the caller keeps what waits.
//
// A window begins carefully: until an answer has told what others have used of it, or the limit that holds
// now, half of the budget is all that may be used.
//
// Pure: one owner (the engine, on the trading thread), no clock, no I/O, no heap in `decide` and `admit`.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "base/time.h"
#include "domain/rate_limit.h"
#include "domain/stages.h"
#include "governor/ban.h"
#include "governor/fair_share.h"
#include "governor/ledger.h"
#include "governor/now.h"
#include "governor/waits.h"

namespace vigil::governor {

struct Options {
    int share_percent{50};        ///< of every published limit that all lanes but cancels may use together
    int reserve_percent{10};      ///< of every limit on top, for cancels only
    int order_share_percent{90};  ///< of the limits of unfilled orders, which belong to our account alone
    std::int64_t bootstrap_weight{100};      ///< a minute, before limits are known
    std::int64_t drift_threshold{50};        ///< weight in one window that others may use before it is told
    std::int64_t order_drift_threshold{20};  ///< the same for unfilled orders
    /// What the first fill of an order takes off the unfilled order count: one, and more when it had rested
    /// before (faqs/order_count_decrement.md). The counts in answers correct it either way.
    int taker_credit{1};
    int maker_credit{5};
    base::seconds default_rest{60};  ///< after a 429 without Retry-After; doubles with each in a row
    base::seconds default_ban{120};  ///< after a 418 without Retry-After; doubles with each in a row
    base::milliseconds first_cool_down{1000};  ///< after a 5xx; doubles with each in a row
    base::milliseconds longest_cool_down{60'000};
    int jitter_percent{
        25};  ///< a cool-down is up to so much longer, so that many clients do not return at once
    std::uint64_t seed{1};                 ///< of the jitter; drawn by the shell
    base::seconds firewall_cool_down{60};  ///< after a 403; doubles with each in a row, at most an hour
    /// Connection attempts for each address (web-socket-streams.md, "WebSocket Limits"; web-socket-api.md,
    /// "Connection limits"). Whether these five minutes slide or not is not documented: never more than half
    /// of the limit is used in one window, so that no five minutes see more than the limit.
    domain::RateLimit connections{domain::RateLimitType::connections, base::seconds{300}, 300};
};

/// What a request costs (weights.h).
struct Cost {
    std::int32_t weight{1};
    std::int32_t orders{0};
    std::int32_t connections{0};
    std::int32_t requests{1};  ///< raw requests
};

enum class Why : std::uint8_t {
    budget,       ///< the lane's share of a window is used up
    banned,       ///< 429 or 418
    firewall,     ///< cool-down after 403
    cool_down,    ///< cool-down after server errors
    order_count,  ///< too many unfilled orders (ORDERS limit, or -1015)
    fair_share,   ///< the orders that are left belong to other strategies
    too_large,    ///< costs more than the lane may ever use in a window
    late,         ///< its own deadline had passed already
};
[[nodiscard]] std::string_view to_string(Why why) noexcept;

struct Granted {
    base::MonotonicTime charged;  ///< hand it back with what became of the request
};
/// Not now. Ask again at `until`, not before; it is a promise only if nothing else is sent meanwhile.
struct WaitUntil {
    base::MonotonicTime until;
    Why why{Why::budget};
};
struct Refused {
    Why why{Why::too_large};
};
using Decision = std::variant<Granted, WaitUntil, Refused>;

struct Deferred {
    domain::Approved approved;
    base::MonotonicTime until;
    Why why{Why::budget};
};
/// Came too late to be of use, or can never be afforded: not sent.
struct Expired {
    domain::Approved approved;
    Why why{Why::budget};  ///< what it was waiting for
};
using Admission = std::variant<domain::Permitted, Deferred, Expired>;

/// What the exchange counts above our own, when it has become remarkable. Told once a window and threshold.
struct Drift {
    domain::RateLimit limit;
    std::int64_t own{0};
    std::int64_t observed{0};
};

/// A published number that an answer has told differently.
struct LimitChange {
    domain::RateLimit before;
    std::int64_t after{0};
};

/// What a report of use was news of.
struct UsageNews {
    std::optional<Drift> weight_drift;
    std::optional<Drift> order_drift;  ///< in a window that was watched from its beginning
    std::optional<LimitChange> limit_change;
};

/// A rest that has just begun or was lengthened.
struct Rest {
    int status{0};
    base::MonotonicTime until;
    base::nanoseconds length{0};
    int in_a_row{0};
};

/// Figures of one limit, for status, metrics and the session's summary.
struct Usage {
    domain::RateLimit limit;
    std::int64_t used{0};    ///< in the current window, the highest believed
    std::int64_t own{0};     ///< of that, charged here
    std::int64_t budget{0};  ///< share of the limit for lanes without the reserve
    std::int64_t peak{0};    ///< highest `used` of any window since the start
};

class Governor {
  public:
    explicit Governor(Options options);

    /// Published limits, at start and whenever exchangeInfo is read again; what was charged stays charged.
    /// Types and windows that are unheard of are ignored. At most 8 limits are kept. @return whether anything
    /// is different from before
    bool set_limits(std::span<const domain::RateLimit> limits);
    [[nodiscard]] bool limits_known() const { return limits_known_; }

    /// A read, or a connection attempt. Charges when it is granted.
    /// @param asked when it was first asked for, if it has waited since
    [[nodiscard]] Decision decide(const Now& now, domain::Lane lane, Cost cost,
                                  base::MonotonicTime asked = base::MonotonicTime::max());
    /// A request of the lane that waited, or could not be asked for at all, is not sent any more.
    void on_dropped(domain::Lane lane) { waits_.dropped(lane); }
    /// Until when a lane rests whatever its budget (a ban, a cool-down); nothing when it does not.
    [[nodiscard]] std::optional<base::MonotonicTime> rests_until(const Now& now, domain::Lane lane) const;

    /// An order or a cancel, on the way between risk and journal. Placements never use the reserve, whatever
    /// lane the intent names; cancels always may.
    [[nodiscard]] Admission admit(domain::Approved&& approved, const Now& now);

    /// Usage that an answer reported (X-MBX-USED-WEIGHT-..., X-MBX-ORDER-COUNT-..., WebSocket `rateLimits`).
    [[nodiscard]] UsageNews on_usage(const domain::RateLimitReport& report, const Now& now);

    /// The definite answer to a placement or cancel. Successful ones cost no weight (CHANGELOG.md,
    /// 2026-04-02): the charge is given back; failed ones keep it. @param permitted when it was admitted
    /// (Permitted::permitted)
    void on_order_answered(base::MonotonicTime permitted, bool accepted, bool is_cancel,
                           domain::StrategyIndex strategy, const Now& now);
    /// No answer will come, or none can be told from silence: the charge stays.
    void on_order_unanswered(bool is_cancel);
    /// It certainly never left: all that was charged for it is given back at once.
    void on_order_never_sent(base::MonotonicTime permitted, bool is_cancel, domain::StrategyIndex strategy,
                             const Now& now);
    /// The first fill of one of our orders takes it off the unfilled order count
    /// (faqs/order_count_decrement.md), unless a count that was told since has it already.
    /// @param filled by the exchange's clock: it counts in the window in which it happened
    void on_first_fill(domain::StrategyIndex strategy, bool is_maker, base::ExchangeTime filled,
                       const Now& now);

    /// 429 or 418, of any request. Too many unfilled orders (limited.scope) rests placements only: until the
    /// exchange's word, or else until the end of the ORDERS window that is full. @return what rests now; the
    /// caller persists ban_record() before it sends anything else
    Rest on_limited(const domain::RateLimited& limited, const Now& now, base::WallTime wall);
    /// 403 (firewall), 5xx or -1000-like trouble at the exchange, a refused connection.
    std::optional<Rest> on_failed(int status, const Now& now);
    /// Any good answer: ends growing of waits.
    void on_succeeded(const Now& now);

    /// The rest to persist; nothing when none is running. Fill in the boot id with set_boot_id before.
    [[nodiscard]] std::optional<BanRecord> ban_record() const { return ban_; }
    void set_boot_id(const BootId& boot_id) { boot_id_ = boot_id; }
    /// At start, before the first request. @return the rest that still runs
    std::optional<Rest> restore_ban(const BanRecord& record, const Now& now, base::WallTime wall);

    /// The status of a ban that has ended, once. Ask now and then.
    [[nodiscard]] std::optional<int> take_lifted_ban(const Now& now);

    /// Until when nothing at all may be sent (cancels included); nothing when no ban runs.
    [[nodiscard]] std::optional<base::MonotonicTime> banned_until(const Now& now) const;

    /// Relative to the other strategies; 1 when never set.
    void set_weight(domain::StrategyIndex strategy, std::int32_t weight) {
        fair_.set_weight(strategy.value, weight);
    }
    /// How far a strategy is ahead of its share of this window; who is behind goes first.
    [[nodiscard]] std::int64_t lead(domain::StrategyIndex strategy) const {
        return fair_.lead(strategy.value);
    }
    /// Grows whenever something was given back: what waits may be tried again before its time.
    [[nodiscard]] std::uint64_t room_made() const { return room_made_; }
    [[nodiscard]] const Waits& waits() const { return waits_; }

    [[nodiscard]] std::size_t limit_count() const { return ledger_count_; }
    /// @param index below limit_count()
    [[nodiscard]] Usage usage(std::size_t index) const;

  private:
    static constexpr std::size_t max_limits = 8;

    struct Hold {
        base::MonotonicTime until{};
        int in_a_row{0};
    };

    void roll(const Now& now);
    [[nodiscard]] WindowLedger* find(domain::RateLimitType type, base::seconds window);
    /// The most that the lane may have used of the limit in one window.
    /// @param foreign what others have used of it
    [[nodiscard]] std::int64_t ceiling(const domain::RateLimit& limit, domain::Lane lane, bool careful,
                                       std::int64_t foreign = 0) const;
    /// The shortest window of unfilled orders, which strategies share; null when there is none.
    [[nodiscard]] const WindowLedger* order_window() const {
        return order_window_ < ledger_count_ ? &ledgers_[order_window_] : nullptr;
    }
    void find_order_window();
    [[nodiscard]] bool is_fair(domain::StrategyIndex strategy) const;
    void give_back_order(base::MonotonicTime permitted, domain::StrategyIndex strategy);
    [[nodiscard]] base::nanoseconds jitter(base::nanoseconds length);
    /// What stands in the way of the cost, if anything; charges nothing.
    [[nodiscard]] std::optional<Decision> obstacle(const Now& now, domain::Lane lane, const Cost& cost) const;
    [[nodiscard]] std::optional<WaitUntil> rest_in_the_way(const Now& now, domain::Lane lane,
                                                           const Cost& cost) const;
    void charge(const Cost& cost, const Now& now);
    Rest rest_placements(const domain::RateLimited& limited, base::nanoseconds wait, const Now& now);
    [[nodiscard]] base::MonotonicTime end_of_full_order_window(const Now& now) const;
    Rest grow(Hold& hold, int status, base::nanoseconds first, base::nanoseconds longest, const Now& now);

    Options options_;
    std::array<WindowLedger, max_limits> ledgers_{};
    std::size_t ledger_count_{0};
    bool limits_known_{false};

    std::optional<BanRecord> ban_;
    std::optional<int> lifted_status_;
    std::int32_t offences_{0};  // bans in a row
    BootId boot_id_;
    Hold order_hold_;                      // -1015: placements rest
    Hold firewall_hold_;                   // 403: all but emergency cancels rest
    Hold server_hold_;                     // 5xx: all but cancels rest
    base::MonotonicTime careful_until_{};  // after a ban: half the share
    std::int32_t orders_in_flight_{0};
    std::size_t order_window_{max_limits};  // its place among the ledgers
    FairShare fair_;
    std::int64_t fair_window_{-1};  // the one that fair_ counts
    Waits waits_;
    std::uint64_t room_made_{0};
    std::uint64_t random_;
};

}  // namespace vigil::governor
