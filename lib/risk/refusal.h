// Why an intent may not go on: a value, for the strategy, the log and the operator.
#pragma once

#include <string>
#include <string_view>

namespace vigil::risk {

struct Refusal {
    std::string_view rule;  ///< static text, the rule's name (risk_gate.h)
    std::string detail;     ///< the figures, one line
};

}  // namespace vigil::risk
