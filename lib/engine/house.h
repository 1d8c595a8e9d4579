// The trading state that the desks of the engine share: one object owns all of it, and the trading thread
// alone touches it. A desk changes only what is its business: corridor the order stages, order desk the
// ledger's news, read desk the questions, strategy desk the strategies.
#pragma once

#include <array>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/kept_queue.h"
#include "engine/now.h"
#include "engine/options.h"
#include "engine/outbox.h"
#include "engine/trade_watch.h"
#include "governor/governor.h"
#include "market/symbol_view.h"
#include "orders/client_order_ids.h"
#include "orders/ledger.h"
#include "orders/lookup_policy.h"
#include "risk/risk_gate.h"
#include "strategy/strategy.h"

namespace vigil::engine {

/// An event that would be told with every request is told again after this.
inline constexpr base::seconds told_again_after{60};

/// One symbol in use.
struct SymbolDesk {
    SymbolDesk(const domain::Symbol& symbol, const market::SymbolViewOptions& options)
        : view{symbol, options} {}

    domain::SymbolRules rules;  ///< empty symbol until the rules were read
    market::SymbolView view;
    std::vector<std::size_t> seats;  ///< strategies on it
    bool snapshot_asked{false};
    base::MonotonicTime snapshot_not_before{};
    std::vector<domain::CandleInterval> warm_ups_asked;
    base::MonotonicTime warm_ups_not_before{};
    TradeWatch trades;
    base::MonotonicTime trades_wanted{};  ///< when a sweep last asked for its trades
    base::MonotonicTime trades_asked{};   ///< when the question was asked that last told all new own trades
    bool told_stale{false};
    bool told_unknown_filters{false};
};

/// One configured strategy.
struct Seat {
    std::unique_ptr<strategy::Strategy> strategy;
    domain::StrategyIndex index;
    std::size_t desk{0};
    domain::Amount budget;  ///< quote asset it may have invested at most

    enum class State { waiting, running, refused, stopped };
    State state{State::waiting};
    std::uint64_t saved_revision{0};
    bool was_allowed{false};
    std::optional<base::MonotonicTime> paused_since;
    std::string_view refusal_rule;  ///< last one told, so that a refusal in a row is told once in a while
    base::MonotonicTime refusal_told{};

    std::int64_t orders_sent{0};
    std::int64_t fills{0};
};

/// News of one order for its strategy, waiting to be told.
struct Notice {
    std::size_t seat{0};
    strategy::OrderChange change;
};

struct House {
    explicit House(const Options& given)
        : options{given},
          governor{given.governor},
          ledger{{.instance = given.instance}},
          lookups{given.lookups},
          risk{given.risk} {}

    Options options;
    governor::Governor governor;
    orders::Ledger ledger;
    orders::Lookups lookups;
    risk::RiskGate risk;
    std::optional<orders::ClientOrderIds> ids;  ///< after recovery
    std::vector<SymbolDesk> symbols;
    std::vector<Seat> seats;
    domain::Rate maker_fee;
    domain::Rate taker_fee;

    bool market_connected{false};
    bool orders_connected{false};
    bool user_data_connected{false};
    bool journal_well{true};
    base::MonotonicTime verified{};              ///< when the exchange's word on the account was last read
    base::MonotonicTime user_data_since{};       ///< when the stream was last subscribed
    bool trading{false};                         ///< strategies are asked
    std::optional<domain::ClientOrderId> probe;  ///< the order of a preflight, which no strategy wants
    bool stopping{false};                        ///< no new orders any more
    std::string held_because;                    ///< the shell's reason against placements; empty: none

    /// Own requests between permission and answer: when each was permitted, and for whom.
    struct InFlight {
        base::MonotonicTime permitted;
        domain::StrategyIndex strategy;
    };
    using Requests = std::pmr::unordered_map<domain::ClientOrderId, InFlight>;
    std::pmr::unsynchronized_pool_resource memory;  ///< recycles the nodes of the two maps
    Requests placing{&memory};
    Requests cancelling{&memory};

    /// When a wait of each lane was told last.
    std::array<std::optional<base::MonotonicTime>, governor::lane_count> throttled_told;

    Outbox outbox;
    orders::OrderChanges changes;  ///< the ledger's news not yet digested
    base::KeptQueue<Notice> notices;

    [[nodiscard]] SymbolDesk* desk(const domain::Symbol& symbol) {
        for (SymbolDesk& each : symbols)
            if (each.view.symbol() == symbol) return &each;
        return nullptr;
    }
    [[nodiscard]] Seat* seat(domain::StrategyIndex index) {
        return index.value < seats.size() ? &seats[index.value] : nullptr;
    }
    [[nodiscard]] std::string_view strategy_name(domain::StrategyIndex index) const {
        return index.value < seats.size() ? seats[index.value].strategy->name().view()
                                          : std::string_view{"none"};
    }
    /// Whether a placement could leave at all; risk and filters are still to come.
    [[nodiscard]] bool may_place(const Now& now) const { return obstacle(now).empty(); }
    /// What keeps every placement from leaving; empty when nothing does.
    [[nodiscard]] std::string_view obstacle(const Now& now) const {
        // Without the cross-check by questions a stream that is silently dead would go unnoticed; and after a
        // gap of the stream what was missed has to be asked for first.
        const bool is_verified = verified >= user_data_since &&
                                 now.monotonic - verified <= options.sweep_every * 3 + base::seconds{30};
        if (stopping) return "the service stops";
        if (!trading) return "the start is not done";
        if (const std::string_view why = outage(now); !why.empty()) return why;
        if (!is_verified) return "the account was not compared with the exchange lately";
        if (!held_because.empty()) return held_because;
        if (risk.level() > risk::Level::reduce) return "the risk ladder allows no new orders";
        return {};
    }
    /// What of the means to place an order does not work; empty when all do.
    [[nodiscard]] std::string_view outage(const Now& now) const {
        if (!orders_connected) return "the order session is down";
        if (!user_data_connected) return "user data are not subscribed";
        if (!journal_well) return "the journal cannot be written";
        if (!now.may_sign) return "the exchange's time is not known well enough";
        return {};
    }
    /// Whether this placement may still leave, decided as it was earlier.
    [[nodiscard]] bool may_leave(const domain::ClientOrderId& id, const Now& now) const {
        return probe == id ? outage(now).empty() : may_place(now);
    }
    /// Tells of the trades in `fills` that belong to no order of the ledger; `fills` answers a question
    /// without an order, and was applied to the ledger.
    void watch_trades(const domain::Symbol& symbol, std::span<const domain::Fill> fills);
    /// The first request of a lane that waits for budget; told once in a while.
    void tell_throttled(domain::Lane lane, governor::Why why, base::MonotonicTime until, const Now& now);

    void persist(journal::Record record, const Now& now) {
        outbox.commands.emplace_back(PersistRecord{std::move(record), now.stamp()});
    }
};

/// "cancel", "market data".
[[nodiscard]] std::string_view name_of(domain::Lane lane) noexcept;

}  // namespace vigil::engine
