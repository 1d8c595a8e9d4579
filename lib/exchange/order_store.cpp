#include "exchange/order_store.h"

#include <algorithm>

#include "base/check.h"

namespace vigil::exchange {

bool is_algo_type(domain::OrderType type) {
    return type == domain::OrderType::stop_loss || type == domain::OrderType::stop_loss_limit ||
           type == domain::OrderType::take_profit || type == domain::OrderType::take_profit_limit;
}

LiveOrder& OrderStore::add(OrderRecord record) {
    const domain::OrderId id = record.order_id;
    auto owned = std::make_unique<LiveOrder>();
    owned->record = std::move(record);
    LiveOrder* order = owned.get();
    const bool added = orders_.emplace(id, std::move(owned)).second;
    const bool named = open_by_name_.emplace(order->record.client_order_id, order).second;
    base::check(added && named, "an open order's number and name are its own");
    open_.emplace(id, order);
    if (is_algo_type(order->record.type)) ++open_algo_;
    if (!order->record.iceberg_quantity.is_zero()) ++open_iceberg_;
    return *order;
}

void OrderStore::closed(LiveOrder& order) {
    const OrderRecord& record = order.record;
    base::check(!record.is_open() && open_.erase(record.order_id) == 1, "an order closes once");
    open_by_name_.erase(record.client_order_id);
    closed_by_name_[record.client_order_id] = &order;
    if (is_algo_type(record.type)) --open_algo_;
    if (!record.iceberg_quantity.is_zero()) --open_iceberg_;
    closed_order_.push_back(record.order_id);
    while (closed_order_.size() > std::max<std::size_t>(closed_max_, 1)) {
        const auto oldest = orders_.find(closed_order_.front());
        base::check(oldest != orders_.end(), "a closed order is kept until it is forgotten");
        const auto named = closed_by_name_.find(oldest->second->record.client_order_id);
        if (named != closed_by_name_.end() && named->second == oldest->second.get())
            closed_by_name_.erase(named);
        orders_.erase(oldest);
        closed_order_.pop_front();
    }
}

void OrderStore::add_trade(FillRecord trade) {
    trades_.push_back(std::move(trade));
    if (trades_.size() > trades_max_) trades_.pop_front();
}

void OrderStore::rename(LiveOrder& order, const domain::ClientOrderId& name) {
    base::check(order.record.is_open() && open_by_name_.erase(order.record.client_order_id) == 1,
                "an open order is renamed");
    order.record.client_order_id = name;
    const bool named = open_by_name_.emplace(name, &order).second;
    base::check(named, "an open order's name is its own");
}

LiveOrder* OrderStore::find_open(const domain::ClientOrderId& id) const {
    const auto at = open_by_name_.find(id);
    return at == open_by_name_.end() ? nullptr : at->second;
}

LiveOrder* OrderStore::find(domain::OrderId id) const {
    const auto at = orders_.find(id);
    return at == orders_.end() ? nullptr : at->second.get();
}

LiveOrder* OrderStore::find(const domain::ClientOrderId& id) const {
    if (LiveOrder* open = find_open(id)) return open;
    const auto at = closed_by_name_.find(id);
    return at == closed_by_name_.end() ? nullptr : at->second;
}

LiveOrder* OrderStore::find(const OrderKey& key) const {
    if (!key.order_id) return key.client_order_id ? find(*key.client_order_id) : nullptr;
    LiveOrder* order = find(*key.order_id);
    if (order != nullptr && key.client_order_id && order->record.client_order_id != *key.client_order_id)
        return nullptr;
    return order;
}

std::vector<OrderRecord> OrderStore::query(const OrdersQuery& query) const {
    std::vector<OrderRecord> found;
    const auto fits = [&query](const OrderRecord& record) {
        return (!query.start || record.created >= *query.start) &&
               (!query.end || record.created <= *query.end);
    };
    if (query.from_id || query.start) {
        auto at = query.from_id ? orders_.lower_bound(*query.from_id) : orders_.begin();
        for (; at != orders_.end() && found.size() < query.limit; ++at)
            if (fits(at->second->record)) found.push_back(at->second->record);
        return found;
    }
    for (auto at = orders_.rbegin(); at != orders_.rend() && found.size() < query.limit; ++at)
        if (fits(at->second->record)) found.push_back(at->second->record);
    std::reverse(found.begin(), found.end());
    return found;
}

std::vector<FillRecord> OrderStore::query(const TradesQuery& query) const {
    std::vector<FillRecord> found;
    const auto fits = [&query](const FillRecord& trade) {
        return (!query.order_id || trade.order_id == *query.order_id) &&
               (!query.from_id || trade.trade_id >= *query.from_id) &&
               (!query.start || trade.time >= *query.start) && (!query.end || trade.time <= *query.end);
    };
    if (query.from_id || query.start) {
        for (auto at = trades_.begin(); at != trades_.end() && found.size() < query.limit; ++at)
            if (fits(*at)) found.push_back(*at);
        return found;
    }
    for (auto at = trades_.rbegin(); at != trades_.rend() && found.size() < query.limit; ++at)
        if (fits(*at)) found.push_back(*at);
    std::reverse(found.begin(), found.end());
    return found;
}

}  // namespace vigil::exchange
