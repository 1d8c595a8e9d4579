// A YAML file that is a list of maps, as JSON texts with places: for programs that take the same objects from
// a file and over a connection (`vigil-exchange --faults`), and give them their meaning elsewhere.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace vigil::settings {

struct YamlListEntry {
    std::string json;                           ///< the map as a JSON object
    std::string place;                          ///< "faults.yaml:3:5"
    std::map<std::string, std::string> places;  ///< of its members
};

/// A plain scalar that is a whole number, true or false is that in JSON, an empty one is null; everything
/// else is a string of the very characters (decimals too), and so is whatever stands in quotes. An empty file
/// is an empty list.
/// @returns "file:line:column: what is wrong" (invalid), or not_found, denied, io for the file itself
[[nodiscard]] base::Result<std::vector<YamlListEntry>> read_yaml_list(const std::filesystem::path& file);

}  // namespace vigil::settings
