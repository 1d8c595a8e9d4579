// Reads members of one JSON object into domain types, and remembers the first thing that was wrong. So a
// decoder can read all members in a row and ask once at the end. Unknown members are ignored; a missing or
// mistyped one is an error that names it.
//
// Private to the sources of lib/binance (it includes simdjson).
#pragma once

#include <simdjson.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::binance {

class JsonFields {
  public:
    /// @param what the object's name in errors
    JsonFields(simdjson::dom::element element, std::string_view what) : what_{what} {
        // A default-made simdjson value must not be looked into, so what is no object is remembered as such.
        is_object_ = element.get_object().get(object_) == simdjson::SUCCESS;
        if (!is_object_) wrong("", "is no object");
    }

    [[nodiscard]] bool has(std::string_view name) const { return find(name).error() == simdjson::SUCCESS; }

    [[nodiscard]] std::string_view text(std::string_view name) {
        std::string_view value;
        if (find(name).get_string().get(value) != simdjson::SUCCESS) wrong(name, "is no text");
        return value;
    }
    [[nodiscard]] std::string_view text_or(std::string_view name, std::string_view otherwise) {
        return has(name) ? text(name) : otherwise;
    }
    [[nodiscard]] std::int64_t integer(std::string_view name) {
        std::int64_t value = 0;
        if (find(name).get_int64().get(value) != simdjson::SUCCESS) wrong(name, "is no integer");
        return value;
    }
    [[nodiscard]] std::int64_t integer_or(std::string_view name, std::int64_t otherwise) {
        return has(name) ? integer(name) : otherwise;
    }
    [[nodiscard]] bool boolean(std::string_view name) {
        bool value = false;
        if (find(name).get_bool().get(value) != simdjson::SUCCESS) wrong(name, "is no boolean");
        return value;
    }
    [[nodiscard]] bool boolean_or(std::string_view name, bool otherwise) {
        return has(name) ? boolean(name) : otherwise;
    }
    /// A decimal in quotes.
    template <class Decimal>
    [[nodiscard]] Decimal decimal(std::string_view name) {
        const auto value = Decimal::parse(text(name));
        if (!value) wrong(name, "is no decimal");
        return value.value_or(Decimal{});
    }
    template <class Decimal>
    [[nodiscard]] Decimal decimal_or_zero(std::string_view name) {
        return has(name) ? decimal<Decimal>(name) : Decimal{};
    }
    template <class Name>
    [[nodiscard]] Name name(std::string_view member) {
        const auto value = Name::from(text(member));
        if (!value) wrong(member, "is too long");
        return value.value_or(Name{});
    }
    /// Like name(), but a text that does not fit (somebody else's client order id) is left empty.
    template <class Name>
    [[nodiscard]] Name name_or_empty(std::string_view member) {
        return Name::from(text(member)).value_or(Name{});
    }
    [[nodiscard]] base::ExchangeTime time_ms(std::string_view name) {
        constexpr std::int64_t latest_ms = 253'402'300'799'999;  // year 9999
        const std::int64_t value = integer(name);
        if (value < -1 || value > latest_ms) wrong(name, "is no time");
        return error_ ? base::ExchangeTime{} : base::exchange_time_ms(value);
    }
    /// Calls `read(element)` for each element of an array; stops at the first error.
    template <class Read>
    void each(std::string_view name, Read&& read) {
        simdjson::dom::array elements;
        if (find(name).get_array().get(elements) != simdjson::SUCCESS) return wrong(name, "is no array");
        for (const simdjson::dom::element element : elements) {
            if (error_) return;
            read(element);
        }
    }
    /// Calls `read(JsonFields&)` for a member that is an object, or for each element of an array of objects.
    template <class Read>
    void object(std::string_view name, Read&& read) {
        simdjson::dom::element element;
        if (find(name).get(element) != simdjson::SUCCESS) return wrong(name, "is missing");
        JsonFields fields{element, what_};
        read(fields);
        adopt(fields);
    }
    template <class Read>
    void objects(std::string_view name, Read&& read) {
        each(name, [&](simdjson::dom::element element) {
            JsonFields fields{element, name};
            read(fields);
            adopt(fields);
        });
    }

    void wrong(std::string_view name, std::string_view why) {
        if (error_) return;
        std::string message{what_};
        if (!name.empty()) {
            message += '.';
            message += name;
        }
        message += ' ';
        message += why;
        error_ = base::Error{base::ErrorKind::corrupt, std::move(message)};
    }
    [[nodiscard]] const std::optional<base::Error>& error() const { return error_; }

  private:
    [[nodiscard]] simdjson::simdjson_result<simdjson::dom::element> find(std::string_view name) const {
        if (!is_object_) return simdjson::NO_SUCH_FIELD;
        return object_.at_key(name);
    }
    void adopt(const JsonFields& part) {
        if (!error_) error_ = part.error_;
    }

    std::string_view what_;
    simdjson::dom::object object_;
    bool is_object_{false};
    std::optional<base::Error> error_;
};

}  // namespace vigil::binance
