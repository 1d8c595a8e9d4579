// "Everything above that has a method there": each method of the table that REST and the WebSocket API share
// is called on both, and answers the same.
#include <functional>
#include <map>

#include "exchange/sample_shapes.h"
#include "exchange/server_dispatch.h"
#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

/// A method's parameters, and what must be there before it; `name` is another at each call.
struct Sample {
    Json params = Json::object();
    std::function<void(Json& params, const std::string& name)> prepare{};
};

class BothWays : public LiveExchange {
  protected:
    static std::vector<std::pair<std::string, std::string>> as_pairs(const Json& params) {
        std::vector<std::pair<std::string, std::string>> pairs;
        for (const auto& [name, value] : params.items())
            pairs.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
        return pairs;
    }
    Json rest_answer(const MethodSpec& method, const Json& params) {
        const std::string verb{method.verb};
        const std::string path{method.path};
        net::HttpResponse answer;
        if (method.security == Security::none) {
            std::string query;
            for (const auto& [name, value] : as_pairs(params)) {
                query += (query.empty() ? "?" : "&") + name + "=";
                credentials::append_percent_encoded(query, value);
            }
            answer = rest(verb, path + query);
        } else {
            answer = signed_rest(verb, path, as_pairs(params));
        }
        return Json::parse(answer.body);
    }
    void place(const std::string& name) {
        const auto placed = signed_rest("POST", "/api/v3/order", as_pairs(resting(name)));
        ASSERT_EQ(placed.status, 200) << placed.body;
    }
    static Json resting(const std::string& name) {
        Json order = limit_buy("0.1", "95");
        order["newClientOrderId"] = name;
        return order;
    }
    static Json pair() {
        return {{"symbol", "BTCUSDT"},        {"side", "SELL"},      {"quantity", "0.1"},
                {"aboveType", "LIMIT_MAKER"}, {"abovePrice", "110"}, {"belowType", "STOP_LOSS"},
                {"belowStopPrice", "90"}};
    }
    static Json waiting(Json pending) {
        Json list{{"symbol", "BTCUSDT"},  {"workingType", "LIMIT"},   {"workingSide", "BUY"},
                  {"workingPrice", "94"}, {"workingQuantity", "0.1"}, {"workingTimeInForce", "GTC"},
                  {"pendingSide", "SELL"}};
        list.update(pending);
        return list;
    }

    /// Of every method that both ways have; none may be missing.
    std::map<std::string, Sample> samples() {
        const Json symbol{{"symbol", "BTCUSDT"}};
        const auto with = [&symbol](Json more) {
            more.update(symbol);
            return more;
        };
        const auto order_named = [this](Json& params, const std::string& name) {
            place(name);
            params["origClientOrderId"] = name;
        };
        const Json one{{"pendingType", "LIMIT_MAKER"}, {"pendingPrice", "120"}, {"pendingQuantity", "0.1"}};
        const Json two{{"pendingAboveType", "LIMIT_MAKER"},
                       {"pendingAbovePrice", "120"},
                       {"pendingBelowType", "STOP_LOSS"},
                       {"pendingBelowStopPrice", "80"}};
        const auto with_quantity = [](Json pending) {
            pending["pendingQuantity"] = "0.1";
            return pending;
        };
        const auto without_quantity = [](Json pending) {
            pending.erase("pendingQuantity");
            return pending;
        };
        const auto list_named = [this](Json& params, const std::string& name) {
            Json list = pair();
            list["listClientOrderId"] = name;
            const auto placed = signed_rest("POST", "/api/v3/orderList/oco", as_pairs(list));
            ASSERT_EQ(placed.status, 200) << placed.body;
            params["listClientOrderId"] = name;
        };
        const auto listed = [list_named](Json& params, const std::string& name) {
            list_named(params, name);
            params["origClientOrderId"] = params["listClientOrderId"];
            params.erase("listClientOrderId");
        };
        return {
            {"ping", {}},
            {"time", {}},
            {"exchangeInfo", {{{"symbols", {"BTCUSDT", "ETHUSDT"}}}}},
            {"depth", {with({{"limit", 5}})}},
            {"trades.recent", {with({{"limit", 3}})}},
            {"trades.historical", {with({{"fromId", 1}})}},
            {"blockTrades.historical", {with({{"fromId", 1}})}},
            {"trades.aggregate", {with({{"fromId", 1}})}},
            {"klines", {with({{"interval", "1d"}, {"timeZone", "5:45"}, {"limit", 4}})}},
            {"uiKlines", {with({{"interval", "1s"}, {"limit", 4}})}},
            {"avgPrice", {symbol}},
            {"ticker.24hr", {{{"symbols", {"BTCUSDT", "ETHUSDT"}}, {"type", "MINI"}}}},
            {"ticker.tradingDay", {with({{"timeZone", "8"}})}},
            {"ticker", {with({{"windowSize", "2h"}})}},
            {"ticker.price", {{{"symbols", {"BTCUSDT"}}}}},
            {"ticker.book", {symbol}},
            {"executionRules", {symbol}},
            {"referencePrice", {symbol}},
            {"referencePrice.calculation", {symbol}},
            {"order.place", {{}, [](Json& params, const std::string& name) { params = resting(name); }}},
            {"order.test",
             {{},
              [](Json& params, const std::string& name) {
                  params = resting(name);
                  params["computeCommissionRates"] = true;
              }}},
            {"order.cancelReplace",
             {{},
              [this](Json& params, const std::string& name) {
                  place(name);
                  params = resting(name + "-new");
                  params["cancelReplaceMode"] = "STOP_ON_FAILURE";
                  params["cancelOrigClientOrderId"] = name;
              }}},
            {"order.amend.keepPriority", {with({{"newQty", "0.06"}}), order_named}},
            {"order.cancel", {symbol, order_named}},
            {"openOrders.cancelAll", {symbol, [this](Json&, const std::string& name) { place(name); }}},
            {"orderList.place",
             {with({{"side", "SELL"}, {"quantity", "0.1"}, {"price", "110"}, {"stopPrice", "90"}})}},
            {"orderList.place.oco", {pair()}},
            {"orderList.place.oto", {waiting(one)}},
            {"orderList.place.otoco", {waiting(with_quantity(two))}},
            {"orderList.place.opo", {waiting(without_quantity(one))}},
            {"orderList.place.opoco", {waiting(two)}},
            {"orderList.cancel", {symbol, list_named}},
            {"orderList.status", {{}, listed}},
            {"openOrderLists.status", {}},
            {"allOrderLists", {}},
            {"order.status", {symbol, order_named}},
            {"openOrders.status", {symbol}},
            {"allOrders", {symbol}},
            {"myTrades", {symbol}},
            {"myPreventedMatches", {with({{"orderId", 1}})}},
            {"myAllocations", {symbol}},
            {"order.amendments", {with({{"orderId", 1}})}},
            {"account.status", {}},
            {"account.commission", {symbol}},
            {"myFilters", {symbol}},
            {"account.rateLimits.orders", {}},
        };
    }
};

TEST_F(BothWays, EveryMethodAnswersTheSame) {
    VirtualClock virtual_clock;
    ExchangeServerOptions options;
    options.virtual_clock = &virtual_clock;
    start(std::move(options));
    admin("POST", "/clock/advance", R"({"ms":10})");
    for (int i = 0; i < 3; ++i)
        signed_rest("POST", "/api/v3/order",
                    {{"symbol", "BTCUSDT"}, {"side", "BUY"}, {"type", "MARKET"}, {"quantity", "0.1"}});
    const auto session = api();
    const auto calls = samples();
    int number = 0;
    int compared = 0;
    for (const MethodSpec& method : all_methods()) {
        if (!method.on_websocket || method.path.empty()) continue;
        const std::string name{method.name};
        const auto call = calls.find(name);
        ASSERT_NE(call, calls.end()) << "a method that is not called here: " << name;
        // A new window of the order limits for each.
        admin("POST", "/clock/advance", R"({"ms":10000})");
        const auto params = [&] {
            Json made = call->second.params;
            if (call->second.prepare) call->second.prepare(made, "c" + std::to_string(++number));
            return made;
        };
        const bool changes = method.verb != "GET" && name != "order.test";
        // A query is asked the same on both ways; what changes something has its own name each time.
        const Json first = params();
        const Json asked = method.security == Security::none ? first : signed_params(first);
        const Json framed = session->ask(name, asked);
        const Json plain = rest_answer(method, changes ? params() : first);
        ASSERT_TRUE(framed.is_object()) << name;
        ASSERT_TRUE(framed.contains("status") && framed.contains("rateLimits")) << name << framed;
        EXPECT_EQ(framed["rateLimits"].back()["rateLimitType"], "REQUEST_WEIGHT") << name;
        ++compared;
        if (name.starts_with("referencePrice")) {
            EXPECT_EQ(framed["status"], 400) << name;
            EXPECT_EQ(framed["error"], plain) << name;
            continue;
        }
        ASSERT_EQ(framed["status"], 200) << name << framed;
        if (changes)
            EXPECT_EQ(differences(plain, framed["result"]), "") << name << plain << framed["result"];
        else
            EXPECT_EQ(framed["result"], plain) << name;
        if (changes) signed_rest("DELETE", "/api/v3/openOrders", {{"symbol", "BTCUSDT"}});
    }
    EXPECT_EQ(compared, static_cast<int>(calls.size()));
}

}  // namespace
}  // namespace vigil::exchange
