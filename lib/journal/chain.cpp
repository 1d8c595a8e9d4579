#include "journal/chain.h"

#include <string>

namespace vigil::journal {

namespace {

void append(std::vector<std::byte>& out, std::string_view text) {
    const auto bytes = std::as_bytes(std::span{text});
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void append(std::vector<std::byte>& out, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::byte>(number >> shift & 0xff));
}

void append_sized(std::vector<std::byte>& out, std::string_view text) {
    append(out, std::uint64_t{text.size()});
    append(out, text);
}

Digest root_of(const HashFunction& hash, std::string_view journal_id) {
    std::string text{"vigil journal "};
    text += journal_id;
    return hash(std::as_bytes(std::span{text}));
}

}  // namespace

Chain::Chain(HashFunction hash, std::string_view journal_id)
    : hash_{std::move(hash)}, root_{root_of(hash_, journal_id)} {}

Digest Chain::next(const Digest& previous, const Row& row) {
    buffer_.clear();
    buffer_.insert(buffer_.end(), previous.begin(), previous.end());
    append(buffer_, static_cast<std::uint64_t>(row.sequence));
    append(buffer_, static_cast<std::uint64_t>(row.exchange_us));
    append(buffer_, static_cast<std::uint64_t>(row.wall_us));
    append_sized(buffer_, row.kind);
    append_sized(buffer_, row.client_order_id);
    append_sized(buffer_, row.body);
    return hash_(buffer_);
}

}  // namespace vigil::journal
