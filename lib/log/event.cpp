#include "log/event.h"

#include "log/catalogue.h"

namespace vigil::log {

std::string_view name(Event event) noexcept {
    return spec(event).name;
}

Severity severity(Event event) noexcept {
    return spec(event).severity;
}

}  // namespace vigil::log
