#include "exchange/synthetic_book.h"

#include <algorithm>

#include "exchange/random.h"

namespace vigil::exchange {

using domain::BookLevel;
using domain::Price;
using domain::Quantity;

namespace {

constexpr int near_levels = 50;  ///< a tenth of a basis point apart
constexpr int far_levels = 30;   ///< a basis point apart
constexpr std::int64_t refresh_us = 5'000'000;

constexpr int best_zone = 0;
constexpr int near_zone = 1;
constexpr int far_zone = 2;

}  // namespace

SyntheticBook::SyntheticBook(std::uint64_t seed, domain::Symbol symbol, Price tick, Quantity step,
                             Quantity unit)
    : seed_{seed},
      symbol_{symbol},
      tick_raw_{std::max<std::int64_t>(tick.raw(), 1)},
      step_raw_{std::max<std::int64_t>(step.raw(), 1)},
      // A million times a unit must still be a quantity.
      unit_raw_{std::clamp<std::int64_t>(unit.raw(), step_raw_, 1'000'000'000'000)} {}

Quantity SyntheticBook::quantity_at(std::int64_t price_raw, bool is_bid, int zone,
                                    std::int64_t time_us) const {
    const std::uint64_t place =
        mix64(seed_ ^ mix64(static_cast<std::uint64_t>(price_raw) * 2U + (is_bid ? 1U : 0U)));
    // Each level has its own time of refreshing.
    const auto epoch =
        static_cast<std::uint64_t>((time_us + static_cast<std::int64_t>(place % refresh_us)) / refresh_us);
    // The best level is another at every move.
    const std::uint64_t draw = mix64(place ^ mix64(zone == best_zone ? epoch ^ (moves_ << 20U) : epoch));
    std::int64_t percent_of_unit = 0;
    switch (zone) {
        case best_zone:  // median 52 units, up to 280, now and then next to nothing
            percent_of_unit = static_cast<std::int64_t>((draw % 168) * (draw / 168 % 168));
            break;
        case near_zone:  // 1,000 units over 50 levels: 20 each, most of it in few
            percent_of_unit = static_cast<std::int64_t>((draw % 90) * (draw / 90 % 90));
            break;
        default:  // 4,100 units over 30 levels
            percent_of_unit = 4'000 + static_cast<std::int64_t>(draw % 19'400);
            break;
    }
    const std::int64_t raw = unit_raw_ / 100 * percent_of_unit + unit_raw_ % 100 * percent_of_unit / 100;
    return Quantity::from_raw(std::max(raw / step_raw_, std::int64_t{1}) * step_raw_);
}

void SyntheticBook::build(bool is_bid, Price best, std::int64_t time_us, Levels& out) {
    out.clear();
    out.push_back(BookLevel{best, quantity_at(best.raw(), is_bid, best_zone, time_us)});
    const std::int64_t away = is_bid ? -1 : 1;
    std::int64_t last = best.raw();
    const auto zone = [&](int zone_name, std::int64_t gap_raw, int count) {
        gap_raw = std::max(gap_raw / tick_raw_, std::int64_t{1}) * tick_raw_;
        // The next price of the fixed grid beyond the last level.
        std::int64_t price = is_bid ? (last - 1) / gap_raw * gap_raw : (last / gap_raw + 1) * gap_raw;
        for (int i = 0; i < count && price > 0; ++i, price += away * gap_raw) {
            out.push_back(BookLevel{Price::from_raw(price), quantity_at(price, is_bid, zone_name, time_us)});
            last = price;
        }
    };
    zone(near_zone, best.raw() / 100'000, near_levels);
    zone(far_zone, best.raw() / 10'000, far_levels);
}

/// What takes `before` to `after`, both best first.
void SyntheticBook::changes(const Levels& before, const Levels& after, bool is_bid, Levels& out) {
    out.clear();
    const auto better = [is_bid](Price a, Price b) { return is_bid ? a > b : a < b; };
    auto old = before.begin();
    auto now = after.begin();
    while (old != before.end() || now != after.end()) {
        if (now == after.end() || (old != before.end() && better(old->price, now->price))) {
            out.push_back(BookLevel{old->price, Quantity{}});
            ++old;
        } else if (old == before.end() || better(now->price, old->price)) {
            out.push_back(*now++);
        } else {
            if (old->quantity != now->quantity) out.push_back(*now);
            ++old;
            ++now;
        }
    }
}

void SyntheticBook::move_to(Price bid, Price ask, MarketTime time, MarketInput& market) {
    ++moves_;
    const std::int64_t time_us = time.time_since_epoch().count();
    build(true, bid, time_us, bids_);
    build(false, ask, time_us, asks_);
    if (all_anew_) {
        market.replace_book(symbol_, bids_, asks_);
        all_anew_ = false;
    } else {
        changes(told_bids_, bids_, true, changed_bids_);
        changes(told_asks_, asks_, false, changed_asks_);
        market.update_levels(symbol_, changed_bids_, changed_asks_);
    }
    told_bids_.swap(bids_);
    told_asks_.swap(asks_);
    last_bid_ = bid;
    last_ask_ = ask;
    last_time_us_ = time_us;
}

void SyntheticBook::follow_trade(Price price, bool buyer_is_maker, MarketTime time, MarketInput& market) {
    // Prices off the tick (an average, a thinned recording) have their level where they are.
    const std::int64_t raw = price.raw();
    const std::int64_t beside = buyer_is_maker ? raw + tick_raw_ : raw - tick_raw_;
    if (beside <= 0) return;
    const Price other = Price::from_raw(beside);
    move_to(buyer_is_maker ? price : other, buyer_is_maker ? other : price, time, market);
}

void SyntheticBook::restart() {
    all_anew_ = true;
    moves_ = 0;
}

std::array<std::int64_t, 4> SyntheticBook::position() const {
    return {static_cast<std::int64_t>(moves_), last_bid_.raw(), last_ask_.raw(), last_time_us_};
}

bool SyntheticBook::resume(std::span<const std::int64_t, 4> position) {
    restart();
    const Price bid = Price::from_raw(position[1]);
    const Price ask = Price::from_raw(position[2]);
    if (position[0] == 0) return true;
    if (position[0] < 0 || !bid.is_positive() || ask <= bid || ask > feed_price_max || position[3] < 0)
        return false;
    // Its levels are a function of these, and of how often it has moved.
    moves_ = static_cast<std::uint64_t>(position[0]);
    last_bid_ = bid;
    last_ask_ = ask;
    last_time_us_ = position[3];
    build(true, bid, last_time_us_, told_bids_);
    build(false, ask, last_time_us_, told_asks_);
    all_anew_ = false;
    return true;
}

}  // namespace vigil::exchange
