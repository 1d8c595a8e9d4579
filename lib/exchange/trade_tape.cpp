#include "exchange/trade_tape.h"

#include <algorithm>
#include <limits>

#include "base/check.h"

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

SavedTape TradeTape::save() const {
    base::check(!aggregate_, "an aggregate ends with the operation that it began in");
    SavedTape saved;
    saved.recent.assign(recent_.begin(), recent_.end());
    saved.aggregates.assign(aggregates_.begin(), aggregates_.end());
    const auto high = [](Wide value) { return static_cast<std::uint64_t>(value >> 64U); };
    const auto low = [](Wide value) { return static_cast<std::uint64_t>(value); };
    for (const Second& one : seconds_)
        if (one.second >= 0)
            saved.seconds.push_back(
                {one.second, high(one.value), low(one.value), high(one.volume), low(one.volume)});
    saved.next_aggregate_id = next_agg_id_;
    return saved;
}

void TradeTape::restore(const domain::Symbol& symbol, const SavedTape& saved) {
    recent_.assign(saved.recent.begin(), saved.recent.end());
    for (TradeEvent& trade : recent_) trade.symbol = symbol;
    while (recent_.size() > recent_max_) recent_.pop_front();
    aggregates_.assign(saved.aggregates.begin(), saved.aggregates.end());
    for (AggTradeEvent& trade : aggregates_) trade.symbol = symbol;
    while (aggregates_.size() > recent_max_) aggregates_.pop_front();
    seconds_.fill({});
    const auto whole = [](std::uint64_t high, std::uint64_t low) {
        return (static_cast<Wide>(high) << 64U) | low;
    };
    for (const SavedSecond& one : saved.seconds)
        seconds_[static_cast<std::size_t>(one.second % seconds_kept)] =
            Second{one.second, whole(one.value_high, one.value_low), whole(one.volume_high, one.volume_low)};
    aggregate_.reset();
    next_agg_id_ = saved.next_aggregate_id;
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
