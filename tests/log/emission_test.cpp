// Every place in the sources that emits an event names only fields that the catalogue declares for it: a
// release build does not check this, and a rare event may not come up in any other test.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "log/catalogue.h"

namespace vigil::log {
namespace {

/// "order.rejected" -> "order_rejected", the enumerator.
std::string enumerator(std::string_view dotted_name) {
    std::string out{dotted_name};
    out[out.find('.')] = '_';
    return out;
}

const EventSpec* find_enumerator(const std::string& word) {
    for (const EventSpec* entry : catalogue::all)
        if (enumerator(entry->name) == word) return entry;
    return nullptr;
}

/// The text between the brace at `open` and its partner.
std::string_view braced(std::string_view text, std::size_t open) {
    int depth = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
        if (text[i] == '{') ++depth;
        if (text[i] == '}' && --depth == 0) return text.substr(open, i - open + 1);
    }
    return text.substr(open);
}

/// @return the number of fields seen
int check_file(const std::filesystem::path& path) {
    std::ifstream file{path};
    std::ostringstream stream;
    stream << file.rdbuf();
    const std::string text = stream.str();
    static const std::regex emission{R"(\bEvent::(\w+)\s*,\s*\{)"};
    static const std::regex field_name{R"re(\b(?:field|decimal)\(\s*"(\w+)")re"};
    int fields = 0;
    for (auto it = std::sregex_iterator{text.begin(), text.end(), emission}; it != std::sregex_iterator{};
         ++it) {
        const EventSpec* entry = find_enumerator((*it)[1].str());
        if (entry == nullptr) continue;  // another enumeration of that name
        const std::string body{braced(text, static_cast<std::size_t>(it->position() + it->length()) - 1)};
        for (auto f = std::sregex_iterator{body.begin(), body.end(), field_name}; f != std::sregex_iterator{};
             ++f) {
            ++fields;
            EXPECT_NE(entry->fields.find((*f)[1].str()), nullptr)
                << path << ": " << entry->name << " has no field " << (*f)[1];
        }
    }
    return fields;
}

TEST(Emission, SourcesNameOnlyDeclaredFields) {
    const char* source = std::getenv("VIGIL_SOURCE_DIR");
    ASSERT_NE(source, nullptr) << "run by ctest, which sets VIGIL_SOURCE_DIR";
    int fields = 0;
    for (const char* folder : {"/lib", "/daemon"}) {
        const std::filesystem::path root = std::string{source} + folder;
        if (!std::filesystem::exists(root)) continue;
        for (const auto& entry : std::filesystem::recursive_directory_iterator{root})
            if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
                fields += check_file(entry.path());
    }
    EXPECT_GE(fields, 3) << "the logger's own events at least: is this the source folder?";
}

TEST(Emission, EnumeratorsAreTheDottedNames) {
    for (const EventSpec* entry : catalogue::all) {
        EXPECT_EQ(find_enumerator(enumerator(entry->name)), entry) << entry->name;
    }
}

}  // namespace
}  // namespace vigil::log
