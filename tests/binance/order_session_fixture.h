// The order session and its fallback against an exchange that does what each test says: real TLS on loopback.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "binance/leave.h"
#include "binance/order_session.h"
#include "binance/recording_listener.h"
#include "credentials/certificate.h"
#include "credentials/key_generation.h"
#include "log/recording_logger.h"
#include "net/server.h"

namespace vigil::binance::test {

inline constexpr std::chrono::seconds order_session_patience{20};

class OrderSessionFixture : public testing::Test {
  protected:
    struct Request {
        std::weak_ptr<net::WsPeer> peer;
        nlohmann::json body;
    };
    struct RestRequestSeen {
        net::ServerRequest request;
        net::Responder responder;
    };

    void SetUp() override {
        const base::WallTime now = base::SystemClock{}.wall();
        const credentials::Validity valid{now - std::chrono::hours{1}, now + std::chrono::hours{1}};
        const auto ca = credentials::CertificateAuthority::make("test", valid);
        const auto certificate = ca->issue({"localhost", {"localhost"}, {"127.0.0.1"}}, valid);
        client_tls = *net::ClientTls::make_from_pem(ca->certificate_pem());
        net::ServerHandlers handlers;
        handlers.on_http = [this](net::ServerRequest request, net::Responder responder) {
            if (request.wants_websocket) {
                ++refused_upgrades;
                return responder.respond(refusal);
            }
            rest.push_back({std::move(request), std::move(responder)});
        };
        handlers.accept_websocket = [this](const net::ServerRequest& request) {
            return websockets_welcome && request.path() == "/ws-api/v3";
        };
        handlers.on_websocket = [this](const net::ServerRequest&, const std::shared_ptr<net::WsPeer>& peer) {
            peers.push_back(peer);
            net::WsPeerHandlers peer_handlers;
            peer_handlers.on_text = [this, weak = std::weak_ptr<net::WsPeer>{peer}](std::string_view text) {
                received(weak, nlohmann::json::parse(text));
            };
            peer->set_handlers(std::move(peer_handlers));
        };
        server = *net::Server::listen(
            loop, *net::ServerTls::make_from_pem(certificate->certificate_pem, certificate->private_key_pem),
            std::move(handlers));
    }

    void received(const std::weak_ptr<net::WsPeer>& peer, nlohmann::json request) {
        const std::string method = request["method"];
        if (method.starts_with("order.")) {
            orders.push_back({peer, std::move(request)});
            return;
        }
        setup.push_back({peer, request});
        if (!answers_setup) return;
        answer(setup.back(), {{"status", 200}, {"result", {{"subscriptionId", 0}}}});
    }

    void answer(const Request& request, nlohmann::json frame) {
        frame["id"] = request.body["id"];
        if (const auto peer = request.peer.lock()) peer->send(frame.dump());
    }
    /// As the exchange would: accepted and resting.
    void accept(const Request& request) {
        const nlohmann::json& p = request.body["params"];
        const bool is_cancel = request.body["method"] == "order.cancel";
        nlohmann::json result{{"symbol", p["symbol"]},
                              {"orderId", 77},
                              {"orderListId", -1},
                              {"clientOrderId", "x"},
                              {"transactTime", 1000},
                              {"price", "90.00000000"},
                              {"origQty", "0.50000000"},
                              {"executedQty", "0.0"},
                              {"cummulativeQuoteQty", "0.0"},
                              {"status", is_cancel ? "CANCELED" : "NEW"},
                              {"timeInForce", "GTC"},
                              {"type", "LIMIT"},
                              {"side", "BUY"}};
        if (is_cancel)
            result["origClientOrderId"] = p["origClientOrderId"];
        else
            result["clientOrderId"] = p["newClientOrderId"];
        answer(request, {{"status", 200},
                         {"result", result},
                         {"rateLimits", nlohmann::json::array({{{"rateLimitType", "ORDERS"},
                                                                {"interval", "SECOND"},
                                                                {"intervalNum", 10},
                                                                {"limit", 50},
                                                                {"count", 3}}})}});
    }

    static KeyInUse key_of(const credentials::GeneratedKey& key, std::string api_key) {
        return std::make_shared<const SigningKey>(
            SigningKey{std::move(api_key), *credentials::Signer::make(key.type, key.private_key)});
    }

    void make_session(credentials::KeyType type = credentials::KeyType::hmac_sha256,
                      base::milliseconds order_deadline = base::seconds{10}) {
        key = std::move(*credentials::generate_key(type));
        in_use = key_of(key, "the-api-key");
        const std::string origin = "127.0.0.1:" + std::to_string(server->port());
        const TimestampSource timestamp = [this]() -> base::Result<base::ExchangeTime> {
            if (!time_known) return base::fail(base::ErrorKind::unavailable, "time is not known");
            return base::exchange_time_ms(1'700'000'000'123);
        };
        fallback =
            std::make_unique<OrderFallback>(OrderFallback::Parts{loop,
                                                                 listener,
                                                                 in_use,
                                                                 timestamp,
                                                                 base::milliseconds{5'000},
                                                                 order_deadline,
                                                                 *net::Url::parse("https://" + origin + "/"),
                                                                 *client_tls,
                                                                 {},
                                                                 leave.asker()});
        session = std::make_unique<OrderSession>(
            OrderSession::Parts{{loop,
                                 listener,
                                 in_use,
                                 timestamp,
                                 base::milliseconds{5'000},
                                 order_deadline,
                                 *net::Url::parse("wss://" + origin + "/ws-api/v3"),
                                 *client_tls,
                                 {},
                                 leave.asker()},
                                logger,
                                *fallback});
    }
    void open() {
        session->open();
        ASSERT_TRUE(wait([&] {
            return listener.is_up(domain::Connection::orders) &&
                   listener.is_up(domain::Connection::user_data);
        }));
    }
    /// Looks at `done` after each turn and every millisecond.
    bool wait(const std::function<bool()>& done) {
        net::Timer tick{loop};
        std::function<void()> again = [&] { tick.after(base::milliseconds{1}, [&again] { again(); }); };
        again();
        return loop.run_until(done, order_session_patience);
    }

    net::EventLoop loop;
    std::optional<net::ClientTls> client_tls;
    std::unique_ptr<net::Server> server;
    bool websockets_welcome{true};
    bool answers_setup{true};
    net::HttpResponse refusal{503, {}, "no"};
    int refused_upgrades{0};
    std::vector<std::shared_ptr<net::WsPeer>> peers;
    std::vector<Request> setup;
    std::vector<Request> orders;
    std::vector<RestRequestSeen> rest;

    bool time_known{true};
    base::SystemClock clock;
    Leave leave;
    credentials::GeneratedKey key;
    KeyInUse in_use;
    RecordingListener listener;
    log::RecordingLogger logger;
    std::unique_ptr<OrderFallback> fallback;
    std::unique_ptr<OrderSession> session;
};

}  // namespace vigil::binance::test
