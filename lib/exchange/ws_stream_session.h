// One connection of the market streams: its subscriptions, its properties, and the control messages of "Live
// Subscribing/Unsubscribing to streams".
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/ws_streams.h"

namespace vigil::exchange {

/// Owned by WsStreams; loop thread only.
class WsStreams::Session {
  public:
    Session(WsStreams& owner, std::uint64_t id, std::shared_ptr<net::WsPeer> peer, TimeUnit unit,
            bool combined);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    [[nodiscard]] net::WsPeer& peer() { return *peer_; }
    [[nodiscard]] const std::shared_ptr<net::WsPeer>& shared_peer() const { return peer_; }
    [[nodiscard]] bool combined() const { return combined_; }
    [[nodiscard]] TimeUnit unit() const { return unit_; }
    [[nodiscard]] std::size_t subscriptions() const { return names_.size(); }
    /// Without effect for a name that it has; too many end the connection.
    void subscribe(const std::string& name);

  private:
    void on_text(std::string_view text);
    /// Counts a message of the client's; false when it was one too many.
    bool count_message();
    /// The answer to one control message.
    [[nodiscard]] std::string answer(std::string_view text);
    void unsubscribe(const std::string& name);

    WsStreams& owner_;
    std::uint64_t id_;
    std::shared_ptr<net::WsPeer> peer_;
    TimeUnit unit_;
    bool combined_;
    KeepAlive keep_alive_;
    bool peer_gone_{false};
    std::vector<std::string> names_;
    std::int64_t second_{-1};
    std::int64_t messages_{0};
};

}  // namespace vigil::exchange
