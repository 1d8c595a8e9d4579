// Requests of the WebSocket API: JSON with whatever in it, of a client that is logged on.
#include "credentials/key_generation.h"
#include "exchange/ws_api.h"
#include "fuzz/exchange_world.h"
#include "fuzz/target.h"
#include "net/event_loop.h"

namespace vigil::fuzz {

namespace {

using Json = nlohmann::json;

const std::string session_key(64, 'E');

/// An exchange with an account whose Ed25519 key can log on.
class World {
  public:
    World() : world_{no_limits()} {
        exchange::ApiKey key;
        key.api_key = session_key;
        key.account = world_.core.alice;
        key.permissions.reading = key.permissions.spot_trading = true;
        auto pair = credentials::generate_key(credentials::KeyType::ed25519);
        base::check(pair.has_value(), "a key can be made");
        key.verifier =
            *credentials::Verifier::from_public_key(credentials::KeyType::ed25519, pair->public_key);
        world_.state.keys.add(std::move(key));
        signer_ = *credentials::Signer::make(credentials::KeyType::ed25519, pair->private_key);
    }

    std::shared_ptr<FakePeer> connect() {
        auto peer = std::make_shared<FakePeer>();
        net::ServerRequest request;
        request.remote_address = "127.0.0.1";
        api_.accept(request, peer, exchange::TimeUnit::millisecond, true);
        const std::string payload = "apiKey=" + session_key + "&timestamp=" + std::to_string(world_.now_ms());
        std::string signature;
        signer_->sign(payload, signature);
        peer->hear(Json{
            {"id", "on"},
            {"method", "session.logon"},
            {"params", {{"apiKey", session_key}, {"timestamp", world_.now_ms()}, {"signature", signature}}}}
                       .dump());
        base::check(peer->sent.size() == 1 && Json::parse(peer->sent[0])["status"] == 200, "it can log on");
        return peer;
    }

  private:
    exchange::ServerWorld world_;
    net::EventLoop loop_;
    exchange::WsApi api_{loop_, world_.state, world_.dispatcher, {}};
    std::unique_ptr<credentials::Signer> signer_;
};

void check_answer(const std::string& text) {
    const Json answer = Json::parse(text);
    if (answer.contains("event")) return;
    const int status = answer.at("status").get<int>();
    if (status == 200) {
        base::check(answer.contains("result") && !answer.contains("error"), "a success has a result");
        return;
    }
    base::check(status == 400 || status == 401 || status == 403 || status == 409, "a refusal has its status");
    check_error(answer.at("error").at("code").get<int>(), answer.at("error").at("msg").get<std::string>());
}

std::string request(const std::string& method, Json params) {
    return Json{{"id", 1}, {"method", method}, {"params", std::move(params)}}.dump();
}

}  // namespace

// Messages, each ended by a record separator (1e).
std::vector<std::string> seeds() {
    const std::int64_t now = exchange::CoreWorld::start_ms;
    const auto timed = [now](Json params) {
        params["timestamp"] = now;
        return params;
    };
    const Json limit{{"symbol", "BTCUSDT"},  {"side", "BUY"},      {"type", "LIMIT"},
                     {"timeInForce", "GTC"}, {"quantity", "0.01"}, {"price", "99.5"}};
    std::vector<std::string> all;
    for (const exchange::MethodSpec& method : exchange::all_methods()) {
        if (!method.on_websocket) continue;
        Json params = timed({{"symbol", "BTCUSDT"}});
        all.push_back(request(std::string{method.name}, params));
        all.push_back(request(std::string{method.name}, Json::object()));
    }
    Json named = timed(limit);
    named["newClientOrderId"] = "mine";
    const std::string place = request("order.place", named);
    all.push_back(place + '\x1e' + request("order.status", timed({{"symbol", "BTCUSDT"}, {"orderId", 1}})) +
                  '\x1e' +
                  request("order.cancel", timed({{"symbol", "BTCUSDT"}, {"origClientOrderId", "mine"}})));
    all.push_back(request("userDataStream.subscribe", Json::object()) + '\x1e' +
                  request("order.place", timed({{"symbol", "BTCUSDT"},
                                                {"side", "SELL"},
                                                {"type", "MARKET"},
                                                {"quoteOrderQty", "25.5"},
                                                {"newOrderRespType", "FULL"}})) +
                  '\x1e' + request("session.logout", Json::object()));
    all.push_back(request("klines", {{"symbol", "BTCUSDT"}, {"interval", "1m"}, {"limit", 3}}));
    all.push_back(request("depth", {{"symbol", "BTCUSDT"}, {"limit", 5}}));
    all.push_back(request("exchangeInfo", {{"symbols", {"BTCUSDT", "BNBUSDT"}}}));
    all.push_back(R"({"id":"x","method":"ping","params":{"a":{"b":[1,2,{"c":null}]}}})");
    all.push_back(R"({"id":null,"method":"time"})");
    all.push_back("[1]");
    return all;
}

void run(std::string_view input) {
    static Reused<World> reused;
    const auto peer = reused.get().connect();
    while (!input.empty() && peer->open()) {
        const auto end = input.find('\x1e');
        const std::size_t before = peer->sent.size();
        peer->hear(input.substr(0, end));
        for (std::size_t i = before; i < peer->sent.size(); ++i) check_answer(peer->sent[i]);
        input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    }
    peer->hang_up();
}

}  // namespace vigil::fuzz
