#include "settings/yaml_list.h"

#include <nlohmann/json.hpp>

#include "settings/document.h"
#include "settings/source_text.h"
#include "settings/values.h"

namespace vigil::settings {

namespace {

using base::ErrorKind;
using base::fail;
using Json = nlohmann::json;

Json to_json(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            return nullptr;
        case Node::Kind::scalar:
            if (node.quoted) return node.text;
            if (node.text == "true") return true;
            if (node.text == "false") return false;
            if (const auto number = parse_integer(node.text)) return *number;
            return node.text;  // decimals too: exactly as they are written
        case Node::Kind::sequence: {
            Json list = Json::array();
            for (const Node& item : node.items) list.push_back(to_json(item));
            return list;
        }
        case Node::Kind::map: {
            Json object = Json::object();
            for (const Node::Entry& entry : node.entries) object[entry.key] = to_json(entry.value);
            return object;
        }
    }
    return nullptr;
}

}  // namespace

base::Result<std::vector<YamlListEntry>> read_yaml_list(const std::filesystem::path& file) {
    Problems problems;
    const auto text = read_file(file, {file.string(), 1, 1}, problems);
    const Node root = text ? parse_yaml(*text, file.string(), problems) : Node{};
    if (!problems.empty()) return fail(problems.front().kind, problems.front().str());
    std::vector<YamlListEntry> entries;
    if (root.kind == Node::Kind::null) return entries;
    const auto wrong = [](const Node& node, const char* what) {
        return fail(ErrorKind::invalid, Problem{node.place, what}.str());
    };
    if (root.kind != Node::Kind::sequence)
        return wrong(root, "a list is expected: entries that begin with '- '");
    for (const Node& item : root.items) {
        if (item.kind != Node::Kind::map) return wrong(item, "an entry is a map: 'name: value'");
        YamlListEntry entry{
            to_json(item).dump(-1, ' ', false, Json::error_handler_t::replace), item.place.str(), {}};
        for (const Node::Entry& member : item.entries) entry.places.emplace(member.key, member.place.str());
        entries.push_back(std::move(entry));
    }
    return entries;
}

}  // namespace vigil::settings
