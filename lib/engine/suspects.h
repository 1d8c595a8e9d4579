// Trades of orders that nobody knows, and that might belong to an order of unknown outcome. Whether such an
// order is ours is asked by the exchange's own number of it: the answer names its client order id. Without
// that, somebody else's trade that happens to fit would keep ours Unknown for ever.
//
// Owned by the read desk, on the trading thread. Pure.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "domain/names.h"
#include "orders/moment.h"

namespace vigil::engine {

class Suspects {
  public:
    /// Trades asked for at `asked`, to prove that `wanted` has none, contain fitting ones of these orders.
    /// Those known to be somebody else's are left out; takes the place of an earlier round for `wanted`.
    void begin(const domain::ClientOrderId& wanted, const domain::Symbol& symbol, orders::Moment asked,
               std::vector<domain::OrderId> orders);
    /// The order to ask for now, one at a time; nothing when none of this round is left.
    [[nodiscard]] std::optional<domain::OrderId> next(const domain::ClientOrderId& wanted) const;
    /// It is not `wanted`. Returns when the trades of the round were asked for, if it was the last one: none
    /// of them was its.
    [[nodiscard]] std::optional<orders::Moment> clear(const domain::ClientOrderId& wanted,
                                                      const domain::Symbol& symbol, domain::OrderId order);
    /// The round has failed, or `wanted` was found.
    void drop(const domain::ClientOrderId& wanted);

    static constexpr std::size_t strangers_max = 2048;

  private:
    struct Round {
        domain::ClientOrderId wanted;
        orders::Moment asked;
        std::vector<domain::OrderId> left;
    };
    struct Stranger {
        domain::Symbol symbol;
        domain::OrderId order;
        friend bool operator==(const Stranger&, const Stranger&) = default;
    };
    std::vector<Round> rounds_;  // one for each order looked for at most
    std::deque<Stranger> strangers_;
};

}  // namespace vigil::engine
