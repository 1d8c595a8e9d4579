// WebSocket frames as a server and as a client reads them, in pieces of any size.
#include <algorithm>
#include <cstring>
#include <string>

#include "base/check.h"
#include "fuzz/target.h"
#include "net/ws_codec.h"

namespace vigil::fuzz {

namespace {

constexpr std::size_t message_bytes_max = 2048;

std::string frame(net::WsRole sender, net::WsOpcode opcode, std::string_view payload) {
    std::string bytes(net::ws_frame_bytes(sender, payload.size()), '\0');
    net::ws_write_frame(bytes.data(), sender, opcode, payload, 0x1badcafe);
    return bytes;
}

void check_message(const net::WsIncoming& message) {
    base::check(message.payload.size() <= message_bytes_max, "no message is longer than allowed");
    switch (message.opcode) {
        case net::WsOpcode::text:
            break;
        case net::WsOpcode::ping:
        case net::WsOpcode::pong:
        case net::WsOpcode::close:
            base::check(message.payload.size() <= net::ws_control_bytes_max, "control frames are short");
            break;
        default:
            base::check(false, "nothing else is given");
    }
}

}  // namespace

// The first byte says who reads and how many bytes come at a time.
std::vector<std::string> seeds() {
    std::vector<std::string> all;
    for (const net::WsRole sender : {net::WsRole::client, net::WsRole::server}) {
        std::string start(1, sender == net::WsRole::client ? '\x40' : '\x41');
        for (const std::size_t size : {0U, 5U, 125U, 126U, 1000U})
            all.push_back(start + frame(sender, net::WsOpcode::text, std::string(size, 'x')));
        all.push_back(start + frame(sender, net::WsOpcode::text, "gr\xc3\xbc\xc3\x9f") +
                      frame(sender, net::WsOpcode::ping, "now"));
        all.push_back(start + frame(sender, net::WsOpcode::close, net::ws_close_payload(1000, "bye")));
        // A message in two pieces with a pong between them.
        std::string first = frame(sender, net::WsOpcode::text, "one");
        first[0] = static_cast<char>(first[0] & 0x7f);
        all.push_back(start + first + frame(sender, net::WsOpcode::pong, "") +
                      frame(sender, net::WsOpcode::continuation, "two"));
    }
    return all;
}

void run(std::string_view input) {
    if (input.empty()) return;
    const auto control = static_cast<unsigned char>(input.front());
    input.remove_prefix(1);
    const net::WsRole self = (control & 1U) == 0 ? net::WsRole::server : net::WsRole::client;
    const std::size_t piece = 1 + (control >> 1U);
    net::WsReader reader{self, message_bytes_max};
    net::ReceiveBuffer buffer;
    while (!input.empty()) {
        const std::string_view part = input.substr(0, std::min(piece, input.size()));
        std::memcpy(buffer.prepare(part.size()), part.data(), part.size());
        buffer.commit(part.size());
        input.remove_prefix(part.size());
        for (;;) {
            const auto got = reader.next(buffer);
            if (!got) {
                const auto code = got.error().close_code;
                base::check(code == net::ws_close::protocol_error || code == net::ws_close::bad_text ||
                                code == net::ws_close::too_big || code == net::ws_close::unsupported,
                            "a violation has a code of RFC 6455");
                base::check(!got.error().what.empty(), "a violation says what is wrong");
                return;
            }
            if (!*got) break;
            check_message(**got);
        }
        base::check(buffer.size() <= message_bytes_max + 14, "unread bytes are bounded");
    }
}

}  // namespace vigil::fuzz
