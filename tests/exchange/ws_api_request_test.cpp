#include "exchange/ws_api_request.h"

#include <gtest/gtest.h>

#include <random>

#include "net/ws_client.h"

namespace vigil::exchange {
namespace {

class WsApiRequests : public testing::Test {
  protected:
    std::string read(std::string_view frame) {
        buffer_.assign(frame);
        buffer_.append(net::text_padding_bytes, '\0');
        const auto error = reader_.read({buffer_.data(), frame.size()}, request, parameters);
        return error ? std::to_string(error->code) : "ok";
    }

    WsApiReader reader_;
    std::string buffer_;
    WsApiRequest request;
    ParameterList parameters;
};

// web-socket-api.md, "Request format".
TEST_F(WsApiRequests, ReadsTheDocumentationsExample) {
    ASSERT_EQ(read(R"({
    "id": "e2a85d9f-07a5-4f94-8d5f-789dc3deb097",
    "method": "order.place",
    "params": {
        "symbol": "BTCUSDT",
        "price": "0.1",
        "timestamp": 1655716096498
    }
})"),
              "ok");
    EXPECT_EQ(request.id, "\"e2a85d9f-07a5-4f94-8d5f-789dc3deb097\"");
    EXPECT_EQ(request.method, "order.place");
    ASSERT_EQ(parameters.size(), 3U);
    EXPECT_EQ(parameters.value("price"), "0.1");
    EXPECT_EQ(parameters.value("timestamp"), "1655716096498");
}

// What was signed is the text of a number, not its value.
TEST_F(WsApiRequests, NumbersKeepTheirText) {
    ASSERT_EQ(read(R"({"id":1,"method":"m","params":{"a":0.10,"b":5.0 ,"c":-1,"d":1e3
,"e":true,"f":null,"g":["A","B"] ,"h":{"x":[1,2]}}})"),
              "ok");
    EXPECT_EQ(parameters.value("a"), "0.10");
    EXPECT_EQ(parameters.value("b"), "5.0");
    EXPECT_EQ(parameters.value("c"), "-1");
    EXPECT_EQ(parameters.value("d"), "1e3");
    EXPECT_EQ(parameters.value("e"), "true");
    EXPECT_EQ(parameters.value("f"), "");
    EXPECT_EQ(parameters.value("g"), R"(["A","B"])");
    EXPECT_EQ(parameters.value("h"), R"({"x":[1,2]})");
}

TEST_F(WsApiRequests, TheOrderOfMembersDoesNotMatter) {
    ASSERT_EQ(read(R"({"params":{"a":"b"},"method":"time","id":null,"extra":{"deep":[{}]}})"), "ok");
    EXPECT_EQ(request.id, "null");
    EXPECT_EQ(request.method, "time");
    EXPECT_EQ(parameters.value("a"), "b");
    ASSERT_EQ(read(R"({"method":"ping","id":7})"), "ok");
    EXPECT_EQ(parameters.size(), 0U);
    ASSERT_EQ(read(R"({"method":"ping","id":7,"params":null})"), "ok");
}

TEST_F(WsApiRequests, UnescapesTexts) {
    ASSERT_EQ(read(R"({"id":"a\"b","method":"time","params":{"s":"\uFF11","t":"\"\\"}})"), "ok");
    EXPECT_EQ(request.id, R"("a\"b")") << "echoed as it came";
    EXPECT_EQ(parameters.value("s"), "\xEF\xBC\x91");
    EXPECT_EQ(parameters.value("t"), "\"\\");
}

TEST_F(WsApiRequests, RefusesWhatIsNoRequest) {
    for (const std::string_view frame : {"",
                                         " ",
                                         "{",
                                         "}",
                                         "null",
                                         "[]",
                                         "1",
                                         "\"x\"",
                                         "{}{}",
                                         R"({"id":1,"method":"m"}x)",
                                         R"({"id":1,"method":"m",})",
                                         R"({"id":1 "method":"m"})",
                                         R"({"id":1.5,"method":"m"})",
                                         R"({"id":[1],"method":"m"})",
                                         R"({"id":true,"method":"m"})",
                                         R"({"id":1,"method":5})",
                                         R"({"id":1,"method":"m","params":[1]})",
                                         R"({"id":1,"method":"m","params":"a"})",
                                         R"({"id":1,"method":"m","params":{"a":tru}})",
                                         R"({"id":1,"method":"m","params":{"a":01}})",
                                         R"({"id":1,"method":"m","params":{"a":"b})",
                                         "{\"id\":1,\"method\":\"\xFF\"}",
                                         R"({"id":123456789012345678901234567890,"method":"m"})"}) {
        EXPECT_EQ(read(frame), "-1135") << frame;
    }
    EXPECT_EQ(read(R"({"method":"m"})"), "-1102");
    EXPECT_EQ(read(R"({"id":1})"), "-1102");
    EXPECT_EQ(read(R"({"id":1,"method":"m","params":{"a":1,"a":2}})"), "-1101");
}

TEST_F(WsApiRequests, BoundsTheNumberOfParameters) {
    std::string frame = R"({"id":1,"method":"m","params":{)";
    for (std::size_t i = 0; i <= ParameterList::count_max; ++i)
        frame += (i > 0 ? ",\"p" : "\"p") + std::to_string(i) + "\":1";
    frame += "}}";
    EXPECT_EQ(read(frame), "-1101");
}

// Any damage to a good frame is either harmless or refused.
TEST_F(WsApiRequests, SurvivesDamagedFrames) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const std::string good =
        R"({"id":"a1","method":"order.place","params":{"symbol":"BTCUSDT","price":0.1,"list":["A",{"b":null}],"x":true}})";
    constexpr std::string_view bytes = "{}[]\",:\\ \n0-9eE.tfnu\x01\xC3\xFF";
    int refused = 0;
    for (int round = 0; round < 50'000; ++round) {
        std::string frame = good;
        const std::size_t edits = 1 + random() % 3;
        for (std::size_t i = 0; i < edits; ++i) {
            const std::size_t at = random() % frame.size();
            switch (random() % 3) {
                case 0:
                    frame[at] = bytes[random() % bytes.size()];
                    break;
                case 1:
                    frame.erase(at, 1 + random() % 5);
                    break;
                default:
                    frame.insert(at, 1, bytes[random() % bytes.size()]);
            }
            if (frame.empty()) frame = "{";
        }
        if (read(frame) != "ok") ++refused;
    }
    EXPECT_GT(refused, 1000);
    EXPECT_EQ(read(good), "ok");
}

}  // namespace
}  // namespace vigil::exchange
