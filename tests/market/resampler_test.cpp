// Resampled candles against Binance's own, and the traps: halts, holes, windows half seen.
#include "market/resampler.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <map>

#include "recorded.h"

namespace vigil::market {
namespace {

using domain::Candle;
using domain::CandleInterval;
using domain::Price;
using domain::Quantity;

CandleInterval interval(std::string_view word) {
    return domain::parse_candle_interval(word).value();
}

std::vector<Candle> resample(std::span<const Candle> candles, std::string_view from, std::string_view to,
                             std::int64_t* missing = nullptr) {
    auto resampler = Resampler::make(interval(from), interval(to)).value();
    std::vector<Candle> out;
    for (const Candle& each : candles) EXPECT_TRUE(resampler.push(each, out).has_value());
    if (missing != nullptr) *missing = resampler.missing();
    return out;
}

/// One line as data.binance.vision prints it, up to the close time or up to the taker's quote volume.
std::string line_of(const Candle& candle, bool whole) {
    std::string line = std::to_string(base::to_ms(candle.open_time)) + "," + candle.open.str8() + "," +
                       candle.high.str8() + "," + candle.low.str8() + "," + candle.close.str8() + "," +
                       candle.volume.str8() + "," + std::to_string(base::to_ms(candle.close_time));
    if (whole)
        line += "," + candle.quote_volume.str8() + "," + std::to_string(candle.trade_count) + "," +
                candle.taker_buy_volume.str8() + "," + candle.taker_buy_quote_volume.str8();
    return line + "\n";
}

std::uint32_t checksum(std::span<const Candle> candles, bool whole) {
    uLong crc = crc32(0, nullptr, 0);
    for (const Candle& each : candles) {
        const std::string line = line_of(each, whole);
        crc = crc32(crc, reinterpret_cast<const Bytef*>(line.data()), static_cast<uInt>(line.size()));
    }
    return static_cast<std::uint32_t>(crc);
}

std::vector<Candle> between(std::span<const Candle> candles, std::int64_t from_ms, std::int64_t to_ms) {
    std::vector<Candle> some;
    for (const Candle& each : candles)
        if (base::to_ms(each.open_time) >= from_ms && base::to_ms(each.open_time) < to_ms)
            some.push_back(each);
    return some;
}

void expect_equal(const Candle& ours, const Candle& theirs) {
    EXPECT_EQ(line_of(ours, true), line_of(theirs, true));
}

/// The recorded data holds no hourly candles of 2025, so Binance's own (`GET /api/v3/klines?interval=1h`,
/// fetched independently of the 15m file) are stated here as the CRC-32 of each month's lines, all eleven
/// columns: 4,344 hours.
TEST(Resampler, QuartersOfTheFirstHalfOf2025MakeBinancesHours) {
    const auto path = testing::recorded("klines/BTCUSDT-15m-2025H1.csv");
    if (!path) GTEST_SKIP() << "the recorded klines are not here (VIGIL_TEST_DATA)";
    const auto quarters = testing::read_klines(*path, "15m");
    ASSERT_EQ(quarters.size(), 17'568U);
    std::int64_t missing = -1;
    const auto hours = resample(quarters, "15m", "1h", &missing);
    EXPECT_EQ(missing, 0);
    ASSERT_EQ(hours.size(), 4'392U);

    struct Month {
        std::int64_t begin_ms;
        std::size_t hours;
        std::uint32_t crc;
    };
    const std::vector<Month> months{
        {1'735'689'600'000, 744, 0xeef57da1}, {1'738'368'000'000, 672, 0xf0860a52},
        {1'740'787'200'000, 744, 0x7dfc8312}, {1'743'465'600'000, 720, 0xc39f5874},
        {1'746'057'600'000, 744, 0x496c855a}, {1'748'736'000'000, 720, 0x66c52553},
    };
    std::size_t compared = 0;
    for (const Month& month : months) {
        const auto of_month = between(hours, month.begin_ms,
                                      month.begin_ms + static_cast<std::int64_t>(month.hours) * 3'600'000);
        EXPECT_EQ(of_month.size(), month.hours);
        EXPECT_EQ(checksum(of_month, true), month.crc) << "month that begins at " << month.begin_ms;
        compared += of_month.size();
    }
    EXPECT_EQ(compared, 4'344U);
}

/// The same for 720 hours of ETHUSDT from 5m candles, and 744 hours of BTCUSDT from 1m candles, of which only
/// the prices, the volume and the times are recorded.
TEST(Resampler, FiveMinutesAndMinutesMakeBinancesHours) {
    const auto fives = testing::recorded("klines/ETHUSDT-5m-2024-12.csv");
    const auto ones = testing::recorded("klines/BTCUSDT-1m-2024-01.csv");
    if (!fives || !ones) GTEST_SKIP() << "the recorded klines are not here (VIGIL_TEST_DATA)";
    const auto eth = resample(testing::read_klines(*fives, "5m"), "5m", "1h");
    ASSERT_EQ(eth.size(), 720U);
    EXPECT_EQ(checksum(eth, true), 0x8e8da19aU);
    const auto btc = resample(testing::read_klines(*ones, "1m"), "1m", "1h");
    ASSERT_EQ(btc.size(), 744U);
    EXPECT_EQ(checksum(btc, false), 0x09273bdeU);
}

/// 699 days from hours, line by line, through the halt of 2023-03-24 (an hour cut short, the next one
/// absent).
TEST(Resampler, HoursMakeBinancesDaysThroughTheHalt) {
    const auto hours_path = testing::recorded("klines/BTCUSDT-1h-2022-02_2023-12.csv");
    const auto days_path = testing::recorded("klines/BTCUSDT-1d-2017-08_2023-12.csv");
    if (!hours_path || !days_path) GTEST_SKIP() << "the recorded klines are not here (VIGIL_TEST_DATA)";
    const auto hours = testing::read_klines(*hours_path, "1h");
    ASSERT_EQ(hours.size(), 16'775U);
    std::int64_t missing = -1;
    const auto days = resample(hours, "1h", "1d", &missing);
    EXPECT_EQ(days.size(), 699U);
    EXPECT_EQ(missing, 1);
    std::map<std::int64_t, Candle> theirs;
    for (const Candle& day : testing::read_klines(*days_path, "1d")) theirs[base::to_ms(day.open_time)] = day;
    for (const Candle& day : days) {
        const auto same = theirs.find(base::to_ms(day.open_time));
        ASSERT_NE(same, theirs.end());
        expect_equal(day, same->second);
    }
}

/// 2 h windows around the halt: the one that ends with the cut hour ends early, and no window is made up.
TEST(Resampler, AHaltEndsItsWindowEarly) {
    const auto path = testing::recorded("klines/BTCUSDT-1h-2022-02_2023-12.csv");
    if (!path) GTEST_SKIP() << "the recorded klines are not here (VIGIL_TEST_DATA)";
    const std::int64_t noon_ms = 1'679'659'200'000;
    const auto hours =
        between(testing::read_klines(*path, "1h"), noon_ms - 4 * 3'600'000, noon_ms + 6 * 3'600'000);
    ASSERT_EQ(hours.size(), 9U);
    const auto pairs = resample(hours, "1h", "2h");
    ASSERT_EQ(pairs.size(), 5U);
    EXPECT_EQ(base::to_ms(pairs[2].open_time), noon_ms);
    EXPECT_EQ(base::to_ms(pairs[2].close_time), 1'679'661'581'646);
    EXPECT_TRUE(pairs[2].volume.is_zero());
    EXPECT_EQ(pairs[2].open, pairs[2].close);
    EXPECT_EQ(base::to_ms(pairs[3].open_time), noon_ms + 2 * 3'600'000);
    EXPECT_EQ(pairs[3].open, Price::literal("28079.99"));
}

/// From 15m to 1h to 4h to 1d is the same as from 15m to 1d at once.
TEST(Resampler, StepsComposeExactly) {
    const auto path = testing::recorded("klines/BTCUSDT-15m-2025H1.csv");
    if (!path) GTEST_SKIP() << "the recorded klines are not here (VIGIL_TEST_DATA)";
    const auto quarters = testing::read_klines(*path, "15m");
    const auto direct = resample(quarters, "15m", "1d");
    const auto stepped = resample(resample(resample(quarters, "15m", "1h"), "1h", "4h"), "4h", "1d");
    ASSERT_EQ(direct.size(), 183U);
    ASSERT_EQ(stepped.size(), direct.size());
    for (std::size_t i = 0; i < direct.size(); ++i) expect_equal(stepped[i], direct[i]);
    const auto weeks = resample(quarters, "15m", "1w");
    ASSERT_EQ(weeks.size(), 26U);
    // 2024-12-30 was a Monday.
    EXPECT_EQ(base::to_ms(weeks.front().open_time), 1'735'516'800'000);
}

Candle minute(std::int64_t index, std::int64_t price) {
    Candle made;
    made.interval = interval("1m");
    made.open_time = base::exchange_time_ms(index * 60'000);
    made.close_time = base::exchange_time_ms(index * 60'000 + 59'999);
    made.open = made.high = made.low = made.close = Price::of(price);
    made.volume = Quantity::of(1);
    made.closed = true;
    return made;
}

TEST(Resampler, AWindowHalfSeenAtTheBeginningIsLeftOut) {
    const std::vector<Candle> minutes{minute(7, 1),  minute(8, 1),  minute(9, 1),
                                      minute(10, 2), minute(11, 3), minute(12, 4),
                                      minute(13, 5), minute(14, 6), minute(15, 7)};
    const auto fives = resample(minutes, "1m", "5m");
    ASSERT_EQ(fives.size(), 1U);
    EXPECT_EQ(base::to_ms(fives[0].open_time), 600'000);
    EXPECT_EQ(fives[0].open, Price::of(2));
    EXPECT_EQ(fives[0].close, Price::of(6));
}

TEST(Resampler, HolesShiftNothing) {
    auto resampler = Resampler::make(interval("1m"), interval("5m")).value();
    std::vector<Candle> out;
    // Minutes 3 to 11 are missing: window 0 is emitted late, window 5 never is, window 10 lacks its first
    // two.
    for (const std::int64_t index : {0, 1, 2}) ASSERT_TRUE(resampler.push(minute(index, 10 + index), out));
    EXPECT_TRUE(out.empty());
    ASSERT_TRUE(resampler.push(minute(12, 50), out));
    ASSERT_EQ(out.size(), 1U);
    EXPECT_EQ(out[0].close, Price::of(12));
    EXPECT_EQ(out[0].volume, Quantity::of(3));
    EXPECT_EQ(base::to_ms(out[0].close_time), 179'999);
    EXPECT_EQ(resampler.missing(), 2);
    ASSERT_TRUE(resampler.building().has_value());
    EXPECT_FALSE(resampler.building()->closed);
    EXPECT_EQ(base::to_ms(resampler.building()->open_time), 600'000);
    // A candle that is at once the first of a later window and its last.
    ASSERT_TRUE(resampler.push(minute(19, 60), out));
    ASSERT_EQ(out.size(), 3U);
    EXPECT_EQ(base::to_ms(out[1].open_time), 600'000);
    EXPECT_EQ(base::to_ms(out[2].open_time), 900'000);
    EXPECT_EQ(out[2].open, Price::of(60));
    EXPECT_EQ(resampler.missing(), 10);
}

TEST(Resampler, RefusesWhatCannotBe) {
    EXPECT_EQ(Resampler::make(interval("1h"), interval("1m")).error().kind, base::ErrorKind::unsupported);
    EXPECT_EQ(Resampler::make(interval("3m"), interval("5m")).error().kind, base::ErrorKind::unsupported);
    EXPECT_EQ(Resampler::make(interval("1d"), interval("3d")).error().kind, base::ErrorKind::unsupported);
    EXPECT_EQ(Resampler::make({0}, interval("1m")).error().kind, base::ErrorKind::unsupported);

    auto resampler = Resampler::make(interval("1m"), interval("5m")).value();
    std::vector<Candle> out;
    ASSERT_TRUE(resampler.push(minute(5, 1), out));
    EXPECT_FALSE(resampler.push(minute(5, 1), out).has_value());
    EXPECT_FALSE(resampler.push(minute(4, 1), out).has_value());
    Candle open = minute(6, 1);
    open.closed = false;
    EXPECT_FALSE(resampler.push(open, out).has_value());
    Candle shifted = minute(6, 1);
    shifted.open_time += base::milliseconds{1};
    EXPECT_FALSE(resampler.push(shifted, out).has_value());
    Candle huge = minute(6, 1);
    huge.volume = Quantity::from_raw(std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(resampler.push(huge, out).error().kind, base::ErrorKind::exhausted);
    ASSERT_TRUE(resampler.push(minute(6, 3), out));
    EXPECT_EQ(resampler.building()->volume, Quantity::of(2));
}

TEST(Resampler, WindowsAreAlignedBeforeTheEpochToo) {
    EXPECT_EQ(window_of(interval("1h"), base::exchange_time_ms(-1)), base::exchange_time_ms(-3'600'000));
    EXPECT_EQ(window_of(interval("1w"), base::exchange_time_ms(0)), base::exchange_time_ms(-3 * 86'400'000));
    EXPECT_FALSE(window_of(interval("3d"), base::exchange_time_ms(0)).has_value());
}

domain::PublicTrade trade(std::int64_t time_ms, std::int64_t price, bool buyer_is_maker = false) {
    domain::PublicTrade made;
    made.time = base::exchange_time_ms(time_ms);
    made.price = Price::of(price);
    made.quantity = Quantity::of(2);
    made.buyer_is_maker = buyer_is_maker;
    return made;
}

TEST(TradeCandles, FlatOnesBetweenAndFirstTradeOpens) {
    auto builder = TradeCandles::make({}, interval("1m")).value();
    std::vector<Candle> out;
    ASSERT_TRUE(builder.push(trade(1'000, 10), out));
    ASSERT_TRUE(builder.push(trade(59'999, 12, true), out));
    EXPECT_TRUE(out.empty());
    ASSERT_TRUE(builder.push(trade(190'000, 20), out));
    ASSERT_EQ(out.size(), 3U);
    EXPECT_EQ(out[0].open, Price::of(10));
    EXPECT_EQ(out[0].close, Price::of(12));
    EXPECT_EQ(out[0].volume, Quantity::of(4));
    EXPECT_EQ(out[0].quote_volume, domain::Amount::of(44));
    EXPECT_EQ(out[0].taker_buy_volume, Quantity::of(2));
    EXPECT_EQ(out[0].taker_buy_quote_volume, domain::Amount::of(20));
    EXPECT_EQ(out[0].trade_count, 2);
    EXPECT_EQ(base::to_ms(out[0].close_time), 59'999);
    for (const std::size_t i : {1U, 2U}) {
        EXPECT_EQ(out[i].open, Price::of(12));
        EXPECT_EQ(out[i].low, Price::of(12));
        EXPECT_TRUE(out[i].volume.is_zero());
    }
    EXPECT_EQ(builder.building()->open, Price::of(20));
    builder.advance(base::exchange_time_ms(240'000), out);
    ASSERT_EQ(out.size(), 4U);
    EXPECT_EQ(out[3].open, Price::of(20));
    EXPECT_FALSE(builder.push(trade(230'000, 20), out).has_value());
    EXPECT_FALSE(builder.push(trade(250'000, 0), out).has_value());
}

TEST(TradeCandles, AnEndlessHoleStaysAHole) {
    auto builder = TradeCandles::make({}, interval("1s")).value();
    std::vector<Candle> out;
    ASSERT_TRUE(builder.push(trade(0, 10), out));
    ASSERT_TRUE(builder.push(trade(86'400'000, 11), out));
    EXPECT_EQ(out.size(), static_cast<std::size_t>(TradeCandles::flat_max) + 1);
    EXPECT_EQ(builder.building()->open, Price::of(11));
    EXPECT_EQ(base::to_ms(builder.building()->open_time), 86'400'000);
}

/// A day of recorded trades: candles made at once equal candles made in two steps, and nothing is lost.
TEST(TradeCandles, MinutesFromTradesMakeTheHoursFromTrades) {
    const auto path = testing::recorded("trades/XRPETH-aggTrades-2019-10-11.csv");
    if (!path) GTEST_SKIP() << "the recorded trades are not here (VIGIL_TEST_DATA)";
    auto minutes = TradeCandles::make({}, interval("1m")).value();
    auto hours = TradeCandles::make({}, interval("1h")).value();
    std::vector<Candle> of_minutes;
    std::vector<Candle> of_hours;
    Quantity volume;
    std::int64_t trades = 0;
    std::int64_t last_ms = 0;
    bool header = true;
    testing::for_each_line(*path, [&](std::string_view line) {
        if (header || line.empty()) {
            header = false;
            return;
        }
        const auto field = testing::split(line);
        domain::PublicTrade each;
        each.trade_id = {++trades};
        each.price = Price::parse(field.at(1)).value();
        each.quantity = Quantity::parse(field.at(2)).value();
        last_ms = std::stoll(std::string{field.at(5)});
        each.time = base::exchange_time_ms(last_ms);
        each.buyer_is_maker = field.at(6) == "true" || field.at(6) == "True";
        volume += each.quantity;
        ASSERT_TRUE(minutes.push(each, of_minutes).has_value()) << line;
        ASSERT_TRUE(hours.push(each, of_hours).has_value());
    });
    ASSERT_EQ(trades, 5'929);
    const auto end = base::exchange_time_ms((last_ms / 3'600'000 + 1) * 3'600'000);
    minutes.advance(end, of_minutes);
    hours.advance(end, of_hours);
    Quantity of_candles;
    for (const Candle& each : of_minutes) of_candles += each.volume;
    EXPECT_EQ(of_candles, volume);
    const auto resampled = resample(of_minutes, "1m", "1h");
    ASSERT_GE(of_hours.size(), 23U);
    // The first window has no candles before the first trade, so the resampler may leave it out.
    ASSERT_GE(resampled.size() + 1, of_hours.size());
    const std::size_t skipped = of_hours.size() - resampled.size();
    for (std::size_t i = 0; i < resampled.size(); ++i) {
        const Candle& direct = of_hours[i + skipped];
        EXPECT_EQ(resampled[i].open_time, direct.open_time);
        EXPECT_EQ(resampled[i].high, std::max(direct.high, resampled[i].open));
        EXPECT_EQ(resampled[i].low, std::min(direct.low, resampled[i].open));
        EXPECT_EQ(resampled[i].close, direct.close);
        EXPECT_EQ(resampled[i].volume, direct.volume);
        EXPECT_EQ(resampled[i].quote_volume, direct.quote_volume);
        EXPECT_EQ(resampled[i].trade_count, direct.trade_count);
        EXPECT_EQ(resampled[i].taker_buy_volume, direct.taker_buy_volume);
    }
}

}  // namespace
}  // namespace vigil::market
