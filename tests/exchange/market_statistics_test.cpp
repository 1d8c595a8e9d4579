// Where klines begin, klines of other time zones, and what tickers count: against the trades themselves.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "exchange/core_fixture.h"
#include "exchange/kline_calendar.h"

namespace vigil::exchange {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::unique_ptr<Feed> generated(std::uint64_t seed) {
    GeneratedOptions options;
    options.seed = seed;
    options.start = MarketTime{std::chrono::seconds{1'000}};
    options.symbols.push_back({sym("BTCUSDT"), px("61700"), px("0.01"), qty("0.00001"), px("1")});
    return generate_feed(options);
}

domain::CandleInterval interval(std::string_view word) {
    return *parse_kline_interval(word);
}

/// "2024-08-09 00:00" is CoreWorld's start.
base::ExchangeTime utc(int year, unsigned month, unsigned day, int hour = 0) {
    const std::chrono::sys_days date{std::chrono::year{year} / std::chrono::month{month} /
                                     std::chrono::day{day}};
    return base::ExchangeTime{date.time_since_epoch()} + hours{hour};
}

// rest-api.md, "Kline/Candlestick data": "Hours and minutes (e.g. -1:00, 05:45)", "Only hours (e.g. 0, 8,
// 4)", "Accepted range is strictly [-12:00 to +14:00] inclusive".
TEST(KlineCalendar, ReadsTimeZones) {
    EXPECT_EQ(parse_time_zone("0"), minutes{0});
    EXPECT_EQ(parse_time_zone("8"), hours{8});
    EXPECT_EQ(parse_time_zone("+08:00"), hours{8});
    EXPECT_EQ(parse_time_zone("-1:00"), hours{-1});
    EXPECT_EQ(parse_time_zone("05:45"), minutes{345});
    EXPECT_EQ(parse_time_zone("-0:30"), minutes{-30});
    EXPECT_EQ(parse_time_zone("14:00"), hours{14});
    EXPECT_EQ(parse_time_zone("-12"), hours{-12});
    for (const std::string_view word : {"", "+", "14:01", "-12:01", "15", "-13", "8:5", "8:60", "8:", "x",
                                        "8h", "--8", "+-8", "008", "8:000", "1:-5", " 8"})
        EXPECT_EQ(parse_time_zone(word), std::nullopt) << word;
}

TEST(KlineCalendar, KnowsDaysWeeksAndMonthsInEveryZone) {
    const auto moment = utc(2024, 8, 9, 17);  // a Friday; in UTC+8 it is Saturday, 01:00
    EXPECT_EQ(kline_open(interval("1d"), moment), utc(2024, 8, 9));
    EXPECT_EQ(kline_open(interval("1d"), moment, hours{8}), utc(2024, 8, 9, 16));
    EXPECT_EQ(kline_open(interval("1d"), moment, minutes{345}), utc(2024, 8, 8, 18) + minutes{15});
    EXPECT_EQ(kline_open(interval("1w"), moment), utc(2024, 8, 5));
    EXPECT_EQ(kline_open(interval("1w"), moment, hours{8}), utc(2024, 8, 4, 16));
    EXPECT_EQ(kline_open(interval("1h"), moment, minutes{345}), moment - minutes{45});
    EXPECT_EQ(kline_open(month_interval, moment), utc(2024, 8, 1));
    EXPECT_EQ(kline_open(month_interval, utc(2024, 7, 31, 16), hours{8}), utc(2024, 7, 31, 16));
    EXPECT_EQ(kline_open(month_interval, utc(2024, 7, 31, 15), hours{8}), utc(2024, 6, 30, 16));
    EXPECT_EQ(kline_step(month_interval, utc(2024, 1, 1), 1), utc(2024, 2, 1));
    EXPECT_EQ(kline_step(month_interval, utc(2024, 1, 1), -1), utc(2023, 12, 1));
    EXPECT_EQ(kline_step(interval("3d"), utc(2024, 8, 1), 2), utc(2024, 8, 7));
    EXPECT_TRUE(same_klines_as_utc(interval("1h"), hours{8}));
    EXPECT_FALSE(same_klines_as_utc(interval("1h"), minutes{345}));
    EXPECT_TRUE(same_klines_as_utc(interval("15m"), minutes{345}));
    EXPECT_FALSE(same_klines_as_utc(interval("1d"), hours{8}));
    EXPECT_EQ(kline_interval_name(month_interval), "1M");
    EXPECT_EQ(kline_interval_name(interval("1m")), "1m");
}

// Every kline of a zone is what the trades in it say; 20 minutes ahead, so that there are hours' ends.
TEST(MarketStatistics, ZoneKlinesAreTheTradesOfTheirInterval) {
    CoreWorld world;
    world.core->attach(generated(21), domain::Rate::of(1), CoreWorld::at(0));
    world.core->advance(CoreWorld::at(25 * 60'000 + 500));
    int compared = 0;
    for (const std::string_view word : {"15m", "30m", "1h"}) {
        KlinesQuery query{interval(word), {}, {}, 500, minutes{-7}};
        const auto klines = world.core->klines(sym("BTCUSDT"), query).value();
        ASSERT_EQ(klines.size(), 500U);
        EXPECT_FALSE(klines.back().closed);
        for (std::size_t i = 0; i < klines.size(); ++i) {
            const Kline& kline = klines[i];
            EXPECT_EQ(kline_open(query.interval, kline.open_time, query.zone), kline.open_time);
            EXPECT_EQ(kline.interval, query.interval);
            if (i > 0) {
                EXPECT_EQ(klines[i - 1].close_time + base::milliseconds{1}, kline.open_time);
            }
            if (i + 1 < klines.size()) {
                EXPECT_TRUE(kline.closed);
            }
            if (kline.synthetic) continue;
            domain::Quantity volume;
            std::int64_t count = 0;
            domain::Price high;
            for (const TradeEvent& trade : world.sink.trades) {
                if (trade.time < kline.open_time || trade.time >= kline.close_time + base::milliseconds{1})
                    continue;
                volume += trade.quantity;
                high = std::max(high, trade.price);
                ++count;
            }
            EXPECT_EQ(kline.volume, volume);
            EXPECT_EQ(kline.high, high);
            EXPECT_EQ(kline.trade_count, count);
            ++compared;
        }
    }
    EXPECT_GE(compared, 1);
}

TEST(MarketStatistics, MonthsAreCalendarMonths) {
    CoreWorld world;
    world.play(CoreWorld::book());
    const auto klines = world.core->klines(sym("BTCUSDT"), {month_interval, {}, {}, 3}).value();
    ASSERT_EQ(klines.size(), 3U);
    EXPECT_EQ(klines[0].open_time, utc(2024, 6, 1));
    EXPECT_EQ(klines[1].open_time, utc(2024, 7, 1));
    EXPECT_EQ(klines[2].open_time, utc(2024, 8, 1));
    EXPECT_EQ(klines[1].close_time, utc(2024, 8, 1) - base::milliseconds{1});
    const auto zone = world.core->klines(sym("BTCUSDT"), {month_interval, {}, {}, 2, hours{8}}).value();
    ASSERT_EQ(zone.size(), 2U);
    EXPECT_EQ(zone[1].open_time, utc(2024, 7, 31, 16));
}

// Windows that begin after the market did are nothing but their trades.
TEST(MarketStatistics, TickersCountTheTradesOfTheirWindow) {
    CoreWorld world;
    world.core->attach(generated(22), domain::Rate::of(1), CoreWorld::at(0));
    world.core->advance(CoreWorld::at(10 * 60'000 + 500));
    for (const std::int64_t minute : {1, 3, 7, 10}) {
        const auto open = CoreWorld::at(minute * 60'000);
        const PriceStatistics statistics = world.core->statistics(sym("BTCUSDT"), open).value();
        std::vector<TradeEvent> trades;
        domain::Price previous;
        for (const TradeEvent& trade : world.sink.trades) {
            if (trade.time >= open) trades.push_back(trade);
            if (trade.time < open) previous = trade.price;
        }
        ASSERT_FALSE(trades.empty());
        domain::Quantity volume;
        domain::Amount value;
        for (const TradeEvent& trade : trades) {
            volume += trade.quantity;
            value += trade.quote_quantity;
        }
        const auto by_price = [](const TradeEvent& a, const TradeEvent& b) { return a.price < b.price; };
        EXPECT_EQ(statistics.open, trades.front().price);
        EXPECT_EQ(statistics.last, trades.back().price);
        EXPECT_EQ(statistics.high, std::max_element(trades.begin(), trades.end(), by_price)->price);
        EXPECT_EQ(statistics.low, std::min_element(trades.begin(), trades.end(), by_price)->price);
        EXPECT_EQ(statistics.volume, volume);
        EXPECT_EQ(statistics.quote_volume, value);
        EXPECT_EQ(statistics.count, static_cast<std::int64_t>(trades.size()));
        EXPECT_EQ(statistics.first_trade_id, trades.front().trade_id.value);
        EXPECT_EQ(statistics.last_trade_id, trades.back().trade_id.value);
        EXPECT_EQ(statistics.last_quantity, trades.back().quantity);
        EXPECT_EQ(statistics.previous, previous);
        EXPECT_GE(statistics.weighted_average(), statistics.low);
        EXPECT_LE(statistics.weighted_average(), statistics.high);
    }
}

// A day's window reaches into the history, like the klines do.
TEST(MarketStatistics, TheFirstDayReachesIntoTheHistory) {
    CoreWorld world;
    world.play(CoreWorld::book());
    world.core->advance(CoreWorld::at(60'000));
    const auto open = CoreWorld::at(60'000) - hours{24};
    const PriceStatistics quiet = world.core->statistics(sym("BTCUSDT"), open).value();
    const auto hour = world.core->klines(sym("BTCUSDT"), {interval("1m"), open, {}, 1}).value();
    EXPECT_EQ(quiet.open, hour.front().open);
    EXPECT_EQ(quiet.last, px("100"));
    EXPECT_LE(quiet.low, std::min(quiet.open, quiet.last));
    EXPECT_GE(quiet.high, std::max(quiet.open, quiet.last));
    EXPECT_TRUE(quiet.volume.is_positive());
    EXPECT_EQ(quiet.first_trade_id, -1);
    ASSERT_TRUE(
        world.core->place(world.alice, market_order(domain::Side::buy, "0.5"), CoreWorld::at(60'001)));
    const PriceStatistics traded = world.core->statistics(sym("BTCUSDT"), open).value();
    EXPECT_EQ(traded.volume, quiet.volume + qty("0.5"));
    EXPECT_EQ(traded.count, quiet.count + 1);
    EXPECT_EQ(traded.last, px("100.01"));
    EXPECT_EQ(traded.first_trade_id, traded.last_trade_id);
    // No market, no numbers.
    const PriceStatistics none = world.core->statistics(sym("BNBUSDT"), open).value();
    EXPECT_TRUE(none.last.is_zero());
    EXPECT_EQ(none.count, 0);
}

TEST(MarketStatistics, ChangeIsRoundedToThousandthsOfAPercent) {
    PriceStatistics statistics;
    statistics.open = px("99");
    statistics.last = px("4.000002");
    EXPECT_EQ(statistics.change().str(), "-94.999998");
    EXPECT_EQ(statistics.change_milli_percent(), -95'960);
    statistics.open = px("3");
    statistics.last = px("3.00005");  // 0.0016666 %
    EXPECT_EQ(statistics.change_milli_percent(), 2);
    statistics.volume = qty("3");
    statistics.quote_volume = amt("10");
    EXPECT_EQ(statistics.weighted_average(), px("3.33333333"));
    EXPECT_EQ(PriceStatistics{}.change_milli_percent(), 0);
    EXPECT_TRUE(PriceStatistics{}.weighted_average().is_zero());
}

// The streams of tickers are told once a second, of the symbols that have traded.
TEST(MarketStatistics, TellsOnceASecondWhoHasTraded) {
    CoreWorld world;
    auto script = CoreWorld::book();
    script->at_ms(500, print_of("100.01", "1", false)).at_ms(700, print_of("100.01", "1", false));
    script->at_ms(3'100, print_of("100.02", "1", false));
    world.play(std::move(script));
    world.core->advance(CoreWorld::at(10'000));
    using Told = std::vector<std::pair<domain::Symbol, base::ExchangeTime>>;
    EXPECT_EQ(world.sink.traded,
              (Told{{sym("BTCUSDT"), CoreWorld::at(1'000)}, {sym("BTCUSDT"), CoreWorld::at(4'000)}}));
}

// "externalLockUpdate": what somebody outside locks cannot be spent, and is not an order's to release.
TEST(MarketStatistics, ExternalLocksMoveTheFreeBalance) {
    CoreWorld world;
    world.play(CoreWorld::book());
    const auto lock = [&](std::string_view delta) {
        return world.core->external_lock(world.alice, ast("USDT"), amt(delta), CoreWorld::at(5));
    };
    ASSERT_TRUE(lock("9990"));
    EXPECT_EQ(world.balance(world.alice, "USDT"), (domain::Balance{ast("USDT"), amt("10"), amt("9990")}));
    EXPECT_EQ(lock("10.00000001").error().code, -2010);
    EXPECT_EQ(lock("-9990.00000001").error().code, -2010);
    const auto refused =
        world.core->place(world.alice, limit_order(domain::Side::buy, "1", "99"), CoreWorld::at(6));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, -2010);
    ASSERT_TRUE(lock("-9990"));
    EXPECT_EQ(world.balance(world.alice, "USDT"), (domain::Balance{ast("USDT"), amt("10000"), {}}));
    ASSERT_EQ(world.sink.external_locks.size(), 2U) << "nothing of what was refused";
    EXPECT_EQ(world.sink.external_locks[1].second.delta, amt("-9990"));
    ASSERT_EQ(world.sink.positions.size(), 2U);
    EXPECT_EQ(world.sink.positions[0].second.balances.at(0).locked, amt("9990"));
}

}  // namespace
}  // namespace vigil::exchange
