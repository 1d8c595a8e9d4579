#include "exchange/trade_tape.h"

#include <algorithm>
#include <limits>

namespace vigil::exchange {

namespace {

std::int64_t second_of(base::ExchangeTime time) {
    return std::chrono::floor<base::seconds>(time.time_since_epoch()).count();
}

}  // namespace

void TradeTape::add(const TradeEvent& trade) {
    recent_.push_back(trade);
    if (recent_.size() > recent_max_) recent_.pop_front();

    const std::int64_t second = second_of(trade.time);
    Second& bucket = seconds_[static_cast<std::size_t>(second % seconds_kept)];
    if (bucket.second != second) bucket = Second{second, 0, 0};
    const auto price = static_cast<Wide>(trade.price.raw());
    const auto quantity = static_cast<Wide>(trade.quantity.raw());
    bucket.value += price * quantity;
    bucket.volume += quantity;
}

std::vector<TradeEvent> TradeTape::recent(std::size_t limit) const {
    const auto count = static_cast<std::ptrdiff_t>(std::min(limit, recent_.size()));
    return {recent_.end() - count, recent_.end()};
}

std::vector<TradeEvent> TradeTape::since(domain::TradeId first_id, std::size_t limit) const {
    const auto first =
        std::lower_bound(recent_.begin(), recent_.end(), first_id,
                         [](const TradeEvent& one, domain::TradeId id) { return one.trade_id < id; });
    const auto left = static_cast<std::size_t>(recent_.end() - first);
    return {first, first + static_cast<std::ptrdiff_t>(std::min(limit, left))};
}

std::vector<AggTradeEvent> TradeTape::aggregates(const AggTradesQuery& query) const {
    // Both ids and times grow.
    const auto first =
        std::partition_point(aggregates_.begin(), aggregates_.end(), [&](const AggTradeEvent& one) {
            return (query.from_id && one.agg_id < *query.from_id) || (query.start && one.time < *query.start);
        });
    const auto end = std::partition_point(first, aggregates_.end(), [&](const AggTradeEvent& one) {
        return !query.end || one.time <= *query.end;
    });
    const auto count = std::min(static_cast<std::ptrdiff_t>(query.limit), end - first);
    if (query.from_id || query.start) return {first, first + count};
    return {end - count, end};
}

std::optional<domain::Price> TradeTape::average(base::ExchangeTime now) const {
    const std::int64_t newest = second_of(now);
    Wide value = 0;
    Wide volume = 0;
    for (const Second& bucket : seconds_) {
        if (bucket.second < 0 || bucket.second > newest || bucket.second <= newest - seconds_kept) continue;
        value += bucket.value;
        volume += bucket.volume;
    }
    if (volume == 0) return std::nullopt;
    // The mean of prices lies between the lowest and the highest of them, and so fits.
    return domain::Price::from_raw(static_cast<std::int64_t>(value / volume));
}

std::optional<AggTradeEvent> TradeTape::aggregate(const TradeEvent& trade) {
    if (aggregate_ && aggregate_->price == trade.price && aggregate_->time == trade.time &&
        aggregate_->buyer_is_maker == trade.buyer_is_maker) {
        if (const auto sum = aggregate_->quantity.checked_add(trade.quantity)) {
            aggregate_->quantity = *sum;
            aggregate_->last_trade_id = trade.trade_id;
            return std::nullopt;
        }
    }
    std::optional<AggTradeEvent> finished = finish_aggregate();
    aggregate_ = AggTradeEvent{trade.symbol,   next_agg_id_++, trade.price,          trade.quantity,
                               trade.trade_id, trade.trade_id, trade.buyer_is_maker, trade.time};
    return finished;
}

std::optional<AggTradeEvent> TradeTape::finish_aggregate() {
    std::optional<AggTradeEvent> finished;
    finished.swap(aggregate_);
    if (finished) {
        aggregates_.push_back(*finished);
        if (aggregates_.size() > recent_max_) aggregates_.pop_front();
    }
    return finished;
}

}  // namespace vigil::exchange
