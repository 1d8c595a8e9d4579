#include "settings/yaml_list.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace vigil::settings {
namespace {

class YamlList : public testing::Test {
  protected:
    YamlList() {
        folder = std::filesystem::path{testing::TempDir()} /
                 ("yaml-list-" + std::to_string(::getpid()) + "-" +
                  testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::create_directories(folder);
        file = folder / "faults.yaml";
    }
    ~YamlList() override { std::filesystem::remove_all(folder); }

    base::Result<std::vector<YamlListEntry>> read(const std::string& text) {
        std::ofstream{file} << text;
        return read_yaml_list(file);
    }
    /// What is wrong, without the folder.
    std::string wrong(const std::string& text) {
        const auto result = read(text);
        if (result) return "nothing";
        const std::string& message = result.error().message;
        return message.starts_with(folder.string() + "/") ? message.substr(folder.string().size() + 1)
                                                          : message;
    }

    std::filesystem::path folder;
    std::filesystem::path file;
};

TEST_F(YamlList, EntriesBecomeObjectsWithPlaces) {
    const auto entries = read(
        "# a comment\n"
        "- kind: delay\n"
        "  delay_ms: 250\n"
        "  probability: 0.00000001\n"
        "  quoted: \"7\"\n"
        "  on: true\n"
        "- {kind: filter, filter: {filterType: LOT_SIZE, list: [1, two]}, nothing: }\n");
    ASSERT_TRUE(entries) << entries.error().message;
    ASSERT_EQ(entries->size(), 2U);
    EXPECT_EQ(entries->front().json,
              R"({"delay_ms":250,"kind":"delay","on":true,"probability":"0.00000001","quoted":"7"})");
    EXPECT_EQ(entries->front().place, file.string() + ":2:3");
    EXPECT_EQ(entries->front().places.at("delay_ms"), file.string() + ":3:3");
    EXPECT_EQ((*entries)[1].json,
              R"({"filter":{"filterType":"LOT_SIZE","list":[1,"two"]},"kind":"filter","nothing":null})");
}

TEST_F(YamlList, AnEmptyFileIsAnEmptyList) {
    const auto entries = read("# nothing yet\n");
    ASSERT_TRUE(entries) << entries.error().message;
    EXPECT_TRUE(entries->empty());
}

TEST_F(YamlList, SaysWhatIsWrongAndWhere) {
    EXPECT_EQ(wrong("kind: delay\n").substr(0, 38), "faults.yaml:1:1: a list is expected: e");
    EXPECT_EQ(wrong("- delay\n"), "faults.yaml:1:3: an entry is a map: 'name: value'");
    EXPECT_EQ(wrong("- kind: a\n  kind: b\n").substr(0, 17), "faults.yaml:2:3: ");
    EXPECT_EQ(wrong("- kind: [a\n").substr(0, 12), "faults.yaml:");
    std::filesystem::remove(file);
    const auto missing = read_yaml_list(file);
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, base::ErrorKind::not_found);
}

}  // namespace
}  // namespace vigil::settings
