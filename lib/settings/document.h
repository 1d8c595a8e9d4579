// YAML as a tree of our own: every node with its place, duplicate keys and everything unusual already
// refused. The only place that uses yaml-cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/place.h"

namespace vigil::settings {

struct Node {
    enum class Kind { null, scalar, sequence, map };
    struct Entry;

    Kind kind{Kind::null};
    Place place;
    std::string text;    ///< of a scalar
    bool quoted{false};  ///< the scalar was written in quotes or as a block: text, whatever it looks like
    std::vector<Node> items;
    std::vector<Entry> entries;

    /// Nothing when there is no such key, or this is no map.
    [[nodiscard]] const Node* find(std::string_view key) const;
};

struct Node::Entry {
    std::string key;
    Place place;
    Node value;
};

/// Deeper than any configuration needs.
inline constexpr std::size_t depth_max = 16;

/// @param source what Place::source says
/// Appends what is wrong to `problems`: syntax (the first error only), anchors and aliases, tags, more than
/// one document, duplicate keys, keys that are not plain text, nesting beyond depth_max. An empty text is a
/// null node.
[[nodiscard]] Node parse_yaml(const std::string& text, const std::string& source, Problems& problems);

/// Applies "key.path=value" to a document; says what is wrong with the override's form.
void apply_override(Node& root, const std::string& override_text, Problems& problems);

}  // namespace vigil::settings
