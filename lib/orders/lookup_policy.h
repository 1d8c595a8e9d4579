// When an order of unknown outcome is looked up, and when it is proven never to have happened.
//
// Look-ups follow a schedule of growing delays with a bound, and end only with a definite word. "Order does
// not exist" (-2013) proves nothing right after placing: the request may still be on its way, and the answer
// may come from a copy that lags. A request that was not accepted by timestamp + recvWindow of the exchange's
// time never will be (rest-api.md, "Timing security"). So an order is proven absent when, all asked after
// that moment plus a margin: -2013 was answered N times, the open orders do not name it, and no trade since
// can be its. Any sign of the order ends the look-up.
//
// Owned by the engine; called on the trading thread only. Pure: actions go out as values, time comes in.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "domain/names.h"
#include "domain/order.h"
#include "orders/moment.h"

namespace vigil::orders {

struct LookupOptions {
    base::milliseconds first_delay{200};  ///< from the unknown outcome to the first look-up
    base::milliseconds delay_max{5'000};  ///< delays double up to here, and begin anew when answers count
    int not_found_needed{3};              ///< answers of -2013 that count, at least 1
    base::milliseconds recv_window{5'000};
    base::milliseconds answer_max{30'000};  ///< a question without any answer for this long has failed
    base::milliseconds margin{2'000};       ///< added to recvWindow: clock uncertainty and lagging copies
};

enum class LookupActionKind {
    order,        ///< ask for the order by its client order id
    open_orders,  ///< ask for the open orders of the symbol
    trades,       ///< ask for own trades of the symbol after OrderRecord::traded_before
    proven,       ///< it never happened: tell the ledger, then forget it here
};

struct LookupAction {
    LookupActionKind kind;
    domain::ClientOrderId id;
    domain::Symbol symbol;
};

/// Look-ups under way, of at most some hundred orders (as many as can be open).
class Lookups {
  public:
    explicit Lookups(LookupOptions options);

    /// Begins to look the order up (again from the first delay when it was under way already and `now` tells
    /// of a newer uncertainty).
    /// @param sent_latest  exchange time at which its bytes had left at the latest
    /// @param may_be_absent false when the order is known to have existed: then it is never "proven"
    void track(const domain::ClientOrderId& id, const domain::Symbol& symbol, base::ExchangeTime sent_latest,
               bool may_be_absent, Moment now);
    /// There was definite word of it.
    void forget(const domain::ClientOrderId& id);
    [[nodiscard]] bool is_tracking(const domain::ClientOrderId& id) const;
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

    /// What is to be done now; each action is under way from here on until it is answered. `proven` is handed
    /// out once, and the order is then no longer tracked.
    [[nodiscard]] std::vector<LookupAction> due(Moment now);
    /// When `due` may next have something; nothing while all wait for answers.
    [[nodiscard]] std::optional<base::MonotonicTime> next_due() const;

    // Answers. `asked` is when the question left (its exchange time decides whether the answer counts).
    void on_not_found(const domain::ClientOrderId& id, Moment asked, Moment now);
    /// The question itself failed (deadline, limits): ask again after the next delay.
    void on_failed(const domain::ClientOrderId& id, Moment now);
    /// The open orders of the symbol (all of them when `symbol` is empty). Naming the order is a sign of life
    /// and ends its look-up as `forget` does.
    void on_open_orders(const std::optional<domain::Symbol>& symbol, std::span<const domain::OrderView> views,
                        Moment asked, Moment now);
    /// Whether own trades asked for at `asked` contain one that might be the order's (see could_be_fill_of).
    void on_trades(const domain::ClientOrderId& id, bool might_be_its, Moment asked, Moment now);

  private:
    struct Entry {
        domain::ClientOrderId id;
        domain::Symbol symbol;
        base::ExchangeTime settled_after;  ///< answers to questions asked later than this count
        bool may_be_absent{true};
        int not_found{0};
        bool absent_from_open{false};
        bool absent_from_trades{false};
        bool in_flight{false};
        LookupActionKind asked{LookupActionKind::order};
        base::milliseconds delay{0};
        base::MonotonicTime next;  ///< when to ask, or, in flight, when to give the question up
    };
    Entry* find(const domain::ClientOrderId& id);
    [[nodiscard]] LookupActionKind next_kind(const Entry& entry) const;
    void schedule(Entry& entry, Moment now) const;

    LookupOptions options_;
    std::vector<Entry> entries_;
};

/// Whether `fill`, whose order is not known, might belong to `order`, as far as side, price and quantity
/// tell.
[[nodiscard]] bool could_be_fill_of(const domain::Fill& fill, const domain::NewOrder& order);

}  // namespace vigil::orders
