// Recordings: captures and CSV files with whatever in them, plain or gzip-compressed, opened by content and
// played.
#include "base/check.h"
#include "exchange/feed.h"
#include "fuzz/memory_file.h"
#include "fuzz/target.h"

namespace vigil::fuzz {

namespace {

constexpr int events_max = 100;

/// Holds a feed to what MarketInput promises the core.
class StrictMarket final : public exchange::MarketInput {
  public:
    void replace_book(const domain::Symbol&, std::span<const domain::BookLevel> bids,
                      std::span<const domain::BookLevel> asks) override {
        for (const auto& level : bids) check_level(level, false);
        for (const auto& level : asks) check_level(level, false);
    }
    void update_levels(const domain::Symbol&, std::span<const domain::BookLevel> bids,
                       std::span<const domain::BookLevel> asks) override {
        for (const auto& level : bids) check_level(level, true);
        for (const auto& level : asks) check_level(level, true);
    }
    void update_top(const domain::Symbol&, const domain::BookLevel& bid,
                    const domain::BookLevel& ask) override {
        check_level(bid, true);
        check_level(ask, true);
    }
    void print(const domain::Symbol&, domain::Price price, domain::Quantity quantity, bool) override {
        check_level({price, quantity}, false);
    }

  private:
    static void check_level(const domain::BookLevel& level, bool may_be_empty) {
        base::check(level.price.is_positive() && level.price <= exchange::feed_price_max,
                    "prices are positive and bounded");
        base::check(level.quantity.is_positive() || (may_be_empty && level.quantity.is_zero()),
                    "quantities are positive");
        base::check(level.quantity <= exchange::feed_quantity_max, "quantities are bounded");
    }
};

void play(exchange::Feed& feed) {
    StrictMarket market;
    std::optional<exchange::MarketTime> before;
    for (int i = 0; i < events_max; ++i) {
        const auto time = feed.next_time();
        if (!time) break;
        base::check(!before || *before <= *time, "market time never goes back");
        before = time;
        feed.apply_next(market);
    }
    if (feed.error() != nullptr) base::check(!feed.error()->message.empty(), "an error says what is wrong");
}

}  // namespace

// The first byte says whether the recording is played in a loop.
std::vector<std::string> seeds() {
    const std::string capture =
        R"({"recv_ns":1723161600000000000,"rest":"GET /api/v3/depth?symbol=BTCUSDT&limit=5","msg":{"lastUpdateId":10,"bids":[["99.99","1"]],"asks":[["100.01","2"]]}}
{"recv_ns":1723161600100000000,"msg":{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161600100,"s":"BTCUSDT","U":11,"u":12,"b":[["99.98","0"]],"a":[["100.02","3.5"]]}}}
{"recv":1723161600.2,"msg":{"stream":"btcusdt@bookTicker","data":{"u":13,"s":"BTCUSDT","b":"99.99","B":"1","a":"100.01","A":"2"}}}
{"recv_ns":1723161600300000000,"msg":{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161600300,"s":"BTCUSDT","t":1,"p":"100.01","q":"0.5","T":1723161600299,"m":false,"M":true}}}
{"recv_ns":1723161600400000000,"msg":{"stream":"ethusdt@aggTrade","data":{"e":"aggTrade","E":1723161600400,"s":"ETHUSDT","a":1,"p":"2600.1","q":"0.5","f":1,"l":2,"T":1723161600399,"m":true,"M":true}}}
{"recv_ns":1723161600500000000,"connect":"wss://somewhere"}
)";
    return {
        "e" + capture,
        "l" + capture,
        "e1,100.01,0.5,50.005,1723161600000,True,True\n2,100.02,0.25,25.005,1723161600100,False,True\n",
        "lagg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker,is_best_"
        "match\n"
        "1,100.01,0.5,1,2,1723161600000000,true,true\n2,100.03,0.5,3,3,1723161600500000,false,true\n",
        "e1723161600000,100,101,99,100.5,12.5,1723161659999,1250,42,6,600,0\n"
        "1723161660000,100.5,100.5,100.5,100.5,0,1723161719999,0,0,0,0,0\n",
        "lopen_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_"
        "quote_volume,"
        "ignore\n1723161600000000,0.00000042,0.00000043,0.00000041,0.00000042,1000000,1723161659999999,0.42,"
        "9,1,1,0\n",
        std::string{"e\x1f\x8b\x08\x00", 5},
        "e",
    };
}

void run(std::string_view input) {
    if (input.empty()) return;
    exchange::FeedOptions options;
    options.symbol = domain::Symbol::from("BTCUSDT");
    options.at_end = input.front() == 'l' ? exchange::AtEnd::loop : exchange::AtEnd::end;
    const MemoryFile file{input.substr(1)};
    const auto feed = exchange::open_feed(file.path(), options);
    if (!feed) {
        base::check(!feed.error().message.empty(), "a refusal says why");
        return;
    }
    for (const auto& symbol : (*feed)->symbols())
        base::check(
            symbol.first_price.is_positive() && symbol.tick.is_positive() && symbol.step.is_positive(),
            "what is known of a symbol is usable");
    play(**feed);
}

}  // namespace vigil::fuzz
