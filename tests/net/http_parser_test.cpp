#include "net/http_parser.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>

#include "net/http_write.h"

namespace vigil::net {
namespace {

constexpr HttpLimits limits{4096, 1U << 16U};

/// Feeds `bytes` in pieces as a stream would: what is not used up is offered again.
template <class Parser>
base::Result<std::string> feed_in_pieces(Parser& parser, std::string_view bytes, std::size_t piece) {
    std::string held;
    while (!bytes.empty() || !held.empty()) {
        held += bytes.substr(0, piece);
        bytes.remove_prefix(std::min(piece, bytes.size()));
        const auto used = parser.feed(held.data(), held.size());
        if (!used) return base::fail(used.error());
        held.erase(0, *used);
        if (parser.done() || bytes.empty()) break;
    }
    return held + std::string{bytes};
}

TEST(HttpRequestParser, TakesARequestApartWhicheverWayItIsCut) {
    const std::string bytes =
        "POST /api/v3/order?symbol=BTCUSDT&a=%5B1%5D HTTP/1.1\r\nHost: x\r\nx-mbx-apikey: "
        "k\r\nContent-Length: 5\r\n\r\n"
        "helloGET /next";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        HttpRequestParser parser{limits};
        EXPECT_FALSE(parser.begun());
        const auto rest = feed_in_pieces(parser, bytes, piece);
        ASSERT_TRUE(rest) << rest.error().message;
        ASSERT_TRUE(parser.done());
        EXPECT_TRUE(parser.keep_alive());
        EXPECT_FALSE(parser.wants_websocket());
        const HttpRequest request = parser.take();
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.target, "/api/v3/order?symbol=BTCUSDT&a=%5B1%5D");
        EXPECT_EQ(request.path(), "/api/v3/order");
        EXPECT_EQ(request.query(), "symbol=BTCUSDT&a=%5B1%5D");
        EXPECT_EQ(request.headers.find("X-MBX-APIKEY"), "k");
        EXPECT_EQ(request.headers.find("absent"), std::nullopt);
        EXPECT_EQ(request.body, "hello");
        EXPECT_EQ(*rest, "GET /next");
        EXPECT_FALSE(parser.done());
    }
}

TEST(HttpRequestParser, SeesAnUpgradeOnlyWhenAllOfItIsThere) {
    const std::string whole =
        "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const auto wants = [](const std::string& bytes) {
        HttpRequestParser parser{limits};
        EXPECT_TRUE(parser.feed(bytes.data(), bytes.size()));
        return parser.done() && parser.wants_websocket();
    };
    EXPECT_TRUE(wants(whole));
    for (const char* needed :
         {"Upgrade: websocket\r\n", "Sec-WebSocket-Version: 13\r\n", "Connection: keep-alive, Upgrade\r\n",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"}) {
        std::string cut = whole;
        cut.erase(cut.find(needed), std::string_view{needed}.size());
        EXPECT_FALSE(wants(cut)) << needed;
    }
}

TEST(HttpRequestParser, BoundsHeaderLineAndBody) {
    const auto kind = [](const std::string& bytes, std::size_t piece) -> std::optional<base::ErrorKind> {
        HttpRequestParser parser{limits};
        const auto fed = feed_in_pieces(parser, bytes, piece);
        return fed ? std::nullopt : std::optional{fed.error().kind};
    };
    const std::string endless_line = "GET /" + std::string(100'000, 'a');
    const std::string endless_header = "GET / HTTP/1.1\r\nA: " + std::string(100'000, 'a');
    std::string many = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 1000; ++i) many += "h" + std::to_string(i) + ": x\r\n";
    const std::string body = "POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n" + std::string(70'000, 'b');
    const std::string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n11171\r\n" +
                                std::string(70'001, 'b') + "\r\n0\r\n\r\n";
    const std::string extension = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                                  std::string(100'000, 'e') + "=1\r\nx\r\n0\r\n\r\n";
    for (const std::string& bytes : {endless_line, endless_header, many, body, chunked, extension})
        for (const std::size_t piece : {1000U, 8000U})
            EXPECT_EQ(kind(bytes, piece), base::ErrorKind::exhausted)
                << bytes.substr(0, 60) << " by " << piece;
}

TEST(HttpRequestParser, RefusesWhatTwoReadersCouldReadDifferently) {
    for (const char* bytes : {
             "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
             "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
             "POST / HTTP/1.1\r\nContent-Length: 5x\r\n\r\nhello",
             "GET / HTTP/1.1\r\nBad Name: x\r\n\r\n",
             "GET / HTTP/1.1\r\nName : x\r\n\r\n",
             "GET  / HTTP/1.1\r\n\r\n",
             "GET / HTTP/3.0\r\n\r\n",
             "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 client hello in the clear\r\n\r\n",
         }) {
        HttpRequestParser parser{limits};
        const auto fed = parser.feed(bytes, std::string_view{bytes}.size());
        EXPECT_FALSE(fed) << bytes;
    }
}

TEST(HttpResponseParser, KnowsWhereABodyEnds) {
    HttpResponseParser parser{limits};
    const std::string with_length =
        "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\nContent-Length: 2\r\n\r\n{}rest";
    auto rest = feed_in_pieces(parser, with_length, 3);
    ASSERT_TRUE(rest);
    EXPECT_EQ(*rest, "rest");
    HttpResponse response = parser.take();
    EXPECT_EQ(response.status, 429);
    EXPECT_EQ(response.headers.find("retry-after"), "7");
    EXPECT_EQ(response.body, "{}");
    EXPECT_TRUE(parser.keep_alive());

    parser.begin(false);
    rest = feed_in_pieces(
        parser, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
        1);
    ASSERT_TRUE(rest) << rest.error().message;
    EXPECT_EQ(parser.take().body, "abcde");

    parser.begin(false);
    rest = feed_in_pieces(parser, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", 4);
    ASSERT_TRUE(rest);
    EXPECT_FALSE(parser.done());
    EXPECT_TRUE(parser.feed_end());
    EXPECT_TRUE(parser.done());
    EXPECT_EQ(parser.take().body, "until the end");
    EXPECT_FALSE(parser.keep_alive());

    parser.begin(true);
    rest = feed_in_pieces(parser, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", 1000);
    ASSERT_TRUE(rest);
    EXPECT_TRUE(parser.done()) << "the answer to a HEAD has no body";

    parser.begin(false);
    rest = feed_in_pieces(
        parser, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204 No\r\n\r\n", 5);
    ASSERT_TRUE(rest) << rest.error().message;
    ASSERT_TRUE(parser.done());
    EXPECT_EQ(parser.take().status, 204);
}

TEST(HttpResponseParser, TheLastChunkComesInWhateverPieces) {
    const std::string bytes =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nTrailer: x\r\n\r\n";
    const std::string empty = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    for (const std::string* each : {&bytes, &empty}) {
        const std::string& answer = *each;
        for (std::size_t first = 1; first < answer.size(); ++first) {
            HttpResponseParser parser{limits};
            // One piece, and then byte by byte.
            const auto used = parser.feed(answer.data(), first);
            ASSERT_TRUE(used) << used.error().message;
            const auto rest = feed_in_pieces(parser, std::string_view{answer}.substr(*used), 1);
            ASSERT_TRUE(rest) << rest.error().message;
            ASSERT_TRUE(parser.done()) << first;
            EXPECT_EQ(*rest, "");
            EXPECT_EQ(parser.take().body, &answer == &empty ? "" : "{}");
        }
    }
}

TEST(HttpResponseParser, ACutAnswerIsNoAnswer) {
    for (const char* bytes :
         {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "HTTP/1.1 200 OK\r\nContent-Le",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"}) {
        HttpResponseParser parser{limits};
        ASSERT_TRUE(parser.feed(bytes, std::string_view{bytes}.size())) << bytes;
        const auto end = parser.feed_end();
        ASSERT_FALSE(end) << bytes;
    }
    HttpResponseParser parser{limits};
    EXPECT_EQ(parser.feed_end().error().kind, base::ErrorKind::unavailable);
}

TEST(HttpResponseParser, DamagedAnswersNeverDoHarm) {
    constexpr unsigned seed = 9110;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int round = 0; round < 3000; ++round) {
        std::string bytes =
            random() % 2 == 0
                ? "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 20\r\n\r\n01234567890123456789"
                : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        for (auto flips = 1 + random() % 5; flips > 0; --flips)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        HttpResponseParser parser{limits};
        const auto fed = feed_in_pieces(parser, bytes, 1 + random() % 40);
        if (!fed) {
            EXPECT_NE(fed.error().message, "");
        } else if (parser.done()) {
            EXPECT_LE(parser.take().body.size(), bytes.size());
        }
    }
}

TEST(HttpWrite, RefusesWhatWouldSmuggleASecondRequest) {
    EXPECT_TRUE(check_request({"GET", "/a?b=c", Headers{{"X-Key", "v v"}}, ""}));
    EXPECT_FALSE(check_request({"GET /", "/", {}, ""}));
    EXPECT_FALSE(check_request({"GET", "/a b", {}, ""}));
    EXPECT_FALSE(check_request({"GET", "a", {}, ""}));
    EXPECT_FALSE(check_request({"GET", "/\r\nX: y", {}, ""}));
    EXPECT_FALSE(check_request({"GET", "/", Headers{{"X", "a\r\nY: b"}}, ""}));
    EXPECT_FALSE(check_request({"GET", "/", Headers{{"X Y", "a"}}, ""}));
    EXPECT_FALSE(check_request({"GET", "/", Headers{{"", "a"}}, ""}));
}

TEST(HttpWrite, WhatIsWrittenCanBeRead) {
    const std::string bytes = write_request({"POST", "/x", Headers{{"A", "b"}}, "body"}, "h:1");
    HttpRequestParser parser{limits};
    ASSERT_TRUE(parser.feed(bytes.data(), bytes.size()));
    ASSERT_TRUE(parser.done());
    const HttpRequest back = parser.take();
    EXPECT_EQ(back.headers.find("host"), "h:1");
    EXPECT_EQ(back.body, "body");

    const std::string answer = write_response({418, Headers{{"Retry-After", "9"}}, "x"}, true, false);
    HttpResponseParser reader{limits};
    ASSERT_TRUE(reader.feed(answer.data(), answer.size()));
    ASSERT_TRUE(reader.done());
    EXPECT_TRUE(reader.keep_alive());
    EXPECT_EQ(reader.take().body, "x");
    EXPECT_NE(answer.find("\r\nDate: "), std::string::npos);
}

}  // namespace
}  // namespace vigil::net
