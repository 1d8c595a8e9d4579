// Whether a JSON text has the shape of a sample: the same members with the same types, at every depth.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace vigil::exchange {

using Json = nlohmann::json;
namespace fs = std::filesystem;

/// Where the recorded data lies; it need not be there.
inline fs::path data_folder() {
    if (const char* folder = std::getenv("VIGIL_TEST_DATA")) return folder;
    if (const char* source = std::getenv("VIGIL_SOURCE_DIR"))
        return fs::path{source} / ".." / "shared" / "data";
    return {};
}

inline std::string_view type_of(const Json& value) {
    if (value.is_number()) return "number";
    return value.type_name();
}

// Appends every difference: `where: what`.
inline void compare(const Json& sample, const Json& ours, const std::string& where,
                    const std::set<std::string>& absent, std::vector<std::string>& differences) {
    if (absent.contains(where)) return;
    if (type_of(sample) != type_of(ours)) {
        differences.push_back(where + ": " + std::string{type_of(sample)} + " became " +
                              std::string{type_of(ours)});
        return;
    }
    if (sample.is_object()) {
        for (const auto& [name, value] : sample.items()) {
            const std::string path = where + "." + name;
            if (absent.contains(path)) continue;
            if (!ours.contains(name)) {
                differences.push_back(path + ": missing");
            } else {
                compare(value, ours[name], path, absent, differences);
            }
        }
        for (const auto& [name, value] : ours.items()) {
            if (!sample.contains(name) && !absent.contains(where + "." + name))
                differences.push_back(where + "." + name + ": not in the sample");
        }
    } else if (sample.is_array() && !sample.empty() && !ours.empty()) {
        if (where.ends_with(":row")) {
            ASSERT_EQ(sample.size(), ours.size()) << where;
            for (std::size_t i = 0; i < sample.size(); ++i)
                compare(sample[i], ours[i], where + std::to_string(i), absent, differences);
            return;
        }
        // Klines and book levels are rows of fixed fields; a permission set is a list of any length.
        const bool is_row = sample[0].is_array() && !where.ends_with("permissionSets");
        compare(sample[0], ours[0], where + (is_row ? "[]:row" : "[]"), absent, differences);
    } else if (sample.is_array() && !sample.empty()) {
        differences.push_back(where + ": we have no element to compare");
    }
}

inline std::string differences(const Json& sample, const Json& ours,
                               const std::set<std::string>& absent = {}) {
    std::vector<std::string> list;
    compare(sample, ours, "", absent, list);
    std::string text;
    for (const std::string& one : list) text += one + "\n";
    return text;
}

}  // namespace vigil::exchange
