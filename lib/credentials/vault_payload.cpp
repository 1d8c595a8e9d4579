#include "credentials/vault_payload.h"

#include <openssl/asn1.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/date.h"
#include "credentials/signer.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

constexpr std::size_t secret_bytes_max = 4096;
constexpr std::size_t fields = 8;

bool is_made_of(std::string_view text, std::string_view letters) {
    return text.find_first_not_of(letters) == std::string_view::npos;
}

/// Controls, and marks that turn the reading direction, would let a note draw on the operator's terminal.
bool is_drawing(unsigned long code) {
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::array<std::string_view, fields> texts_of(const VaultEntry& entry, std::string_view secret) {
    return {entry.label,   entry.environment, to_string(entry.type), entry.api_key, secret,
            entry.created, entry.note,        entry.retired};
}

/// Walks over length-prefixed fields, never past the end.
class Reader {
  public:
    explicit Reader(std::span<const std::uint8_t> bytes) : bytes_{bytes} {}

    [[nodiscard]] bool number(std::size_t& value) {
        if (bytes_.size() < 2) return false;
        value = static_cast<std::size_t>(bytes_[0]) << 8U | bytes_[1];
        bytes_ = bytes_.subspan(2);
        return true;
    }
    [[nodiscard]] bool text(std::string_view& value) {
        std::size_t size = 0;
        if (!number(size) || bytes_.size() < size) return false;
        value = {reinterpret_cast<const char*>(bytes_.data()), size};
        bytes_ = bytes_.subspan(size);
        return true;
    }
    [[nodiscard]] bool at_end() const { return bytes_.empty(); }

  private:
    std::span<const std::uint8_t> bytes_;
};

Result<VaultEntry> next_entry(Reader& reader) {
    std::array<std::string_view, fields> texts;
    for (std::string_view& text : texts)
        if (!reader.text(text)) return fail(ErrorKind::corrupt, "a vault entry is cut short");
    const auto type = key_type_from(texts[2]);
    if (!type) return fail(ErrorKind::corrupt, "a vault entry has an unknown key type");
    auto secret = Secret::copy_of(texts[4]);
    if (!secret) return fail(secret.error());
    return VaultEntry{std::string{texts[0]}, std::string{texts[1]}, *type,
                      std::string{texts[3]}, std::move(*secret),    std::string{texts[5]},
                      std::string{texts[6]}, std::string{texts[7]}};
}

}  // namespace

bool is_printable_utf8(std::string_view text) {
    while (!text.empty()) {
        unsigned long code = 0;
        const int size = UTF8_getc(reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()), &code);
        if (size <= 0 || is_drawing(code)) return false;
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

Result<void> check_entry(const VaultEntry& entry) {
    const auto refuse = [](std::string text) -> Result<void> {
        return fail(ErrorKind::invalid, std::move(text));
    };
    if (entry.label.empty() || entry.label.size() > 32 ||
        !is_made_of(entry.label, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"))
        return refuse("a label is 1 to 32 of A-Z a-z 0-9 - _");
    constexpr std::array<std::string_view, 4> environments{"simulator", "testnet", "demo", "production"};
    if (std::find(environments.begin(), environments.end(), entry.environment) == environments.end())
        return refuse("the environment is simulator, testnet, demo or production");
    if (entry.api_key.size() > 128 || !is_printable_ascii(entry.api_key))
        return refuse("an API key is 1 to 128 printable characters without spaces");
    // The exchange gives it once the public key has been uploaded; an HMAC secret comes together with it.
    if (entry.api_key.empty() && entry.type == KeyType::hmac_sha256)
        return refuse("an HMAC key has an API key");
    if (!base::parse_date(entry.created))
        return refuse("a date is a day of the calendar, written YYYY-MM-DD");
    if (entry.note.size() > 256 || !is_printable_utf8(entry.note))
        return refuse("a note has at most 256 bytes of UTF-8 and no control characters");
    if (entry.is_retired()) {
        if (!base::parse_date(entry.retired))
            return refuse("a date is a day of the calendar, written YYYY-MM-DD");
        if (!entry.secret.empty()) return refuse("a retired key has no secret any more");
        return {};
    }
    if (entry.secret.size() > secret_bytes_max)
        return refuse("the secret has " + std::to_string(entry.secret.size()) +
                      " bytes; no key of the exchange is so long");
    if (entry.type == KeyType::hmac_sha256) {
        if (!entry.secret.use_text(is_printable_ascii))
            return refuse("an HMAC secret is printable characters without spaces; was a PEM file given?");
    }
    if (const auto signer = Signer::make(entry.type, entry.secret); !signer) return fail(signer.error());
    return {};
}

Result<Secret> encoded_entries(const std::vector<VaultEntry>& entries) {
    std::size_t size = 2;
    for (const VaultEntry& entry : entries)
        for (const std::string_view text : texts_of(entry, {})) size += 2 + text.size();
    for (const VaultEntry& entry : entries) size += entry.secret.size();
    auto payload = Secret::zeros(size);
    if (!payload) return payload;
    payload->fill([&entries](std::span<std::uint8_t> out) {
        const auto number = [&out](std::size_t value) {
            out[0] = static_cast<std::uint8_t>(value >> 8U);
            out[1] = static_cast<std::uint8_t>(value);
            out = out.subspan(2);
        };
        number(entries.size());
        for (const VaultEntry& entry : entries)
            entry.secret.use_text([&](std::string_view secret) {
                for (const std::string_view text : texts_of(entry, secret)) {
                    number(text.size());
                    std::copy(text.begin(), text.end(), out.begin());
                    out = out.subspan(text.size());
                }
            });
    });
    return payload;
}

Result<std::vector<VaultEntry>> decoded_entries(const Secret& payload) {
    return payload.use([](std::span<const std::uint8_t> bytes) -> Result<std::vector<VaultEntry>> {
        Reader reader{bytes};
        std::size_t count = 0;
        if (!reader.number(count) || count > Vault::entries_max)
            return fail(ErrorKind::corrupt, "the vault has an impossible number of entries");
        std::vector<VaultEntry> entries;
        for (std::size_t i = 0; i < count; ++i) {
            auto entry = next_entry(reader);
            if (!entry) return fail(entry.error());
            entries.push_back(std::move(*entry));
        }
        if (!reader.at_end()) return fail(ErrorKind::corrupt, "the vault has bytes after its last entry");
        return entries;
    });
}

}  // namespace vigil::credentials
