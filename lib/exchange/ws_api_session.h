// One connection of the WebSocket API: its logon, its subscriptions, and the framing of its answers.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/ws_api.h"
#include "exchange/ws_keepalive.h"
#include "exchange/ws_session.h"

namespace vigil::exchange {

struct WsApiRequest;

/// Owned by WsApi; loop thread only.
class WsApi::Session final : public ApiSession {
  public:
    struct Settings {
        std::string address;
        TimeUnit unit{TimeUnit::millisecond};
        bool return_rate_limits{true};
    };

    Session(WsApi& owner, std::uint64_t id, std::shared_ptr<net::WsPeer> peer, Settings settings);
    ~Session() override;

    [[nodiscard]] net::WsPeer& peer() { return *peer_; }
    [[nodiscard]] const std::shared_ptr<net::WsPeer>& shared_peer() const { return peer_; }
    [[nodiscard]] TimeUnit unit() const { return settings_.unit; }
    /// The subscription of `account`, if there is one.
    [[nodiscard]] std::optional<std::int64_t> subscription_of(AccountId account) const;

    [[nodiscard]] const ApiKey* logged_on() const override { return key_; }
    void log_on(const ApiKey& key) override;
    void log_out() override;
    [[nodiscard]] base::ExchangeTime authorized_since() const override { return authorized_since_; }
    [[nodiscard]] base::ExchangeTime connected_since() const override { return connected_since_; }
    [[nodiscard]] bool returns_rate_limits() const override { return settings_.return_rate_limits; }
    [[nodiscard]] RequestResult<std::int64_t> subscribe(AccountId account, bool by_logon) override;
    [[nodiscard]] std::optional<RequestError> unsubscribe(std::optional<std::int64_t> id) override;
    [[nodiscard]] std::vector<std::int64_t> subscriptions() const override;

  private:
    struct Subscription {
        std::int64_t id{0};
        AccountId account;
        bool by_logon{false};
    };

    void on_text(std::string_view frame);
    [[nodiscard]] Answer serve(const WsApiRequest& request, std::optional<RequestError> malformed,
                               const MethodSpec* method);
    /// Whether the session's own key has become invalid.
    [[nodiscard]] bool revokes_session(const RequestError& error, const MethodSpec* method) const;
    void write_error(const RequestError& error);
    void deliver(const Answer& answer);
    /// Ends a subscription, with its last event.
    void end(const Subscription& subscription);
    [[nodiscard]] TimeFormat times() const;

    WsApi& owner_;
    std::uint64_t id_;
    std::shared_ptr<net::WsPeer> peer_;
    Settings settings_;
    KeepAlive keep_alive_;
    bool peer_gone_{false};
    const ApiKey* key_{nullptr};
    base::ExchangeTime connected_since_;
    base::ExchangeTime authorized_since_;
    std::vector<Subscription> subscriptions_;
    std::int64_t next_subscription_{0};
};

}  // namespace vigil::exchange
