#include "exchange/order_list_store.h"

#include <algorithm>

#include "base/check.h"

namespace vigil::exchange {

OrderList& OrderListStore::add(OrderListRecord record) {
    const std::int64_t id = record.list_id;
    base::check(find_open(record.client_order_id) == nullptr, "an open list's name is its own");
    latest_by_name_[record.client_order_id] = id;
    const auto [at, added] = lists_.try_emplace(id);
    base::check(added, "a list's number is its own");
    at->second.record = std::move(record);
    open_.emplace(id, &at->second);
    return at->second;
}

void OrderListStore::closed(OrderList& list) {
    base::check(!list.is_open() && open_.erase(list.record.list_id) == 1, "an order list closes once");
    closed_order_.push_back(list.record.list_id);
    while (closed_order_.size() > std::max<std::size_t>(closed_max_, 1)) {
        const auto oldest = lists_.find(closed_order_.front());
        base::check(oldest != lists_.end(), "a closed list is kept until it is forgotten");
        const auto named = latest_by_name_.find(oldest->second.record.client_order_id);
        if (named != latest_by_name_.end() && named->second == oldest->first) latest_by_name_.erase(named);
        lists_.erase(oldest);
        closed_order_.pop_front();
    }
}

OrderList* OrderListStore::find(std::int64_t id) {
    const auto at = lists_.find(id);
    return at == lists_.end() ? nullptr : &at->second;
}

OrderList* OrderListStore::find_open(const domain::ClientOrderId& id) {
    const auto at = latest_by_name_.find(id);
    if (at == latest_by_name_.end()) return nullptr;
    OrderList* list = find(at->second);
    return list != nullptr && list->is_open() ? list : nullptr;
}

OrderList* OrderListStore::find(const ListKey& key) {
    if (key.list_id) {
        OrderList* list = find(*key.list_id);
        const bool fits =
            list != nullptr && (!key.client_order_id || list->record.client_order_id == *key.client_order_id);
        return fits ? list : nullptr;
    }
    if (!key.client_order_id) return nullptr;
    const auto at = latest_by_name_.find(*key.client_order_id);
    return at == latest_by_name_.end() ? nullptr : find(at->second);
}

std::int64_t OrderListStore::open_count(const domain::Symbol& symbol) const {
    return std::count_if(open_.begin(), open_.end(),
                         [&symbol](const auto& each) { return each.second->record.symbol == symbol; });
}

std::vector<OrderListRecord> OrderListStore::open() const {
    std::vector<OrderListRecord> found;
    for (const auto& [id, list] : open_) found.push_back(list->record);
    return found;
}

std::vector<OrderListRecord> OrderListStore::query(const ListsQuery& query) const {
    std::vector<OrderListRecord> found;
    const auto fits = [&query](const OrderListRecord& record) {
        return (!query.start || record.created >= *query.start) &&
               (!query.end || record.created <= *query.end);
    };
    if (query.from_id || query.start) {
        auto at = query.from_id ? lists_.lower_bound(*query.from_id) : lists_.begin();
        for (; at != lists_.end() && found.size() < query.limit; ++at)
            if (fits(at->second.record)) found.push_back(at->second.record);
        return found;
    }
    for (auto at = lists_.rbegin(); at != lists_.rend() && found.size() < query.limit; ++at)
        if (fits(at->second.record)) found.push_back(at->second.record);
    std::reverse(found.begin(), found.end());
    return found;
}

}  // namespace vigil::exchange
