// Market streams: stream names of a URL, and control messages, while trades and books are sent.
#include "exchange/ws_streams.h"
#include "fuzz/exchange_world.h"
#include "fuzz/target.h"
#include "net/event_loop.h"

namespace vigil::fuzz {

namespace {

using Json = nlohmann::json;

class World {
  public:
    World() : world_{no_limits()} {}

    std::shared_ptr<FakePeer> connect(const std::vector<std::string>& names, bool combined) {
        auto peer = std::make_shared<FakePeer>();
        net::ServerRequest request;
        request.remote_address = "127.0.0.1";
        streams_.accept(request, peer, exchange::TimeUnit::microsecond, combined, names);
        return peer;
    }
    /// Some of everything that can be listened to.
    void tell() {
        exchange::TradeEvent trade;
        trade.symbol = exchange::sym("BTCUSDT");
        trade.price = exchange::px("100.01");
        trade.quantity = exchange::qty("0.5");
        streams_.on_trade(trade);
        const std::vector<domain::BookLevel> levels{exchange::level("99.99", "1")};
        exchange::DepthEvent depth;
        depth.symbol = trade.symbol;
        depth.first_id = depth.last_id = 1;
        depth.bids = levels;
        streams_.on_depth(depth);
        streams_.flush(exchange::CoreWorld::at(2000));
    }

  private:
    exchange::ServerWorld world_;
    net::EventLoop loop_;
    exchange::WsStreams streams_{loop_, world_.state, options()};

    static exchange::StreamOptions options() {
        exchange::StreamOptions all;
        all.messages_per_second_max = std::numeric_limits<std::int64_t>::max();
        return all;
    }
};

std::vector<std::string> split_names(std::string_view text) {
    std::vector<std::string> names;
    while (!text.empty()) {
        const auto end = std::min(text.find('/'), text.size());
        if (end > 0) names.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return names;
}

// An answer, or a stream's event: "Live Subscribing/Unsubscribing to streams".
void check_message(const Json& message) {
    if (message.contains("code")) {
        base::check(message["code"].get<int>() >= 0 && message["code"].get<int>() <= 4,
                    "errors of streams have small codes");
        base::check(!message["msg"].get<std::string>().empty(), "errors say what is wrong");
    } else if (message.contains("result")) {
        base::check(message.contains("id"), "an answer says to what");
    } else {
        base::check(message.contains("e") || message.contains("stream") || message.contains("lastUpdateId") ||
                        message.contains("u"),
                    "anything else is an event");
    }
}

}  // namespace

// The first byte: '/' for raw, '?' for combined streams; then the names, percent-encoded as in a URL, up to
// the first record separator (1e); then control messages, each ended by another.
std::vector<std::string> seeds() {
    const std::string rest =
        std::string{"\x1e"} +
        R"({"method":"SUBSCRIBE","params":["btcusdt@trade","btcusdt@depth5@100ms","btcusdt@kline_1m"],"id":1})" +
        '\x1e' + R"({"method":"LIST_SUBSCRIPTIONS","id":"list"})" + '\x1e' +
        R"({"method":"SET_PROPERTY","params":["combined",true],"id":3})" + '\x1e' +
        R"({"method":"GET_PROPERTY","params":["combined"],"id":4})" + '\x1e' +
        R"({"method":"UNSUBSCRIBE","params":["btcusdt@trade"],"id":null})";
    return {"/btcusdt@trade" + rest,
            "?btcusdt@trade/btcusdt@depth/btcusdt@kline_1d@+08:00/!miniTicker@arr" + rest,
            "?btcusdt%40avgPrice/ethusdt@aggTrade" + rest,
            "?" + rest,
            std::string{"/x\x1e{\"method\":\"NONE\",\"id\":1,\"params\":{}}"},
            std::string{"/\x1e[]\x1e{\"id\":1}\x1e"}};
}

void run(std::string_view input) {
    if (input.empty()) return;
    static Reused<World> reused;
    World& world = reused.get();
    const bool combined = input.front() == '?';
    input.remove_prefix(1);
    const auto names_end = input.find('\x1e');
    // As the server's port reads them from the URL.
    const auto decoded = exchange::percent_decoded(input.substr(0, names_end));
    const auto peer = world.connect(split_names(decoded ? *decoded : std::string{}), combined);
    input.remove_prefix(names_end == std::string_view::npos ? input.size() : names_end + 1);
    while (!input.empty() && peer->open()) {
        const auto end = input.find('\x1e');
        const std::size_t before = peer->sent.size();
        peer->hear(input.substr(0, end));
        for (std::size_t i = before; i < peer->sent.size(); ++i) check_message(Json::parse(peer->sent[i]));
        input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    }
    world.tell();
    peer->hang_up();
    world.tell();
}

}  // namespace vigil::fuzz
