// The JSON Schemas, the samples and the reader say the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "settings/configuration_folder.h"
#include "settings/load.h"

namespace vigil::settings {
namespace {

using nlohmann::json;
using testing::needed;

std::filesystem::path config_folder() {
    const char* const root =
        std::getenv("VIGIL_SOURCE_DIR");  // NOLINT(concurrency-mt-unsafe): no other thread
    if (root == nullptr) return "config";
    return std::filesystem::path{root} / "config";
}

json schema(const char* name) {
    std::ifstream in{config_folder() / name};
    EXPECT_TRUE(in) << "no " << config_folder() / name;
    return json::parse(in);
}

/// "section.key" of everything an object schema allows.
void collect(const json& object, const std::string& prefix, std::set<std::string>& keys) {
    EXPECT_TRUE(object.contains("additionalProperties")) << prefix << " lets unknown keys through";
    const json properties = object.value("properties", json::object());
    for (const auto& [name, property] : properties.items()) {
        keys.insert(prefix + name);
        if (property.contains("properties") || property.contains("additionalProperties"))
            collect(property, prefix + name + ".", keys);
    }
    if (object["additionalProperties"].is_object())
        collect(object["additionalProperties"], prefix + "*.", keys);
}

class SchemaTest : public testing::ConfigurationFolder {};

TEST_F(SchemaTest, TheDaemonsKeysAreTheReaders) {
    std::set<std::string> keys;
    collect(schema("vigild.schema.json"), "", keys);
    EXPECT_GT(keys.size(), 40U);
    EXPECT_EQ(keys, known_daemon_keys());
}

TEST_F(SchemaTest, TheStrategiesKeysAreTheReaders) {
    const json all = schema("strategy.schema.json");
    EXPECT_EQ(all["oneOf"].size(), 3U);
    for (const auto kind :
         {strategy::StrategyKind::grid, strategy::StrategyKind::dca, strategy::StrategyKind::trend}) {
        const json& object = all["definitions"][std::string{to_string(kind)}];
        EXPECT_EQ(object["properties"]["kind"]["const"], to_string(kind));
        std::set<std::string> keys;
        collect(object, "", keys);
        EXPECT_EQ(keys, known_strategy_keys(kind)) << to_string(kind);
    }
}

/// What the reader says of `word`, as far as it is about that word.
std::string complaint(const std::vector<std::string>& problems, const std::string& word) {
    for (const std::string& problem : problems)
        if (problem.find("\"" + word + "\" is none of") != std::string::npos) return problem;
    return {};
}

std::string joined(const json& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word.get<std::string>();
    return text;
}

TEST_F(SchemaTest, TheWordsOfTheDaemonAreTheReaders) {
    int checked = 0;
    const json all = schema("vigild.schema.json");
    for (const auto& [section, object] : all["properties"].items()) {
        const json properties = object.value("properties", json::object());
        for (const auto& [key, property] : properties.items()) {
            if (!property.contains("enum")) continue;
            const std::string path = section + "." + key;
            EXPECT_THAT(complaint(problems_of(needed, {path + "=bogus"}), "bogus"),
                        ::testing::EndsWith("is none of " + joined(property["enum"])))
                << path;
            ++checked;
        }
    }
    EXPECT_EQ(checked, 6);
}

TEST_F(SchemaTest, TheWordsOfTheStrategiesAreTheReaders) {
    int checked = 0;
    const json all = schema("strategy.schema.json");
    for (const char* kind : {"grid", "dca", "trend"})
        for (const auto& [key, property] : all["definitions"][kind]["properties"].items()) {
            if (!property.contains("enum")) continue;
            const auto problems =
                problems_of_strategy("kind: " + std::string{kind} + "\n" + key + ": bogus\n");
            const std::string words = joined(property["enum"]);
            EXPECT_THAT(problems, ::testing::Contains(::testing::AnyOf(
                                      ::testing::EndsWith("is none of " + words),
                                      ::testing::EndsWith("is none of the exchange's: " + words))))
                << kind << ' ' << key;
            ++checked;
        }
    EXPECT_EQ(checked, 5);
}

TEST_F(SchemaTest, RequiredKeysAreTheReaders) {
    const json all = schema("strategy.schema.json");
    for (const char* kind : {"grid", "dca", "trend"}) {
        const auto problems = problems_of_strategy("kind: " + std::string{kind} + "\n");
        std::set<std::string> missing{"kind"};
        for (const std::string& problem : problems) {
            const auto end = problem.find(" is missing");
            if (end != std::string::npos)
                missing.insert(
                    problem.substr(problem.rfind(' ', end - 1) + 1, end - problem.rfind(' ', end - 1) - 1));
        }
        EXPECT_EQ(missing, all["definitions"][kind]["required"].get<std::set<std::string>>()) << kind;
    }
}

TEST_F(SchemaTest, TheSamplesAreGoodAndNameTheirSchema) {
    for (const char* name : {"vigild.yaml", "demo/vigild.yaml"}) {
        const auto loaded = load(config_folder() / name);
        for (const std::string& problem : shown(loaded)) ADD_FAILURE() << problem;
        ASSERT_TRUE(loaded) << name;
        EXPECT_EQ(loaded->strategies.size(), 3U) << name;
        EXPECT_EQ(loaded->exchange.environment, Environment::simulator)
            << "a sample must not reach for an exchange";
        for (const SourceFile& file : loaded->sources) {
            constexpr std::string_view mark = "# yaml-language-server: $schema=";
            ASSERT_EQ(file.bytes.substr(0, mark.size()), mark) << file.path;
            const std::string target = file.bytes.substr(mark.size(), file.bytes.find('\n') - mark.size());
            EXPECT_TRUE(std::filesystem::exists(file.path.parent_path() / target))
                << file.path << " -> " << target;
        }
    }
}

}  // namespace
}  // namespace vigil::settings
