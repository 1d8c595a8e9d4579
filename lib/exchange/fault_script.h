// A script of faults (`vigil-exchange --faults FILE`): a list of the same objects that POST /faults takes,
// read before the exchange starts. Who reads the file, and in which language it is written, is not known
// here: each entry comes as JSON with the places of its members, so that an error can name line and column.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "exchange/admin_fault_request.h"

namespace vigil::exchange {

struct FaultScriptEntry {
    std::string json;                           ///< an object
    std::string place;                          ///< "faults.yaml:3:5"
    std::map<std::string, std::string> places;  ///< of its members
};

/// @returns invalid with "place: what is wrong" of the first entry that is
[[nodiscard]] base::Result<std::vector<FaultRequest>> read_fault_script(
    const std::vector<FaultScriptEntry>& entries);

}  // namespace vigil::exchange
