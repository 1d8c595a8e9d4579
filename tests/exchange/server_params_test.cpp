#include "exchange/server_params.h"

#include <gtest/gtest.h>

#include <random>

namespace vigil::exchange {
namespace {

constexpr std::array<ParamSpec, 6> specs{{{"symbol", ParamKind::symbol, true},
                                          {"limit", ParamKind::whole, false},
                                          {"price", ParamKind::decimal, false},
                                          {"newClientOrderId", ParamKind::client_order_id, false},
                                          {"flag", ParamKind::boolean, false},
                                          {"word", ParamKind::text, false}}};

std::optional<RequestError> bound(std::string_view query, Arguments& arguments) {
    static ParameterList list;
    list.clear();
    if (auto error = list.parse_form(query, {})) return error;
    return bind(specs, {}, list, arguments);
}
std::optional<RequestError> bound(std::string_view query) {
    Arguments arguments;
    return bound(query, arguments);
}
std::string text_of(const std::optional<RequestError>& error) {
    return error ? std::to_string(error->code) + " " + error->message : "ok";
}

TEST(ServerParams, ReadsEveryKind) {
    Arguments arguments;
    EXPECT_EQ(text_of(bound("symbol=BTCUSDT&limit=5&price=0.00100000&newClientOrderId=a-B_9&flag=true&word=x",
                            arguments)),
              "ok");
    EXPECT_EQ(arguments.text(0), "BTCUSDT");
    EXPECT_EQ(arguments.number(1), 5);
    EXPECT_EQ(arguments.decimal<domain::Price>(2), domain::Price::literal("0.001"));
    EXPECT_EQ(arguments.text(3), "a-B_9");
    EXPECT_TRUE(arguments.flag(4, false));
    EXPECT_EQ(arguments.text(5), "x");
}

TEST(ServerParams, AbsentOptionalsAreAbsentAgainOnReuse) {
    Arguments arguments;
    ASSERT_FALSE(bound("symbol=A&limit=5", arguments));
    ASSERT_FALSE(bound("symbol=A", arguments));
    EXPECT_FALSE(arguments.has(1));
    EXPECT_EQ(arguments.number_or(1, 77), 77);
}

// errors.md, 11xx, with the texts that it gives.
TEST(ServerParams, RefusesWithTheDocumentedTexts) {
    EXPECT_EQ(text_of(bound("limit=5")),
              "-1102 Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(text_of(bound("symbol=")),
              "-1102 Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(text_of(bound("symbol=A&limit=")), "-1105 Parameter 'limit' was empty.");
    EXPECT_EQ(text_of(bound("symbol=btcusdt")),
              "-1100 Illegal characters found in parameter 'symbol'; legal range is "
              "'^[\\w\\-._&&[^a-z]]{1,50}$'.");
    EXPECT_EQ(text_of(bound("symbol=" + std::string(50, 'A'))), "ok");
    EXPECT_EQ(text_of(bound("symbol=" + std::string(51, 'A'))).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(bound("symbol=A&limit=5x")),
              "-1100 Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.");
    EXPECT_EQ(text_of(bound("symbol=A&limit=-5")),
              "-1100 Illegal characters found in parameter 'limit'; legal range is '^[0-9]{1,20}$'.");
    EXPECT_EQ(text_of(bound("symbol=A&limit=99999999999999999999")), "-1108 Parameter 'limit' overflowed.");
    EXPECT_EQ(text_of(bound("symbol=A&price=1e-5")),
              "-1100 Illegal characters found in parameter 'price'; legal range is "
              "'^([0-9]{1,20})(\\.[0-9]{1,20})?$'.");
    EXPECT_EQ(text_of(bound("symbol=A&price=.5")).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(bound("symbol=A&price=5.")).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(bound("symbol=A&price=-1")).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(bound("symbol=A&price=0.123456789")),
              "-1111 Parameter 'price' has too much precision.");
    EXPECT_EQ(text_of(bound("symbol=A&price=0.12345678000")), "ok");
    EXPECT_EQ(text_of(bound("symbol=A&price=99999999999999999999")), "-1108 Parameter 'price' overflowed.");
    EXPECT_EQ(text_of(bound("symbol=A&newClientOrderId=a%20b")),
              "-1100 Illegal characters found in parameter 'newClientOrderId'; legal range is "
              "'^[a-zA-Z0-9-_]{1,36}$'.");
    EXPECT_EQ(text_of(bound("symbol=A&newClientOrderId=" + std::string(37, 'a'))).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(bound("symbol=A&flag=yes")).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(bound("symbol=A&foo=1&bar=2")),
              "-1104 Not all sent parameters were read; read '1' parameter(s) but was sent '3'.");
    EXPECT_EQ(text_of(bound("symbol=A&symbol=B")), "-1101 Duplicate values for a parameter detected.");
}

TEST(ServerParams, AMethodWithoutParametersCountsThem) {
    ParameterList list;
    ASSERT_FALSE(list.parse_form("a=1", {}));
    Arguments arguments;
    EXPECT_EQ(text_of(bind({}, {}, list, arguments)),
              "-1101 Too many parameters; expected '0' and received '1'.");
}

// "If a parameter sent in both the query string and request body, the query string parameter will be used."
TEST(ServerParams, TheQueryWinsOverTheBody) {
    ParameterList list;
    ASSERT_FALSE(list.parse_form("symbol=A&limit=1", "limit=2&price=3"));
    EXPECT_EQ(list.value("limit"), "1");
    EXPECT_EQ(list.value("price"), "3");
    EXPECT_EQ(list.size(), 3U);
    EXPECT_EQ(text_of(list.parse_form({}, "word=1&word=2")),
              "-1101 Duplicate values for a parameter detected.");
}

TEST(ServerParams, DecodesPercentSigns) {
    ParameterList list;
    ASSERT_FALSE(list.parse_form("symbol=%EF%BC%91%EF%BC%92&word=a%2Bb+c&sym%62ols=%5B%22A%22%5D", {}));
    EXPECT_EQ(list.value("symbol"), "\xEF\xBC\x91\xEF\xBC\x92");
    EXPECT_EQ(list.value("word"), "a+b c");
    EXPECT_EQ(list.value("symbols"), "[\"A\"]");
    EXPECT_EQ(text_of(list.parse_form("word2=%zz", {})).substr(0, 5), "-1100");
    EXPECT_EQ(text_of(list.parse_form("word3=%4", {})).substr(0, 5), "-1100");
}

TEST(ServerParams, BoundsTheirNumber) {
    std::string query;
    for (std::size_t i = 0; i <= ParameterList::count_max; ++i) query += "p" + std::to_string(i) + "=1&";
    ParameterList list;
    EXPECT_EQ(text_of(list.parse_form(query, {})).substr(0, 5), "-1101");
}

TEST(ServerParams, ReadsStringLists) {
    EXPECT_EQ(parse_string_list(R"(["A","B"])"), (std::vector<std::string>{"A", "B"}));
    EXPECT_EQ(parse_string_list("[]"), std::vector<std::string>{});
    EXPECT_FALSE(parse_string_list("A"));
    EXPECT_FALSE(parse_string_list("[1]"));
    EXPECT_FALSE(parse_string_list("[\"A\""));
}

// Whatever bytes come: an answer, never a crash; and a value that is accepted is what its kind says.
TEST(ServerParams, SurvivesRandomBytes) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    constexpr std::string_view alphabet = "symbolimtprceA0159.%&=+[]\"-_ \x80\xEF\x01";
    for (int round = 0; round < 20'000; ++round) {
        std::string query = round % 2 == 0 ? "symbol=" : "";
        const std::size_t size = random() % 60;
        for (std::size_t i = 0; i < size; ++i) query += alphabet[random() % alphabet.size()];
        Arguments arguments;
        const auto error = bound(query, arguments);
        if (error) {
            EXPECT_LT(error->code, -1000);
            EXPECT_FALSE(error->message.empty());
        } else {
            EXPECT_FALSE(arguments.text(0).empty());
        }
    }
}

}  // namespace
}  // namespace vigil::exchange
