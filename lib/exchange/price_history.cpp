#include "exchange/price_history.h"

#include <algorithm>

#include "exchange/kline_calendar.h"
#include "exchange/random.h"

namespace vigil::exchange {

using base::ExchangeTime;
using domain::Price;
using domain::Quantity;

namespace {

constexpr std::int64_t billion = 1'000'000'000;
/// The coarsest octave spans 2^28 s (8.5 years). Amplitudes grow by the square root of two with each doubling
/// of the span, as a random walk's do (about 10 basis points a minute, as in the recorded BTCUSDT of August
/// 2024), up to 5 %.
constexpr int octaves = 29;
constexpr std::int64_t finest_ppb = 120'000;
constexpr std::int64_t amplitude_max_ppb = 50'000'000;
constexpr std::int64_t root_two_ppm = 1'414'214;

}  // namespace

PriceHistory::PriceHistory(std::uint64_t seed, ExchangeTime end, Price end_price, Price tick, Quantity step)
    : seed_{seed},
      end_second_{std::chrono::floor<base::seconds>(end.time_since_epoch()).count()},
      end_{end},
      end_price_{end_price},
      tick_{tick},
      step_{step.is_positive() ? step : Quantity::from_raw(1)},
      end_noise_ppb_{noise_ppb(end_second_)} {}

std::int64_t PriceHistory::noise_ppb(std::int64_t second) const {
    std::int64_t sum = 0;
    std::int64_t amplitude = finest_ppb;
    for (int octave = 0; octave < octaves; ++octave) {
        const std::int64_t span = std::int64_t{1} << octave;
        const std::int64_t cell = floor_div(second, span);
        const std::int64_t within = second - cell * span;
        const auto draw = [&](std::int64_t at) {
            const std::uint64_t hash = mix64(
                seed_ ^ mix64(static_cast<std::uint64_t>(at) * 64U + static_cast<std::uint64_t>(octave)));
            return static_cast<std::int64_t>(hash % (2 * billion + 1)) - billion;  // -1 .. 1
        };
        const std::int64_t left = draw(cell);
        const std::int64_t right = within == 0 ? left : draw(cell + 1);
        const std::int64_t value =
            left + (right - left) / span * within + (right - left) % span * within / span;
        sum += value / 1'000 * (amplitude / 1'000) / 1'000;
        amplitude = std::min(amplitude_max_ppb, amplitude / 1'000 * root_two_ppm / 1'000);
    }
    return sum;
}

Price PriceHistory::at(ExchangeTime time) const {
    const std::int64_t second = std::chrono::floor<base::seconds>(time.time_since_epoch()).count();
    if (second >= end_second_) return end_price_;
    // Never below a fifth, or above five times the price.
    const std::int64_t change_ppb =
        std::clamp<std::int64_t>(noise_ppb(second) - end_noise_ppb_, -800'000'000, 4'000'000'000);
    const auto scaled =
        domain::multiply_scaled(end_price_.raw(), (billion + change_ppb) / 10, domain::Rounding::nearest);
    const Price price = Price::from_raw(scaled.value_or(end_price_.raw())).floor_to(tick_);
    return std::max(price, tick_.is_positive() ? tick_ : Price::from_raw(1));
}

Kline PriceHistory::kline(domain::CandleInterval interval, ExchangeTime open_time,
                          ExchangeTime next_open) const {
    const auto width = next_open - open_time;
    Kline kline;
    kline.interval = interval;
    kline.open_time = open_time;
    kline.close_time = next_open - std::chrono::milliseconds{1};
    const ExchangeTime until = std::min(next_open, end_);
    kline.open = kline.high = kline.low = at(open_time);
    kline.close = at(until);
    constexpr int samples = 60;
    for (int i = 1; i < samples && interval.width_ms > 1'000; ++i) {
        const ExchangeTime moment = open_time + width / samples * i;
        if (moment >= until) break;
        const Price price = at(moment);
        kline.high = std::max(kline.high, price);
        kline.low = std::min(kline.low, price);
    }
    kline.high = std::max(kline.high, kline.close);
    kline.low = std::min(kline.low, kline.close);

    kline.closed = true;
    if (until <= open_time) return kline;  // nothing of it lies before the end
    kline.synthetic = true;

    // About 15,000 units of the quote asset a second, whatever the price.
    const std::uint64_t draw =
        mix64(seed_ ^ mix64(static_cast<std::uint64_t>(base::to_ms(open_time) ^ interval.width_ms)));
    const std::int64_t seconds =
        std::max<std::int64_t>(1, std::chrono::floor<base::seconds>(until - open_time).count());
    const std::int64_t turnover =
        std::min<std::int64_t>(seconds, 1'000'000) * (10'000 + static_cast<std::int64_t>(draw % 10'000));
    const auto volume =
        domain::quantity_for(domain::Amount::of(turnover), kline.close, domain::Rounding::down);
    kline.volume = volume.value_or(Quantity{}).floor_to(step_);
    kline.quote_volume =
        domain::notional(kline.close, kline.volume, domain::Rounding::down).value_or(domain::Amount{});
    kline.trade_count = seconds * 30;
    kline.taker_buy_volume = Quantity::from_raw(kline.volume.raw() / 2).floor_to(step_);
    kline.taker_buy_quote_volume =
        domain::notional(kline.close, kline.taker_buy_volume, domain::Rounding::down)
            .value_or(domain::Amount{});
    return kline;
}

}  // namespace vigil::exchange
