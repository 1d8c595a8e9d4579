// One own order as the ledger keeps it, and what an input changed about it.
#pragma once

#include <cstdint>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/order.h"
#include "domain/stages.h"
#include "orders/moment.h"
#include "orders/order_state.h"

namespace vigil::orders {

/// Owned by the Ledger; others see it const, and only until their next call that changes the ledger.
struct OrderRecord {
    explicit OrderRecord(std::pmr::memory_resource* memory) : fills{memory} {}

    domain::NewOrder order;  ///< its client_order_id is the key
    domain::StrategyIndex strategy;
    domain::Slot slot;
    domain::Reason reason;

    OrderState state{OrderState::journaled};
    OrderFacts facts;
    std::optional<domain::OrderId> exchange_id;
    domain::Quantity executed;      ///< greatest cumulative quantity that any source told
    domain::Amount executed_quote;  ///< beside it; zero when it was not told
    domain::Quantity filled;        ///< sum of `fills`
    domain::Amount filled_quote;
    std::pmr::vector<domain::Fill> fills;  ///< each trade id once, ascending

    Moment placed;
    std::optional<domain::TradeId>
        traded_before;               ///< last own trade on the symbol when it was placed: its own come later
    base::ExchangeTime sent_latest;  ///< its bytes left no later than this
    base::MonotonicTime cancel_asked;
    base::MonotonicTime last_evidence;  ///< when the exchange was last heard of it
    int reject_code{0};
    bool is_orphan{false};  ///< adopted: found on the exchange with the own prefix, unknown to the journal
    bool lookup_wanted{false};  ///< only a look-up can tell where it stands
    bool is_settled{false};     ///< final, all fills known, and announced

    [[nodiscard]] const domain::ClientOrderId& id() const { return order.client_order_id; }
    [[nodiscard]] bool fills_missing() const { return executed > filled; }
    /// Base quantity that can still fill; zero when final, and for orders by quote amount.
    [[nodiscard]] domain::Quantity remaining() const;

    /// What this order adds to the sums of its holding; kept by the ledger to take it back.
    struct Share {
        domain::Amount committed_quote;
        domain::Quantity reserved_base;
        domain::Quantity open_buys;
        bool is_open{false};
    };
    Share share;
    std::size_t live_index{0};
    std::size_t holding{0};
    std::optional<domain::Price> reference;  ///< values an order that has no price of its own
    bool accepted_told{false};
    bool final_told{false};
    domain::Quantity missing_told;  ///< executed quantity up to which missing fills were told
};

enum class OrderChangeKind : std::uint8_t {
    accepted,        ///< first sign that the exchange has it
    fill,            ///< one new fill (`fill` is set); inventory and balances contain it already
    filled,          ///< final; every fill was announced before, as for cancelled and expired
    cancelling,      ///< a cancel is under way
    cancel_refused,  ///< the cancel did not take effect (`code`, `detail`); the order is looked up
    cancelled,       ///< final
    rejected,        ///< final (`code`, `detail`)
    expired,         ///< final
    never_sent,      ///< final (`detail`)
    not_found,       ///< final: proven never to have happened
    unknown,         ///< outcome unknown (`detail`); it is being looked up
    fills_missing,   ///< more was executed than the known fills tell: fetch myTrades of this order
    lookup_wanted,   ///< ask for the order's state
    contradiction,   ///< what was said now contradicts what was certain (`detail`): an anomaly
    foreign_own,     ///< an order with the own prefix that the ledger does not know
    foreign,         ///< somebody else's order on this account; never touched
};
[[nodiscard]] std::string_view to_string(OrderChangeKind kind) noexcept;

struct OrderChange {
    OrderChangeKind kind{OrderChangeKind::accepted};
    domain::ClientOrderId client_order_id;
    domain::Symbol symbol;
    domain::StrategyIndex strategy;  ///< meaningless for `foreign`; as the id says for `foreign_own`
    domain::Slot slot;
    domain::Side side{domain::Side::buy};
    OrderState state{OrderState::journaled};  ///< after the change
    std::optional<domain::Fill> fill;
    domain::OrderId order_id{};  ///< of `foreign` and `foreign_own`, whose status is the detail
    int code{0};
    std::string detail;
};
/// What there is to say beside a change: an error code, a few words.
struct Words {
    int code{0};
    std::string_view text;
};
/// Inputs append to it; the caller clears and keeps it, so that its memory is reused.
using OrderChanges = std::vector<OrderChange>;

}  // namespace vigil::orders
