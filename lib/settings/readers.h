// The two kinds of document, from tree to settings. Internal to this folder.
#pragma once

#include <string>
#include <vector>

#include "settings/document.h"
#include "settings/section.h"
#include "settings/settings.h"

namespace vigil::settings {

/// What vigild.yaml says about where its strategies are: either one folder, or files.
struct StrategyList {
    Place place;
    std::filesystem::path folder;
    std::vector<std::pair<std::filesystem::path, Place>> files;
};

/// Reads vigild.yaml without the strategies' files.
void read_daemon(const Node& document, const Place& top, Settings& settings, StrategyList& strategies,
                 Report& report);

/// Reads one strategy's file.
void read_strategy(const Node& document, const Place& top, StrategySettings& strategy, Report& report);

/// What only shows when strategies and limits are seen together.
void check_together(const Settings& settings, Report& report);

}  // namespace vigil::settings
