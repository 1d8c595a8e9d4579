#include "exchange/stop_book.h"

#include <iterator>

#include "base/check.h"

namespace vigil::exchange {

bool waits_for_rise(domain::OrderType type, domain::Side side) {
    const bool is_stop_loss =
        type == domain::OrderType::stop_loss || type == domain::OrderType::stop_loss_limit;
    return is_stop_loss == (side == domain::Side::buy);
}

void StopBook::add(LiveOrder& order) {
    Waiting& waiting = waits_for_rise(order.record.type, order.record.side) ? rising_ : falling_;
    waiting.emplace(order.record.stop_price, &order);
    order.is_waiting_stop = true;
}

void StopBook::remove(LiveOrder& order) {
    base::check(order.is_waiting_stop, "only a waiting stop order is taken out");
    Waiting& waiting = waits_for_rise(order.record.type, order.record.side) ? rising_ : falling_;
    const auto [first, last] = waiting.equal_range(order.record.stop_price);
    for (auto at = first; at != last; ++at) {
        if (at->second != &order) continue;
        waiting.erase(at);
        order.is_waiting_stop = false;
        return;
    }
    base::unreachable("a waiting stop order has its place");
}

void StopBook::take_triggered(domain::Price last, std::vector<LiveOrder*>& out) {
    const auto take = [&out](Waiting& waiting, Waiting::iterator at) {
        at->second->is_waiting_stop = false;
        out.push_back(at->second);
        waiting.erase(at);
    };
    while (!rising_.empty() && rising_.begin()->first <= last) take(rising_, rising_.begin());
    while (!falling_.empty() && std::prev(falling_.end())->first >= last)
        take(falling_, falling_.lower_bound(std::prev(falling_.end())->first));
}

}  // namespace vigil::exchange
