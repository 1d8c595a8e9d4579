// Writes JSON text straight into a string that the caller keeps and reuses: no tree, no intermediate values,
// decimals printed exactly as the exchange prints them ("0.00100000"), times in the unit that the client
// chose (rest-api.md, "General API Information": X-MBX-TIME-UNIT; web-socket-api.md: timeUnit).
//
// The writer keeps track of commas only. Names and words given to key() and word() are our own and need no
// escaping; text from outside goes through text().
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/decimal.h"

namespace vigil::exchange {

enum class TimeUnit : std::uint8_t { millisecond, microsecond };

/// How times are shown to one client.
struct TimeFormat {
    TimeUnit unit{TimeUnit::millisecond};
    /// What the exchange's clock shows ahead of the core's (a fault: see server_clock.h).
    base::microseconds shift{0};

    /// A moment of the core, as a whole number since 1970.
    [[nodiscard]] constexpr std::int64_t count_of(base::ExchangeTime time) const {
        return unshifted_count_of(time + shift);
    }
    /// A boundary that does not move with the clock (a kline's open time).
    [[nodiscard]] constexpr std::int64_t unshifted_count_of(base::ExchangeTime time) const {
        return unit == TimeUnit::millisecond ? base::to_ms(time) : time.time_since_epoch().count();
    }
};

/// Appends `text` to `out` as the inside of a JSON string (quotes, backslashes and control characters
/// escaped, bytes that are not UTF-8 replaced by U+FFFD).
void append_escaped(std::string& out, std::string_view text);

/// Borrows `out`; cheap to make, one for each message.
class JsonWriter {
  public:
    explicit JsonWriter(std::string& out, TimeFormat times = {}) : out_{out}, times_{times} {}

    JsonWriter& begin_object() { return open('{'); }
    JsonWriter& end_object() { return close('}'); }
    JsonWriter& begin_array() { return open('['); }
    JsonWriter& end_array() { return close(']'); }

    /// A name of ours, without characters that need escaping.
    JsonWriter& key(std::string_view name) {
        separate();
        out_ += '"';
        out_ += name;
        out_ += "\":";
        comma_ = false;
        return *this;
    }
    /// A word of ours, without characters that need escaping.
    JsonWriter& word(std::string_view word) {
        separate();
        out_ += '"';
        out_ += word;
        out_ += '"';
        return *this;
    }
    /// Any text.
    JsonWriter& text(std::string_view text) {
        separate();
        out_ += '"';
        append_escaped(out_, text);
        out_ += '"';
        return *this;
    }
    JsonWriter& integer(std::int64_t value) {
        separate();
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
        out_.append(digits, static_cast<std::size_t>(end - digits));
        return *this;
    }
    JsonWriter& boolean(bool value) {
        separate();
        out_ += value ? "true" : "false";
        return *this;
    }
    JsonWriter& null() {
        separate();
        out_ += "null";
        return *this;
    }
    /// Exactly eight places, in quotes.
    template <class Tag>
    JsonWriter& decimal(domain::Fixed<Tag> value) {
        separate();
        char digits[domain::decimal_text_max];
        const std::size_t size = domain::format_decimal(value.raw(), false, digits);
        out_ += '"';
        out_.append(digits, size);
        out_ += '"';
        return *this;
    }
    JsonWriter& time(base::ExchangeTime time) { return integer(times_.count_of(time)); }
    /// The last moment before a boundary, given as its millisecond: in microseconds it ends a microsecond
    /// before the boundary.
    JsonWriter& closing(base::ExchangeTime time) {
        return boundary(times_.unit == TimeUnit::microsecond ? time + base::microseconds{999} : time);
    }
    JsonWriter& boundary(base::ExchangeTime time) { return integer(times_.unshifted_count_of(time)); }
    /// JSON that was written before.
    JsonWriter& raw(std::string_view json) {
        separate();
        out_ += json;
        return *this;
    }

    [[nodiscard]] const TimeFormat& times() const { return times_; }
    [[nodiscard]] std::string& out() { return out_; }

  private:
    JsonWriter& open(char bracket) {
        separate();
        out_ += bracket;
        comma_ = false;
        return *this;
    }
    JsonWriter& close(char bracket) {
        out_ += bracket;
        comma_ = true;
        return *this;
    }
    void separate() {
        if (comma_) out_ += ',';
        comma_ = true;
    }

    std::string& out_;
    TimeFormat times_;
    bool comma_{false};
};

}  // namespace vigil::exchange
