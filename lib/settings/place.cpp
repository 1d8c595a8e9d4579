#include "settings/place.h"

namespace vigil::settings {

std::string Place::str() const {
    if (line == 0) return "command line, " + source;
    return source + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string Problem::str() const {
    std::string text = place.str() + ": " + message;
    // Keys and values come from a file: they must not move the cursor of the terminal that shows this.
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text;
}

}  // namespace vigil::settings
