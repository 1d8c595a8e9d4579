// The server's side of one WebSocket, on the stream that its upgrade came in on.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/event_loop.h"
#include "net/stream.h"
#include "net/ws_codec.h"
#include "net/ws_link.h"
#include "net/ws_peer.h"

namespace vigil::net {

class WsPeerImpl final : public WsPeer, public StreamUser, public std::enable_shared_from_this<WsPeerImpl> {
  public:
    struct Limits {
        std::size_t message_bytes_max;
        std::size_t queue_bytes_max;
    };

    /// Becomes the user of `stream`. `ended` is called once when the connection has gone, before on_closed.
    WsPeerImpl(EventLoop& loop, const std::shared_ptr<Stream>& stream, Limits limits,
               std::function<void()> ended);
    ~WsPeerImpl() override = default;

    void set_handlers(WsPeerHandlers handlers) override { handlers_ = std::move(handlers); }
    void send(std::string_view text) override;
    void send_slowly(std::string_view text, std::size_t chunk_bytes, base::nanoseconds interval) override;
    void ping(std::string_view payload) override;
    void close(std::uint16_t code, std::string_view reason) override;
    void kill(bool reset) override;
    void mute(bool on) override { muted_ = on; }
    void send_raw(std::string_view bytes) override;
    void pause_reading(bool on) override;
    [[nodiscard]] bool open() const override { return !ended_ && !close_waits_ && !link_.close_sent(); }
    [[nodiscard]] std::size_t queued_bytes() const override {
        return slow_.size() - slow_done_ + link_.stream().bytes_waiting();
    }
    [[nodiscard]] std::uint64_t socket_writes() const override { return link_.stream().socket_writes(); }

    /// The server has gone: no callback from here on.
    void abandon();

    void on_stream_ready() override {}
    void on_stream_bytes() override;
    void on_stream_end(const base::Error& error, bool orderly) override;

  private:
    /// Puts a frame into the stream, or behind what trickles out.
    void put(WsOpcode opcode, std::string_view payload);
    void put_close(std::uint16_t code, std::string_view reason);
    void trickle();
    /// Before something is sent: false when it must not be, or the client is too slow for it.
    bool may_put(std::size_t bytes);
    void end(const base::Error& error, bool polite);
    void end_soon(base::Error error);

    EventLoop& loop_;
    WsLink link_;
    WsReader reader_;
    const std::size_t queue_bytes_max_;
    std::function<void()> on_ended_;
    WsPeerHandlers handlers_;
    bool muted_{false};
    bool ended_{false};  ///< nothing more goes in or out
    bool told_{false};   ///< on_closed was called, or never will be
    std::string slow_;   ///< whole frames, of which `slow_done_` bytes have gone
    std::size_t slow_done_{0};
    std::size_t slow_chunk_bytes_{1};
    base::nanoseconds slow_interval_{0};
    bool close_waits_{false};  ///< our close frame is in slow_
    Timer close_timer_;
    Timer slow_timer_;
};

}  // namespace vigil::net
