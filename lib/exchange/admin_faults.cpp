#include "exchange/admin_faults.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "exchange/server_call.h"

namespace vigil::exchange {

std::string_view to_string(FaultKind kind) noexcept {
    switch (kind) {
        case FaultKind::drop_before:
            return "drop_before";
        case FaultKind::drop_after:
            return "drop_after";
        case FaultKind::error_before:
            return "error_before";
        case FaultKind::error_after:
            return "error_after";
        case FaultKind::delay:
            return "delay";
        case FaultKind::silent_user_stream:
            return "silent_user_stream";
    }
    return "unknown";
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

bool FaultTable::matches(const Fault& fault, const MethodSpec& method) {
    if (fault.route == "*" || fault.route == method.name) return true;
    if (method.path.empty()) return false;
    if (fault.route == method.path) return true;
    return fault.route.size() == method.verb.size() + 1 + method.path.size() &&
           fault.route.starts_with(method.verb) && fault.route.ends_with(method.path);
}

bool FaultTable::take(Fault& fault) {
    if (fault.remaining == 0) return false;
    if (fault.skip > 0) {
        --fault.skip;
        return false;
    }
    if (fault.remaining > 0) --fault.remaining;
    ++fault.struck;
    return true;
}

std::optional<Fault> FaultTable::strike(const MethodSpec& method, bool accepted) {
    for (Fault& fault : faults_) {
        const bool after = fault.kind == FaultKind::drop_after || fault.kind == FaultKind::error_after;
        if (fault.kind == FaultKind::silent_user_stream || after != accepted) continue;
        if (matches(fault, method) && take(fault)) return fault;
    }
    return std::nullopt;
}

bool FaultTable::swallow_user_event() {
    for (Fault& fault : faults_) {
        if (fault.kind == FaultKind::silent_user_stream && take(fault)) return true;
    }
    return false;
}

}  // namespace vigil::exchange
