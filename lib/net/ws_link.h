// Frames out of one end of a WebSocket into its stream; what client and server have in common.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "net/stream.h"
#include "net/ws_codec.h"

namespace vigil::net {

class WsLink {
  public:
    WsLink(WsRole self, std::shared_ptr<Stream> stream) : self_{self}, stream_{std::move(stream)} {}

    [[nodiscard]] Stream& stream() const { return *stream_; }

    void put(WsOpcode opcode, std::string_view payload) {
        char* place = stream_->write_place(ws_frame_bytes(self_, payload.size()));
        ws_write_frame(place, self_, opcode, payload, self_ == WsRole::client ? masks_.next() : 0);
    }

    /// Answers a ping. While an earlier pong still waits for the socket, a peer that floods us with pings
    /// gets no further one (section 5.5.3 allows it), so pongs cannot pile up.
    void pong(std::string_view payload) {
        if (last_pong_end_ > stream_->bytes_handed()) return;
        put(WsOpcode::pong, payload);
        last_pong_end_ = stream_->bytes_written();
    }

    void put_close(std::uint16_t code, std::string_view reason) {
        if (!std::exchange(close_sent_, true)) put(WsOpcode::close, ws_close_payload(code, reason));
    }
    [[nodiscard]] bool close_sent() const { return close_sent_; }

  private:
    const WsRole self_;
    const std::shared_ptr<Stream> stream_;
    WsMaskSource masks_;
    std::uint64_t last_pong_end_{0};
    bool close_sent_{false};
};

}  // namespace vigil::net
