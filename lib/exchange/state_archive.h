// How structs of the exchange become JSON and come back. Each struct has one function
//
//     template <class Archive> void describe(Archive& archive, OrderRecord& record) {
//         archive.field("price", record.price);
//     }
//
// that both directions use, so a new member is one new line (and another StateFile::version). Amounts are
// their exact counts of 1e-8, times microseconds since 1970, enumerations their numbers. Reading never
// aborts: the first thing that is wrong is remembered with its path ("core.symbols[2].orders[0].price"), and
// the rest is skipped.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/short_text.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "domain/decimal.h"

namespace vigil::exchange {

/// Structs of which there are thousands, written as lists of their members without the names. Specialised
/// before describe() of whatever contains them.
template <class T>
inline constexpr bool is_state_row = false;

class StateWriter {
  public:
    /// Appends to `out`, which outlives it.
    template <class T>
    static void write_object(std::string& out, const T& value) {
        write(out, value);
    }

    template <class T>
    void field(const char* name, const T& value) {
        if (!is_first_) out_ += ',';
        is_first_ = false;
        if (!is_row_) {
            out_ += '"';
            out_ += name;
            out_ += "\":";
        }
        write(out_, value);
    }

  private:
    StateWriter(std::string& out, bool is_row) : out_{out}, is_row_{is_row} {}

    static void write(std::string& out, bool value) { out += value ? "true" : "false"; }
    static void write(std::string& out, const std::string& text) { write(out, std::string_view{text}); }
    static void write(std::string& out, std::string_view text) {
        const bool plain = std::all_of(text.begin(), text.end(),
                                       [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
        if (!plain) {
            out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
            return;
        }
        out += '"';
        out += text;
        out += '"';
    }
    template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) static void write(std::string& out, T value) {
        std::array<char, 24> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        out.append(digits.data(), end);
    }
    template <class T>
    requires std::is_enum_v<T>
    static void write(std::string& out, T value) { write(out, static_cast<std::int64_t>(value)); }
    template <class Tag>
    static void write(std::string& out, domain::Fixed<Tag> value) {
        write(out, value.raw());
    }
    template <class Tag, class Rep>
    static void write(std::string& out, base::StrongId<Tag, Rep> value) {
        write(out, value.value);
    }
    template <std::size_t N, class Tag>
    static void write(std::string& out, const base::ShortText<N, Tag>& value) {
        write(out, value.view());
    }
    static void write(std::string& out, base::ExchangeTime value) {
        write(out, value.time_since_epoch().count());
    }
    template <class T>
    static void write(std::string& out, const std::optional<T>& value) {
        if (value)
            write(out, *value);
        else
            out += "null";
    }
    template <class T>
    static void write(std::string& out, const std::vector<T>& list) {
        write_list(out, list);
    }
    template <class T>
    static void write(std::string& out, const std::deque<T>& list) {
        write_list(out, list);
    }
    template <class List>
    static void write_list(std::string& out, const List& list) {
        out += '[';
        bool is_first = true;
        for (const auto& item : list) {
            if (!is_first) out += ',';
            is_first = false;
            write(out, item);
        }
        out += ']';
    }
    template <class T>
    requires std::is_class_v<T>
    static void write(std::string& out, const T& value) {
        constexpr bool is_row = is_state_row<T>;
        out += is_row ? '[' : '{';
        StateWriter inner{out, is_row};
        describe(inner, const_cast<T&>(value));  // a writer changes nothing
        out += is_row ? ']' : '}';
    }

    std::string& out_;
    bool is_row_;
    bool is_first_{true};
};

/// What is wrong with a state, for all readers of one text.
struct StateProblem {
    std::optional<std::string> text;
};

class StateReader {
  public:
    /// @param object the whole; `problem` is filled in when it is not one, or has not all that T has
    template <class T>
    static void read_object(const nlohmann::json& object, T& value, StateProblem& problem) {
        StateReader{object, {}, false, problem}.read(object, {}, value);
    }

    template <class T>
    void field(const char* name, T& value) {
        if (problem_.text) return;
        const std::string path = path_.empty() ? std::string{name} : path_ + "." + name;
        if (is_row_) {
            if (next_ >= object_.size()) return complain(path, "is missing");
            return read(object_[next_++], path, value);
        }
        const auto found = object_.find(name);
        if (found == object_.end()) return complain(path, "is missing");
        read(*found, path, value);
    }

  private:
    using Json = nlohmann::json;

    StateReader(const Json& object, std::string path, bool is_row, StateProblem& problem)
        : object_{object}, path_{std::move(path)}, is_row_{is_row}, problem_{problem} {}

    void complain(const std::string& path, const std::string& what) {
        if (!problem_.text) problem_.text = path + " " + what;
    }

    void read(const Json& in, const std::string& path, bool& value) {
        if (!in.is_boolean()) return complain(path, "is not true or false");
        value = in.get<bool>();
    }
    void read(const Json& in, const std::string& path, std::string& value) {
        if (!in.is_string()) return complain(path, "is not a text");
        value = in.get<std::string>();
    }
    template <class T>
    requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) void read(const Json& in,
                                                                          const std::string& path, T& value) {
        const bool is_big =
            in.is_number_unsigned() && in.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max();
        if (!in.is_number_integer() || (is_big && !std::is_same_v<T, std::uint64_t>) ||
            (!is_big && !std::is_same_v<T, std::uint64_t> && !std::in_range<T>(in.get<std::int64_t>())))
            return complain(path, "is not a whole number of its range");
        value = in.get<T>();
    }
    template <class T>
    requires std::is_enum_v<T>
    void read(const Json& in, const std::string& path, T& value) {
        // Every enumeration here has fewer values than this; which of them it is, its owner checks.
        std::uint8_t number = 0;
        read(in, path, number);
        value = static_cast<T>(number);
    }
    template <class Tag>
    void read(const Json& in, const std::string& path, domain::Fixed<Tag>& value) {
        std::int64_t raw = 0;
        read(in, path, raw);
        value = domain::Fixed<Tag>::from_raw(raw);
    }
    template <class Tag, class Rep>
    void read(const Json& in, const std::string& path, base::StrongId<Tag, Rep>& value) {
        read(in, path, value.value);
    }
    template <std::size_t N, class Tag>
    void read(const Json& in, const std::string& path, base::ShortText<N, Tag>& value) {
        std::string text;
        read(in, path, text);
        const auto made = base::ShortText<N, Tag>::from(text);
        if (!made) return complain(path, "is too long");
        value = *made;
    }
    void read(const Json& in, const std::string& path, base::ExchangeTime& value) {
        std::int64_t count = 0;
        read(in, path, count);
        value = base::ExchangeTime{base::microseconds{count}};
    }
    template <class T>
    void read(const Json& in, const std::string& path, std::optional<T>& value) {
        value.reset();
        if (!in.is_null()) read(in, path, value.emplace());
    }
    template <class T>
    void read(const Json& in, const std::string& path, std::vector<T>& list) {
        read_list(in, path, list);
    }
    template <class T>
    void read(const Json& in, const std::string& path, std::deque<T>& list) {
        read_list(in, path, list);
    }
    template <class List>
    void read_list(const Json& in, const std::string& path, List& list) {
        if (!in.is_array()) return complain(path, "is not a list");
        list.clear();
        for (const Json& item : in) {
            read(item, path + "[" + std::to_string(list.size()) + "]", list.emplace_back());
            if (problem_.text) return;
        }
    }
    template <class T>
    requires std::is_class_v<T>
    void read(const Json& in, const std::string& path, T& value) {
        constexpr bool is_row = is_state_row<T>;
        if (is_row ? !in.is_array() : !in.is_object())
            return complain(path.empty() ? "the whole" : path, is_row ? "is not a list" : "is not an object");
        StateReader inner{in, path, is_row, problem_};
        describe(inner, value);
    }

    const Json& object_;
    std::string path_;
    bool is_row_;
    std::size_t next_{0};  ///< of a row
    StateProblem& problem_;
};

}  // namespace vigil::exchange
