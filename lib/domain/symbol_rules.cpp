#include "domain/symbol_rules.h"

namespace vigil::domain {

SymbolStatus parse_symbol_status(std::string_view word) noexcept {
    if (word == "TRADING") return SymbolStatus::trading;
    if (word == "END_OF_DAY") return SymbolStatus::end_of_day;
    if (word == "HALT") return SymbolStatus::halt;
    if (word == "BREAK") return SymbolStatus::break_;
    if (word == "CANCEL_ONLY") return SymbolStatus::cancel_only;
    return SymbolStatus::unknown;
}

std::string_view to_string(SymbolStatus status) noexcept {
    switch (status) {
        case SymbolStatus::trading:
            return "TRADING";
        case SymbolStatus::end_of_day:
            return "END_OF_DAY";
        case SymbolStatus::halt:
            return "HALT";
        case SymbolStatus::break_:
            return "BREAK";
        case SymbolStatus::cancel_only:
            return "CANCEL_ONLY";
        case SymbolStatus::unknown:
            break;
    }
    return "UNKNOWN";
}

}  // namespace vigil::domain
