// The weight of every method, against the documented ones (rest-api.md and web-socket-api.md, "Weight" of
// each).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "exchange/server_call.h"

namespace vigil::exchange {
namespace {

struct Row {
    std::string_view method;
    std::string_view query;
    std::int64_t weight;
};

/// `count` symbols as the exchange takes them, percent-encoded.
std::string symbols(int count) {
    std::string text = "symbols=%5B";
    for (int i = 0; i < count; ++i) text += (i == 0 ? "%22S" : ",%22S") + std::to_string(i) + "%22";
    return text + "%5D";
}

constexpr auto rows = std::to_array<Row>({
    {"ping", "", 1},
    {"time", "", 1},
    {"exchangeInfo", "", 20},
    {"exchangeInfo", "symbol=BTCUSDT", 20},
    {"executionRules", "", 40},
    {"executionRules", "symbol=BTCUSDT", 2},
    {"executionRules", "symbols(3)", 6},
    {"executionRules", "symbols(30)", 40},
    {"executionRules", "symbolStatus=TRADING", 40},
    {"depth", "symbol=BTCUSDT", 5},
    {"depth", "symbol=BTCUSDT&limit=1", 5},
    {"depth", "symbol=BTCUSDT&limit=100", 5},
    {"depth", "symbol=BTCUSDT&limit=101", 25},
    {"depth", "symbol=BTCUSDT&limit=500", 25},
    {"depth", "symbol=BTCUSDT&limit=501", 50},
    {"depth", "symbol=BTCUSDT&limit=1000", 50},
    {"depth", "symbol=BTCUSDT&limit=1001", 250},
    {"depth", "symbol=BTCUSDT&limit=5000", 250},
    {"trades.recent", "symbol=BTCUSDT", 25},
    {"trades.historical", "symbol=BTCUSDT", 25},
    {"blockTrades.historical", "symbol=BTCUSDT&fromId=1", 25},
    {"trades.aggregate", "symbol=BTCUSDT", 4},
    {"klines", "symbol=BTCUSDT&interval=1m", 2},
    {"uiKlines", "symbol=BTCUSDT&interval=1m", 2},
    {"avgPrice", "symbol=BTCUSDT", 2},
    {"ticker.24hr", "symbol=BTCUSDT", 2},
    {"ticker.24hr", "symbols(20)", 2},
    {"ticker.24hr", "symbols(21)", 40},
    {"ticker.24hr", "symbols(100)", 40},
    {"ticker.24hr", "symbols(101)", 80},
    {"ticker.24hr", "", 80},
    {"ticker.tradingDay", "symbol=BTCUSDT", 4},
    {"ticker.tradingDay", "symbols(3)", 12},
    {"ticker.tradingDay", "symbols(60)", 200},
    {"ticker", "symbol=BTCUSDT", 4},
    {"ticker", "symbols(3)", 12},
    {"ticker", "symbols(60)", 200},
    {"ticker.price", "symbol=BTCUSDT", 2},
    {"ticker.price", "symbols(2)", 4},
    {"ticker.price", "", 4},
    {"ticker.book", "symbol=BTCUSDT", 2},
    {"ticker.book", "symbols(2)", 4},
    {"ticker.book", "", 4},
    {"referencePrice", "symbol=BTCUSDT", 2},
    {"referencePrice.calculation", "symbol=BTCUSDT", 2},
    {"session.logon", "", 2},
    {"session.status", "", 2},
    {"session.logout", "", 2},
    {"session.subscriptions", "", 2},
    {"userDataStream.subscribe", "", 2},
    {"userDataStream.subscribe.signature", "", 2},
    {"userDataStream.unsubscribe", "", 2},
    {"order.place", "symbol=BTCUSDT", 1},
    {"order.test", "symbol=BTCUSDT", 1},
    {"order.test", "symbol=BTCUSDT&computeCommissionRates=false", 1},
    {"order.test", "symbol=BTCUSDT&computeCommissionRates=true", 20},
    {"order.cancel", "symbol=BTCUSDT", 1},
    {"order.cancelReplace", "symbol=BTCUSDT", 1},
    {"order.amend.keepPriority", "symbol=BTCUSDT", 4},
    {"openOrders.cancelAll", "symbol=BTCUSDT", 1},
    {"orderList.place", "symbol=BTCUSDT", 1},
    {"orderList.place.oco", "symbol=BTCUSDT", 1},
    {"orderList.place.oto", "symbol=BTCUSDT", 1},
    {"orderList.place.otoco", "symbol=BTCUSDT", 1},
    {"orderList.place.opo", "symbol=BTCUSDT", 1},
    {"orderList.place.opoco", "symbol=BTCUSDT", 1},
    {"orderList.cancel", "symbol=BTCUSDT", 1},
    {"sor.order.place", "symbol=BTCUSDT", 1},
    {"sor.order.test", "symbol=BTCUSDT", 1},
    {"account.status", "", 20},
    {"account.commission", "symbol=BTCUSDT", 20},
    {"account.rateLimits.orders", "", 40},
    {"order.status", "symbol=BTCUSDT&orderId=1", 4},
    {"order.amendments", "symbol=BTCUSDT&orderId=1", 4},
    {"openOrders.status", "symbol=BTCUSDT", 6},
    {"openOrders.status", "", 80},
    {"allOrders", "symbol=BTCUSDT", 20},
    {"orderList.status", "orderListId=1", 4},
    {"openOrderLists.status", "", 6},
    {"allOrderLists", "", 20},
    {"myTrades", "symbol=BTCUSDT", 20},
    {"myTrades", "symbol=BTCUSDT&orderId=1", 5},
    {"myPreventedMatches", "symbol=BTCUSDT&preventedMatchId=1", 2},
    {"myPreventedMatches", "symbol=BTCUSDT&orderId=1", 20},
    {"myAllocations", "symbol=BTCUSDT", 20},
    {"myFilters", "symbol=BTCUSDT", 40},
    {"apiRestrictions", "", 1},
});

std::string query_of(std::string_view text) {
    if (!text.starts_with("symbols(")) return std::string{text};
    return symbols(std::stoi(std::string{text.substr(8)}));
}

TEST(WeightTable, EveryMethodHasItsDocumentedWeight) {
    for (const MethodSpec& method : all_methods()) {
        int found = 0;
        for (const Row& row : rows) {
            if (row.method != method.name) continue;
            ++found;
            ParameterList parameters;
            const std::string query = query_of(row.query);
            ASSERT_FALSE(parameters.parse_form(query, {}));
            const std::int64_t weight =
                method.weight_rule != nullptr ? method.weight_rule(parameters) : method.weight;
            EXPECT_EQ(weight, row.weight) << method.name << " " << row.query;
        }
        EXPECT_GT(found, 0) << method.name << " has no row";
    }
}

// CHANGELOG.md, 2026-03-27: successful placements and cancels weigh nothing, everything else does.
TEST(WeightTable, OnlyOrderCallsAreFree) {
    for (const MethodSpec& method : all_methods()) {
        const bool is_order_call =
            method.name == "order.place" || method.name == "order.cancel" ||
            method.name == "order.cancelReplace" || method.name == "order.amend.keepPriority" ||
            method.name == "openOrders.cancelAll" || method.name.starts_with("orderList.place") ||
            method.name == "orderList.cancel" || method.name == "sor.order.place";
        if (!is_order_call) {
            EXPECT_FALSE(method.free_when_successful) << method.name;
        }
        if (method.name == "order.place" || method.name == "order.cancel") {
            EXPECT_TRUE(method.free_when_successful) << method.name;
        }
    }
}

}  // namespace
}  // namespace vigil::exchange
