#include "exchange/stop_book.h"

#include <iterator>
#include <vector>

#include "base/check.h"

namespace vigil::exchange {

bool waits_for_rise(domain::OrderType type, domain::Side side) {
    const bool is_stop_loss =
        type == domain::OrderType::stop_loss || type == domain::OrderType::stop_loss_limit;
    return is_stop_loss == (side == domain::Side::buy);
}

void StopBook::add(LiveOrder& order, domain::Price last, base::ExchangeTime now) {
    if (order.record.trailing_delta && order.record.stop_price.is_zero() && last.is_positive()) {
        order.trail_extreme = last;
        order.record.trailing_time = now;
    }
    put_back(order);
}

void StopBook::put_back(LiveOrder& order) {
    order.is_waiting_stop = true;
    if (order.record.trailing_delta) {
        trailing_.push_back(&order);
        return;
    }
    Waiting& waiting = waits_for_rise(order.record.type, order.record.side) ? rising_ : falling_;
    waiting.emplace(order.record.stop_price, &order);
}

std::vector<const LiveOrder*> StopBook::waiting() const {
    std::vector<const LiveOrder*> orders;
    for (const Waiting* side : {&rising_, &falling_})
        for (const auto& [price, order] : *side) orders.push_back(order);
    orders.insert(orders.end(), trailing_.begin(), trailing_.end());
    return orders;
}

void StopBook::remove(LiveOrder& order) {
    base::check(order.is_waiting_stop, "only a waiting stop order is taken out");
    if (order.record.trailing_delta) {
        std::erase(trailing_, &order);
        order.is_waiting_stop = false;
        return;
    }
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

bool StopBook::follow(LiveOrder& order, domain::Price last, base::ExchangeTime now) {
    OrderRecord& record = order.record;
    const bool is_sell = record.side == domain::Side::sell;
    if (!order.trail_extreme) {
        const bool reached = record.stop_price.is_zero() ||
                             (waits_for_rise(record.type, record.side) ? last >= record.stop_price
                                                                       : last <= record.stop_price);
        if (!reached) return false;
        // "The first trade that meets this condition sets the lowest price."
        order.trail_extreme = last;
        record.trailing_time = now;
        return false;
    }
    domain::Price& extreme = *order.trail_extreme;
    if (is_sell ? last > extreme : last < extreme) {
        extreme = last;
        return false;
    }
    __extension__ using Wide = __int128;
    constexpr Wide whole = 10'000;  // basis points
    const Wide limit =
        Wide{extreme.raw()} * (is_sell ? whole - *record.trailing_delta : whole + *record.trailing_delta);
    return is_sell ? Wide{last.raw()} * whole <= limit : Wide{last.raw()} * whole >= limit;
}

void StopBook::take_triggered(domain::Price last, base::ExchangeTime now, std::vector<LiveOrder*>& out) {
    const auto take = [&out](Waiting& waiting, Waiting::iterator at) {
        at->second->is_waiting_stop = false;
        out.push_back(at->second);
        waiting.erase(at);
    };
    while (!rising_.empty() && rising_.begin()->first <= last) take(rising_, rising_.begin());
    while (!falling_.empty() && std::prev(falling_.end())->first >= last)
        take(falling_, falling_.lower_bound(std::prev(falling_.end())->first));
    std::erase_if(trailing_, [&](LiveOrder* order) {
        if (!follow(*order, last, now)) return false;
        order->is_waiting_stop = false;
        out.push_back(order);
        return true;
    });
}

}  // namespace vigil::exchange
