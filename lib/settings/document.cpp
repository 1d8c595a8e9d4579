#include "settings/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

#include "base/check.h"

namespace vigil::settings {

namespace {

Place place_at(const std::string& source, const YAML::Mark& mark) {
    if (mark.is_null()) return {source, 1, 1};
    return {source, mark.line + 1, mark.column + 1};
}

/// Builds the tree from yaml-cpp's events. What must end the reading is thrown as yaml-cpp's own exception.
class TreeBuilder final : public YAML::EventHandler {
  public:
    TreeBuilder(std::string source, Problems& problems) : source_{std::move(source)}, problems_{problems} {}

    [[nodiscard]] Node take_root() { return std::move(root_); }

    void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        refuse_anchor(mark, anchor);
        attach(made(Node::Kind::null, mark));
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { refuse_anchor(mark, 1); }

    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        Node node = made(Node::Kind::scalar, mark);
        node.text = value;
        node.quoted = tag == "!";  // yaml-cpp's mark of a scalar that is not plain
        attach(std::move(node));
    }

    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        begin(Node::Kind::sequence, mark, tag, anchor);
    }
    void OnSequenceEnd() override { end(); }

    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        begin(Node::Kind::map, mark, tag, anchor);
    }
    void OnMapEnd() override { end(); }

  private:
    /// A map or list that is not complete yet.
    struct Open {
        Node node;
        bool has_key{false};
        std::string key{};
        Place key_place{};
    };

    [[nodiscard]] Node made(Node::Kind kind, const YAML::Mark& mark) const {
        Node node;
        node.kind = kind;
        node.place = place_at(source_, mark);
        return node;
    }

    static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor)
            throw YAML::ParserException(mark, "anchors and aliases are not used in a configuration");
    }
    static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
        if (!tag.empty() && tag != "?" && tag != "!")
            throw YAML::ParserException(mark,
                                        "tags (" + tag.substr(0, 40) + ") are not used in a configuration");
    }

    void begin(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        refuse_anchor(mark, anchor);
        refuse_tag(mark, tag);
        if (open_.size() >= depth_max)
            throw YAML::ParserException(mark, "nested deeper than " + std::to_string(depth_max) + " levels");
        open_.push_back(Open{made(kind, mark)});
    }

    void end() {
        base::check(!open_.empty(), "an end has a beginning");
        Node node = std::move(open_.back().node);
        open_.pop_back();
        attach(std::move(node));
    }

    void attach(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
            return;
        }
        Open& into = open_.back();
        if (into.node.kind == Node::Kind::sequence) {
            into.node.items.push_back(std::move(node));
        } else if (!into.has_key) {
            if (node.kind != Node::Kind::scalar)
                problems_.push_back({node.place, "a key must be a plain word"});
            into.key = node.text;
            into.key_place = node.place;
            into.has_key = true;
        } else {
            add_entry(into, std::move(node));
            into.has_key = false;
        }
    }

    void add_entry(Open& into, Node value) {
        const auto same = std::find_if(into.node.entries.begin(), into.node.entries.end(),
                                       [&into](const Node::Entry& entry) { return entry.key == into.key; });
        if (same != into.node.entries.end()) {
            problems_.push_back({into.key_place, "\"" + into.key + "\" is given twice, first at line " +
                                                     std::to_string(same->place.line)});
            return;
        }
        into.node.entries.push_back({into.key, into.key_place, std::move(value)});
    }

    std::string source_;
    Problems& problems_;
    Node root_;
    std::vector<Open> open_;
};

/// yaml-cpp takes byte 4 for the end of the file, and decodes UTF-16: neither is text as we mean it.
bool is_plain_text(const std::string& text, const std::string& source, Problems& problems) {
    int line = 1;
    for (const char c : text) {
        if (c == '\n') ++line;
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f) continue;
        if (c == '\n' || c == '\r' || c == '\t') continue;
        problems.push_back(
            {{source, line, 1}, "a control character stands here: this is no text file in UTF-8"});
        return false;
    }
    return true;
}

}  // namespace

const Node* Node::find(std::string_view key) const {
    const auto at =
        std::find_if(entries.begin(), entries.end(), [key](const Entry& entry) { return entry.key == key; });
    return at == entries.end() ? nullptr : &at->value;
}

Node parse_yaml(const std::string& text, const std::string& source, Problems& problems) {
    Node nothing;
    nothing.place = {source, 1, 1};
    if (!is_plain_text(text, source, problems)) return nothing;
    try {
        std::istringstream in{text};
        YAML::Parser parser{in};
        TreeBuilder builder{source, problems};
        if (!parser.HandleNextDocument(builder)) return nothing;
        Node root = builder.take_root();
        TreeBuilder second{source, problems};
        if (parser.HandleNextDocument(second)) {
            const Node other = second.take_root();
            problems.push_back({other.place.line > 0 ? other.place : nothing.place,
                                "a second document begins here; one is expected"});
        }
        return root;
    } catch (const YAML::Exception& error) {
        problems.push_back({place_at(source, error.mark), error.msg});
        return nothing;
    }
}

void apply_override(Node& root, const std::string& override_text, Problems& problems) {
    const std::size_t equals = override_text.find('=');
    const std::string path = override_text.substr(0, equals);
    const Place place{"--set " + path, 0, 0};
    if (equals == std::string::npos || path.empty()) {
        problems.push_back({{"--set " + override_text, 0, 0}, "write it as key.path=value"});
        return;
    }
    if (static_cast<std::size_t>(std::count(path.begin(), path.end(), '.')) >= depth_max) {
        problems.push_back({place, "nested deeper than " + std::to_string(depth_max) + " levels"});
        return;
    }
    Node* node = &root;
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find('.', begin), path.size());
        const std::string key = path.substr(begin, end - begin);
        begin = end + 1;
        if (key.empty()) {
            problems.push_back({place, "the key path has an empty part"});
            return;
        }
        if (node->kind == Node::Kind::null) {
            node->kind = Node::Kind::map;
            if (node->place.line == 0) node->place = place;
        }
        if (node->kind != Node::Kind::map) {
            problems.push_back({place, "there are no keys below this one: it is a single value or a list"});
            return;
        }
        auto at = std::find_if(node->entries.begin(), node->entries.end(),
                               [&key](const Node::Entry& entry) { return entry.key == key; });
        const bool last = begin > path.size();
        if (last && equals + 1 == override_text.size()) {
            if (at != node->entries.end()) node->entries.erase(at);
            return;
        }
        if (at == node->entries.end()) {
            Node fresh;
            fresh.place = place;
            at = node->entries.insert(at, Node::Entry{key, place, std::move(fresh)});
        }
        node = &at->value;
    }
    *node = Node{};
    node->kind = Node::Kind::scalar;
    node->place = place;
    node->text = override_text.substr(equals + 1);
}

}  // namespace vigil::settings
