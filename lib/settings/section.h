// Reads one map of the configuration key by key: takes what is right, reports what is wrong, and at the end
// reports the keys that nobody asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "settings/document.h"
#include "settings/values.h"

namespace vigil::settings {

/// What a reading gathers.
struct Report {
    Problems problems;
    std::set<std::string> asked;  ///< every key path that a reader asked for

    void add(const Place& place, std::string message) { problems.push_back({place, std::move(message)}); }
};

template <class Integer>
struct Range {
    Integer least;
    Integer most;
};

/// A view: node and report outlive it. Call finish() once everything has been asked for.
class Section {
  public:
    /// @param node the map; null (or a null node) stands for an absent one, so that everything keeps its
    /// default
    /// @param path "" for the whole document, "exchange" for a section
    /// @param place where a missing key is reported
    Section(const Node* node, std::string path, Place place, Report& report);

    /// Each returns true when the key is there and right, and has then written `out`.
    bool boolean(std::string_view key, bool& out);
    bool integer(std::string_view key, int& out, Range<int> range);
    bool text(std::string_view key, std::string& out);
    bool duration(std::string_view key, base::milliseconds& out, Range<base::milliseconds> range);
    bool duration(std::string_view key, base::seconds& out, Range<base::seconds> range);
    bool percent(std::string_view key, domain::Rate& out, Range<domain::Rate> range);
    bool percent(std::string_view key, std::optional<domain::Rate>& out, Range<domain::Rate> range);
    /// Relative paths are taken from the folder of the file that says so.
    bool path(std::string_view key, std::filesystem::path& out);

    /// A decimal above zero.
    template <class Tag>
    bool decimal(std::string_view key, domain::Fixed<Tag>& out) {
        return value(key, [&out](const Node& node) -> base::Result<void> {
            const auto raw = parse_amount(node.text);
            if (!raw) return base::fail(raw.error());
            if (*raw == 0) return base::fail(base::ErrorKind::invalid, "must be above 0");
            out = domain::Fixed<Tag>::from_raw(*raw);
            return {};
        });
    }
    template <class Tag>
    bool decimal(std::string_view key, std::optional<domain::Fixed<Tag>>& out) {
        domain::Fixed<Tag> found;
        if (!decimal(key, found)) return false;
        out = found;
        return true;
    }

    /// One of some words.
    template <class Enum>
    bool choice(std::string_view key, Enum& out,
                std::initializer_list<std::pair<std::string_view, Enum>> words) {
        return value(key, [&](const Node& node) -> base::Result<void> {
            for (const auto& [word, meaning] : words)
                if (node.text == word) {
                    out = meaning;
                    return {};
                }
            std::vector<std::string_view> names;
            for (const auto& [word, meaning] : words) names.push_back(word);
            return base::fail(base::ErrorKind::invalid, not_a_word(node.text, names));
        });
    }

    /// Any other scalar: `parse` says what is wrong without naming the key.
    bool value(std::string_view key, const std::function<base::Result<void>(const Node&)>& parse);

    /// The node of a key for a reader that knows its shape itself (a map, a list); null when absent.
    [[nodiscard]] const Node* raw(std::string_view key);

    /// A section below this one; finish it too.
    [[nodiscard]] Section section(std::string_view key);

    /// Reports a key that must be there. True when it is (even if its value was refused).
    bool require(std::string_view key, std::string_view why = {});
    /// Reports that something is wrong with the value of a key, at its place if it is there.
    void wrong(std::string_view key, std::string message);
    [[nodiscard]] bool has(std::string_view key) const;
    /// Keys whose value was refused or is missing: what they mean is not known.
    [[nodiscard]] const std::vector<std::string>& refused() const { return refused_; }
    /// Where the key's value is written; the section's own place when it is not.
    [[nodiscard]] Place place_of(std::string_view key) const;

    /// Reports the keys that were not asked for, with the nearest one that was.
    void finish();

  private:
    [[nodiscard]] const Node* ask(std::string_view key);
    bool refuse(std::string_view key, const Place& place, std::string message);
    [[nodiscard]] std::string full(std::string_view key) const;
    [[nodiscard]] static std::string not_a_word(std::string_view text,
                                                const std::vector<std::string_view>& words);

    const Node* node_;
    std::string path_;
    Place place_;
    Report* report_;
    std::vector<std::string> asked_;
    std::vector<std::string> refused_;
};

}  // namespace vigil::settings
