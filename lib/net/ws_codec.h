// RFC 6455 frames, without extensions: writing them, and taking a stream of bytes apart into messages. Pure
// functions of their input: no socket, no clock. Own code and not Beast's stream, which writes each message
// and waits for each read in steps of its own; framing into one buffer is what makes ten orders one write.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "net/receive_buffer.h"

namespace vigil::net {

enum class WsOpcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

/// Which side we are: a client masks what it sends and must get unmasked frames, a server the other way round
/// (section 5.1).
enum class WsRole { client, server };

/// Close codes that we send ourselves (section 7.4.1).
namespace ws_close {
inline constexpr std::uint16_t normal = 1000;
inline constexpr std::uint16_t going_away = 1001;
inline constexpr std::uint16_t protocol_error = 1002;
inline constexpr std::uint16_t unsupported = 1003;
inline constexpr std::uint16_t bad_text = 1007;
inline constexpr std::uint16_t too_big = 1009;
}  // namespace ws_close

inline constexpr std::size_t ws_control_bytes_max = 125;

/// Bytes of a whole frame with a payload of that size.
[[nodiscard]] std::size_t ws_frame_bytes(WsRole sender, std::size_t payload_bytes);

/// Writes one final frame to `place`, which has ws_frame_bytes of room. `mask` is used by clients only.
void ws_write_frame(char* place, WsRole sender, WsOpcode opcode, std::string_view payload,
                    std::uint32_t mask);

/// Payload of a close frame; no more than ws_control_bytes_max of it.
[[nodiscard]] std::string ws_close_payload(std::uint16_t code, std::string_view reason);

/// Masking keys that nobody can foresee (section 5.3), drawn from the kernel in batches.
class WsMaskSource {
  public:
    [[nodiscard]] std::uint32_t next();

  private:
    std::array<std::uint32_t, 256> keys_{};
    std::size_t left_{0};
};

/// One thing that came in: a whole message or a control frame.
struct WsIncoming {
    WsOpcode opcode{};            ///< text, close, ping or pong
    std::string_view payload;     ///< valid until the next call of WsReader::next; close: the reason
    std::uint16_t close_code{0};  ///< 0: the close frame has none
};

/// What is wrong with the bytes, and the close code that says so.
struct WsViolation {
    std::uint16_t close_code;
    std::string what;
};

class WsReader {
  public:
    WsReader(WsRole self, std::size_t message_bytes_max)
        : self_{self}, message_bytes_max_{message_bytes_max} {}

    /// The next message or control frame in `input`, nothing when more bytes are needed, or what is wrong;
    /// after a violation the reader is of no use any more. Frees the bytes of its previous answer, and
    /// unmasks in place.
    [[nodiscard]] tl::expected<std::optional<WsIncoming>, WsViolation> next(ReceiveBuffer& input);

  private:
    using Answer = tl::expected<std::optional<WsIncoming>, WsViolation>;
    Answer control(WsOpcode opcode, std::string_view payload);

    const WsRole self_;
    const std::size_t message_bytes_max_;
    std::size_t used_{0};     ///< bytes of `input` that the previous answer points into
    bool in_message_{false};  ///< fragments of a message have come, and more are due
    bool assembled_given_{false};
    std::string assembled_;  ///< fragments so far
};

}  // namespace vigil::net
