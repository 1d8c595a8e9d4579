#include <gtest/gtest.h>
#include <sqlite3.h>

#include "seed.h"
#include "support.h"

namespace vigil::journal::test {
namespace {

/// Runs SQL on the file behind the journal's back.
void tamper(const std::filesystem::path& file, const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &database), SQLITE_OK);
    char* message = nullptr;
    ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
    sqlite3_close(database);
}

TEST(JournalFile, KeepsEveryRecordInOrderThroughReopening) {
    const TemporaryFolder folder;
    const auto records = sample_records();
    {
        const auto journal = open_journal(folder);
        EXPECT_EQ(journal->last_sequence(), 0);
        std::int64_t expected = 1;
        for (std::size_t i = 0; i < records.size(); i += 3) {
            std::vector<Entry> group;
            for (std::size_t k = i; k < std::min(i + 3, records.size()); ++k)
                group.push_back({stamp(static_cast<std::int64_t>(k)), records[k]});
            EXPECT_EQ(journal->append(group), expected);
            expected += static_cast<std::int64_t>(group.size());
        }
        EXPECT_EQ(journal->last_sequence(), static_cast<std::int64_t>(records.size()));
    }
    const auto journal = open_journal(folder);
    const auto all = read_all(*journal);
    ASSERT_EQ(all.size(), records.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].sequence, static_cast<std::int64_t>(i) + 1);
        EXPECT_EQ(all[i].stamp.exchange, stamp(static_cast<std::int64_t>(i)).exchange);
        EXPECT_EQ(all[i].stamp.wall, stamp(static_cast<std::int64_t>(i)).wall);
        EXPECT_EQ(encode(all[i].record), encode(records[i]));
    }
    EXPECT_EQ(read_all(*journal, 5).front().sequence, 5);
    EXPECT_TRUE(read_all(*journal, 1000).empty());
    EXPECT_EQ(journal->append(std::vector{note(1)}), static_cast<std::int64_t>(records.size()) + 1);
    const auto verified = journal->verify();
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->records, static_cast<std::int64_t>(records.size()) + 1);
}

TEST(JournalFile, ReadingStopsWhereTheVisitorSays) {
    const TemporaryFolder folder;
    const auto journal = open_journal(folder);
    ASSERT_TRUE(journal->append(notes(1, 10)));
    int seen = 0;
    const auto read = journal->read(1, [&seen](const StoredRecord&) -> base::Result<void> {
        if (++seen == 4) return base::fail(base::ErrorKind::invalid, "enough");
        return {};
    });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().message, "enough");
    EXPECT_EQ(seen, 4);
}

TEST(JournalFile, FilesAreForTheOwnerAlone) {
    const TemporaryFolder folder;
    const auto journal = open_journal(folder);
    ASSERT_TRUE(journal->append(notes(1, 3)));
    int files = 0;
    for (const auto& file : std::filesystem::directory_iterator{folder.path()}) {
        ++files;
        EXPECT_EQ(file.status().permissions() & std::filesystem::perms{077}, std::filesystem::perms::none)
            << file.path();
    }
    EXPECT_GE(files, 3) << "the file, its log, the lock";
}

TEST(JournalFile, AnOperatorMayReadWhileItIsWritten) {
    const TemporaryFolder folder;
    const auto journal = open_journal(folder);
    ASSERT_TRUE(journal->append(notes(1, 3)));
    const auto reader = Journal::open_read_only(folder.options(), sha256);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(read_all(**reader).size(), 3U);
    ASSERT_TRUE(journal->append(notes(4, 2)));
    EXPECT_EQ(read_all(**reader).size(), 5U);
    EXPECT_TRUE((*reader)->verify());
    const auto refused = (*reader)->append(notes(1, 1));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::ErrorKind::denied);
}

TEST(JournalFile, TwoWritersAreRefused) {
    const TemporaryFolder folder;
    const auto first = open_journal(folder);
    const auto second = Journal::open(folder.options(), sha256);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, base::ErrorKind::unavailable);
    EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos)
        << second.error().message;
}

TEST(JournalFile, SomebodyElsesLockOnTheFileIsWaitedForAndThenSaid) {
    const TemporaryFolder folder;
    const auto journal = open_journal(folder);
    ASSERT_TRUE(journal->append(notes(1, 1)));
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(folder.file().c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    const auto blocked = journal->append(notes(2, 1));
    ASSERT_FALSE(blocked);
    EXPECT_EQ(blocked.error().kind, base::ErrorKind::unavailable);
    EXPECT_FALSE(journal->is_refusing());
    ASSERT_EQ(sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(other);
    EXPECT_EQ(journal->append(notes(2, 1)), 2);
    EXPECT_TRUE(journal->verify());
}

TEST(JournalFile, WhatIsNotAJournalIsRefusedAndLeftAlone) {
    const auto error_of = [](const TemporaryFolder& folder) {
        const auto opened = Journal::open(folder.options(), sha256);
        EXPECT_FALSE(opened);
        return opened ? base::Error{base::ErrorKind::invalid, ""} : opened.error();
    };
    const TemporaryFolder text;
    write_file(text.file(),
               "this is a letter, and a long one, so that it is not taken for an empty database file\n");
    EXPECT_EQ(error_of(text).kind, base::ErrorKind::corrupt);
    EXPECT_EQ(read_file(text.file()).substr(0, 16), "this is a letter");

    const TemporaryFolder other;
    tamper(other.file(), "CREATE TABLE things(a)");
    ASSERT_EQ(::chmod(other.file().c_str(), 0600), 0);
    EXPECT_EQ(error_of(other).kind, base::ErrorKind::corrupt);
    EXPECT_NE(error_of(other).message.find("not a journal of Vigil"), std::string::npos);

    const TemporaryFolder later;
    { open_journal(later); }
    tamper(later.file(), "PRAGMA user_version=99");
    EXPECT_EQ(error_of(later).kind, base::ErrorKind::unsupported);

    const TemporaryFolder open_to_all;
    { open_journal(open_to_all); }
    ASSERT_EQ(::chmod(open_to_all.file().c_str(), 0644), 0);
    EXPECT_EQ(error_of(open_to_all).kind, base::ErrorKind::denied);
    EXPECT_NE(error_of(open_to_all).message.find("0644"), std::string::npos);

    const TemporaryFolder linked;
    std::filesystem::create_symlink(text.file(), linked.file());
    EXPECT_NE(error_of(linked).message.find("journal.sqlite"), std::string::npos);

    const TemporaryFolder folder_instead;
    std::filesystem::create_directory(folder_instead.file());
    EXPECT_NE(error_of(folder_instead).message.find("Is a directory"), std::string::npos);

    JournalOptions nowhere{"/nonexistent/vigil"};
    EXPECT_EQ(Journal::open(nowhere, sha256).error().kind, base::ErrorKind::not_found);
    const TemporaryFolder empty;
    EXPECT_EQ(Journal::open_read_only(empty.options(), sha256).error().kind, base::ErrorKind::not_found);
}

TEST(JournalFile, AnEmptyFileOfAnInterruptedStartIsTakenOver) {
    const TemporaryFolder folder;
    write_file(folder.file(), "");
    const auto journal = open_journal(folder);
    EXPECT_EQ(journal->append(notes(1, 1)), 1);
}

TEST(JournalFile, RowsCannotBeChangedOrDeletedByAccident) {
    const TemporaryFolder folder;
    ASSERT_TRUE(open_journal(folder)->append(notes(1, 3)));
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(folder.file().c_str(), &database), SQLITE_OK);
    EXPECT_NE(sqlite3_exec(database, "DELETE FROM records WHERE sequence=2", nullptr, nullptr, nullptr),
              SQLITE_OK);
    EXPECT_NE(sqlite3_exec(database, "UPDATE records SET body='{}'", nullptr, nullptr, nullptr), SQLITE_OK);
    sqlite3_close(database);
}

TEST(JournalFile, TamperingIsFoundAndTheRecordNamed) {
    const std::string unlock = "DROP TRIGGER records_keep; DROP TRIGGER records_stay; ";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"UPDATE records SET body='{\"first\":4,\"count\":9}' WHERE sequence=4", "record 4"},
        {"UPDATE records SET exchange_us=exchange_us+1 WHERE sequence=6", "record 6"},
        {"UPDATE records SET wall_us=0 WHERE sequence=1", "record 1"},
        {"UPDATE records SET kind='ban_state' WHERE sequence=3", "record 3"},
        {"UPDATE records SET client_order_id='x' WHERE sequence=3", "record 3"},
        {"UPDATE records SET hash=x'00' WHERE sequence=8", "record 8"},
        {"DELETE FROM records WHERE sequence=5", "record 5"},
        {"DELETE FROM records WHERE sequence=1", "record 1"},
        {"UPDATE records SET sequence=1000 WHERE sequence=2", "record 2"},
        {"UPDATE records SET kind='ban', client_order_id='_state' WHERE sequence=3", "record 3"},
        {"UPDATE meta SET value='0123456789abcdef0123456789abcdef'", "record 1"},
    };
    for (const auto& [sql, named] : cases) {
        const TemporaryFolder folder;
        ASSERT_TRUE(open_journal(folder)->append(notes(1, 10)));
        tamper(folder.file(), unlock + sql);
        const auto journal = Journal::open(folder.options(), sha256);
        if (!journal) {
            EXPECT_EQ(journal.error().kind, base::ErrorKind::corrupt) << sql;
            continue;
        }
        const auto verified = (*journal)->verify();
        ASSERT_FALSE(verified) << sql;
        EXPECT_EQ(verified.error().kind, base::ErrorKind::corrupt) << sql;
        EXPECT_NE(verified.error().message.find(named), std::string::npos)
            << sql << ": " << verified.error().message;
        const auto read = (*journal)->read(1, [](const StoredRecord&) -> base::Result<void> { return {}; });
        EXPECT_FALSE(read) << sql;
    }
}

TEST(JournalFile, TheHeadTellsAShortenedJournal) {
    const TemporaryFolder folder;
    Digest head{};
    {
        const auto journal = open_journal(folder);
        ASSERT_TRUE(journal->append(notes(1, 10)));
        head = journal->verify()->head;
    }
    tamper(folder.file(), "DROP TRIGGER records_keep; DELETE FROM records WHERE sequence=10");
    const auto journal = open_journal(folder);
    const auto verified = journal->verify();
    ASSERT_TRUE(verified) << "a chain without its end is a chain";
    EXPECT_EQ(verified->records, 9);
    EXPECT_NE(verified->head, head);
}

TEST(JournalFile, TwoJournalsHaveDifferentRoots) {
    const TemporaryFolder a;
    const TemporaryFolder b;
    EXPECT_NE(open_journal(a)->verify()->head, open_journal(b)->verify()->head);
}

// One flipped bit anywhere in the file: the journal does not open, or verify finds it, or what is read is
// still exactly what was written (the bit lay in a part that nothing uses).
TEST(JournalFile, NoFlippedBitGoesUnnoticed) {
    const unsigned seed = test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random{seed};
    const TemporaryFolder folder;
    { ASSERT_TRUE(open_journal(folder)->append(notes(1, 60))); }
    const std::string whole = read_file(folder.file());
    ASSERT_FALSE(std::filesystem::exists(folder.path() / "journal.sqlite-wal"));
    const auto original = read_all(*open_journal(folder));
    int found = 0;
    for (int i = 0; i < 150; ++i) {
        std::string damaged = whole;
        const std::size_t at = random() % damaged.size();
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
        const TemporaryFolder copy;
        write_file(copy.file(), damaged);
        const auto journal = Journal::open(copy.options(), sha256);
        if (!journal || !(*journal)->verify()) {
            ++found;
            continue;
        }
        const auto all = read_all(**journal);
        ASSERT_EQ(all.size(), original.size()) << "bit at " << at;
        for (std::size_t k = 0; k < all.size(); ++k) {
            ASSERT_EQ(encode(all[k].record), encode(original[k].record)) << "bit at " << at;
            ASSERT_EQ(all[k].stamp.exchange, original[k].stamp.exchange);
        }
    }
    EXPECT_GT(found, 15);
}

TEST(JournalFile, AShortenedJournalIsWholeButMissesTheHeadThatWasNoted) {
    const TemporaryFolder folder;
    Digest early{};
    Digest late{};
    {
        const auto journal = open_journal(folder);
        ASSERT_TRUE(journal->append(notes(1, 5)));
        early = journal->verify()->head;
        ASSERT_TRUE(journal->append(notes(6, 5)));
        late = journal->verify()->head;
        EXPECT_TRUE(journal->verify(early));
        EXPECT_TRUE(journal->verify(late));
    }
    tamper(folder.file(), "DROP TRIGGER records_keep; DELETE FROM records WHERE sequence > 7");
    const auto journal = open_journal(folder);
    EXPECT_TRUE(journal->verify());
    EXPECT_TRUE(journal->verify(early));
    const auto shortened = journal->verify(late);
    ASSERT_FALSE(shortened);
    EXPECT_EQ(shortened.error().kind, base::ErrorKind::corrupt);
}

}  // namespace
}  // namespace vigil::journal::test
