// What the tests of this folder share: certificates made at run time, a loop with patience, a server and
// clients on loopback, and a raw TCP client for bytes that no proper client sends.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "base/unique_fd.h"
#include "credentials/certificate.h"
#include "net/event_loop.h"
#include "net/http_client.h"
#include "net/server.h"
#include "net/tls.h"
#include "net/url.h"
#include "net/ws_client.h"

namespace vigil::net::test {

using std::chrono_literals::operator""ns;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

/// The longest that a test waits for what must come; only a failing test uses it up.
inline constexpr std::chrono::seconds patience{20};

inline credentials::Validity valid_now() {
    const base::WallTime now = base::SystemClock{}.wall();
    return {now - std::chrono::hours{1}, now + std::chrono::hours{24}};
}

inline credentials::Validity valid_last_week() {
    const base::WallTime now = base::SystemClock{}.wall();
    return {now - std::chrono::hours{24 * 7}, now - std::chrono::hours{24}};
}

/// One authority and one server certificate for localhost, made once for the whole program.
struct Pki {
    credentials::CertificateAuthority ca;
    ServerTls server;
    std::string ca_pem;

    static Pki& shared() {
        static Pki pki = [] {
            auto authority = credentials::CertificateAuthority::make("test authority", valid_now());
            EXPECT_TRUE(authority);
            auto tls = tls_of(*authority, {"localhost", {"localhost"}, {"127.0.0.1", "::1"}}, valid_now());
            const std::string pem = authority->certificate_pem();
            return Pki{std::move(*authority), std::move(tls), pem};
        }();
        return pki;
    }

    static ServerTls tls_of(const credentials::CertificateAuthority& authority,
                            const credentials::ServerNames& names, credentials::Validity validity) {
        const auto made = authority.issue(names, validity);
        EXPECT_TRUE(made) << made.error().message;
        auto tls = ServerTls::make_from_pem(made->certificate_pem, made->private_key_pem);
        EXPECT_TRUE(tls) << tls.error().message;
        return *tls;
    }

    [[nodiscard]] ClientTls client() const {
        auto tls = ClientTls::make_from_pem(ca_pem);
        EXPECT_TRUE(tls);
        return *tls;
    }
};

/// A plain TCP connection to a loopback port.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    }

    /// False when the other side has closed already.
    bool send(std::string_view bytes) {
        return ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
               static_cast<ssize_t>(bytes.size());
    }

    /// Takes what has come in; true once the other side has closed.
    bool closed() {
        std::array<char, 65536> bytes;
        for (;;) {
            const ssize_t count = ::recv(fd_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
            if (count > 0) {
                received_.append(bytes.data(), static_cast<std::size_t>(count));
                continue;
            }
            if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return closed_;
            closed_ = true;
            return true;
        }
    }

    const std::string& received() {
        closed();
        return received_;
    }

    void finish_sending() { ::shutdown(fd_.get(), SHUT_WR); }
    void disconnect() { fd_.reset(); }

  private:
    base::UniqueFd fd_;
    std::string received_;
    bool closed_{false};
};

/// A server, and what it has seen. `/ws...` is a WebSocket; other requests are kept in `requests` until a
/// test answers them, unless `on_http` is set.
class NetTest : public ::testing::Test {
  protected:
    struct Seen {
        ServerRequest request;
        Responder responder;
    };

    void serve(std::optional<ServerTls> tls, ServerOptions options = {}) {
        ServerHandlers handlers;
        handlers.on_http = [this](ServerRequest request, Responder responder) {
            if (on_http)
                on_http(std::move(request), std::move(responder));
            else
                requests.push_back({std::move(request), std::move(responder)});
        };
        handlers.accept_websocket = [](const ServerRequest& request) {
            return request.path().substr(0, 3) == "/ws";
        };
        handlers.on_websocket = [this](const ServerRequest&, const std::shared_ptr<WsPeer>& peer) {
            peers.push_back(peer);
            WsPeerHandlers peer_handlers;
            peer_handlers.on_text = [this, weak = std::weak_ptr<WsPeer>{peer}](std::string_view text) {
                peer_texts.emplace_back(text);
                if (const auto held = weak.lock(); held && echo) held->send(text);
            };
            peer_handlers.on_ping = [this](std::string_view payload) { peer_pings.emplace_back(payload); };
            peer_handlers.on_pong = [this](std::string_view payload) { peer_pongs.emplace_back(payload); };
            peer_handlers.on_closed = [this](const base::Error& error) { peer_ends.push_back(error); };
            peer->set_handlers(std::move(peer_handlers));
        };
        auto listening = Server::listen(loop, std::move(tls), std::move(handlers), std::move(options));
        ASSERT_TRUE(listening) << listening.error().message;
        server = std::move(*listening);
    }
    void serve_tls(ServerOptions options = {}) { serve(Pki::shared().server, std::move(options)); }

    [[nodiscard]] Url url(std::string_view scheme, std::string_view target,
                          std::string_view host = "127.0.0.1") const {
        const auto parsed = Url::parse(std::string{scheme} + "://" + std::string{host} + ":" +
                                       std::to_string(server->port()) + std::string{target});
        EXPECT_TRUE(parsed);
        return *parsed;
    }

    /// A client whose events are kept in the members below.
    std::unique_ptr<WsClient> make_client(WsClientOptions options = {}) {
        WsHandlers handlers;
        handlers.on_open = [this] { ++opened; };
        handlers.on_text = [this](std::string_view text) { texts.emplace_back(text); };
        handlers.on_closed = [this](const WsClosed& end) { ends.push_back(end); };
        handlers.on_ping = [this](std::string_view payload) { pings.emplace_back(payload); };
        handlers.on_pong = [this](std::string_view payload) { pongs.emplace_back(payload); };
        return std::make_unique<WsClient>(loop, std::move(handlers), std::move(options));
    }
    std::unique_ptr<WsClient> open_client(WsClientOptions options = {}) {
        auto client = make_client(std::move(options));
        const auto begun = client->connect(url("wss", "/ws"), Pki::shared().client());
        EXPECT_TRUE(begun);
        EXPECT_TRUE(wait([&] { return opened == 1 && peers.size() == 1; }))
            << (ends.empty() ? "" : ends[0].error.message);
        return client;
    }

    /// Looks at `done` after each turn and every millisecond: a raw client's bytes do not wake the loop.
    bool wait(const std::function<bool()>& done) {
        Timer tick{loop};
        std::function<void()> again = [&] { tick.after(1ms, [&again] { again(); }); };
        again();
        return loop.run_until(done, patience);
    }

    /// Sends a request and waits for its outcome.
    HttpResult fetch(HttpClient& client, HttpRequest request, base::nanoseconds deadline = patience) {
        std::optional<HttpResult> result;
        client.request(std::move(request), deadline, [&](HttpResult got) { result = std::move(got); });
        EXPECT_FALSE(result) << "the callback came from inside the call";
        EXPECT_TRUE(wait([&] { return result.has_value(); }));
        return result ? *result
                      : HttpResult{tl::unexpected<HttpFailure>({{base::ErrorKind::io, "no callback"}, true})};
    }

    EventLoop loop;
    bool echo{true};
    std::function<void(ServerRequest, Responder)> on_http;
    std::vector<Seen> requests;
    std::vector<std::shared_ptr<WsPeer>> peers;
    std::vector<std::string> peer_texts, peer_pings, peer_pongs;
    std::vector<base::Error> peer_ends;
    int opened{0};
    std::vector<std::string> texts, pings, pongs;
    std::vector<WsClosed> ends;
    std::unique_ptr<Server> server;
};

}  // namespace vigil::net::test
