#include "exchange/fault_script.h"

#include <utility>

#include "exchange/fault_plan.h"

namespace vigil::exchange {

base::Result<std::vector<FaultRequest>> read_fault_script(const std::vector<FaultScriptEntry>& entries) {
    std::vector<FaultRequest> requests;
    for (const FaultScriptEntry& entry : entries) {
        auto request = parse_fault(entry.json);
        if (!request) {
            const auto member = entry.places.find(request.error().member);
            const std::string& place = member == entry.places.end() ? entry.place : member->second;
            return base::fail(base::ErrorKind::invalid, place + ": " + request.error().message);
        }
        if (requests.size() >= FaultPlan::count_max)
            return base::fail(
                base::ErrorKind::exhausted,
                entry.place + ": there are more than " + std::to_string(FaultPlan::count_max) + " faults");
        requests.push_back(*std::move(request));
    }
    return requests;
}

}  // namespace vigil::exchange
