// The two canonical forms of a request's parameters, and their signing.
//
// REST:          name=value pairs, values percent-encoded, joined with '&', `signature` last and
// percent-encoded. The
//                bytes that are signed are a prefix of the one buffer that is sent, so they cannot differ.
// WebSocket API: name=value pairs sorted by name, raw UTF-8 values, joined with '&', without `signature`.
//
// Both are written sorted by name: REST accepts any order, and so a request has exactly one form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "credentials/signer.h"

namespace vigil::credentials {

/// Appends `raw` with every byte outside A-Z a-z 0-9 - _ . ~ written as %XX (RFC 3986 section 2.1).
void append_percent_encoded(std::string& out, std::string_view raw);

/// The reverse; '+' stays '+'. ErrorKind::invalid for a '%' without two hex digits.
[[nodiscard]] base::Result<std::string> percent_decoded(std::string_view encoded);

/// Parameters of one request, kept sorted by name, in the very form that the WebSocket API has signed: there
/// is nothing left to copy when they are complete. Whoever adds them by name (A to Z) only ever appends.
/// Meant to be reused: `clear` keeps the memory, so that a steady stream of requests allocates nothing. One
/// thread at a time.
class RequestForm {
  public:
    struct Parameter {
        std::string_view name;
        std::string_view value;
    };

    void clear();

    /// Copies name and value. Giving a name twice, or the name "signature", is a bug of the caller.
    void add(std::string_view name, std::string_view value);
    void add(std::string_view name, std::int64_t value);

    [[nodiscard]] std::size_t size() const { return places_.size(); }
    /// The `index`th parameter by name; valid until the next add or clear.
    [[nodiscard]] Parameter operator[](std::size_t index) const;

    /// Appends the REST form, unsigned.
    void append_rest(std::string& out) const;
    /// Appends the REST form and its signature: `a=1&b=2&signature=...`. `signer` signs what this call has
    /// appended.
    void append_rest_signed(Signer& signer, std::string& out) const;
    /// The payload that a WebSocket API request's `signature` is made of; valid until the next add or clear.
    [[nodiscard]] std::string_view websocket_payload() const { return {text_.data(), size_}; }

  private:
    struct Place {
        std::uint32_t begin, name_size, value_size;
    };
    [[nodiscard]] std::string_view name_of(const Place& place) const {
        return {text_.data() + place.begin, place.name_size};
    }
    void write(std::size_t at, std::string_view name, std::string_view value);

    std::string text_;  ///< of it the first size_ bytes: name=value&name=value
    std::size_t size_{0};
    std::vector<Place> places_;
};

}  // namespace vigil::credentials
