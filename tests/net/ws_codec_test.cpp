// RFC 6455 section 5, and what is outside of it.
#include "net/ws_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "net/ws_primitives.h"

namespace vigil::net {
namespace {

constexpr std::size_t plenty = 1U << 20U;

std::string frame(WsRole sender, WsOpcode opcode, std::string_view payload, std::uint32_t mask = 0x12345678) {
    std::string bytes(ws_frame_bytes(sender, payload.size()), '\0');
    ws_write_frame(bytes.data(), sender, opcode, payload, mask);
    return bytes;
}

void put(ReceiveBuffer& buffer, std::string_view bytes) {
    bytes.copy(buffer.prepare(bytes.size()), bytes.size());
    buffer.commit(bytes.size());
}

struct Got {
    WsOpcode opcode;
    std::string payload;
    std::uint16_t code;
    friend bool operator==(const Got&, const Got&) = default;
};

/// Everything in `bytes`, offered in pieces of `piece`; a violation ends it.
std::pair<std::vector<Got>, std::optional<WsViolation>> read_all(WsRole self, std::string_view bytes,
                                                                 std::size_t piece,
                                                                 std::size_t limit = plenty) {
    WsReader reader{self, limit};
    ReceiveBuffer buffer;
    std::vector<Got> got;
    while (!bytes.empty()) {
        put(buffer, bytes.substr(0, piece));
        bytes.remove_prefix(std::min(piece, bytes.size()));
        for (;;) {
            const auto next = reader.next(buffer);
            if (!next) return {got, next.error()};
            if (!*next) break;
            got.push_back({(*next)->opcode, std::string{(*next)->payload}, (*next)->close_code});
        }
    }
    return {got, std::nullopt};
}

TEST(WsCodec, WritesTheExamplesOfTheSpecification) {
    // Section 5.7: "Hello" unmasked and masked.
    EXPECT_EQ(frame(WsRole::server, WsOpcode::text, "Hello"), "\x81\x05Hello");
    std::uint32_t key = 0;
    std::memcpy(&key, "\x37\xfa\x21\x3d", sizeof key);
    EXPECT_EQ(frame(WsRole::client, WsOpcode::text, "Hello", key),
              "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    // Section 1.3.
    EXPECT_EQ(ws_accept_of("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_EQ(ws_make_key().size(), 24U);
    EXPECT_NE(ws_make_key(), ws_make_key());
}

TEST(WsCodec, EveryLengthComesBackWhicheverWayItIsCut) {
    std::mt19937 random{6455};
    for (const WsRole sender : {WsRole::client, WsRole::server}) {
        const WsRole self = sender == WsRole::client ? WsRole::server : WsRole::client;
        for (const std::size_t size :
             {0U, 1U, 2U, 124U, 125U, 126U, 127U, 1000U, 65'535U, 65'536U, 70'000U}) {
            std::string payload(size, '\0');
            for (char& byte : payload) byte = static_cast<char>('a' + random() % 26);
            const std::string bytes =
                frame(sender, WsOpcode::text, payload, static_cast<std::uint32_t>(random()));
            const std::string twice = bytes + bytes;
            for (const std::size_t piece :
                 {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size(), twice.size()}) {
                if (piece == 1 && size > 1000) continue;
                const auto [got, wrong] = read_all(self, twice, piece);
                ASSERT_FALSE(wrong) << wrong->what;
                const Got expected{WsOpcode::text, payload, 0};
                ASSERT_EQ(got, (std::vector{expected, expected})) << size << " in pieces of " << piece;
            }
        }
    }
}

TEST(WsCodec, FragmentsAreOneMessageAndControlFramesMayLieBetween) {
    std::string bytes{"\x01\x03Hel", 5};
    bytes += frame(WsRole::server, WsOpcode::ping, "p");
    bytes += std::string{"\x00\x00", 2};
    bytes += std::string{"\x80\x02lo", 4};
    bytes += frame(WsRole::server, WsOpcode::text, "next");
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        const auto [got, wrong] = read_all(WsRole::client, bytes, piece);
        ASSERT_FALSE(wrong);
        EXPECT_EQ(got,
                  (std::vector<Got>{
                      {WsOpcode::ping, "p", 0}, {WsOpcode::text, "Hello", 0}, {WsOpcode::text, "next", 0}}));
    }
}

TEST(WsCodec, CloseFramesCarryCodeAndReason) {
    const auto close = [](std::string_view payload) {
        return read_all(WsRole::client, frame(WsRole::server, WsOpcode::close, payload), 1000);
    };
    EXPECT_EQ(close("").first, (std::vector<Got>{{WsOpcode::close, "", 0}}));
    EXPECT_EQ(close(ws_close_payload(1001, "bye")).first, (std::vector<Got>{{WsOpcode::close, "bye", 1001}}));
    EXPECT_EQ(close("x").second->close_code, ws_close::protocol_error);
    for (const auto code : std::initializer_list<std::uint16_t>{0, 999, 1004, 1005, 1006, 1015, 2000, 5000})
        EXPECT_EQ(close(ws_close_payload(code, "")).second->close_code, ws_close::protocol_error) << code;
    EXPECT_EQ(close(std::string{"\x03\xe8\xff", 3}).second->close_code, ws_close::bad_text);
    // A reason that is too long is cut at a whole character.
    std::string reason(122, 'a');
    reason += "\xc3\xa9";
    EXPECT_EQ(ws_close_payload(1000, reason).size(), 124U);
}

TEST(WsCodec, BreachesOfTheProtocolAreNamed) {
    const struct {
        const char* what;
        std::string bytes;
        std::uint16_t code;
    } cases[] = {
        {"reserved bit", std::string{"\xc1\x00", 2}, ws_close::protocol_error},
        {"unknown opcode", std::string{"\x83\x00", 2}, ws_close::protocol_error},
        {"unknown control opcode", std::string{"\x8b\x00", 2}, ws_close::protocol_error},
        {"masked by a server", std::string{"\x81\x80\0\0\0\0", 6}, ws_close::protocol_error},
        {"fragmented ping", std::string{"\x09\x00", 2}, ws_close::protocol_error},
        {"long ping", std::string{"\x89\x7e\x00\x7e", 4}, ws_close::protocol_error},
        {"continuation of nothing", std::string{"\x80\x00", 2}, ws_close::protocol_error},
        {"message inside a message", std::string{"\x01\x00\x81\x00", 4}, ws_close::protocol_error},
        {"16-bit length below 126", std::string{"\x81\x7e\x00\x7d", 4}, ws_close::protocol_error},
        {"64-bit length below 65536", std::string{"\x81\x7f\0\0\0\0\0\0\xff\xff", 10},
         ws_close::protocol_error},
        {"binary", std::string{"\x82\x00", 2}, ws_close::unsupported},
        {"not UTF-8", std::string{"\x81\x02\xc3\x28", 4}, ws_close::bad_text},
        {"cut UTF-8", std::string{"\x81\x01\xc3", 3}, ws_close::bad_text},
        {"not UTF-8 over fragments", std::string{"\x01\x01\xc3\x80\x01\x28", 6}, ws_close::bad_text},
        {"huge", std::string{"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff", 10}, ws_close::too_big},
        {"most significant bit", std::string{"\x81\x7f\xff\xff\xff\xff\xff\xff\xff\xff", 10},
         ws_close::too_big},
    };
    for (const auto& one : cases) {
        const auto [got, wrong] = read_all(WsRole::client, one.bytes, 1);
        ASSERT_TRUE(wrong) << one.what;
        EXPECT_EQ(wrong->close_code, one.code) << one.what;
        EXPECT_TRUE(got.empty());
    }
    EXPECT_TRUE(read_all(WsRole::server, "\x81\x05Hello", 1).second) << "an unmasked frame to a server";
}

TEST(WsCodec, TheBoundHoldsForOneFrameAndForFragmentsTogether) {
    const std::string at_bound = frame(WsRole::server, WsOpcode::text, std::string(100, 'x'));
    EXPECT_FALSE(read_all(WsRole::client, at_bound, 1, 100).second);
    const std::string beyond = frame(WsRole::server, WsOpcode::text, std::string(101, 'x'));
    EXPECT_EQ(read_all(WsRole::client, beyond.substr(0, 2), 1, 100).second->close_code, ws_close::too_big);
    const std::string fragments = std::string{"\x01\x3c"} + std::string(60, 'x') + std::string{"\x80\x3c"};
    EXPECT_EQ(read_all(WsRole::client, fragments, 1, 100).second->close_code, ws_close::too_big);
}

TEST(WsCodec, DamagedFramesNeverDoHarm) {
    constexpr unsigned seed = 81;
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int round = 0; round < 3000; ++round) {
        std::string bytes;
        for (int i = 0; i < 4; ++i)
            bytes += frame(WsRole::client, static_cast<WsOpcode>(random() % 2 == 0 ? 1 : 8 + random() % 3),
                           std::string(random() % 200, 'a'), static_cast<std::uint32_t>(random()));
        for (auto flips = 1 + random() % 4; flips > 0; --flips)
            bytes[random() % bytes.size()] = static_cast<char>(random());
        const auto whole = read_all(WsRole::server, bytes, bytes.size(), 4096);
        const auto pieces = read_all(WsRole::server, bytes, 1 + random() % 9, 4096);
        ASSERT_EQ(whole.first, pieces.first) << "round " << round;
        ASSERT_EQ(whole.second.has_value(), pieces.second.has_value()) << "round " << round;
    }
}

TEST(WsCodec, MasksAreNotRepeated) {
    WsMaskSource source;
    std::vector<std::uint32_t> keys(1000);
    for (auto& key : keys) key = source.next();
    std::sort(keys.begin(), keys.end());
    const auto distinct = std::unique(keys.begin(), keys.end()) - keys.begin();
    EXPECT_GT(distinct, 990);
}

}  // namespace
}  // namespace vigil::net
