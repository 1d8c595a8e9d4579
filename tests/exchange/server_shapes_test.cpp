// The shapes of answers and events against recorded and documented samples: every field that a sample has
// must be there, of the same JSON type, and nothing may be there that no sample and no documented condition
// knows.
#include <gtest/gtest.h>

#include <fstream>

#include "exchange/sample_shapes.h"
#include "exchange/server_world.h"
#include "exchange/ws_render.h"

namespace vigil::exchange {
namespace {

class ServerShapes : public testing::Test {
  protected:
    void SetUp() override {
        if (!fs::exists(data_folder() / "fixtures")) GTEST_SKIP() << "no recorded data in " << data_folder();
    }
    static Json fixture(const std::string& name) {
        std::ifstream file{data_folder() / "fixtures" / name};
        return Json::parse(file);
    }
    /// The sample of a REST path from the second collection.
    static Json documented(const std::string& name) {
        std::ifstream file{data_folder() / "fixtures" / "binance-net.jsonl"};
        for (std::string line; std::getline(file, line);) {
            const Json record = Json::parse(line);
            if (record["name"] == name) return record["response"];
        }
        return nullptr;
    }
    /// A market with trades, and an account with an open, a filled and a cancelled order.
    void trade() {
        auto place = [this](std::string_view query) { return world.sign("POST", "/api/v3/order", query); };
        placed = place("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1.5").body;
        ASSERT_FALSE(place("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=99").error);
        ASSERT_FALSE(place("symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=98&"
                           "newClientOrderId=gone")
                         .error);
        cancelled = world.sign("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=gone").body;
    }

    ServerWorld world;
    Json placed;
    Json cancelled;
};

TEST_F(ServerShapes, GeneralAndMarketData) {
    trade();
    const auto open = [this](std::string_view path, std::string_view query = {}) {
        const Reply reply = world.open("GET", path, query);
        EXPECT_FALSE(reply.error) << path << ": " << reply.message();
        return reply.body;
    };
    EXPECT_EQ(differences(fixture("nautilus-http/ping_response.json"), open("/api/v3/ping")), "");
    EXPECT_EQ(differences(fixture("nautilus-http/server_time_response.json"), open("/api/v3/time")), "");
    EXPECT_EQ(
        differences(fixture("nautilus-http/depth_response.json"), open("/api/v3/depth", "symbol=BTCUSDT")),
        "");
    EXPECT_EQ(
        differences(fixture("nautilus-http/trades_response.json"), open("/api/v3/trades", "symbol=BTCUSDT")),
        "");
    EXPECT_EQ(differences(fixture("nautilus-http/klines_response.json"),
                          open("/api/v3/klines", "symbol=BTCUSDT&interval=1m")),
              "");
    EXPECT_EQ(differences(fixture("nautilus-http/avg_price_response.json"),
                          open("/api/v3/avgPrice", "symbol=BTCUSDT")),
              "");
    EXPECT_EQ(
        differences(
            fixture("nautilus-http/ticker_price_response.json"),
            open("/api/v3/ticker/price",
                 fixture("nautilus-http/ticker_price_response.json").is_array() ? "" : "symbol=BTCUSDT")),
        "");
    EXPECT_EQ(
        differences(
            fixture("nautilus-http/book_ticker_response.json"),
            open("/api/v3/ticker/bookTicker",
                 fixture("nautilus-http/book_ticker_response.json").is_array() ? "" : "symbol=BTCUSDT")),
        "");
    // sors: "Optional field. Present only when SOR is available." filters and limits have their own tests.
    EXPECT_EQ(differences(fixture("nautilus-http/exchange_info_response.json"),
                          open("/api/v3/exchangeInfo", "symbol=BTCUSDT"), {".sors"}),
              "");
}

// A recorded answer of production, older than the newest fields.
TEST_F(ServerShapes, ExchangeInfoAsRecorded) {
    std::ifstream file{data_folder() / "rest" / "exchangeInfo-20250807-25symbols.json"};
    const Json recorded = Json::parse(file);
    const Json ours = world.open("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT").body;
    const auto symbol = std::find_if(recorded["symbols"].begin(), recorded["symbols"].end(),
                                     [](const Json& one) { return one["symbol"] == "BTCUSDT"; });
    ASSERT_NE(symbol, recorded["symbols"].end());
    EXPECT_EQ(differences(*symbol, ours["symbols"][0], {".opoAllowed", ".pegInstructionsAllowed"}), "");
    EXPECT_EQ(differences(recorded["rateLimits"], ours["rateLimits"]), "");
    // MAX_NUM_ORDER_LISTS and MAX_NUM_ORDER_AMENDS are younger than the recording.
    EXPECT_EQ(ours["symbols"][0]["filters"].size(), (*symbol)["filters"].size() + 2);
}

TEST_F(ServerShapes, OrdersAndAccount) {
    trade();
    const auto get = [this](std::string_view path, std::string_view query = {}) {
        const Reply reply = world.sign("GET", path, query);
        EXPECT_FALSE(reply.error) << path << ": " << reply.message();
        return reply.body;
    };
    EXPECT_EQ(differences(fixture("nautilus-http/new_order_full_response.json"), placed), "");
    EXPECT_EQ(differences(documented("PlaceOrder"), placed, {".origQuoteOrderQty"}), "");
    EXPECT_EQ(differences(fixture("nautilus-http/cancel_order_response.json"), cancelled), "");
    EXPECT_EQ(differences(documented("CancelOrder"), cancelled, {".origQuoteOrderQty"}), "");
    EXPECT_EQ(differences(fixture("nautilus-http/order_response.json"),
                          get("/api/v3/order", "symbol=BTCUSDT&origClientOrderId=gone")),
              "");
    EXPECT_EQ(differences(fixture("nautilus-http/open_orders_response.json"), get("/api/v3/openOrders")), "");
    EXPECT_EQ(differences(fixture("nautilus-http/all_orders_response.json"),
                          get("/api/v3/allOrders", "symbol=BTCUSDT")),
              "");
    EXPECT_EQ(differences(fixture("nautilus-http/account_trades_response.json"),
                          get("/api/v3/myTrades", "symbol=BTCUSDT")),
              "");
    EXPECT_EQ(differences(fixture("nautilus-http/account_response.json"), get("/api/v3/account")), "");
    EXPECT_EQ(differences(documented("GetAccountInfo"), get("/api/v3/account")), "");
    EXPECT_EQ(differences(documented("GetOrderRateLimitStatus"), get("/api/v3/rateLimit/order")), "");
    EXPECT_EQ(differences(documented("GetCommissionRates"),
                          get("/api/v3/account/commission", "symbol=BTCUSDT"), {".specialCommission"}),
              "");
    EXPECT_EQ(
        differences(documented("PlaceTestOrder"),
                    world
                        .sign("POST", "/api/v3/order/test",
                              "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true")
                        .body,
                    {".specialCommissionForOrder"}),
        "");
    const Json all = world.sign("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT").body;
    EXPECT_EQ(differences(fixture("nautilus-http/cancel_open_orders_response.json"), all), "");
}

// user-data-stream.md: its own samples, from the events of a real core.
TEST_F(ServerShapes, UserDataEvents) {
    trade();
    std::map<std::string, Json> ours;
    const auto keep = [&ours](const std::string& name, const auto& write) {
        std::string text;
        JsonWriter writer{text};
        write(writer);
        ours.emplace(name, Json::parse(text));
    };
    for (const auto& [account, event] : world.core.sink.executions)
        keep(std::string{domain::to_string(event.execution)},
             [&event = event](JsonWriter& out) { write_execution(event, out); });
    for (const auto& [account, event] : world.core.sink.positions)
        keep("outboundAccountPosition",
             [&event = event](JsonWriter& out) { write_account_position(event, out); });
    ASSERT_TRUE(
        world.state.core->deposit(world.core.alice, ast("USDT"), amt("5"), world.state.clock.core_now()));
    keep("balanceUpdate", [this](JsonWriter& out) {
        write_balance_update(world.core.sink.balance_updates.back().second, out);
    });

    std::map<std::string, Json> samples;
    std::ifstream file{data_folder() / "fixtures" / "docs-user-data-stream.jsonl"};
    for (std::string line; std::getline(file, line);) {
        const Json record = Json::parse(line);
        const Json& message = record.contains("msg") ? record["msg"] : record;
        const Json& event = message.contains("event") ? message["event"] : message;
        if (event.contains("e")) samples[event["e"]] = event;
    }
    ASSERT_TRUE(samples.contains("executionReport"));
    // v: "only visible if the order expired due to STP"
    EXPECT_EQ(differences(samples["executionReport"], ours["NEW"], {".v"}), "");
    // W: "only visible if the order has been placed on the book"; N is null only without a trade
    EXPECT_EQ(differences(samples["executionReport"], ours["TRADE"], {".v", ".W", ".N"}), "");
    EXPECT_TRUE(ours["TRADE"]["N"].is_string());
    EXPECT_EQ(differences(samples["executionReport"], ours["CANCELED"], {".v", ".W"}), "");
    EXPECT_EQ(differences(samples["outboundAccountPosition"], ours["outboundAccountPosition"]), "");
    EXPECT_EQ(differences(samples["balanceUpdate"], ours["balanceUpdate"]), "");
}

TEST_F(ServerShapes, StreamEvents) {
    trade();
    world.clock.advance(std::chrono::seconds{3});
    world.state.core->advance(world.state.clock.core_now());
    const RecordingSink& sink = world.core.sink;
    ASSERT_FALSE(sink.trades.empty() || sink.agg_trades.empty() || sink.tickers.empty() ||
                 sink.depths.empty() || sink.klines.empty());
    const auto rendered = [](const auto& write) {
        std::string text;
        JsonWriter writer{text};
        write(writer);
        return Json::parse(text);
    };
    // The first message of each kind in a recording of production (2024: still with the fields b and a of
    // trades, which are gone).
    std::map<std::string, Json> samples;
    std::ifstream file{data_folder() / "ws" / "BTCUSDT-spot-20240808T2354-first120s.jsonl"};
    std::ifstream older{data_folder() / "ws" / "BINANCE-spot-20211012-4symbols.jsonl"};
    for (std::ifstream* source : {&file, &older}) {
        for (std::string line; std::getline(*source, line) && samples.size() < 8;) {
            const Json record = Json::parse(line, nullptr, false);
            if (!record.is_object() || !record.contains("msg") || !record["msg"].contains("stream")) continue;
            const Json& data = record["msg"]["data"];
            const std::string kind = data.contains("e") ? data["e"].get<std::string>() : "bookTicker";
            if (kind == "depthUpdate" && (data["b"].empty() || data["a"].empty())) continue;
            samples.emplace(kind, data);
        }
    }
    ASSERT_TRUE(samples.contains("trade") && samples.contains("bookTicker") &&
                samples.contains("depthUpdate"));
    EXPECT_EQ(differences(samples["trade"],
                          rendered([&](JsonWriter& out) { write_trade_event(sink.trades.back(), out); }),
                          {".b", ".a"}),
              "");
    EXPECT_EQ(differences(samples["bookTicker"], rendered([&](JsonWriter& out) {
                              write_book_ticker_event(sink.tickers.back(), out);
                          })),
              "");
    const auto& depth = sink.depths.front();
    EXPECT_EQ(differences(samples["depthUpdate"], rendered([&](JsonWriter& out) {
                              write_depth_event({depth.symbol, depth.first_id, depth.last_id, depth.bids,
                                                 depth.asks, depth.time},
                                                out);
                          })),
              "");
    if (samples.contains("aggTrade")) {
        EXPECT_EQ(differences(samples["aggTrade"], rendered([&](JsonWriter& out) {
                                  write_agg_trade_event(sink.agg_trades.back(), out);
                              })),
                  "");
    }
    if (samples.contains("kline")) {
        EXPECT_EQ(differences(samples["kline"],
                              rendered([&](JsonWriter& out) { write_kline_event(sink.klines.back(), out); })),
                  "");
    }
}

}  // namespace
}  // namespace vigil::exchange
