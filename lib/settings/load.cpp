#include "settings/load.h"

#include <algorithm>
#include <optional>

#include "settings/readers.h"
#include "settings/source_text.h"

namespace vigil::settings {

namespace {

struct Parsed {
    SourceFile file;
    Node document;
    bool whole;  ///< without a syntax error
};

std::optional<Parsed> parse_file(const std::filesystem::path& path, const Place& asked_at,
                                 Problems& problems) {
    auto bytes = read_file(path, asked_at, problems);
    if (!bytes) return std::nullopt;
    const std::size_t before = problems.size();
    Node document = parse_yaml(*bytes, path.string(), problems);
    return Parsed{{path, std::move(*bytes)}, std::move(document), problems.size() == before};
}

Place top_of(const std::filesystem::path& path) {
    return {path.string(), 1, 1};
}

bool is_strategy_file(const std::filesystem::directory_entry& entry) {
    const std::string name = entry.path().filename().string();
    return name.front() != '.' && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

/// The strategies' files in order; those of a folder by name.
std::vector<std::pair<std::filesystem::path, Place>> strategy_files(const StrategyList& list,
                                                                    Problems& problems) {
    if (list.folder.empty()) return list.files;
    std::vector<std::pair<std::filesystem::path, Place>> files;
    std::error_code error;
    for (std::filesystem::directory_iterator at{list.folder, error}, end; !error && at != end;
         at.increment(error))
        if (is_strategy_file(*at)) files.emplace_back(at->path(), list.place);
    if (error) {
        const base::Error cause = base::system_error("strategies: " + list.folder.string(), error.value());
        problems.push_back({list.place, cause.message, cause.kind});
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    return files;
}

void load_strategies(const StrategyList& list, Settings& settings, Report& report) {
    const auto files = strategy_files(list, report.problems);
    if (files.size() > strategies_max) {
        report.add(list.place, "strategies: " + std::to_string(files.size()) + " files, at most " +
                                   std::to_string(strategies_max) + " are possible");
        return;
    }
    for (const auto& [path, asked_at] : files) {
        auto parsed = parse_file(path, asked_at, report.problems);
        if (!parsed) continue;
        StrategySettings strategy;
        if (parsed->whole) {
            read_strategy(parsed->document, top_of(path), strategy, report);
            settings.strategies.push_back(std::move(strategy));
        }
        settings.sources.push_back(std::move(parsed->file));
    }
}

void sort_by_place(Problems& problems, const std::vector<SourceFile>& sources) {
    const auto rank = [&sources](const Place& place) {
        const auto at = std::find_if(sources.begin(), sources.end(), [&place](const SourceFile& file) {
            return file.path.string() == place.source;
        });
        return at - sources.begin();  // overrides come last
    };
    std::stable_sort(problems.begin(), problems.end(), [&rank](const Problem& a, const Problem& b) {
        const auto a_rank = rank(a.place);
        const auto b_rank = rank(b.place);
        if (a_rank != b_rank) return a_rank < b_rank;
        return std::pair{a.place.line, a.place.column} < std::pair{b.place.line, b.place.column};
    });
}

}  // namespace

tl::expected<Settings, Problems> load(const std::filesystem::path& vigild_yaml,
                                      const std::vector<std::string>& overrides) {
    Report report;
    auto parsed = parse_file(vigild_yaml, top_of(vigild_yaml), report.problems);
    // What comes after a syntax error would be guesses.
    if (!parsed || !parsed->whole) return tl::unexpected{std::move(report.problems)};
    for (const std::string& text : overrides) apply_override(parsed->document, text, report.problems);

    Settings settings;
    settings.overrides = overrides;
    settings.sources.push_back(std::move(parsed->file));
    StrategyList list;
    read_daemon(parsed->document, top_of(vigild_yaml), settings, list, report);
    load_strategies(list, settings, report);
    if (report.problems.empty()) check_together(settings, report);
    if (!report.problems.empty()) {
        sort_by_place(report.problems, settings.sources);
        return tl::unexpected{std::move(report.problems)};
    }
    return settings;
}

tl::expected<StrategySettings, Problems> load_strategy(const std::filesystem::path& strategy_yaml) {
    Report report;
    const auto parsed = parse_file(strategy_yaml, top_of(strategy_yaml), report.problems);
    if (!parsed || !parsed->whole) return tl::unexpected{std::move(report.problems)};
    StrategySettings strategy;
    read_strategy(parsed->document, top_of(strategy_yaml), strategy, report);
    if (!report.problems.empty()) {
        sort_by_place(report.problems, {parsed->file});
        return tl::unexpected{std::move(report.problems)};
    }
    return strategy;
}

tl::expected<FileKind, Problems> kind_of(const std::filesystem::path& yaml) {
    Problems problems;
    const auto parsed = parse_file(yaml, top_of(yaml), problems);
    if (!parsed || !parsed->whole) return tl::unexpected{std::move(problems)};
    const bool strategy =
        parsed->document.find("kind") != nullptr || parsed->document.find("symbol") != nullptr;
    return strategy ? FileKind::strategy : FileKind::daemon;
}

std::set<std::string> known_daemon_keys() {
    Report report;
    Settings settings;
    StrategyList list;
    Node document;
    document.kind = Node::Kind::map;
    document.entries.push_back({"credentials", {}, Node{}});
    read_daemon(document, {}, settings, list, report);
    return std::move(report.asked);
}

std::set<std::string> known_strategy_keys(strategy::StrategyKind kind) {
    Report report;
    StrategySettings strategy;
    Node document;
    document.kind = Node::Kind::map;
    Node value;
    value.kind = Node::Kind::scalar;
    value.text = strategy::to_string(kind);
    document.entries.push_back({"kind", {}, value});
    read_strategy(document, {}, strategy, report);
    return std::move(report.asked);
}

}  // namespace vigil::settings
