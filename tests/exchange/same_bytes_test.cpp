// Same seed, same requests at the same moments of a virtual clock: the same bytes, in every answer and every
// event.
#include <array>

#include "exchange/feed_fixture.h"
#include "exchange/market_setup.h"
#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

class SameBytes : public LiveExchange {
  protected:
    /// Everything that three sockets and REST were told in a short session, in order for each of them.
    std::array<std::vector<std::string>, 4> session(std::uint64_t seed, int steps,
                                                    MarketOptions market = {}) {
        std::array<std::vector<std::string>, 4> told;
        VirtualClock virtual_clock;
        ExchangeServerOptions options;
        options.core.seed = seed;
        options.virtual_clock = &virtual_clock;
        options.accounts = {*parse_account("hmac:hmac:USDT=100000,BTC=2")};
        options.faults = {
            *parse_fault(R"({"kind":"error_before","route":"order.place","probability":"0.3","count":-1})")};
        auto made = ExchangeServer::make(loop, virtual_clock, std::move(options));
        server = *std::move(made);
        market.seed = seed;
        EXPECT_TRUE(install_market(server->core(), market, server->now()));
        listen();
        {
            const auto streams =
                socket(ready.stream +
                       "/stream?streams=btcusdt@trade/btcusdt@depth@100ms/ethusdt@bookTicker/"
                       "btcusdt@kline_1s/bnbusdt@aggTrade");
            const auto events = api();
            events->ask("userDataStream.subscribe.signature", signed_params(Json::object()));
            const auto asking = api();
            for (int step = 0; step < steps; ++step) {
                EXPECT_TRUE(admin("POST", "/clock/advance", R"({"ms":250})").contains("server_time"));
                Json order = limit_buy("0.001", "70000");
                order["newOrderRespType"] = "FULL";
                asking->ask("order.place", signed_params(order));
                asking->ask("depth", {{"symbol", "BTCUSDT"}, {"limit", 20}});
                told[3].push_back(rest("GET", "/api/v3/trades?symbol=BTCUSDT&limit=50").body);
                told[3].push_back(rest("GET", "/api/v3/klines?symbol=ETHUSDT&interval=1m&limit=20").body);
                told[3].push_back(signed_rest("GET", "/api/v3/account", {}).body);
            }
            for (LiveSocket* one : {streams.get(), events.get(), asking.get()})
                EXPECT_TRUE(one->answers_ping("all of it"));
            told[0] = streams->texts;
            told[1] = events->texts;
            told[2] = asking->texts;
        }
        server.reset();
        signers.clear();
        return told;
    }
};

TEST_F(SameBytes, InEveryAnswerAndEveryEvent) {
    const auto first = session(11, 8);
    const auto second = session(11, 8);
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_GT(first[i].size(), 3U) << i;
        EXPECT_EQ(first[i], second[i]) << i;
    }
    EXPECT_NE(session(12, 2)[0], first[0]) << "another seed is another market";
}

// Two recordings at once, in a loop that begins anew within the session, at twice their speed.
TEST_F(SameBytes, OfReplayedRecordings) {
    const OwnFolder folder;
    std::string trades;
    std::string klines;
    for (int i = 0; i < 40; ++i) {
        const std::string time = std::to_string(1'723'161'600'000 + i * 60);
        const std::string price = "617" + std::to_string(10 + i * 7 % 40) + ".01";
        trades += std::to_string(i) + "," + price + ",0.0021,129.5," + time +
                  (i % 3 == 0 ? ",true" : ",false") + ",true\n";
    }
    for (int i = 0; i < 3; ++i)
        klines += std::to_string(1'723'161'600'000 + i * 1'000) + ",2600.1,2605.5,2599.9,2603.2,15.5," +
                  std::to_string(1'723'161'600'999 + i * 1'000) + ",40321.5,10,7.1,18000.2,0\n";
    MarketOptions market;
    market.replay = {folder.write("BTCUSDT-trades-2024.csv", trades),
                     folder.write("ETHUSDT-1s-2024.csv", klines)};
    market.at_end = AtEnd::loop;
    market.speed = domain::Rate::of(2);
    const auto first = session(5, 10, market);
    const auto second = session(5, 10, market);
    for (std::size_t i = 0; i < first.size(); ++i) {
        EXPECT_GT(first[i].size(), 3U) << i;
        EXPECT_EQ(first[i], second[i]) << i;
    }
}

TEST_F(SameBytes, AMarketOfTwoHundredSymbols) {
    const auto play = [](std::uint64_t seed) {
        RecordingSink sink;
        CoreOptions options;
        options.seed = seed;
        options.start = CoreWorld::at(0);
        ExchangeCore core{options, sink};
        MarketOptions market;
        market.seed = seed;
        market.symbol_count = 200;
        EXPECT_TRUE(install_market(core, market, CoreWorld::at(0)));
        core.advance(CoreWorld::at(1'000));
        EXPECT_EQ(core.symbols().size(), 200U);
        std::string text;
        for (const SymbolSpec* symbol : core.symbols()) {
            const auto ticker = core.book_ticker(symbol->rules.symbol);
            EXPECT_TRUE(ticker && ticker->bid.quantity.is_positive() && ticker->ask.quantity.is_positive())
                << symbol->rules.symbol.str();
            if (ticker)
                text += symbol->rules.symbol.str() + " " + ticker->bid.price.str() + " " +
                        ticker->ask.price.str() + "\n";
        }
        EXPECT_GT(sink.trades.size(), 50U);
        return text;
    };
    const std::string first = play(3);
    EXPECT_EQ(play(3), first);
    EXPECT_NE(play(4), first);
}

}  // namespace
}  // namespace vigil::exchange
