// The server's side of one WebSocket. Held by shared pointer by the server and by whoever serves it; after
// on_closed (or after the server is gone) every call is without effect. Loop thread only. Callbacks never
// come from inside a call of the holder, and may do anything, including destroying the server.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace vigil::net {

struct WsPeerHandlers {
    std::function<void(std::string_view)>
        on_text;  ///< valid during the call; text_padding_bytes may be read behind it
    std::function<void(std::string_view)> on_ping;  ///< answered already
    std::function<void(std::string_view)> on_pong;
    /// Once. `error` says why; a close that the client asked for is `unavailable` with its code in the
    /// message.
    std::function<void(const base::Error&)> on_closed;
};

class WsPeer {
  public:
    WsPeer() = default;
    WsPeer(const WsPeer&) = delete;
    WsPeer& operator=(const WsPeer&) = delete;
    virtual ~WsPeer() = default;

    virtual void set_handlers(WsPeerHandlers handlers) = 0;

    /// Queues one text message; those of one callback go out in one write. When the queue's bound would be
    /// passed, the client is too slow: it is disconnected (on_closed with `exhausted`), and the message is
    /// not sent.
    virtual void send(std::string_view text) = 0;
    /// The same message in pieces of `chunk_bytes` (at least 1) with pauses between. What is sent meanwhile,
    /// control frames too, waits behind it.
    virtual void send_slowly(std::string_view text, std::size_t chunk_bytes, base::nanoseconds interval) = 0;
    virtual void ping(std::string_view payload = {}) = 0;
    /// Close frame, then the end of the connection once the client has answered, or after five seconds.
    virtual void close(std::uint16_t code, std::string_view reason) = 0;
    /// Ends the TCP connection at once, `reset` with a TCP reset.
    virtual void kill(bool reset = false) = 0;
    /// While muted nothing is sent (messages, pongs and close frames are thrown away); what comes in is still
    /// read.
    virtual void mute(bool on) = 0;
    /// Sends bytes as they are instead of a frame (hostile server).
    virtual void send_raw(std::string_view bytes) = 0;
    /// While paused nothing is read, so the client's writes back up.
    virtual void pause_reading(bool on) = 0;

    [[nodiscard]] virtual bool open() const = 0;
    /// Bytes that wait for the socket.
    [[nodiscard]] virtual std::size_t queued_bytes() const = 0;
    [[nodiscard]] virtual std::uint64_t socket_writes() const = 0;
};

}  // namespace vigil::net
