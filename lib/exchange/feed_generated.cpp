// A generated market, after the recorded BTCUSDT of 2024-08-08 23:54 to 2024-08-09 00:05 UTC
// (ws/BTCUSDT-spot-20240808T2354.jsonl.gz). Measured there:
//   takers (trades of one moment and side): 10.97 a second, 70.3 % on the side of the one before, 48.7 %
//   sellers;
//     time between them in ms, 10/20/.../90 %: 1 3 6 11 23 48 85 139 262, 99 % 762, mean 91
//   trades of one taker: mean 2.79; 70 % have one, 10 % six or more
//   quantity of a trade in BTC, 5/10/20/.../90 %: 0.00009 0.00009 0.00009 0.00014 0.0003 0.00067 0.0024 0.009
//     0.02 0.05763, 99 % 0.32, mean 0.0220
//   mid price: standard deviation 1.25 basis points over 1 s, 4.17 over 10 s, 10.4 over 60 s; in half of all
//     seconds it did not move
//   spread: one tick 80 % of the time and more, 95 % under 0.98 USDT (0.16 basis points)
//   book: see synthetic_book.h
// The same here: price moves come 0.69 times a second (so that half of the seconds see none) in a sweep of a
// few prints that takes the levels on its way, with a standard deviation of 1.5 basis points, more in one
// move of ten; other takers trade at the best prices; now and then the best levels change without a trade.
// Other symbols trade the same dollar amounts. Symbols move independently of each other.
#include <algorithm>
#include <array>

#include "base/check.h"
#include "exchange/feed.h"
#include "exchange/random.h"
#include "exchange/synthetic_book.h"

namespace vigil::exchange {

using domain::Price;
using domain::Quantity;

namespace {

struct Point {
    std::int64_t ppm;  ///< share of the draws at or below
    std::int64_t value;
};
constexpr std::array<Point, 13> taker_gap_us{{{0, 20},
                                              {100'000, 1'000},
                                              {200'000, 3'000},
                                              {300'000, 6'000},
                                              {400'000, 11'000},
                                              {500'000, 23'000},
                                              {600'000, 48'000},
                                              {700'000, 85'000},
                                              {800'000, 139'000},
                                              {900'000, 262'000},
                                              {950'000, 411'000},
                                              {990'000, 762'000},
                                              {1'000'000, 2'014'000}}};
/// In 1e-8 BTC at 61,700 USDT.
constexpr std::array<Point, 12> trade_quantity{{{0, 1'000},
                                                {200'000, 9'000},
                                                {300'000, 14'000},
                                                {400'000, 30'000},
                                                {500'000, 67'000},
                                                {600'000, 240'000},
                                                {700'000, 900'000},
                                                {800'000, 2'000'000},
                                                {900'000, 5'763'000},
                                                {950'000, 10'000'000},
                                                {990'000, 32'425'000},
                                                {1'000'000, 100'000'000}}};
constexpr std::array<Point, 6> trades_of_taker{
    {{0, 1}, {700'000, 1}, {800'000, 2}, {900'000, 6}, {990'000, 22}, {1'000'000, 60}}};
constexpr std::int64_t recorded_price_usd = 61'700;
constexpr std::int64_t recorded_mean_quantity = 2'200'000;

constexpr std::int64_t move_gap_mean_us = 1'450'000;
constexpr std::int64_t quote_gap_us =
    120'000;  ///< mean time between changes of the best levels without a trade
constexpr std::int64_t sweep_gap_us = 4'000;
constexpr std::int64_t steps_max = 6;  ///< of one sweep

template <std::size_t N>
std::int64_t draw_from(const std::array<Point, N>& table, Random& random) {
    const std::int64_t at = random.between(0, 1'000'000);
    for (std::size_t i = 1; i < N; ++i) {
        if (at > table[i].ppm) continue;
        const Point& from = table[i - 1];
        const Point& to = table[i];
        return from.value + (to.value - from.value) * (at - from.ppm) / (to.ppm - from.ppm);
    }
    return table.back().value;
}

/// One symbol's market.
class GeneratedMarket {
  public:
    GeneratedMarket(const GeneratedSymbol& symbol, std::uint64_t seed, MarketTime start,
                    domain::Rate volatility)
        : symbol_{symbol},
          random_{seed},
          tick_raw_{std::max<std::int64_t>(symbol.tick.raw(), 1)},
          step_raw_{std::max<std::int64_t>(symbol.step.raw(), 1)},
          volatility_{volatility},
          bid_raw_{std::max(symbol.start.raw() / tick_raw_, std::int64_t{2}) * tick_raw_},
          ask_raw_{bid_raw_ + tick_raw_},
          book_{seed ^ 0x5eedU, symbol.symbol, symbol.tick, symbol.step,
                quantity_from(recorded_mean_quantity)},
          next_taker_{start + std::chrono::microseconds{1}},
          next_move_{start + gap(move_gap_mean_us)},
          next_quote_{start} {}

    [[nodiscard]] MarketTime next() const { return std::min({next_taker_, next_move_, next_quote_}); }

    void apply(MarketInput& market) {
        const MarketTime now = next();
        if (now == next_quote_) {
            next_quote_ = now + gap(quote_gap_us);
            quote(now, market);
        } else if (now == next_move_) {
            move(now, market);
        } else {
            take(now, market);
        }
    }

    static constexpr std::size_t position_size = 14;

    void tell_position(std::vector<std::int64_t>& out) const {
        const auto us = [](MarketTime time) { return time.time_since_epoch().count(); };
        out.insert(out.end(), {static_cast<std::int64_t>(random_.state()), bid_raw_, ask_raw_,
                               us(next_taker_), us(next_move_), us(next_quote_), trades_left_, steps_left_,
                               distance_raw_, sells_ ? 1 : 0});
        const auto book = book_.position();
        out.insert(out.end(), book.begin(), book.end());
    }
    [[nodiscard]] bool resume(std::span<const std::int64_t, position_size> from) {
        const bool possible = from[1] >= tick_raw_ && from[2] > from[1] && from[2] <= feed_price_max.raw() &&
                              std::min({from[3], from[4], from[5]}) >= 0 && from[6] >= 0 &&
                              from[6] <= trades_of_taker.back().value && from[7] >= 0 &&
                              from[7] <= steps_max && from[8] > -from[1] && from[8] < from[1];
        if (!possible || !book_.resume(from.subspan<10, 4>())) return false;
        const auto time = [](std::int64_t us) { return MarketTime{std::chrono::microseconds{us}}; };
        random_ = Random{static_cast<std::uint64_t>(from[0])};
        bid_raw_ = from[1];
        ask_raw_ = from[2];
        next_taker_ = time(from[3]);
        next_move_ = time(from[4]);
        next_quote_ = time(from[5]);
        trades_left_ = from[6];
        steps_left_ = from[7];
        distance_raw_ = from[8];
        sells_ = from[9] != 0;
        return true;
    }

  private:
    /// Between nothing and twice the mean.
    std::chrono::microseconds gap(std::int64_t mean_us) {
        return std::chrono::microseconds{random_.between(1, 2 * mean_us)};
    }
    /// The quantity worth as much as `btc_raw` of BTC in the recording, on the step, at least one step.
    [[nodiscard]] Quantity quantity_from(std::int64_t btc_raw) const {
        const domain::Amount usd = domain::Amount::from_raw(btc_raw * recorded_price_usd);
        const auto usd_price =
            domain::multiply_scaled(symbol_.start.raw(), symbol_.quote_in_usd.raw(), domain::Rounding::up);
        const auto quantity = domain::divide_scaled(
            usd.raw(), std::max<std::int64_t>(usd_price.value_or(1), 1), domain::Rounding::down);
        constexpr std::int64_t largest = 1'000'000'000'000'000;
        const std::int64_t raw = std::min(quantity.value_or(largest), largest);
        return Quantity::from_raw(std::max(raw / step_raw_, std::int64_t{1}) * step_raw_);
    }
    void tell_book(MarketTime now, MarketInput& market) {
        book_.move_to(Price::from_raw(bid_raw_), Price::from_raw(ask_raw_), now, market);
    }

    /// The spread closes to a tick, and what stands at the best prices changes.
    void quote(MarketTime now, MarketInput& market) {
        ask_raw_ = bid_raw_ + tick_raw_;
        tell_book(now, market);
    }

    /// A taker at the best price, in one trade or several.
    void take(MarketTime now, MarketInput& market) {
        if (trades_left_ == 0) {
            if (!random_.chance_ppm(703'000)) sells_ = !random_.chance_ppm(513'000);
            trades_left_ = draw_from(trades_of_taker, random_);
        }
        --trades_left_;
        market.print(symbol_.symbol, Price::from_raw(sells_ ? bid_raw_ : ask_raw_),
                     quantity_from(draw_from(trade_quantity, random_)), sells_);
        // Trades of one taker have one moment.
        if (trades_left_ == 0)
            next_taker_ = now + std::chrono::microseconds{draw_from(taker_gap_us, random_)};
    }

    /// The next step of a sweep; a new one when none is under way.
    void move(MarketTime now, MarketInput& market) {
        if (steps_left_ == 0) {
            steps_left_ = random_.between(1, steps_max);
            // 1 basis point nine times of ten, 3.5 the tenth: 1.5 in all.
            const std::int64_t deviation_ppb = random_.chance_ppm(100'000) ? 350'000 : 100'000;
            const auto scaled =
                domain::multiply_scaled(deviation_ppb, volatility_.raw(), domain::Rounding::nearest);
            const std::int64_t move_ppb = std::clamp<std::int64_t>(scaled.value_or(0), 0, 10'000'000) *
                                          random_.normal_ppm() / 1'000'000;
            __extension__ using Wide = __int128;
            const Wide distance = static_cast<Wide>(bid_raw_) * move_ppb / 1'000'000'000;
            distance_raw_ = static_cast<std::int64_t>(distance);
        }
        const std::int64_t way = distance_raw_ / steps_left_;
        distance_raw_ -= way;
        --steps_left_;
        const std::int64_t moved = (bid_raw_ + way) / tick_raw_ * tick_raw_;
        if (moved != bid_raw_ && moved > tick_raw_) {
            const bool falls = moved < bid_raw_;
            const std::int64_t spread_ticks =
                random_.chance_ppm(500'000)
                    ? 1
                    : 1 + random_.between(0, std::max<std::int64_t>(moved / 50'000 / tick_raw_, 1));
            if (falls) {
                bid_raw_ = moved;
                ask_raw_ = bid_raw_ + spread_ticks * tick_raw_;
            } else {
                ask_raw_ = moved + tick_raw_;
                bid_raw_ = std::max(ask_raw_ - spread_ticks * tick_raw_, tick_raw_);
            }
            market.print(symbol_.symbol, Price::from_raw(falls ? bid_raw_ : ask_raw_),
                         quantity_from(draw_from(trade_quantity, random_)), falls);
            tell_book(now, market);
        }
        next_move_ = now + (steps_left_ > 0 ? gap(sweep_gap_us) : gap(move_gap_mean_us));
    }

    GeneratedSymbol symbol_;
    Random random_;
    std::int64_t tick_raw_;
    std::int64_t step_raw_;
    domain::Rate volatility_;
    std::int64_t bid_raw_;
    std::int64_t ask_raw_;
    SyntheticBook book_;
    MarketTime next_taker_;
    MarketTime next_move_;
    MarketTime next_quote_;
    std::int64_t trades_left_{0};
    std::int64_t steps_left_{0};
    std::int64_t distance_raw_{0};
    bool sells_{false};
};

class GeneratedFeed final : public Feed {
  public:
    explicit GeneratedFeed(const GeneratedOptions& options) : options_{options} {
        for (const GeneratedSymbol& symbol : options_.symbols)
            symbols_.push_back(FeedSymbol{symbol.symbol, symbol.start, symbol.tick, symbol.step});
        begin();
    }

    [[nodiscard]] std::string_view name() const override { return "generated"; }
    [[nodiscard]] std::string_view format() const override { return "generated"; }
    [[nodiscard]] std::span<const FeedSymbol> symbols() const override { return symbols_; }
    [[nodiscard]] std::optional<MarketTime> next_time() override {
        const GeneratedMarket* first = earliest();
        if (first == nullptr) return std::nullopt;
        return first->next();
    }
    void apply_next(MarketInput& market) override {
        GeneratedMarket* first = earliest();
        base::check(first != nullptr, "an event is asked for when there is one");
        first->apply(market);
    }
    [[nodiscard]] const base::Error* error() const override { return nullptr; }

    [[nodiscard]] std::vector<std::int64_t> position() const override {
        std::vector<std::int64_t> numbers{static_cast<std::int64_t>(options_.seed)};
        for (const GeneratedMarket& market : markets_) market.tell_position(numbers);
        return numbers;
    }
    [[nodiscard]] bool resume(std::span<const std::int64_t> position) override {
        constexpr std::size_t each = GeneratedMarket::position_size;
        bool fits = position.size() == 1 + each * markets_.size() &&
                    position[0] == static_cast<std::int64_t>(options_.seed);
        for (std::size_t i = 0; fits && i < markets_.size(); ++i)
            fits = markets_[i].resume(position.subspan(1 + each * i).first<each>());
        if (!fits) begin();
        return fits;
    }

  private:
    void begin() {
        markets_.clear();
        std::uint64_t seed = options_.seed;
        for (const GeneratedSymbol& symbol : options_.symbols) {
            base::check(symbol.start.is_positive(), "a generated market begins at a price");
            seed = mix64(seed);
            markets_.emplace_back(symbol, seed, options_.start, options_.volatility);
        }
    }
    [[nodiscard]] GeneratedMarket* earliest() {
        const auto first = std::min_element(markets_.begin(), markets_.end(),
                                            [](const auto& a, const auto& b) { return a.next() < b.next(); });
        return first == markets_.end() ? nullptr : &*first;
    }

    GeneratedOptions options_;
    std::vector<FeedSymbol> symbols_;
    std::vector<GeneratedMarket> markets_;
};

}  // namespace

std::unique_ptr<Feed> generate_feed(const GeneratedOptions& options) {
    return std::make_unique<GeneratedFeed>(options);
}

}  // namespace vigil::exchange
