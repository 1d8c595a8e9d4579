// What the catalogue says about one event.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string_view>

#include "base/check.h"
#include "log/event.h"

namespace vigil::log {

struct FieldSpec {
    std::string_view name;  ///< snake_case, units last; VIGIL_<NAME> in the journal
    FieldType type{FieldType::text};
};

/// A short fixed list, usable in constant expressions.
class FieldList {
  public:
    static constexpr std::size_t capacity = 12;

    constexpr FieldList(std::initializer_list<FieldSpec> fields) {
        base::check(fields.size() <= capacity, "an event has at most 12 fields");
        for (const FieldSpec& field : fields) fields_[size_++] = field;
    }
    [[nodiscard]] constexpr std::span<const FieldSpec> view() const { return {fields_.data(), size_}; }
    [[nodiscard]] constexpr const FieldSpec* find(std::string_view name) const {
        for (const FieldSpec& field : view())
            if (field.name == name) return &field;
        return nullptr;
    }

  private:
    std::array<FieldSpec, capacity> fields_{};
    std::size_t size_{0};
};

struct EventSpec {
    Event event;
    std::string_view
        message_id;         ///< 32 lower-case hexadecimal digits, MESSAGE_ID in the journal; never changes
    std::string_view name;  ///< "area.what_happened"
    Severity severity;
    FieldList fields;
    std::string_view message;  ///< for a person; {field} is replaced by the field's value
    std::string_view remedy;   ///< what an operator can do; for events below warning: what it is good for
};

}  // namespace vigil::log
