#include "settings/section.h"

#include <algorithm>
#include <limits>

#include "settings/nearest.h"

namespace vigil::settings {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

Result<void> no_quotes(const Node& node) {
    if (node.quoted)
        return fail(ErrorKind::invalid, "\"" + node.text + "\" is text: write it without quotes");
    return {};
}

std::string percent_text(domain::Rate rate) {
    return (rate * 100).str() + "%";
}

}  // namespace

Section::Section(const Node* node, std::string path, Place place, Report& report)
    : node_{node}, path_{std::move(path)}, place_{std::move(place)}, report_{&report} {
    if (node_ != nullptr && node_->kind != Node::Kind::map) {
        if (node_->kind != Node::Kind::null)
            report_->add(node_->place, (path_.empty() ? "the file" : path_) +
                                           " must be a section: indented lines of \"key: value\"");
        node_ = nullptr;
    }
}

std::string Section::full(std::string_view key) const {
    return path_.empty() ? std::string{key} : path_ + "." + std::string{key};
}

const Node* Section::ask(std::string_view key) {
    asked_.emplace_back(key);
    report_->asked.insert(full(key));
    return node_ == nullptr ? nullptr : node_->find(key);
}

const Node* Section::raw(std::string_view key) {
    return ask(key);
}

bool Section::value(std::string_view key, const std::function<Result<void>(const Node&)>& parse) {
    const Node* const node = ask(key);
    if (node == nullptr) return false;
    if (node->kind == Node::Kind::null) return refuse(key, node->place, "has no value");
    if (node->kind != Node::Kind::scalar) return refuse(key, node->place, "must be a single value");
    const auto result = parse(*node);
    return result ? true : refuse(key, node->place, result.error().message);
}

bool Section::refuse(std::string_view key, const Place& place, std::string message) {
    refused_.emplace_back(key);
    report_->add(place, full(key) + ": " + std::move(message));
    return false;
}

bool Section::boolean(std::string_view key, bool& out) {
    return value(key, [&out](const Node& node) -> Result<void> {
        if (auto plain = no_quotes(node); !plain) return plain;
        const auto parsed = parse_boolean(node.text);
        if (!parsed) return fail(parsed.error());
        out = *parsed;
        return {};
    });
}

bool Section::integer(std::string_view key, int& out, Range<int> range) {
    return value(key, [&out, range](const Node& node) -> Result<void> {
        if (auto plain = no_quotes(node); !plain) return plain;
        const auto parsed = parse_integer(node.text);
        if (!parsed) return fail(parsed.error());
        if (*parsed < range.least || *parsed > range.most)
            return fail(ErrorKind::invalid, "is " + node.text + ", must be " + std::to_string(range.least) +
                                                " to " + std::to_string(range.most));
        out = static_cast<int>(*parsed);
        return {};
    });
}

bool Section::text(std::string_view key, std::string& out) {
    return value(key, [&out](const Node& node) -> Result<void> {
        if (node.text.empty()) return fail(ErrorKind::invalid, "must not be empty");
        out = node.text;
        return {};
    });
}

bool Section::duration(std::string_view key, base::milliseconds& out, Range<base::milliseconds> range) {
    return value(key, [&out, range](const Node& node) -> Result<void> {
        const auto parsed = parse_duration(node.text);
        if (!parsed) return fail(parsed.error());
        if (*parsed < range.least || *parsed > range.most)
            return fail(ErrorKind::invalid, "is " + node.text + ", must be " + format_duration(range.least) +
                                                " to " + format_duration(range.most));
        out = *parsed;
        return {};
    });
}

bool Section::duration(std::string_view key, base::seconds& out, Range<base::seconds> range) {
    base::milliseconds exact{};
    if (!duration(key, exact, Range<base::milliseconds>{range.least, range.most})) return false;
    if (exact % base::seconds{1} != base::milliseconds{0}) {
        wrong(key, "must be whole seconds");
        return false;
    }
    out = std::chrono::duration_cast<base::seconds>(exact);
    return true;
}

bool Section::percent(std::string_view key, domain::Rate& out, Range<domain::Rate> range) {
    return value(key, [&out, range](const Node& node) -> Result<void> {
        const auto parsed = parse_percent(node.text);
        if (!parsed) return fail(parsed.error());
        if (*parsed < range.least || *parsed > range.most)
            return fail(ErrorKind::invalid, "is " + node.text + ", must be " + percent_text(range.least) +
                                                " to " + percent_text(range.most));
        out = *parsed;
        return {};
    });
}

bool Section::percent(std::string_view key, std::optional<domain::Rate>& out, Range<domain::Rate> range) {
    domain::Rate found;
    if (!percent(key, found, range)) return false;
    out = found;
    return true;
}

bool Section::path(std::string_view key, std::filesystem::path& out) {
    return value(key, [&out](const Node& node) -> Result<void> {
        if (node.text.empty()) return fail(ErrorKind::invalid, "must not be empty");
        if (node.text.front() == '~')
            return fail(ErrorKind::invalid, "\"~\" is not expanded: write the whole path");
        const std::filesystem::path given{node.text};
        const bool from_file = node.place.line > 0 && given.is_relative();
        out = from_file ? (std::filesystem::path{node.place.source}.parent_path() / given).lexically_normal()
                        : given;
        return {};
    });
}

Section Section::section(std::string_view key) {
    const Node* const node = ask(key);
    return Section{node, full(key), node == nullptr ? place_ : node->place, *report_};
}

bool Section::has(std::string_view key) const {
    return node_ != nullptr && node_->find(key) != nullptr;
}

Place Section::place_of(std::string_view key) const {
    const Node* const node = node_ == nullptr ? nullptr : node_->find(key);
    return node == nullptr ? place_ : node->place;
}

bool Section::require(std::string_view key, std::string_view why) {
    if (has(key)) return true;
    refused_.emplace_back(key);
    report_->add(place_, full(key) + " is missing" + (why.empty() ? std::string{} : ": " + std::string{why}));
    return false;
}

void Section::wrong(std::string_view key, std::string message) {
    refuse(key, place_of(key), std::move(message));
}

void Section::finish() {
    if (node_ == nullptr) return;
    std::vector<std::string_view> known{asked_.begin(), asked_.end()};
    for (const Node::Entry& entry : node_->entries) {
        if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
        std::string message = "unknown key \"" + entry.key + "\"";
        if (!path_.empty()) message += " in " + path_;
        if (const std::string_view meant = nearest(entry.key, known); !meant.empty())
            message += "; did you mean \"" + std::string{meant} + "\"?";
        report_->add(entry.place, std::move(message));
    }
}

std::string Section::not_a_word(std::string_view text, const std::vector<std::string_view>& words) {
    std::string message = "\"" + std::string{text} + "\" is none of ";
    for (const std::string_view word : words)
        message += std::string{word == words.front() ? "" : ", "} + std::string{word};
    if (const std::string_view meant = nearest(text, words); !meant.empty())
        message += "; did you mean \"" + std::string{meant} + "\"?";
    return message;
}

}  // namespace vigil::settings
