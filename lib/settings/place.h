// Where something is written, and what is wrong there.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"

namespace vigil::settings {

/// A place in a file, or an override given on the command line (line 0).
struct Place {
    std::string source;  ///< the file's path as given, or "--set key.path"
    int line{0};         ///< from 1
    int column{0};       ///< from 1

    /// "vigild.yaml:12:3", or "command line, --set key.path".
    [[nodiscard]] std::string str() const;
};

/// One thing that is wrong with the configuration.
struct Problem {
    Place place;
    std::string message;  ///< one line, no full stop
    /// not_found, denied or io when a file could not be read, otherwise invalid.
    base::ErrorKind kind{base::ErrorKind::invalid};

    /// "place: message".
    [[nodiscard]] std::string str() const;
};

using Problems = std::vector<Problem>;

}  // namespace vigil::settings
