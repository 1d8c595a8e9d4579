// A configuration of its own for each test, written from text.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "settings/load.h"

namespace vigil::settings::testing {

/// What every vigild.yaml must have.
inline constexpr std::string_view needed =
    "credentials: {vault: v, label: main, machine_key_file: k}\n"
    "strategies: []\n";

class ConfigurationFolder : public ::testing::Test {
  protected:
    ConfigurationFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "vigil-settings-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary folder";
        folder_ = pattern;
    }
    ~ConfigurationFolder() override {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    std::filesystem::path write(std::string_view name, std::string_view text) const {
        const auto path = folder_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream{path, std::ios::binary} << text;
        return path;
    }

    /// Problems of a vigild.yaml, without the folder's name.
    std::vector<std::string> problems_of(std::string_view text,
                                         const std::vector<std::string>& overrides = {}) const {
        return shown(load(write("vigild.yaml", text), overrides));
    }
    std::vector<std::string> problems_of_strategy(std::string_view text) const {
        return shown(load_strategy(write("s.yaml", text)));
    }
    Settings good(std::string_view text, const std::vector<std::string>& overrides = {}) const {
        auto loaded = load(write("vigild.yaml", text), overrides);
        for (const std::string& problem : shown(loaded)) ADD_FAILURE() << problem;
        return loaded ? std::move(*loaded) : Settings{};
    }

    template <class Loaded>
    std::vector<std::string> shown(const Loaded& loaded) const {
        std::vector<std::string> lines;
        if (loaded) return lines;
        const std::string prefix = folder_.string() + "/";
        for (const Problem& problem : loaded.error()) {
            std::string line = problem.str();
            for (auto at = line.find(prefix); at != std::string::npos; at = line.find(prefix))
                line.erase(at, prefix.size());
            lines.push_back(line);
        }
        return lines;
    }

    std::filesystem::path folder_;
};

}  // namespace vigil::settings::testing
