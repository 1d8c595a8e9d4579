// The process is killed, the disk fills or fails: what was reported as durable is there, and the chain holds.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faulty_disk.h"
#include "seed.h"
#include "support.h"

namespace vigil::journal::test {
namespace {

/// The n-th record that a writer in these tests writes; some are long, so that pages overflow.
Entry numbered(std::int64_t sequence) {
    return {stamp(sequence),
            LadderStateSaved{std::string(static_cast<std::size_t>(sequence * 37 % 2500), 'x') +
                             std::to_string(sequence)}};
}

/// Checks chain and content; returns the last sequence.
std::int64_t check_content(const TemporaryFolder& folder) {
    const auto journal = open_journal(folder);
    if (journal == nullptr) return -1;
    const auto verified = journal->verify();
    EXPECT_TRUE(verified) << verified.error().message;
    for (const StoredRecord& record : read_all(*journal)) {
        EXPECT_EQ(encode(record.record), encode(numbered(record.sequence).record));
    }
    return journal->last_sequence();
}

/// In a child: writes groups of `group` records until it is killed, or an append fails, or `limit` is
/// reached; tells each durable sequence through the pipe.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, int pipe, int group,
                                     std::int64_t limit) {
    auto journal = Journal::open({folder, base::milliseconds{50}}, sha256);
    if (!journal) ::_exit(3);
    while ((*journal)->last_sequence() < limit) {
        std::vector<Entry> entries;
        for (int i = 1; i <= group; ++i) entries.push_back(numbered((*journal)->last_sequence() + i));
        if (!(*journal)->append(entries)) ::_exit((*journal)->is_refusing() ? 5 : 4);
        const std::int64_t durable = (*journal)->last_sequence();
        if (::write(pipe, &durable, sizeof durable) != sizeof durable) ::_exit(6);
    }
    // Ends like a crash: nothing is closed or checkpointed.
    ::_exit(0);
}

struct Child {
    pid_t pid{0};
    int pipe{-1};

    /// The next durable sequence; 0 at the end.
    [[nodiscard]] std::int64_t next() const {
        std::int64_t durable = 0;
        return ::read(pipe, &durable, sizeof durable) == sizeof durable ? durable : 0;
    }
    /// Waits for the end; the exit status, or minus the signal.
    int wait() {
        ::close(pipe);
        int status = 0;
        EXPECT_EQ(::waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }
};

template <class Prepare>
Child start_writer(const TemporaryFolder& folder, int group, std::int64_t limit, Prepare prepare) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
        prepare();
        write_until_killed(folder.path(), ends[1], group, limit);
    }
    ::close(ends[1]);
    return {pid, ends[0]};
}

TEST(JournalCrash, KilledInMidWriteNothingDurableIsLost) {
    const unsigned seed = test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    const TemporaryFolder folder;
    std::int64_t durable = 0;
    for (int life = 0; life < 6; ++life) {
        Child child = start_writer(folder, 1 + static_cast<int>(random() % 20), 1'000'000, [] {});
        for (auto acks = 1 + random() % 30; acks > 0; --acks) durable = child.next();
        ASSERT_GT(durable, 0);
        ASSERT_EQ(::kill(child.pid, SIGKILL), 0);
        // What was acknowledged before the signal took effect counts too.
        while (const std::int64_t more = child.next()) durable = more;
        ASSERT_EQ(child.wait(), -SIGKILL);
        ASSERT_GE(check_content(folder), durable);
    }
}

TEST(JournalCrash, ASecondProcessIsRefusedAndTheLockGoesWithItsHolder) {
    const TemporaryFolder folder;
    Child child = start_writer(folder, 1, 1'000'000, [] {});
    ASSERT_EQ(child.next(), 1);
    const auto second = Journal::open(folder.options(), sha256);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, base::ErrorKind::unavailable);
    EXPECT_NE(second.error().message.find("pid " + std::to_string(child.pid)), std::string::npos);
    ASSERT_EQ(::kill(child.pid, SIGKILL), 0);
    while (child.next() != 0) {
    }
    child.wait();
    EXPECT_TRUE(Journal::open(folder.options(), sha256));
}

TEST(JournalCrash, ALogCutAnywhereOrDamagedLeavesAWholeBeginning) {
    const unsigned seed = test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    const TemporaryFolder folder;
    Child child = start_writer(folder, 2, 40, [] {});
    while (child.next() != 0) {
    }
    ASSERT_EQ(child.wait(), 0);
    const std::string database = read_file(folder.file());
    const std::string log = read_file(folder.path() / "journal.sqlite-wal");
    ASSERT_GT(log.size(), 10'000U);
    ASSERT_EQ(check_content(folder), 40);

    int shortened = 0;
    for (int i = 0; i < 60; ++i) {
        std::string damaged = log;
        if (i % 2 == 0) {
            damaged.resize(random() % log.size());
        } else {
            const std::size_t at = random() % log.size();
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
        }
        const TemporaryFolder copy;
        write_file(copy.file(), database);
        write_file(copy.path() / "journal.sqlite-wal", damaged);
        const std::int64_t last = check_content(copy);
        ASSERT_GE(last, 0);
        ASSERT_LE(last, 40);
        ASSERT_EQ(last % 2, 0) << "a group is whole or not there";
        shortened += last < 40 ? 1 : 0;
    }
    EXPECT_GT(shortened, 10);
}

TEST(JournalCrash, AFullDiskIsAnErrorAndLaterWorksAgain) {
    const TemporaryFolder folder;
    FaultyDisk disk;
    auto journal = open_journal(folder);
    ASSERT_TRUE(journal->append(std::vector{numbered(1)}));
    int failed = 0;
    for (int good = 0; good < 12; ++good) {
        const std::int64_t before = journal->last_sequence();
        std::vector<Entry> group;
        for (int i = 1; i <= 3; ++i) group.push_back(numbered(before + i));
        disk.fail_writes(good, SQLITE_FULL);
        const auto written = journal->append(group);
        disk.heal();
        if (written) continue;
        ++failed;
        EXPECT_EQ(written.error().kind, base::ErrorKind::exhausted);
        EXPECT_EQ(journal->last_sequence(), before);
        EXPECT_FALSE(journal->is_refusing());
        EXPECT_EQ(journal->append(group), before + 1) << "room again";
    }
    EXPECT_GT(failed, 3);
    const std::int64_t last = journal->last_sequence();
    journal.reset();
    EXPECT_EQ(check_content(folder), last);
}

TEST(JournalCrash, AfterAFailedSyncOrWriteNothingMoreIsWritten) {
    for (const bool is_sync : {true, false}) {
        const TemporaryFolder folder;
        std::int64_t durable = 0;
        {
            FaultyDisk disk;
            auto journal = open_journal(folder);
            ASSERT_TRUE(journal->append(std::vector{numbered(1), numbered(2)}));
            durable = journal->last_sequence();
            if (is_sync)
                disk.fail_syncs(0);
            else
                disk.fail_writes(1, SQLITE_IOERR_WRITE);
            const auto written = journal->append(std::vector{numbered(3)});
            ASSERT_FALSE(written);
            EXPECT_EQ(written.error().kind, base::ErrorKind::io);
            EXPECT_TRUE(journal->is_refusing());
            disk.heal();
            const int writes = disk.writes();
            const auto again = journal->append(std::vector{numbered(3)});
            ASSERT_FALSE(again) << "the disk works again, but what it holds is not known";
            EXPECT_NE(again.error().message.find("refuses"), std::string::npos);
            EXPECT_EQ(disk.writes(), writes);
            EXPECT_EQ(journal->last_sequence(), durable);
        }
        const std::int64_t last = check_content(folder);
        EXPECT_GE(last, durable);
        EXPECT_LE(last, durable + 1);
    }
}

TEST(JournalCrash, EveryCommitIsSynced) {
    const TemporaryFolder folder;
    FaultyDisk disk;
    auto journal = open_journal(folder);
    for (int i = 1; i <= 5; ++i) {
        const int before = disk.syncs();
        ASSERT_TRUE(journal->append(std::vector{numbered(i)}));
        EXPECT_GT(disk.syncs(), before);
    }
    journal.reset();
}

// The kernel's own refusal: a bound on the size of files.
TEST(JournalCrash, ABoundOnFileSizeIsAnErrorNotADeath) {
    const TemporaryFolder folder;
    Child child = start_writer(folder, 5, 1'000'000, [] {
        ::signal(SIGXFSZ, SIG_IGN);
        const rlimit bound{300'000, 300'000};
        if (::setrlimit(RLIMIT_FSIZE, &bound) != 0) ::_exit(7);
    });
    std::int64_t durable = 0;
    while (const std::int64_t more = child.next()) durable = more;
    EXPECT_EQ(child.wait(), 5) << "an error, and refusing from then on";
    EXPECT_GT(durable, 0);
    EXPECT_GE(check_content(folder), durable);
}

// A real file system without room.
TEST(JournalCrash, ARealFullFileSystem) {
    const TemporaryFolder folder;
    if (::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=400k,mode=0700") != 0)
        GTEST_SKIP() << "mounting a small tmpfs is not allowed here";
    std::int64_t durable = 0;
    int status = 0;
    std::int64_t found = 0;
    {
        Child child = start_writer(folder, 5, 1'000'000, [] {});
        while (const std::int64_t more = child.next()) durable = more;
        status = child.wait();
        found = check_content(folder);
    }
    EXPECT_EQ(::umount2(folder.path().c_str(), MNT_DETACH), 0);
    EXPECT_EQ(status, 4) << "an error, and not refusing";
    EXPECT_GT(durable, 0);
    EXPECT_GE(found, durable);
}

}  // namespace
}  // namespace vigil::journal::test
