// Records hold what they were given, bounded; their three renderings agree.
#include "log/record.h"

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "domain/decimal.h"
#include "domain/names.h"
#include "log/catalogue.h"
#include "log/format.h"
#include "log/journal_fields.h"
#include "log/recording_logger.h"

namespace vigil::log {
namespace {

using namespace std::chrono_literals;

struct SecretLike {
    char bytes[32];
};
static_assert(!Loggable<SecretLike>);
static_assert(!Loggable<char>);
static_assert(!Loggable<double>);
static_assert(!Loggable<void*>);
static_assert(Loggable<domain::Price>);
static_assert(Loggable<domain::Symbol>);
static_assert(Loggable<domain::OrderId>);
static_assert(Loggable<std::string>);

Record rejected(std::string_view reason) {
    return Record{Event::order_rejected,
                  {field("strategy", "grid-1"), field("symbol", "BTCUSDT"), field("client_order_id", "v1"),
                   field("code", -2010), field("reason", reason)}};
}

TEST(Record, KeepsEveryKindOfField) {
    const auto symbol = domain::Symbol::from("BTCUSDT");
    const Record record{Event::order_filled,
                        {field("symbol", *symbol), field("trade_id", domain::TradeId{42}),
                         field("price", domain::Price::literal("61556.04")),
                         decimal("quantity", "0.00010000"), field("complete", true)}};
    EXPECT_EQ(record.find("symbol")->text, "BTCUSDT");
    EXPECT_EQ(record.find("trade_id")->number, 42);
    EXPECT_EQ(record.find("price")->text, "61556.04");
    EXPECT_EQ(record.find("quantity")->text, "0.00010000");
    EXPECT_EQ(record.find("complete")->number, 1);
    EXPECT_FALSE(record.find("side").has_value());
    const Record waited{Event::order_accepted, {field("latency_us", 1500us)}};
    EXPECT_EQ(waited.find("latency_us")->number, 1'500'000);
}

TEST(Record, PrintsDecimalsLikeTheDomain) {
    for (const std::int64_t raw :
         {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{100'000'000},
          std::int64_t{-12'345'678'900}, std::int64_t{10'000'001}, std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min()}) {
        const auto price = domain::Price::from_raw(raw);
        const Record record{Event::order_filled, {field("price", price)}};
        EXPECT_EQ(record.find("price")->text, price.str());
    }
}

TEST(Record, SaturatesUnsignedNumbers) {
    const Record record{Event::log_dropped, {field("quiet", std::numeric_limits<std::uint64_t>::max())}};
    EXPECT_EQ(record.find("quiet")->number, std::numeric_limits<std::int64_t>::max());
}

TEST(Record, BoundsTextAtACharacterBoundaryAndSaysSo) {
    std::string long_text(Record::max_text_bytes - 1, 'x');
    long_text += "\xe2\x82\xac";  // would be cut in its middle
    const Record record = rejected(long_text);
    EXPECT_EQ(record.find("reason")->text, std::string(Record::max_text_bytes - 1, 'x'));
    EXPECT_TRUE(record.cut(4));
    EXPECT_FALSE(record.cut(3));
    EXPECT_TRUE(message(record).ends_with("x...")) << message(record);
}

TEST(Record, AllTextsTogetherAreBounded) {
    const std::string text(Record::max_text_bytes, 'x');
    const Record record{Event::reconcile_mismatch,
                        {field("what", text), field("ours", text), field("theirs", text)}};
    EXPECT_EQ(record.at(0).text.size() + record.at(1).text.size() + record.at(2).text.size(),
              Record::text_capacity);
    EXPECT_TRUE(record.cut(2));
}

TEST(Record, CopiesAreEqualAndIndependent) {
    Record first = rejected("signature=abc");
    Record second = first;
    second.redact_texts();
    EXPECT_EQ(first.find("reason")->text, "signature=abc");
    EXPECT_EQ(second.find("reason")->text, "signature=***");
    first = second;
    EXPECT_EQ(first.find("reason")->text, "signature=***");
    EXPECT_EQ(first.where().line, second.where().line);
}

#ifndef NDEBUG
TEST(RecordDeathTest, FieldsMustBeInTheCatalogue) {
    EXPECT_DEATH((Record{Event::order_rejected, {field("colour", "red")}}), "declared in the catalogue");
    EXPECT_DEATH((Record{Event::order_rejected, {field("code", "red")}}), "declared in the catalogue");
}
#endif

TEST(Format, MessageFillsTheTemplate) {
    EXPECT_EQ(message(rejected("no money\n")),
              "BTCUSDT: v1 of grid-1 rejected by the exchange (-2010): no money\\n");
    EXPECT_EQ(message(Record{Event::daemon_ready, {field("took_ms", 1234ms)}}),
              "ready after 1.2 s: ? strategies on ?");
}

TEST(Format, DurationsGetAFittingUnit) {
    const auto shown = [](std::chrono::nanoseconds value) {
        return message(Record{Event::market_fresh, {field("symbol", "X"), field("silent_ms", value)}});
    };
    EXPECT_EQ(shown(0ns), "X: market data flow again after 0 ns");
    EXPECT_EQ(shown(999ns), "X: market data flow again after 999 ns");
    EXPECT_EQ(shown(12'500us), "X: market data flow again after 12.5 ms");
    EXPECT_EQ(shown(-1500us), "X: market data flow again after -1.5 ms");
    EXPECT_EQ(shown(90s), "X: market data flow again after 1.5 min");
    EXPECT_EQ(shown(25h), "X: market data flow again after 25 h");
    EXPECT_EQ(shown(std::chrono::nanoseconds::min()), "X: market data flow again after -2562047.7 h");
}

TEST(Format, TimesAreUtcWithMicroseconds) {
    EXPECT_EQ(rfc3339(base::WallTime{}), "1970-01-01T00:00:00.000000Z");
    EXPECT_EQ(rfc3339(base::WallTime{base::microseconds{1'723'161'253'000'123}}),
              "2024-08-08T23:54:13.000123Z");
    EXPECT_EQ(rfc3339(base::WallTime{base::microseconds{-1}}), "1969-12-31T23:59:59.999999Z");
}

TEST(Format, JsonLinesAreOneValidObjectWithExactNumbers) {
    Record record{
        Event::order_filled,
        {field("symbol", "BTC\"\\USDT\n\xff"), field("trade_id", std::numeric_limits<std::int64_t>::max()),
         field("price", domain::Price::literal("0.00000001")), field("complete", false)}};
    record.stamp(base::WallTime{base::microseconds{1'723'161'253'000'123}});
    const std::string line = json_line(record);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json.at("time"), "2024-08-08T23:54:13.000123Z");
    EXPECT_EQ(json.at("event"), "order.filled");
    EXPECT_EQ(json.at("severity"), "notice");
    EXPECT_EQ(json.at("fields").at("symbol"), "BTC\"\\USDT\n\xef\xbf\xbd");
    EXPECT_EQ(json.at("fields").at("trade_id"), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(json.at("fields").at("price"), "0.00000001");
    EXPECT_EQ(json.at("fields").at("complete"), false);
    EXPECT_TRUE(json.at("source").get<std::string>().starts_with("record_test.cpp:"));
}

TEST(Format, DurationsAreWholeNumbersInTheNamedUnit) {
    const auto json = nlohmann::json::parse(
        json_line(Record{Event::governor_cooled_down, {field("wait_ms", 1500us), field("status", 503)}}));
    EXPECT_EQ(json.at("fields").at("wait_ms"), 1);
    EXPECT_EQ(json.at("fields").at("status"), 503);
}

TEST(Format, ConsoleLineTellsTheRemedyOfErrors) {
    Record record{Event::risk_daily_loss,
                  {decimal("loss", "51.2"), decimal("limit", "50"), field("asset", "USDT")}};
    record.stamp(base::WallTime{base::microseconds{1'723'161'253'004'123}});
    const std::string line = console_line(record);
    EXPECT_TRUE(line.starts_with("23:54:13.004 error    risk.daily_loss  the day's loss of 51.2 USDT"))
        << line;
    EXPECT_NE(line.find(spec(Event::risk_daily_loss).remedy), std::string::npos);
    EXPECT_EQ(console_line(rejected("x")).find('['), std::string::npos);
}

TEST(JournalFields, AreNative) {
    const std::vector<std::string> fields = journal_fields(rejected("a\nb"), "vigild");
    const auto has = [&](std::string_view wanted) {
        return std::find(fields.begin(), fields.end(), wanted) != fields.end();
    };
    EXPECT_TRUE(has("PRIORITY=4"));
    EXPECT_TRUE(has("SYSLOG_IDENTIFIER=vigild"));
    EXPECT_TRUE(has("VIGIL_EVENT=order.rejected"));
    EXPECT_TRUE(has("VIGIL_CLIENT_ORDER_ID=v1"));
    EXPECT_TRUE(has("VIGIL_CODE=-2010"));
    EXPECT_TRUE(has("VIGIL_REASON=a\\nb"));
    EXPECT_TRUE(has("MESSAGE_ID=" + std::string{spec(Event::order_rejected).message_id}));
    EXPECT_TRUE(has("CODE_FUNC=rejected"));
    EXPECT_TRUE(std::any_of(fields.begin(), fields.end(), [](const std::string& each) {
        return each.starts_with("CODE_FILE=") && each.ends_with("record_test.cpp");
    }));
}

TEST(RecordingLogger, KeepsTheNewestRedactedAndCountsAll) {
    RecordingLogger logger{2};
    logger.emit(Event::order_unknown, {field("reason", "signature=abc")});
    logger.emit(Event::daemon_ready);
    logger.emit(rejected("apiKey=abc"));
    EXPECT_EQ(logger.records().size(), 2U);
    EXPECT_FALSE(logger.last(Event::order_unknown).has_value());
    EXPECT_EQ(logger.last(Event::order_rejected)->find("reason")->text, "apiKey=***");
    EXPECT_EQ(logger.counts().of(Event::order_unknown), 1U);
    EXPECT_EQ(logger.counts().of(Severity::warning), 2U);
    EXPECT_EQ(logger.counts().anomalies(), 2U);
}

}  // namespace
}  // namespace vigil::log
