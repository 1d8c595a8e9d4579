// A record in one line for a person, without its time, number and client order id. Text from outside is as it
// came: whoever prints it makes it safe for a terminal.
#pragma once

#include <string>

#include "journal/record.h"

namespace vigil::journal {

[[nodiscard]] std::string describe(const Record& record);

}  // namespace vigil::journal
