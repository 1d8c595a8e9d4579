// Sinks: which one is chosen, what reaches the file, and which files are refused.
#include "log/sink.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/unique_fd.h"
#include "log/format.h"

namespace vigil::log {
namespace {

class SinkTest : public testing::Test {
  protected:
    SinkTest() {
        char name[] = "/tmp/vigil-sink-XXXXXX";
        const char* made = mkdtemp(name);
        folder_ = made == nullptr ? "" : made;
    }
    ~SinkTest() override { std::filesystem::remove_all(folder_); }

    static std::vector<std::string> lines_of(const std::string& path) {
        std::ifstream file{path};
        std::vector<std::string> lines;
        for (std::string line; std::getline(file, line);) lines.push_back(line);
        return lines;
    }
    static mode_t mode_of(const std::string& path) {
        struct stat status {};
        return stat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
    }

    std::string folder_;
};

TEST_F(SinkTest, FileGetsOneJsonObjectALineAndIsPrivate) {
    const std::string path = folder_ + "/events.jsonl";
    const mode_t before = umask(0);
    {
        auto sink = make_file_sink(path);
        ASSERT_TRUE(sink.has_value()) << sink.error().message;
        ASSERT_TRUE((*sink)->write(Record{Event::daemon_ready, {field("environment", "a\nb")}}).has_value());
        ASSERT_TRUE((*sink)->write(Record{Event::daemon_stopping, {}}).has_value());
        ASSERT_TRUE((*sink)->flush().has_value());
    }
    umask(before);
    EXPECT_EQ(mode_of(path), 0600U);
    {
        auto sink = make_file_sink(path);
        ASSERT_TRUE(sink.has_value());
        ASSERT_TRUE((*sink)->write(Record{Event::daemon_stopped, {}}).has_value());
    }
    const auto lines = lines_of(path);
    ASSERT_EQ(lines.size(), 3U) << "appended, not truncated";
    EXPECT_EQ(nlohmann::json::parse(lines[0]).at("event"), "daemon.ready");
    EXPECT_EQ(nlohmann::json::parse(lines[2]).at("event"), "daemon.stopped");
}

TEST_F(SinkTest, FilesAreBoundedAndRotatedOnesStayPrivate) {
    const std::string path = folder_ + "/events.jsonl";
    const mode_t before = umask(0);
    auto sink = make_file_sink(path, {.bytes = 2000, .older_files = 2});
    ASSERT_TRUE(sink.has_value());
    for (int i = 0; i < 100; ++i) ASSERT_TRUE((*sink)->write(Record{Event::daemon_stopping, {}}).has_value());
    ASSERT_TRUE((*sink)->flush().has_value());
    umask(before);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator{folder_}) {
        ++files;
        EXPECT_LE(entry.file_size(), 2000U);
        EXPECT_EQ(mode_of(entry.path()), 0600U) << entry.path();
    }
    EXPECT_EQ(files, 3U);
}

TEST_F(SinkTest, RefusesWhatIsNotAPlainFile) {
    const std::string target = folder_ + "/target";
    std::ofstream{target} << "";
    std::filesystem::create_symlink(target, folder_ + "/link");
    EXPECT_FALSE(make_file_sink(folder_ + "/link").has_value());
    EXPECT_FALSE(make_file_sink(folder_).has_value());
    EXPECT_FALSE(make_file_sink(folder_ + "/no/such/folder").has_value());
    ASSERT_EQ(mkfifo((folder_ + "/pipe").c_str(), 0600), 0);
    EXPECT_FALSE(make_file_sink(folder_ + "/pipe").has_value());
}

TEST_F(SinkTest, AFullDiskIsAnErrorNotAnAbort) {
    if (access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
    // The console sinks of the library below swallow write errors; ours must not. Standard error is put back
    // after.
    const base::UniqueFd saved{dup(STDERR_FILENO)};
    const base::UniqueFd full{open("/dev/full", O_WRONLY | O_CLOEXEC)};
    ASSERT_TRUE(saved && full);
    const auto sink = make_sink(SinkKind::json, "test");
    dup2(full.get(), STDERR_FILENO);
    const auto written = sink->write(Record{Event::daemon_stopping, {}});
    dup2(saved.get(), STDERR_FILENO);
    EXPECT_FALSE(written.has_value());
    EXPECT_TRUE(sink->flush().has_value());
}

TEST_F(SinkTest, JsonAndConsoleWriteToStandardError) {
    for (const SinkKind kind : {SinkKind::json, SinkKind::console}) {
        const std::string path = folder_ + "/out";
        const base::UniqueFd saved{dup(STDERR_FILENO)};
        const base::UniqueFd file{open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
        ASSERT_TRUE(saved && file);
        dup2(file.get(), STDERR_FILENO);
        const auto sink = make_sink(kind, "test");
        const Record record{Event::config_error,
                            {field("file", "x.yaml"), field("line", 3), field("column", 1),
                             field("reason", "unknown\x1b[31m")}};
        const bool written = sink->write(record).has_value() && sink->flush().has_value();
        dup2(saved.get(), STDERR_FILENO);
        EXPECT_TRUE(written);
        const auto lines = lines_of(path);
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_EQ(lines[0], kind == SinkKind::json ? json_line(record) : console_line(record))
            << "no colours in a file";
        EXPECT_EQ(lines[0].find('\x1b'), std::string::npos);
    }
}

TEST_F(SinkTest, AutomaticChoosesByWhatStandardErrorIs) {
    const std::string path = folder_ + "/err";
    const base::UniqueFd file{open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600)};
    ASSERT_TRUE(file);
    struct stat status {};
    ASSERT_EQ(fstat(file.get(), &status), 0);
    const std::string matching = std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
    EXPECT_EQ(choose_sink(file.get(), matching), SinkKind::journal);
    EXPECT_EQ(choose_sink(file.get(), matching + "0"), SinkKind::json);
    EXPECT_EQ(choose_sink(file.get(), ""), SinkKind::json);
    EXPECT_EQ(choose_sink(-1, "0:0"), SinkKind::json);

    const base::UniqueFd terminal{posix_openpt(O_RDWR | O_NOCTTY)};
    ASSERT_TRUE(terminal);
    EXPECT_EQ(choose_sink(terminal.get(), ""), SinkKind::console);
    EXPECT_EQ(choose_sink(terminal.get(), matching), SinkKind::console);
}

}  // namespace
}  // namespace vigil::log
