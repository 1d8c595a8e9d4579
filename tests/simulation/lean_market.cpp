#include "simulation/lean_market.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "exchange/random.h"

namespace vigil::simulation {

namespace {

using domain::BookLevel;
using domain::Price;
using domain::Quantity;

constexpr std::size_t levels_a_side = 4;
constexpr std::int64_t usd_least = 20;  // at one level
constexpr std::int64_t usd_most = 4'000;

struct OneMarket {
    exchange::GeneratedSymbol symbol;
    exchange::Random random;
    std::int64_t bid_raw;
    exchange::MarketTime next;
};

class LeanMarket final : public exchange::Feed {
  public:
    LeanMarket(const LeanMarketOptions& options, std::shared_ptr<const bool> stands_still)
        : options_{options}, stands_still_{std::move(stands_still)} {
        for (const exchange::GeneratedSymbol& each : options_.symbols) {
            symbols_.push_back({each.symbol, each.start, each.tick, each.step});
            markets_.push_back({each, exchange::Random{options_.seed + markets_.size()},
                                each.start.floor_to(each.tick).raw(), options_.start});
        }
        base::check(!markets_.empty(), "a market has symbols");
    }

    [[nodiscard]] std::string_view name() const override { return "lean"; }
    [[nodiscard]] std::string_view format() const override { return "generated"; }
    [[nodiscard]] std::span<const exchange::FeedSymbol> symbols() const override { return symbols_; }
    [[nodiscard]] std::optional<exchange::MarketTime> next_time() override {
        if (*stands_still_) return std::nullopt;
        return earliest().next;
    }
    void apply_next(exchange::MarketInput& market) override {
        OneMarket& one = earliest();
        move(one);
        std::array<BookLevel, levels_a_side> bids;
        std::array<BookLevel, levels_a_side> asks;
        const std::int64_t tick_raw = one.symbol.tick.raw();
        // Levels one tick to two hundredths of a percent apart.
        const std::int64_t apart = std::max(tick_raw, one.bid_raw / 5'000 / tick_raw * tick_raw);
        std::int64_t ask_raw = one.bid_raw + tick_raw;
        for (std::size_t level = 0; level < levels_a_side; ++level) {
            const auto away = static_cast<std::int64_t>(level) * apart;
            bids[level] = {Price::from_raw(one.bid_raw - away), quantity(one)};
            asks[level] = {Price::from_raw(ask_raw + away), quantity(one)};
        }
        const bool sells = one.random.chance_ppm(500'000);
        market.print(one.symbol.symbol, sells ? bids.front().price : asks.front().price, quantity(one),
                     sells);
        market.replace_book(one.symbol.symbol, bids, asks);
        one.next += base::microseconds{one.random.between(1, 2 * options_.gap_mean.count())};
    }
    [[nodiscard]] const base::Error* error() const override { return nullptr; }

  private:
    OneMarket& earliest() {
        return *std::min_element(markets_.begin(), markets_.end(),
                                 [](const OneMarket& a, const OneMarket& b) { return a.next < b.next; });
    }
    void move(OneMarket& one) const {
        const std::int64_t tick_raw = one.symbol.tick.raw();
        __extension__ using Wide = __int128;
        // A millionth of the price, times standard deviation in ppm, times the draw in ppm.
        const Wide moved = static_cast<Wide>(one.bid_raw) * options_.move_ppm * one.random.normal_ppm() /
                           1'000'000 / 1'000'000;
        // Never further than a fifth from where it began: strategies are made for a price.
        const std::int64_t start_raw = one.symbol.start.raw();
        const std::int64_t wanted =
            std::clamp(one.bid_raw + static_cast<std::int64_t>(moved), start_raw / 5 * 4, start_raw / 5 * 6);
        one.bid_raw = std::max(wanted / tick_raw, std::int64_t{100}) * tick_raw;
    }
    [[nodiscard]] static Quantity quantity(OneMarket& one) {
        const auto usd = domain::Amount::of(one.random.between(usd_least, usd_most));
        const auto price = domain::multiply_scaled(one.symbol.start.raw(), one.symbol.quote_in_usd.raw(),
                                                   domain::Rounding::up);
        const auto raw = domain::divide_scaled(usd.raw(), std::max<std::int64_t>(price.value_or(1), 1),
                                               domain::Rounding::down);
        return std::max(Quantity::from_raw(raw.value_or(0)).floor_to(one.symbol.step), one.symbol.step);
    }

    LeanMarketOptions options_;
    std::shared_ptr<const bool> stands_still_;
    std::vector<exchange::FeedSymbol> symbols_;
    std::vector<OneMarket> markets_;
};

}  // namespace

std::unique_ptr<exchange::Feed> lean_market(const LeanMarketOptions& options,
                                            std::shared_ptr<const bool> stands_still) {
    return std::make_unique<LeanMarket>(options, std::move(stands_still));
}

}  // namespace vigil::simulation
