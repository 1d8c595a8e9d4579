#include "exchange/fault_members.h"

#include <nlohmann/json.hpp>

namespace vigil::exchange {

using Json = nlohmann::json;

const Json* FaultMembers::find(const char* name) {
    asked_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
}

std::optional<std::int64_t> FaultMembers::number(const char* name, std::int64_t min, std::int64_t max) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number_integer() || value->get<std::int64_t>() < min || value->get<std::int64_t>() > max) {
        complain(name, "is not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
        return std::nullopt;
    }
    return value->get<std::int64_t>();
}

std::optional<bool> FaultMembers::flag(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_boolean()) {
        complain(name, "is not true or false");
        return std::nullopt;
    }
    return value->get<bool>();
}

std::optional<std::string> FaultMembers::text(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
        complain(name, "is not a string");
        return std::nullopt;
    }
    return value->get<std::string>();
}

std::optional<std::string> FaultMembers::decimal_text(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number()) return value->dump();
    complain(name, "is not a decimal of at most 8 places");
    return std::nullopt;
}

std::optional<domain::Symbol> FaultMembers::symbol(const char* name, bool mandatory) {
    const auto word = text(name);
    if (!word) {
        if (mandatory) complain(name, "is missing");
        return std::nullopt;
    }
    const auto symbol = domain::Symbol::from(*word);
    if (!symbol || symbol->empty()) {
        complain(name, "is not a symbol");
        return std::nullopt;
    }
    return *symbol;
}

std::optional<std::string> FaultMembers::object(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) {
        complain(name, "is not an object");
        return std::nullopt;
    }
    return value->dump();
}

void FaultMembers::complain(std::string_view name, const std::string& what) {
    if (problem_) return;
    problem_ = FaultProblem{std::string{name}, "'" + std::string{name} + "' " + what};
}

std::optional<FaultProblem> FaultMembers::problem() {
    for (const auto& [name, value] : object_.items()) {
        if (!asked_.contains(name)) complain(name, "does not belong here");
    }
    return problem_;
}

}  // namespace vigil::exchange
