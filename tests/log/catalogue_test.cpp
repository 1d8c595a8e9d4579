// The catalogue keeps its promises, and what is generated from it is up to date.
#include "log/catalogue.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "log/events_doc.h"

namespace vigil::log {
namespace {

bool is_snake_case(std::string_view text) {
    return !text.empty() && text.front() >= 'a' && text.front() <= 'z' &&
           std::ranges::all_of(
               text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string slurp(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(Catalogue, IdsAreDistinctVersionFourUuids) {
    std::set<std::string_view> seen;
    for (const EventSpec* entry : catalogue::all) {
        const std::string_view id = entry->message_id;
        ASSERT_EQ(id.size(), 32U) << entry->name;
        EXPECT_TRUE(std::ranges::all_of(id, [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
        })) << entry->name;
        EXPECT_EQ(id[12], '4') << entry->name;
        EXPECT_TRUE(seen.insert(id).second) << entry->name;
    }
}

TEST(Catalogue, NamesAreDistinctAndDotted) {
    std::set<std::string_view> seen;
    for (const EventSpec* entry : catalogue::all) {
        const std::size_t dot = entry->name.find('.');
        ASSERT_NE(dot, std::string_view::npos) << entry->name;
        EXPECT_TRUE(is_snake_case(entry->name.substr(0, dot))) << entry->name;
        EXPECT_TRUE(is_snake_case(entry->name.substr(dot + 1))) << entry->name;
        EXPECT_TRUE(seen.insert(entry->name).second) << entry->name;
        EXPECT_EQ(find_event(entry->name), entry);
        EXPECT_EQ(name(entry->event), entry->name);
        EXPECT_EQ(severity(entry->event), entry->severity);
    }
    EXPECT_EQ(find_event("order.no_such_event"), nullptr);
}

TEST(Catalogue, EventsOfOneAreaStandTogether) {
    std::set<std::string_view> finished;
    std::string_view area;
    for (const EventSpec* entry : catalogue::all) {
        const std::string_view this_area = entry->name.substr(0, entry->name.find('.'));
        if (this_area == area) continue;
        EXPECT_TRUE(finished.insert(this_area).second) << entry->name << " is apart from its area";
        area = this_area;
    }
}

TEST(Catalogue, FieldsAreNamedWithUnitsAndDistinct) {
    // Of the journal and of JSON lines: not to be shadowed.
    const std::set<std::string_view> reserved{"event", "time", "severity", "message"};
    for (const EventSpec* entry : catalogue::all) {
        std::set<std::string_view> seen;
        for (const FieldSpec& field : entry->fields.view()) {
            EXPECT_TRUE(is_snake_case(field.name)) << entry->name << ' ' << field.name;
            EXPECT_TRUE(seen.insert(field.name).second) << entry->name << ' ' << field.name;
            EXPECT_FALSE(reserved.contains(field.name)) << entry->name << ' ' << field.name;
            EXPECT_LE(field.name.size() + 6, 64U) << "longer than the journal allows: " << field.name;
            const bool has_unit = field.name.ends_with("_ns") || field.name.ends_with("_us") ||
                                  field.name.ends_with("_ms") || field.name.ends_with("_s");
            EXPECT_EQ(field.type == FieldType::duration, has_unit) << entry->name << ' ' << field.name;
        }
    }
}

TEST(Catalogue, MessagesUseDeclaredFieldsAndAllOfThem) {
    for (const EventSpec* entry : catalogue::all) {
        std::set<std::string_view> used;
        std::string_view rest = entry->message;
        for (std::size_t open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
            const std::size_t close = rest.find('}', open);
            ASSERT_NE(close, std::string_view::npos) << entry->name;
            const std::string_view field = rest.substr(open + 1, close - open - 1);
            EXPECT_NE(entry->fields.find(field), nullptr) << entry->name << " {" << field << '}';
            used.insert(field);
            rest.remove_prefix(close + 1);
        }
        EXPECT_EQ(rest.find('}'), std::string_view::npos) << entry->name;
        EXPECT_EQ(used.size(), entry->fields.view().size())
            << entry->name << " has a field that nobody reads";
        EXPECT_FALSE(entry->message.ends_with('.')) << entry->name;
    }
}

TEST(Catalogue, EveryAnomalyHasARemedy) {
    for (const EventSpec* entry : catalogue::all) {
        EXPECT_TRUE(entry->remedy.ends_with('.')) << entry->name;
        EXPECT_FALSE(entry->severity >= Severity::error && entry->remedy == "Nothing to do.") << entry->name;
    }
}

std::string source_folder() {
    const char* folder = std::getenv("VIGIL_SOURCE_DIR");
    return folder == nullptr ? std::string{} : std::string{folder};
}

TEST(Catalogue, OperatorsPageIsUpToDate) {
    ASSERT_FALSE(source_folder().empty()) << "run by ctest, which sets VIGIL_SOURCE_DIR";
    EXPECT_EQ(slurp(source_folder() + "/docs/events.md"), events_markdown()) << "run vigil_events_doc";
}

TEST(Catalogue, JournalCatalogIsUpToDate) {
    ASSERT_FALSE(source_folder().empty()) << "run by ctest, which sets VIGIL_SOURCE_DIR";
    EXPECT_EQ(slurp(source_folder() + "/systemd/vigil.catalog"), journal_catalog()) << "run vigil_events_doc";
}

TEST(Catalogue, JournalctlAcceptsTheCatalog) {
    if (std::system("command -v journalctl > /dev/null 2>&1") != 0) GTEST_SKIP() << "no journalctl here";
    char folder[] = "/tmp/vigil-catalog-XXXXXX";
    ASSERT_NE(mkdtemp(folder), nullptr);
    const std::string root = folder;
    std::filesystem::create_directories(root + "/usr/lib/systemd/catalog");
    std::filesystem::create_directories(root + "/var/lib/systemd/catalog");
    std::ofstream{root + "/usr/lib/systemd/catalog/vigil.catalog"} << journal_catalog();
    const int updated =
        std::system(("journalctl --root=" + root + " --update-catalog > " + root + "/out 2>&1").c_str());
    EXPECT_EQ(WEXITSTATUS(updated), 0) << slurp(root + "/out");
    EXPECT_EQ(slurp(root + "/out"), "");
    const int listed =
        std::system(("journalctl --root=" + root + " --list-catalog > " + root + "/list 2>&1").c_str());
    EXPECT_EQ(WEXITSTATUS(listed), 0);
    const std::string list = slurp(root + "/list");
    for (const EventSpec* entry : catalogue::all)
        EXPECT_NE(list.find(std::string{entry->message_id} + " Vigil: Vigil: " + std::string{entry->name}),
                  std::string::npos)
            << entry->name;
    std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace vigil::log
