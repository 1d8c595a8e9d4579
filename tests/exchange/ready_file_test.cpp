#include "exchange/ready_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

namespace vigil::exchange {
namespace {

namespace fs = std::filesystem;

class ReadyFile : public testing::Test {
  protected:
    ReadyFile() {
        std::string name = (fs::temp_directory_path() / "vigil-ready-XXXXXX").string();
        folder = mkdtemp(name.data());
        hmac = std::make_unique<credentials::GeneratedKey>(
            *credentials::generate_key(credentials::KeyType::hmac_sha256));
        ed25519 = std::make_unique<credentials::GeneratedKey>(
            *credentials::generate_key(credentials::KeyType::ed25519));
        information.rest = "https://127.0.0.1:1";
        information.ca_pem = "authority";
        information.accounts = {{"one", "key1", hmac.get()}, {"two", "key2", ed25519.get()}};
    }
    ~ReadyFile() override { fs::remove_all(folder); }

    static mode_t mode_of(const fs::path& path) {
        struct stat status {};
        EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
        return status.st_mode & 0777U;
    }
    static std::string text_of(const fs::path& path) {
        std::ifstream file{path};
        return {std::istreambuf_iterator<char>{file}, {}};
    }

    fs::path folder;
    std::unique_ptr<credentials::GeneratedKey> hmac;
    std::unique_ptr<credentials::GeneratedKey> ed25519;
    ReadyInformation information;
};

TEST_F(ReadyFile, HoldsWhatAClientNeedsAndIsPrivate) {
    const fs::path file = folder / "ready.json";
    const auto written = write_ready_file(file, information);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->size(), 3U);
    EXPECT_EQ(written->back(), file) << "last, when everything that it names is there";
    EXPECT_EQ(mode_of(file), 0600U);
    const auto json = nlohmann::json::parse(text_of(file));
    EXPECT_EQ(json["rest"], "https://127.0.0.1:1");
    EXPECT_EQ(text_of(json["ca"].get<std::string>()), "authority");
    EXPECT_EQ(json["accounts"][0]["key_type"], "hmac");
    hmac->private_key.use_text(
        [&](std::string_view secret) { EXPECT_EQ(json["accounts"][0]["secret"], secret); });
    EXPECT_FALSE(json["accounts"][1].contains("secret"));
    const fs::path pem = json["accounts"][1]["private_key_path"].get<std::string>();
    EXPECT_EQ(mode_of(pem), 0600U);
    ed25519->private_key.use_text([&](std::string_view secret) { EXPECT_EQ(text_of(pem), secret); });
}

TEST_F(ReadyFile, ReplacesAnOldOneAndIsNotFooledByALink) {
    const fs::path file = folder / "ready.json";
    std::ofstream{file} << "old";
    fs::permissions(file, fs::perms::all);
    fs::create_symlink("/dev/null", folder / "ready.json.new");
    ASSERT_TRUE(write_ready_file(file, information));
    EXPECT_EQ(mode_of(file), 0600U);
    EXPECT_FALSE(fs::exists(folder / "ready.json.new"));
}

TEST_F(ReadyFile, SaysWhyItCouldNotBeWritten) {
    const auto written = write_ready_file(folder / "nowhere" / "ready.json", information);
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, base::ErrorKind::not_found);
    EXPECT_NE(written.error().message.find("nowhere"), std::string::npos);
}

}  // namespace
}  // namespace vigil::exchange
