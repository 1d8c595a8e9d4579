// Orders and trades of one account on one symbol: all open ones, and the latest closed ones up to a limit.
// Owner of every LiveOrder; addresses are stable until an order is forgotten, which only closed ones are.
//
// Part of the core: single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "domain/names.h"
#include "exchange/live_order.h"
#include "exchange/order_record.h"

namespace vigil::exchange {

class OrderStore {
  public:
    OrderStore(std::size_t closed_max, std::size_t trades_max)
        : closed_max_{closed_max}, trades_max_{trades_max} {}

    /// The order is open; its client order id is not that of another open one.
    LiveOrder& add(OrderRecord record);
    /// The order has reached a final state: its client order id is free again. May forget the oldest closed
    /// order, never this one.
    void closed(LiveOrder& order);
    void add_trade(FillRecord trade);
    /// The open order is called `name` from now on, which is not that of another open one.
    void rename(LiveOrder& order, const domain::ClientOrderId& name);

    [[nodiscard]] LiveOrder* find_open(const domain::ClientOrderId& id) const;
    [[nodiscard]] LiveOrder* find(domain::OrderId id) const;
    /// The open order of that name, else the latest closed one.
    [[nodiscard]] LiveOrder* find(const domain::ClientOrderId& id) const;
    /// As "Query order" and "Cancel order" say: by number first, and then the name must fit too.
    [[nodiscard]] LiveOrder* find(const OrderKey& key) const;

    [[nodiscard]] const std::map<domain::OrderId, LiveOrder*>& open() const { return open_; }
    /// The closed ones that are kept, in the order of their closing.
    [[nodiscard]] const std::deque<domain::OrderId>& closed_in_order() const { return closed_order_; }
    [[nodiscard]] const std::deque<FillRecord>& trades() const { return trades_; }
    [[nodiscard]] std::int64_t open_algo_orders() const { return open_algo_; }
    [[nodiscard]] std::int64_t open_iceberg_orders() const { return open_iceberg_; }
    [[nodiscard]] std::vector<OrderRecord> query(const OrdersQuery& query) const;
    [[nodiscard]] std::vector<FillRecord> query(const TradesQuery& query) const;

  private:
    std::size_t closed_max_;
    std::size_t trades_max_;
    std::map<domain::OrderId, std::unique_ptr<LiveOrder>> orders_;
    std::map<domain::OrderId, LiveOrder*> open_;
    std::unordered_map<domain::ClientOrderId, LiveOrder*> open_by_name_;
    std::unordered_map<domain::ClientOrderId, LiveOrder*> closed_by_name_;  ///< the latest of that name
    std::deque<domain::OrderId> closed_order_;                              ///< oldest first
    std::deque<FillRecord> trades_;                                         ///< by trade id
    std::int64_t open_algo_{0};
    std::int64_t open_iceberg_{0};
};

/// STOP_LOSS, STOP_LOSS_LIMIT, TAKE_PROFIT, TAKE_PROFIT_LIMIT (filters.md, MAX_NUM_ALGO_ORDERS).
[[nodiscard]] bool is_algo_type(domain::OrderType type);

}  // namespace vigil::exchange
