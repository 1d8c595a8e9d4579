// Reads the members of one fault's JSON object, and remembers the first that is wrong and those that nobody
// asked for. Borrows the object.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::exchange {

/// What is wrong, and with which member ("" when it is with none of them).
struct FaultProblem {
    std::string member;
    std::string message;  ///< one line; names the member
};

class FaultMembers {
  public:
    explicit FaultMembers(const nlohmann::json& object) : object_{object} {}

    // Each returns nothing when the member is absent or wrong.
    std::optional<std::int64_t> number(const char* name, std::int64_t min, std::int64_t max);
    std::optional<bool> flag(const char* name);
    std::optional<std::string> text(const char* name);
    /// A decimal in quotes or without.
    std::optional<std::string> decimal_text(const char* name);
    template <class Decimal>
    std::optional<Decimal> decimal(const char* name) {
        const auto text = decimal_text(name);
        if (!text) return std::nullopt;
        const auto value = Decimal::parse(*text);
        if (!value) {
            complain(name, "is not a decimal of at most 8 places");
            return std::nullopt;
        }
        return *value;
    }
    /// An upper-case symbol. Complains when it is absent and `mandatory`.
    std::optional<domain::Symbol> symbol(const char* name, bool mandatory);
    /// An object, as JSON text.
    std::optional<std::string> object(const char* name);

    /// Complains unless `value` is there.
    template <class T>
    void need(const char* name, const std::optional<T>& value) {
        if (!value) complain(name, "is missing");
    }
    void complain(std::string_view name, const std::string& what);
    /// The first complaint, unknown members included.
    [[nodiscard]] std::optional<FaultProblem> problem();

  private:
    const nlohmann::json* find(const char* name);

    const nlohmann::json& object_;
    std::set<std::string, std::less<>> asked_;
    std::optional<FaultProblem> problem_;
};

}  // namespace vigil::exchange
