#include "net/url.h"

#include <gtest/gtest.h>

namespace vigil::net {
namespace {

TEST(Url, TakesTheExchangesUrlsApart) {
    const auto stream = Url::parse("wss://stream.binance.com:9443/stream");
    ASSERT_TRUE(stream);
    EXPECT_EQ(stream->scheme, Scheme::wss);
    EXPECT_EQ(stream->host, "stream.binance.com");
    EXPECT_EQ(stream->port, 9443);
    EXPECT_EQ(stream->target, "/stream");
    EXPECT_EQ(stream->authority(), "stream.binance.com:9443");
    EXPECT_EQ(stream->str(), "wss://stream.binance.com:9443/stream");

    const auto api = Url::parse("https://API.Binance.com");
    ASSERT_TRUE(api);
    EXPECT_EQ(*api, (Url{Scheme::https, "api.binance.com", 443, "/"}));
    EXPECT_EQ(api->authority(), "api.binance.com");
    EXPECT_TRUE(api->uses_tls());

    const auto query = Url::parse("wss://ws-api.binance.com:443/ws-api/v3?timeUnit=MICROSECOND");
    ASSERT_TRUE(query);
    EXPECT_EQ(query->target, "/ws-api/v3?timeUnit=MICROSECOND");

    const auto v6 = Url::parse("http://[::1]:8080/x");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->host, "::1");
    EXPECT_EQ(v6->authority(), "[::1]:8080");
    EXPECT_FALSE(v6->uses_tls());
}

TEST(Url, RefusesWhatIsNotCertainlyRight) {
    for (const char* text : {"",
                             "binance.com",
                             "ftp://binance.com",
                             "HTTPS://binance.com",
                             "https://",
                             "https:///x",
                             "https://:443/",
                             "https://a b/",
                             "https://a/\n",
                             "https://a/#x",
                             "https://user@a/",
                             "https://user:p@a/",
                             "https://a:0/",
                             "https://a:65536/",
                             "https://a:/",
                             "https://a:+1/",
                             "https://a:1x/",
                             "https://a?x=1",
                             "https://[::1/",
                             "https://[::1]x/",
                             "https://[127.0.0.1]/",
                             "https://[]/",
                             "https://-a/",
                             "https://a-/",
                             "https://.a/",
                             "https://a..b/",
                             "https://a_b/",
                             "https://\xc3\xa9.fr/",
                             "https://a/\xc3\xa9",
                             "https://a\\b/"}) {
        const auto parsed = Url::parse(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().kind, base::ErrorKind::invalid);
    }
    EXPECT_FALSE(Url::parse("https://a/" + std::string(3000, 'x')));
}

TEST(Url, DoesNotRepeatAUserPartInItsMessage) {
    const auto parsed = Url::parse("https://key:hunter2@a/");
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().message.find("hunter2"), std::string::npos);
}

TEST(Url, KnowsLoopback) {
    for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "::1"})
        EXPECT_TRUE(is_loopback(host)) << host;
    for (const char* host : {"localhost.example", "128.0.0.1", "::2", "10.0.0.1", "", "127.0.0.1.example"})
        EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace vigil::net
