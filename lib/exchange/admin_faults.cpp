#include "exchange/admin_faults.h"

#include <algorithm>
#include <array>
#include <utility>

#include "exchange/server_call.h"

namespace vigil::exchange {

namespace {

constexpr std::array<std::string_view, 13> kind_names{
    "drop_before",  "drop_after",    "error_before", "error_after", "delay",     "slow_bytes", "truncate",
    "invalid_json", "unknown_field", "unknown_enum", "missing",     "duplicate", "reorder"};

FaultPhase phase_of(FaultKind kind) {
    switch (kind) {
        case FaultKind::drop_before:
        case FaultKind::error_before:
            return FaultPhase::before;
        case FaultKind::drop_after:
        case FaultKind::error_after:
            return FaultPhase::after;
        default:
            return FaultPhase::delivery;
    }
}

bool names_method(std::string_view route, const MethodSpec& method) {
    if (route == "*" || route == method.name) return true;
    if (method.path.empty()) return false;
    if (route == method.path) return true;
    return route.size() == method.verb.size() + 1 + method.path.size() && route.starts_with(method.verb) &&
           route.ends_with(method.path);
}

// "depth" means btcusdt@depth and btcusdt@depth@100ms, but not btcusdt@depth5.
bool names_event(std::string_view route, std::string_view name) {
    if (route == "*" || route == name) return true;
    const std::size_t at = name.find('@');
    if (at == std::string_view::npos) return false;
    const std::string_view type = name.substr(at + 1);
    return type == route ||
           (type.size() > route.size() && type.starts_with(route) && type[route.size()] == '@');
}

}  // namespace

std::string_view to_string(FaultKind kind) noexcept {
    return kind_names[static_cast<std::size_t>(kind)];
}

std::string_view to_string(FaultScope scope) noexcept {
    switch (scope) {
        case FaultScope::answers:
            return "answers";
        case FaultScope::user_events:
            return "user_events";
        case FaultScope::market_events:
            return "market_events";
    }
    return "unknown";
}

std::optional<TextDamage> damage_of(FaultKind kind) noexcept {
    switch (kind) {
        case FaultKind::truncate:
            return TextDamage::truncate;
        case FaultKind::invalid_json:
            return TextDamage::invalid_json;
        case FaultKind::unknown_field:
            return TextDamage::unknown_field;
        case FaultKind::unknown_enum:
            return TextDamage::unknown_enum;
        default:
            return std::nullopt;
    }
}

base::Result<std::int64_t> FaultTable::add(Fault fault) {
    if (faults_.size() >= count_max)
        return base::fail(base::ErrorKind::exhausted,
                          "there are " + std::to_string(count_max) + " faults already; clear some");
    fault.id = next_id_++;
    faults_.push_back(std::move(fault));
    return faults_.back().id;
}

bool FaultTable::remove(std::int64_t id) {
    return std::erase_if(faults_, [id](const Fault& fault) { return fault.id == id; }) > 0;
}

void FaultTable::clear() {
    faults_.clear();
}

base::nanoseconds FaultTable::elapsed(bool in_market_time) const {
    if (!in_market_time) return clock_.elapsed();
    __extension__ using Wide = __int128;
    const Wide scaled =
        static_cast<Wide>(clock_.core_elapsed().count()) * speed_.raw() / domain::decimal_scale;
    return base::nanoseconds{static_cast<std::int64_t>(scaled)};
}

bool FaultTable::take(Fault& fault, bool matches, std::string_view symbol) {
    if (!matches || fault.remaining == 0) return false;
    if (!fault.symbol.empty() && fault.symbol != symbol) return false;
    if (fault.window.start > base::nanoseconds{0} || fault.window.end) {
        const base::nanoseconds now = elapsed(fault.window.in_market_time);
        if (now < fault.window.start || (fault.window.end && now >= *fault.window.end)) return false;
    }
    if (fault.skip > 0) {
        --fault.skip;
        return false;
    }
    if (fault.chance_ppm < Fault::always_ppm && !random_.chance_ppm(fault.chance_ppm)) return false;
    if (fault.remaining > 0) --fault.remaining;
    ++fault.struck;
    return true;
}

const Fault* FaultTable::strike(const MethodSpec& method, std::string_view symbol, FaultPhase phase) {
    for (Fault& fault : faults_) {
        if (fault.scope != FaultScope::answers || phase_of(fault.kind) != phase) continue;
        if (take(fault, names_method(fault.route, method), symbol)) return &fault;
    }
    return nullptr;
}

const Fault* FaultTable::strike_event(FaultScope scope, std::string_view name, std::string_view symbol) {
    for (Fault& fault : faults_) {
        if (fault.scope == scope && take(fault, names_event(fault.route, name), symbol)) return &fault;
    }
    return nullptr;
}

bool FaultTable::watches(FaultScope scope) const {
    return std::any_of(faults_.begin(), faults_.end(),
                       [scope](const Fault& fault) { return fault.scope == scope && fault.remaining != 0; });
}

}  // namespace vigil::exchange
