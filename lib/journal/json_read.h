// Reading JSON members with errors as values, for the decoders of this folder. A Reader remembers the first
// thing that was missing or wrong; after that its answers are empty, and the caller looks at the error once
// at the end.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/time.h"
#include "domain/decimal.h"

namespace vigil::journal {

using Json = nlohmann::json;

class Reader {
  public:
    /// @param object outlives the reader
    /// @param path   of the object within the record, for messages
    Reader(const Json& object, std::string path) : object_{object}, path_{std::move(path)} {
        if (!object_.is_object()) error_ = path_ + " is not an object";
    }

    [[nodiscard]] bool has(const char* name) const {
        const auto at = object_.is_object() ? object_.find(name) : object_.end();
        return object_.is_object() && at != object_.end() && !at->is_null();
    }
    std::string text(const char* name) {
        const Json* value = member(name);
        if (value == nullptr) return {};
        if (!value->is_string()) return wrong<std::string>(name, "a string");
        return value->get<std::string>();
    }
    bool flag(const char* name) {
        const Json* value = member(name);
        if (value == nullptr) return false;
        if (!value->is_boolean()) return wrong<bool>(name, "true or false");
        return value->get<bool>();
    }
    template <class Integer>
    Integer integer(const char* name) {
        const Json* value = member(name);
        if (value == nullptr) return Integer{};
        if (value->is_number_unsigned()) {
            const auto number = value->get<std::uint64_t>();
            if (std::in_range<Integer>(number)) return static_cast<Integer>(number);
        } else if (value->is_number_integer()) {
            const auto number = value->get<std::int64_t>();
            if (std::in_range<Integer>(number)) return static_cast<Integer>(number);
        }
        return wrong<Integer>(name, "an integer in range");
    }
    template <class Decimal>
    Decimal decimal(const char* name) {
        const std::string word = text(name);
        if (error_) return Decimal{};
        const auto value = Decimal::parse(word);
        return value ? *value : wrong<Decimal>(name, "a decimal");
    }
    template <class Decimal>
    std::optional<Decimal> maybe_decimal(const char* name) {
        if (!has(name)) return std::nullopt;
        return decimal<Decimal>(name);
    }
    template <class Text>
    Text short_text(const char* name) {
        const auto value = Text::from(text(name));
        return value ? *value : wrong<Text>(name, "short enough");
    }
    template <class Time>
    Time time(const char* name) {
        return Time{typename Time::duration{integer<std::int64_t>(name)}};
    }
    /// A member that is an object of its own; an empty object when it is missing or wrong.
    Reader object(const char* name) {
        static const Json nothing = Json::object();
        const Json* value = member(name);
        if (value != nullptr && !value->is_object()) wrong<int>(name, "an object");
        return Reader{value != nullptr && value->is_object() ? *value : nothing, path_ + "." + name};
    }
    /// The elements of an array member, each handed to `visit`.
    template <class Visit>
    void each(const char* name, Visit visit) {
        const Json* value = member(name);
        if (value == nullptr) return;
        if (!value->is_array()) {
            wrong<int>(name, "an array");
            return;
        }
        for (const Json& element : *value) visit(element);
    }

    /// Says that `name` was not `expected`.
    template <class Value>
    Value wrong(const char* name, std::string_view expected) {
        if (!error_) error_ = path_ + "." + name + " is not " + std::string{expected};
        return Value{};
    }
    /// Takes over the error of a part.
    void absorb(const Reader& part) {
        if (!error_) error_ = part.error_;
    }
    void fail(std::string message) {
        if (!error_) error_ = std::move(message);
    }
    [[nodiscard]] const std::optional<std::string>& error() const { return error_; }
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    const Json* member(const char* name) {
        if (error_) return nullptr;
        const auto at = object_.find(name);
        if (at == object_.end()) {
            error_ = path_ + "." + name + " is missing";
            return nullptr;
        }
        return &*at;
    }

    const Json& object_;
    std::string path_;
    std::optional<std::string> error_;
};

}  // namespace vigil::journal
