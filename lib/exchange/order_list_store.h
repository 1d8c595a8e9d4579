// Order lists of one account: all open ones, and the latest closed ones up to a limit. Plain values; the
// orders themselves are in the OrderStore of the list's symbol.
//
// Part of the core: single-threaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "domain/decimal.h"
#include "exchange/order_list.h"

namespace vigil::exchange {

/// A list inside the core.
struct OrderList {
    OrderListRecord record;
    bool pending_placed{false};  ///< OTO: the working order was filled, and the others were placed
    domain::Amount reserved;     ///< OPO: what the working order received, locked for the pending ones

    [[nodiscard]] bool is_open() const { return record.order_status == ListOrderStatus::executing; }
};

class OrderListStore {
  public:
    explicit OrderListStore(std::size_t closed_max) : closed_max_{closed_max} {}

    /// The list is open; its client order id is not that of another open one. Valid until it is forgotten,
    /// which only closed ones are.
    OrderList& add(OrderListRecord record);
    /// The list is done: its client order id is free again. May forget the oldest closed list, never this
    /// one.
    void closed(OrderList& list);

    [[nodiscard]] OrderList* find(std::int64_t id);
    [[nodiscard]] OrderList* find_open(const domain::ClientOrderId& id);
    /// As "Cancel Order list" says: by number first, and then the name must fit too; by name alone the open
    /// list of that name, else the latest closed one.
    [[nodiscard]] OrderList* find(const ListKey& key);

    /// The closed ones that are kept, in the order of their closing.
    [[nodiscard]] const std::deque<std::int64_t>& closed_in_order() const { return closed_order_; }
    [[nodiscard]] const std::map<std::int64_t, OrderList>& all() const { return lists_; }
    [[nodiscard]] std::size_t open_count() const { return open_.size(); }
    [[nodiscard]] std::int64_t open_count(const domain::Symbol& symbol) const;
    [[nodiscard]] std::vector<OrderListRecord> open() const;
    [[nodiscard]] std::vector<OrderListRecord> query(const ListsQuery& query) const;

  private:
    std::size_t closed_max_;
    std::map<std::int64_t, OrderList> lists_;
    std::map<std::int64_t, OrderList*> open_;
    std::unordered_map<domain::ClientOrderId, std::int64_t> latest_by_name_;
    std::deque<std::int64_t> closed_order_;  ///< oldest first
};

}  // namespace vigil::exchange
