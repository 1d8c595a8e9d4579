#include "net/ws_codec.h"

#include <sys/random.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "net/ws_primitives.h"

namespace vigil::net {

namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t reserved_bits = 0x70;
constexpr std::uint8_t opcode_bits = 0x0f;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint8_t length_bits = 0x7f;
constexpr std::uint8_t length_16 = 126;
constexpr std::uint8_t length_64 = 127;

tl::unexpected<WsViolation> violation(std::uint16_t code, std::string what) {
    return tl::unexpected<WsViolation>(WsViolation{code, std::move(what)});
}

/// The key lies in `mask` in the order of the wire. Masking and unmasking are the same.
void apply_mask(char* bytes, std::size_t size, std::uint32_t mask) {
    const std::uint64_t wide = (std::uint64_t{mask} << 32U) | mask;
    std::size_t at = 0;
    for (; at + sizeof wide <= size; at += sizeof wide) {
        std::uint64_t part = 0;
        std::memcpy(&part, bytes + at, sizeof part);
        part ^= wide;
        std::memcpy(bytes + at, &part, sizeof part);
    }
    std::array<char, sizeof mask> key{};
    std::memcpy(key.data(), &mask, sizeof mask);
    for (; at < size; ++at) bytes[at] = static_cast<char>(bytes[at] ^ key[at % sizeof mask]);
}

std::uint64_t big_endian(const char* from, std::size_t size) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = (value << 8U) | static_cast<std::uint8_t>(from[i]);
    return value;
}

/// Codes that may be on the wire, section 7.4.
bool is_close_code(std::uint16_t code) {
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

bool is_known(std::uint8_t opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

}  // namespace

std::size_t ws_frame_bytes(WsRole sender, std::size_t payload_bytes) {
    const std::size_t length = payload_bytes < length_16 ? 0 : payload_bytes <= 0xffff ? 2 : 8;
    return 2 + length + (sender == WsRole::client ? 4 : 0) + payload_bytes;
}

void ws_write_frame(char* place, WsRole sender, WsOpcode opcode, std::string_view payload,
                    std::uint32_t mask) {
    const bool masked = sender == WsRole::client;
    std::size_t at = 0;
    const auto put = [&](std::uint64_t byte) { place[at++] = static_cast<char>(byte & 0xffU); };
    put(fin_bit | static_cast<std::uint8_t>(opcode));
    const std::uint8_t flag = masked ? mask_bit : 0;
    const std::uint64_t size = payload.size();
    if (size < length_16) {
        put(flag | size);
    } else if (size <= 0xffff) {
        put(std::uint64_t{flag} | length_16);
        for (int shift = 8; shift >= 0; shift -= 8) put(size >> static_cast<unsigned>(shift));
    } else {
        put(std::uint64_t{flag} | length_64);
        for (int shift = 56; shift >= 0; shift -= 8) put(size >> static_cast<unsigned>(shift));
    }
    if (masked) {
        std::memcpy(place + at, &mask, sizeof mask);
        at += sizeof mask;
    }
    if (payload.empty()) return;
    std::memcpy(place + at, payload.data(), payload.size());
    if (masked) apply_mask(place + at, payload.size(), mask);
}

std::string ws_close_payload(std::uint16_t code, std::string_view reason) {
    std::string payload;
    payload.push_back(static_cast<char>(code >> 8U));
    payload.push_back(static_cast<char>(code & 0xffU));
    reason = reason.substr(0, ws_control_bytes_max - payload.size());
    // A reason that was cut inside a character would be refused as bad UTF-8.
    while (!reason.empty() && !is_utf8(reason)) reason.remove_suffix(1);
    payload += reason;
    return payload;
}

std::uint32_t WsMaskSource::next() {
    if (left_ == 0) {
        auto* place = reinterpret_cast<char*>(keys_.data());
        std::size_t got = 0;
        while (got < sizeof keys_) {
            const ssize_t count = ::getrandom(place + got, sizeof keys_ - got, 0);
            base::check(count > 0 || errno == EINTR, "the kernel gives random bytes");
            if (count > 0) got += static_cast<std::size_t>(count);
        }
        left_ = keys_.size();
    }
    return keys_[--left_];
}

WsReader::Answer WsReader::next(ReceiveBuffer& input) {
    input.consume(std::exchange(used_, 0));
    if (std::exchange(assembled_given_, false)) {
        assembled_.clear();
        if (assembled_.capacity() > (1U << 20U)) assembled_ = {};
    }

    for (;;) {
        const std::size_t have = input.size();
        if (have < 2) return std::nullopt;
        char* const frame = input.data();
        const auto first = static_cast<std::uint8_t>(frame[0]);
        const auto second = static_cast<std::uint8_t>(frame[1]);
        const bool final = (first & fin_bit) != 0;
        const bool masked = (second & mask_bit) != 0;
        const auto opcode = static_cast<WsOpcode>(first & opcode_bits);
        const bool is_control = (first & 0x08) != 0;

        if ((first & reserved_bits) != 0) return violation(ws_close::protocol_error, "reserved bits are set");
        if (!is_known(first & opcode_bits)) return violation(ws_close::protocol_error, "unknown opcode");
        if (masked != (self_ == WsRole::server))
            return violation(ws_close::protocol_error, masked ? "a masked frame" : "an unmasked frame");
        const std::uint8_t short_length = second & length_bits;
        if (is_control && (!final || short_length > ws_control_bytes_max))
            return violation(ws_close::protocol_error, "a control frame is fragmented or too long");
        if (!is_control && (opcode == WsOpcode::continuation) != in_message_)
            return violation(ws_close::protocol_error, in_message_ ? "a message inside a fragmented message"
                                                                   : "a continuation of nothing");

        std::size_t header = 2;
        std::uint64_t length = short_length;
        if (short_length == length_16 || short_length == length_64) {
            const std::size_t extra = short_length == length_16 ? 2 : 8;
            if (have < header + extra) return std::nullopt;
            length = big_endian(frame + header, extra);
            header += extra;
            if (length < length_16 || (extra == 8 && length <= 0xffff))
                return violation(ws_close::protocol_error,
                                 "a length that is not written in its shortest form");
        }
        if (opcode == WsOpcode::binary) return violation(ws_close::unsupported, "a binary message");
        if (length > message_bytes_max_ || assembled_.size() + length > message_bytes_max_)
            return violation(ws_close::too_big,
                             "a message of more than " + std::to_string(message_bytes_max_) + " bytes");
        std::uint32_t mask = 0;
        if (masked) {
            if (have < header + sizeof mask) return std::nullopt;
            std::memcpy(&mask, frame + header, sizeof mask);
            header += sizeof mask;
        }
        if (have < header + length) return std::nullopt;

        const auto size = static_cast<std::size_t>(length);
        if (masked) apply_mask(frame + header, size, mask);
        const std::string_view payload{frame + header, size};
        if (is_control) {
            used_ = header + size;
            return control(opcode, payload);
        }
        if (final && !in_message_) {
            used_ = header + size;
            if (!is_utf8(payload)) return violation(ws_close::bad_text, "text that is not UTF-8");
            return WsIncoming{WsOpcode::text, payload};
        }
        if (assembled_.capacity() < assembled_.size() + size + text_padding_bytes)
            assembled_.reserve(
                std::max(assembled_.capacity() * 2, assembled_.size() + size + text_padding_bytes));
        assembled_.append(payload);
        input.consume(header + size);
        in_message_ = !final;
        if (final) {
            assembled_given_ = true;
            if (!is_utf8(assembled_)) return violation(ws_close::bad_text, "text that is not UTF-8");
            return WsIncoming{WsOpcode::text, assembled_};
        }
    }
}

WsReader::Answer WsReader::control(WsOpcode opcode, std::string_view payload) {
    if (opcode != WsOpcode::close) return WsIncoming{opcode, payload};
    if (payload.empty()) return WsIncoming{opcode, payload};
    if (payload.size() == 1) return violation(ws_close::protocol_error, "a close frame of one byte");
    const auto code = static_cast<std::uint16_t>(big_endian(payload.data(), 2));
    if (!is_close_code(code)) return violation(ws_close::protocol_error, "a close code that may not be sent");
    payload.remove_prefix(2);
    if (!is_utf8(payload)) return violation(ws_close::bad_text, "a close reason that is not UTF-8");
    return WsIncoming{opcode, payload, code};
}

}  // namespace vigil::net
