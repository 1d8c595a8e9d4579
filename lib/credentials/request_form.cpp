#include "credentials/request_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

#include "base/check.h"
#include "credentials/text_codes.h"

namespace vigil::credentials {

namespace {

constexpr std::array<bool, 256> make_unreserved() {
    std::array<bool, 256> table{};
    for (const char c :
         std::string_view{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~"})
        table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr std::array<bool, 256> unreserved = make_unreserved();

}  // namespace

void append_percent_encoded(std::string& out, std::string_view raw) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    // Most values need no encoding at all: whole runs are copied, not characters.
    std::size_t run = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const auto byte = static_cast<unsigned char>(raw[i]);
        if (unreserved[byte]) continue;
        out.append(raw.substr(run, i - run));
        const std::array<char, 3> escape{'%', digits[byte >> 4U], digits[byte & 15U]};
        out.append(escape.data(), escape.size());
        run = i + 1;
    }
    out.append(raw.substr(run));
}

base::Result<std::string> percent_decoded(std::string_view encoded) {
    std::string raw;
    raw.reserve(encoded.size());
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        if (encoded[i] != '%') {
            raw.push_back(encoded[i]);
            continue;
        }
        const auto high = i + 2 < encoded.size() ? hex_digit(encoded[i + 1]) : std::nullopt;
        const auto low = high ? hex_digit(encoded[i + 2]) : std::nullopt;
        if (!low) return base::fail(base::ErrorKind::invalid, "a '%' without two hex digits");
        raw.push_back(static_cast<char>(*high * 16 + *low));
        i += 2;
    }
    return raw;
}

void RequestForm::clear() {
    size_ = 0;
    places_.clear();
}

void RequestForm::add(std::string_view name, std::string_view value) {
    constexpr std::size_t request_bytes_max = std::numeric_limits<std::uint32_t>::max();
    base::check(!name.empty() && name != "signature", "the form itself adds the signature");
    base::check(name.size() <= request_bytes_max && value.size() <= request_bytes_max &&
                    size_ + name.size() + value.size() + 2 <= request_bytes_max,
                "a request is small");
    const std::size_t added = name.size() + value.size() + (places_.empty() ? 1 : 2);
    if (size_ + added > text_.size()) text_.resize(std::max(2 * text_.size(), size_ + added));
    Place place{0, static_cast<std::uint32_t>(name.size()), static_cast<std::uint32_t>(value.size())};

    const bool is_last = places_.empty() || name_of(places_.back()) < name;
    if (is_last) {
        if (!places_.empty()) text_[size_] = '&';
        place.begin = static_cast<std::uint32_t>(size_ + (places_.empty() ? 0 : 1));
        write(place.begin, name, value);
        places_.push_back(place);
    } else {
        const auto at =
            std::lower_bound(places_.begin(), places_.end(), name,
                             [this](const Place& each, auto wanted) { return name_of(each) < wanted; });
        base::check(name_of(*at) != name, "a parameter is given once");
        place.begin = at->begin;
        std::memmove(text_.data() + place.begin + added, text_.data() + place.begin, size_ - place.begin);
        write(place.begin, name, value);
        text_[place.begin + added - 1] = '&';
        for (auto later = at; later != places_.end(); ++later)
            later->begin += static_cast<std::uint32_t>(added);
        places_.insert(at, place);
    }
    size_ += added;
}

void RequestForm::write(std::size_t at, std::string_view name, std::string_view value) {
    char* next = text_.data() + at;
    next = std::copy(name.begin(), name.end(), next);
    *next++ = '=';
    std::copy(value.begin(), value.end(), next);
}

void RequestForm::add(std::string_view name, std::int64_t value) {
    std::array<char, 24> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    add(name, std::string_view{digits.data(), static_cast<std::size_t>(end - digits.data())});
}

RequestForm::Parameter RequestForm::operator[](std::size_t index) const {
    base::check(index < places_.size(), "a parameter that there is");
    const Place& place = places_[index];
    return {name_of(place), {text_.data() + place.begin + place.name_size + 1, place.value_size}};
}

void RequestForm::append_rest(std::string& out) const {
    for (std::size_t i = 0; i < size(); ++i) {
        const auto [name, value] = (*this)[i];
        if (i > 0) out.push_back('&');
        append_percent_encoded(out, name);
        out.push_back('=');
        append_percent_encoded(out, value);
    }
}

void RequestForm::append_rest_signed(Signer& signer, std::string& out) const {
    const std::size_t begin = out.size();
    append_rest(out);
    if (signer.type() == KeyType::hmac_sha256) {
        // Hex needs no percent-encoding, so it goes straight into the buffer that is sent.
        const std::size_t signed_bytes = out.size() - begin;
        out.append(signed_bytes == 0 ? "signature=" : "&signature=");
        signer.append_signature(std::string_view{out}.substr(begin, signed_bytes), out);
        return;
    }
    std::string signature;
    signer.append_signature(std::string_view{out}.substr(begin), signature);
    out.append(out.size() == begin ? "signature=" : "&signature=");
    append_percent_encoded(out, signature);
}

}  // namespace vigil::credentials
