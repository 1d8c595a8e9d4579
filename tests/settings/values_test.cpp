#include "settings/values.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace vigil::settings {
namespace {

using base::milliseconds;

TEST(Duration, ReadsEveryUnit) {
    EXPECT_EQ(parse_duration("250ms").value(), milliseconds{250});
    EXPECT_EQ(parse_duration("5s").value(), milliseconds{5'000});
    EXPECT_EQ(parse_duration("10m").value(), milliseconds{600'000});
    EXPECT_EQ(parse_duration("1h").value(), milliseconds{3'600'000});
    EXPECT_EQ(parse_duration("7d").value(), milliseconds{604'800'000});
    EXPECT_EQ(parse_duration("0ms").value(), milliseconds{0});
}

TEST(Duration, SaysWhatIsWrong) {
    const auto message = [](std::string_view text) {
        const auto result = parse_duration(text);
        return result ? std::string{"accepted"} : result.error().message;
    };
    EXPECT_EQ(message("5"), "\"5\" has no unit: write 5ms, 5s, 5m, 5h or 5d");
    EXPECT_EQ(message("1.5s"), "\"1.5s\" is no whole number: write 1500ms instead of 1.5s");
    EXPECT_EQ(message("5sec"), "\"5sec\" has an unknown unit: there are ms, s, m, h and d");
    EXPECT_EQ(message("0x5s"), "\"0x5s\" has an unknown unit: there are ms, s, m, h and d");
    EXPECT_EQ(message("5 s"), "\"5 s\" has an unknown unit: there are ms, s, m, h and d");
    EXPECT_EQ(message("99999999999999999999d"), "\"99999999999999999999d\" is too long a time");
    EXPECT_EQ(message("9223372036854775807d"), "\"9223372036854775807d\" is too long a time");
    for (const char* text : {"", "-5s", "s", "+5s", "fast"})
        EXPECT_NE(message(text).find("is no duration"), std::string::npos) << text;
}

TEST(Duration, IsWrittenAsShortAsExact) {
    for (const char* text : {"1ms", "250ms", "1500ms", "5s", "90s", "10m", "1h", "7d", "36h"})
        EXPECT_EQ(format_duration(parse_duration(text).value()), text);
    EXPECT_EQ(format_duration(milliseconds{60'000}), "1m");
    EXPECT_EQ(format_duration(milliseconds{0}), "0ms");
}

TEST(Percent, IsExact) {
    EXPECT_EQ(parse_percent("0.5%").value(), domain::Rate::literal("0.005"));
    EXPECT_EQ(parse_percent("100%").value(), domain::Rate::of(1));
    EXPECT_EQ(parse_percent("0.000001%").value(), domain::Rate::from_raw(1));
    EXPECT_EQ(parse_percent("0%").value(), domain::Rate{});
    for (const char* text : {"0.5", "", "%", "0.0000001%", "5 %", "1e1%", "five%", "%5"})
        EXPECT_FALSE(parse_percent(text)) << text;
    EXPECT_EQ(parse_percent("2").error().message,
              "\"2\" is no percentage: write it with its sign, such as 0.5%");
}

TEST(Amount, IsExactAndSaysWhatIsWrong) {
    EXPECT_EQ(parse_amount("61556.04").value(), 6'155'604'000'000);
    EXPECT_EQ(parse_amount("0.00000001").value(), 1);
    EXPECT_EQ(parse_amount("100").value(), 10'000'000'000);
    const auto message = [](std::string_view text) {
        const auto result = parse_amount(text);
        return result ? std::string{"accepted"} : result.error().message;
    };
    EXPECT_EQ(message("1e3"), "\"1e3\" has an exponent: write the decimal out");
    EXPECT_EQ(message("-5"), "\"-5\" must not be negative");
    EXPECT_EQ(message("1,000"), "\"1,000\" has a separator: write digits with a point, such as 61556.04");
    EXPECT_EQ(message("0.123456789"), "\"0.123456789\" has more than 8 decimal places");
    EXPECT_EQ(message("99999999999999999"), "\"99999999999999999\" is too large");
    for (const char* text : {"", "abc", "5 USDT", "$5", "0x10", ".nan", "--5", "1.2.3"})
        EXPECT_NE(message(text).find("is no decimal"), std::string::npos) << text;
}

TEST(Boolean, IsTrueOrFalseOnly) {
    EXPECT_TRUE(parse_boolean("true").value());
    EXPECT_FALSE(parse_boolean("false").value());
    for (const char* text : {"yes", "no", "on", "1", "True", ""}) EXPECT_FALSE(parse_boolean(text)) << text;
}

TEST(Integer, IsWhole) {
    EXPECT_EQ(parse_integer("42").value(), 42);
    EXPECT_EQ(parse_integer("-1").value(), -1);
    for (const char* text : {"", "-", "4.2", "0x10", "1_000", "99999999999999999999", "+1"})
        EXPECT_FALSE(parse_integer(text)) << text;
}

TEST(Symbol, IsWrittenAsTheExchangeDoes) {
    EXPECT_EQ(parse_symbol("BTCUSDT").value().view(), "BTCUSDT");
    EXPECT_EQ(parse_symbol("1INCHUSDT").value().view(), "1INCHUSDT");
    EXPECT_EQ(parse_symbol("１２３４５６").value().view(), "１２３４５６");
    for (const std::string& text : {std::string{}, std::string{"btcusdt"}, std::string{"BTC/USDT"},
                                    std::string{"BTC USDT"}, std::string{"BTC\nUSDT"}, std::string(48, 'A')})
        EXPECT_FALSE(parse_symbol(text)) << text;
}

TEST(Instant, IsUtcAndExists) {
    EXPECT_EQ(parse_instant("2026-08-01T12:00:00Z").value(), base::exchange_time_ms(1'785'585'600'000));
    EXPECT_EQ(parse_instant("1970-01-01T00:00:00Z").value(), base::exchange_time_ms(0));
    EXPECT_EQ(parse_instant("2028-02-29T23:59:59Z").value(), base::exchange_time_ms(1'835'481'599'000));
    for (const char* text :
         {"2026-08-01", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-08-01T24:00:00Z",
          "2026-08-01T12:00:00", "2026-08-01T12:00:00+01:00", "1969-12-31T23:59:59Z", ""})
        EXPECT_FALSE(parse_instant(text)) << text;
}

TEST(Url, HasSchemeHostPortAndPathOnly) {
    EXPECT_EQ(parse_url("https://api.binance.com", "https").value(), "https://api.binance.com");
    EXPECT_EQ(parse_url("https://127.0.0.1:8443/", "https").value(), "https://127.0.0.1:8443");
    EXPECT_EQ(parse_url("wss://[::1]:9443/ws-api/v3", "wss").value(), "wss://[::1]:9443/ws-api/v3");
    EXPECT_EQ(parse_url("wss://[::1]", "wss").value(), "wss://[::1]");
    EXPECT_EQ(parse_url("http://api.binance.com", "https").error().message,
              "\"http://api.binance.com\" must begin with https://");
    for (const char* text :
         {"https://", "https://:443", "https:///path", "https://a:0", "https://a:65536", "https://a:x",
          "https://user@host", "https://host?x=1", "https://host#x", "https://ho st", "", "api.binance.com"})
        EXPECT_FALSE(parse_url(text, "https")) << text;
}

TEST(Address, IsAnIpAddress) {
    EXPECT_EQ(parse_address("203.0.113.7").value(), "203.0.113.7");
    EXPECT_EQ(parse_address("2001:db8::1").value(), "2001:db8::1");
    for (const char* text : {"", "localhost", "1.2.3", "1.2.3.4:80", "300.1.1.1"})
        EXPECT_FALSE(parse_address(text)) << text;
}

}  // namespace
}  // namespace vigil::settings
