// Reads and checks the configuration: vigild.yaml, the strategies' files it names, and `--set` overrides.
//
// Everything that is wrong is reported at once, each with its place. Nothing is created or contacted: what
// needs fees, filters or the exchange is checked by those who know them. Reading a configuration twice has no
// side effect, so a reload checks first. Any thread.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "settings/place.h"
#include "settings/settings.h"

namespace vigil::settings {

/// A file larger than this is refused, as are anchors and aliases: a configuration has no use for either.
inline constexpr std::size_t file_bytes_max = std::size_t{1024} * 1024;
inline constexpr std::size_t strategies_max = 64;

/// @param overrides "key.path=value" as given with --set: replaces or adds one scalar of vigild.yaml, and is
/// checked like it;
///                  an empty value removes the key. The last one for a key counts.
/// Relative paths in the file are meant from the file's folder, those of overrides from the working folder.
[[nodiscard]] tl::expected<Settings, Problems> load(const std::filesystem::path& vigild_yaml,
                                                    const std::vector<std::string>& overrides = {});

/// Checks one strategy's file by itself.
[[nodiscard]] tl::expected<StrategySettings, Problems> load_strategy(
    const std::filesystem::path& strategy_yaml);

/// What kind of file it is, by its keys: a strategy's has `kind`.
enum class FileKind { daemon, strategy };
[[nodiscard]] tl::expected<FileKind, Problems> kind_of(const std::filesystem::path& yaml);

/// The keys that the reader asks for, as "section.key"; a "*" stands for any name. For the test that keeps
/// the JSON Schema in step.
[[nodiscard]] std::set<std::string> known_daemon_keys();
[[nodiscard]] std::set<std::string> known_strategy_keys(strategy::StrategyKind kind);

}  // namespace vigil::settings
