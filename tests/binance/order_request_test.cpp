#include "binance/order_request.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "binance/journaled.h"

namespace vigil::binance {
namespace {

using nlohmann::json;

TEST(OrderRequest, AnOrderHasWhatItNeedsAndNothingElse) {
    credentials::RequestForm form;
    add_order(test::limit_buy("own-1", "23416.10", "0.00847000"), form);
    std::string text;
    form.append_rest(text);
    EXPECT_EQ(
        text,
        "newClientOrderId=own-1&newOrderRespType=FULL&price=23416.1&quantity=0.00847&side=BUY&symbol=BTCUSDT&"
        "timeInForce=GTC&type=LIMIT");

    domain::NewOrder market;
    market.symbol = *domain::Symbol::from("BTCUSDT");
    market.side = domain::Side::sell;
    market.type = domain::OrderType::market;
    market.quote_quantity = domain::Amount::literal("100");
    market.client_order_id = *domain::client_order_id("own-2");
    form.clear();
    text.clear();
    add_order(market, form);
    form.append_rest(text);
    EXPECT_EQ(text,
              "newClientOrderId=own-2&newOrderRespType=FULL&quoteOrderQty=100&side=SELL&symbol=BTCUSDT&type="
              "MARKET");

    form.clear();
    text.clear();
    add_order(test::cancel("own-1"), form);
    form.append_rest(text);
    EXPECT_EQ(text, "origClientOrderId=own-1&symbol=BTCUSDT");
}

TEST(OrderRequest, NoNumberEverHasAnExponent) {
    for (const char* quantity : {"0.00000001", "0.00001", "10000000", "92233720368.54775807"}) {
        credentials::RequestForm form;
        add_order(test::limit_buy("x", "1", quantity), form);
        std::string text;
        form.append_rest(text);
        EXPECT_NE(text.find(std::string{"quantity="} + quantity + "&"), std::string::npos) << text;
    }
}

TEST(OrderRequest, TheTextIsJsonWithNumbersWhereTheyBelong) {
    credentials::RequestForm form;
    domain::NewOrder order = test::limit_buy("own-1");
    order.symbol =
        *domain::Symbol::from("１２３\"\\\x01");  // a symbol may be non-ASCII; quotes must not break out
    add_order(order, form);
    form.add("timestamp", std::int64_t{1660801715431});
    form.add("recvWindow", std::int64_t{5000});
    std::string text = "kept";
    append_api_request(text, 17, "order.place", form, "c2ln+/==");
    ASSERT_EQ(text.substr(0, 4), "kept");
    const json request = json::parse(text.substr(4));
    EXPECT_EQ(request["id"], 17);
    EXPECT_EQ(request["method"], "order.place");
    EXPECT_EQ(request["params"]["symbol"], "１２３\"\\\x01");
    EXPECT_EQ(request["params"]["timestamp"], 1660801715431);
    EXPECT_EQ(request["params"]["recvWindow"], 5000);
    EXPECT_EQ(request["params"]["quantity"], "0.5");
    EXPECT_EQ(request["params"]["signature"], "c2ln+/==");
    // Wherever in the text a character stands that wants an escape.
    for (std::size_t place = 0; place <= 40; ++place)
        for (const char wanted : {'"', '\\', '\x01', '\x1f'}) {
            std::string name(40, 'x');
            name.insert(place, 1, wanted);
            credentials::RequestForm one;
            one.add("symbol", name);
            std::string escaped;
            append_api_request(escaped, 1, "m", one, {});
            EXPECT_EQ(json::parse(escaped)["params"]["symbol"], name) << place;
        }
    std::string bare;
    append_api_request(bare, 1, "userDataStream.subscribe", credentials::RequestForm{}, {});
    EXPECT_EQ(json::parse(bare)["params"], json::object());
}

}  // namespace
}  // namespace vigil::binance
