// What the end-to-end tests share: a whole exchange on a free port, with a market that the test scripts, and
// net's clients over TLS on the same loop.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "credentials/request_form.h"
#include "credentials/signer.h"
#include "exchange/core_fixture.h"
#include "exchange/server.h"
#include "exchange/virtual_clock.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "net/ws_client.h"

namespace vigil::exchange {

using Json = nlohmann::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr base::nanoseconds patience = seconds{10};

/// One WebSocket connection of a test, and what came in on it.
class LiveSocket {
  public:
    LiveSocket(net::EventLoop& loop, const std::string& url, const net::ClientTls& tls)
        : loop_{loop},
          client_{loop,
                  {.on_open = [this] { open = true; },
                   .on_text = [this](std::string_view text) { texts.emplace_back(text); },
                   .on_closed = [this](const net::WsClosed& how) { closed = how; },
                   .on_ping = [this](std::string_view payload) { pings.emplace_back(payload); },
                   .on_pong = [this](std::string_view payload) { pongs.emplace_back(payload); }}} {
        const auto parsed = net::Url::parse(url);
        base::check(parsed.has_value(), "a test's URL is right");
        base::check(client_.connect(*parsed, tls).has_value(), "connecting begins");
        loop_.run_until([this] { return open || closed; }, patience);
    }

    void send(std::string_view text) {
        base::check(client_.send(text).has_value(), "a test's message is sent");
    }
    /// The first message not seen before that `wanted` accepts; messages before it are skipped. Null when
    /// none comes.
    template <class Wanted>
    Json await(Wanted wanted) {
        Json found;
        loop_.run_until(
            [&] {
                while (found.is_null() && next_ < texts.size()) {
                    Json message = Json::parse(texts[next_++]);
                    if (wanted(message)) found = std::move(message);
                }
                return !found.is_null() || closed.has_value();
            },
            patience);
        return found;
    }
    Json next() {
        return await([](const Json&) { return true; });
    }
    /// Sends a request of the WebSocket API and awaits its answer.
    Json ask(const std::string& method, Json params = Json::object()) {
        const int id = ++id_;
        send(Json{{"id", id}, {"method", method}, {"params", std::move(params)}}.dump());
        return await([id](const Json& message) { return message.value("id", Json{}) == id; });
    }
    /// The next user data event of kind `e`.
    Json event(const std::string& kind) {
        return await(
            [&](const Json& message) { return message.contains("event") && message["event"]["e"] == kind; });
    }
    /// Whether a ping of ours is answered.
    bool answers_ping(const std::string& payload) {
        client_.ping(payload);
        return loop_.run_until([&] { return !pongs.empty() && pongs.back() == payload; }, patience);
    }
    bool await_closed() {
        return loop_.run_until([this] { return closed.has_value(); }, patience);
    }

    bool open{false};
    std::vector<std::string> texts;
    std::vector<std::string> pings;
    std::vector<std::string> pongs;
    std::optional<net::WsClosed> closed;

  private:
    net::EventLoop& loop_;
    std::size_t next_{0};
    int id_{0};
    net::WsClient client_;
};

class LiveExchange : public testing::Test {
  protected:
    /// Starts with BTCUSDT around 100.00 (CoreWorld::book) and what `script` adds to it.
    void start(ExchangeServerOptions options = {}, std::unique_ptr<ScriptedFeed> script = CoreWorld::book()) {
        const base::Clock* used = &clock;
        if (options.virtual_clock != nullptr) used = options.virtual_clock;
        auto made = ExchangeServer::make(loop, *used, std::move(options));
        ASSERT_TRUE(made) << made.error().message;
        server = *std::move(made);
        for (SymbolSpec& spec : default_symbols()) server->core().add_symbol(std::move(spec));
        if (script) server->core().attach(std::move(script), domain::Rate::of(1), server->now());
        listen();
    }
    /// The end of start(), for tests that set the market up themselves.
    void listen() {
        const auto listening = server->listen();
        ASSERT_TRUE(listening) << listening.error().message;
        ready = server->ready_information();
        tls = *net::ClientTls::make_from_pem(ready.ca_pem);
        for (const ReadyAccount& account : ready.accounts)
            signers.push_back(*credentials::Signer::make(account.key->type, account.key->private_key));
    }

    [[nodiscard]] std::int64_t now_ms() const { return base::to_ms(server->now()); }

    /// One HTTP request on a connection of its own.
    net::HttpResult http(const std::string& origin, net::HttpRequest request) {
        net::HttpClient client{loop, *net::Url::parse(origin), *tls};
        std::optional<net::HttpResult> result;
        client.request(std::move(request), patience, [&](net::HttpResult got) { result = std::move(got); });
        loop.run_until([&] { return result.has_value(); }, patience * 2);
        base::check(result.has_value(), "a request ends");
        return *std::move(result);
    }
    net::HttpResponse rest(const std::string& method, const std::string& target, net::Headers headers = {},
                           std::string body = {}) {
        auto result = http(ready.rest, {method, target, std::move(headers), std::move(body)});
        if (!result) return {0, {}, result.error().error.message};
        return *std::move(result);
    }
    /// A signed request of the account with that place; the parameters are percent-encoded here.
    net::HttpResponse signed_rest(const std::string& method, const std::string& path,
                                  std::vector<std::pair<std::string, std::string>> parameters,
                                  std::size_t account = 0) {
        return rest(method, path + "?" + signed_query(std::move(parameters), account),
                    {{"X-MBX-APIKEY", ready.accounts[account].api_key}});
    }
    std::string signed_query(std::vector<std::pair<std::string, std::string>> parameters,
                             std::size_t account = 0) {
        parameters.emplace_back("timestamp", std::to_string(now_ms()));
        std::string query;
        for (const auto& [name, value] : parameters) {
            if (!query.empty()) query += '&';
            query += name + "=";
            credentials::append_percent_encoded(query, value);
        }
        std::string signature;
        signers[account]->sign(query, signature);
        query += "&signature=";
        credentials::append_percent_encoded(query, signature);
        return query;
    }
    /// The same for the WebSocket API.
    Json signed_params(Json params, std::size_t account = 0) {
        params["apiKey"] = ready.accounts[account].api_key;
        params["timestamp"] = now_ms();
        std::string payload;  // nlohmann keeps members sorted by name
        for (const auto& [name, value] : params.items())
            payload += (payload.empty() ? "" : "&") + name + "=" +
                       (value.is_string() ? value.get<std::string>() : value.dump());
        std::string signature;
        signers[account]->sign(payload, signature);
        params["signature"] = signature;
        return params;
    }
    Json admin(const std::string& method, const std::string& target, const std::string& body = {}) {
        const auto result = http(ready.admin, {method, target, {}, body});
        if (!result) return {{"failed", result.error().error.message}};
        return Json::parse(result->body);
    }
    std::unique_ptr<LiveSocket> socket(const std::string& url) {
        return std::make_unique<LiveSocket>(loop, url, *tls);
    }
    std::unique_ptr<LiveSocket> api(const std::string& query = {}) { return socket(ready.ws_api + query); }

    base::SystemClock clock;
    net::EventLoop loop;
    std::unique_ptr<ExchangeServer> server;
    ReadyInformation ready;
    std::optional<net::ClientTls> tls;
    std::vector<std::unique_ptr<credentials::Signer>> signers;  ///< hmac, ed25519, rsa
};

inline Json limit_buy(std::string_view quantity, std::string_view price) {
    return {{"symbol", "BTCUSDT"},  {"side", "BUY"},        {"type", "LIMIT"},
            {"timeInForce", "GTC"}, {"quantity", quantity}, {"price", price}};
}

}  // namespace vigil::exchange
