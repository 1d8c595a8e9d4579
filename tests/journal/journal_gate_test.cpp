#include "journal/journal_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "journal/memory_journal.h"
#include "support.h"

namespace vigil::journal::test {
namespace {

using testing::ElementsAre;

static_assert(!std::is_constructible_v<domain::Journaled, domain::Permitted, std::int64_t>,
              "only the gate makes a Journaled");

Submission note_of(std::int64_t number) {
    return {stamp(number), note(number).record};
}
Submission order_of(domain::Intent intent) {
    return {stamp(0), permitted(std::move(intent))};
}
std::vector<Submission> group_of(Submission a, Submission b, Submission c, Submission d) {
    std::vector<Submission> group;
    group.push_back(std::move(a));
    group.push_back(std::move(b));
    group.push_back(std::move(c));
    group.push_back(std::move(d));
    return group;
}
std::vector<std::string_view> kinds(const MemoryJournal& store) {
    std::vector<std::string_view> all;
    for (const StoredRecord& record : store.records()) all.push_back(kind_of(record.record));
    return all;
}

TEST(JournalGate, WhatIsRecordedMayLeaveAndKnowsItsRecord) {
    MemoryJournal store;
    JournalGate gate{store};
    const Commit commit = gate.commit(
        group_of(note_of(1), order_of(placement(1)), note_of(2), order_of(cancellation(1))), {note(0)});
    EXPECT_FALSE(commit.error);
    EXPECT_EQ(commit.written, 5U);
    EXPECT_EQ(commit.last_sequence, 5);
    EXPECT_THAT(kinds(store),
                ElementsAre("counter_block", "counter_block", "intent", "counter_block", "intent"));
    ASSERT_EQ(commit.journaled.size(), 2U);
    EXPECT_EQ(commit.journaled[0].sequence(), 3);
    EXPECT_EQ(commit.journaled[1].sequence(), 5);
    EXPECT_EQ(commit.journaled[0].intent().action, placement(1).action);
    const auto& recorded = std::get<IntentPermitted>(store.records()[2].record);
    EXPECT_EQ(recorded.intent.action, placement(1).action);
    EXPECT_EQ(recorded.permitted, commit.journaled[0].permitted());
    EXPECT_TRUE(commit.failed.empty());
    EXPECT_TRUE(commit.unwritten.empty());
}

TEST(JournalGate, NoOrderPassesWithoutItsRecordButACancelDoes) {
    MemoryJournal store;
    store.fail_with(base::Error{base::ErrorKind::exhausted, "disk full"});
    JournalGate gate{store};
    const Commit commit = gate.commit(
        group_of(note_of(1), order_of(placement(1)), order_of(cancellation(2)), note_of(2)), {note(0)});
    ASSERT_TRUE(commit.error);
    EXPECT_EQ(commit.error->message, "disk full");
    EXPECT_EQ(commit.written, 0U);
    ASSERT_EQ(commit.failed.size(), 1U);
    EXPECT_EQ(commit.failed[0].intent().client_order_id(), placement(1).client_order_id());
    ASSERT_EQ(commit.journaled.size(), 1U);
    EXPECT_NE(commit.journaled[0].intent().cancellation(), nullptr);
    EXPECT_EQ(commit.journaled[0].sequence(), unrecorded);
    ASSERT_EQ(commit.unwritten.size(), 3U) << "the records keep their order, the backlog first";
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_EQ(std::get<CounterBlockReserved>(commit.unwritten[i].record).first, i);
    EXPECT_TRUE(store.records().empty());
}

TEST(JournalGate, NothingToDoIsNothingDone) {
    MemoryJournal store;
    const Commit commit = JournalGate{store}.commit({});
    EXPECT_FALSE(commit.error);
    EXPECT_EQ(commit.written, 0U);
    EXPECT_EQ(store.last_sequence(), 0);
}

TEST(JournalGate, OnTheDiskTheIntentIsThereBeforeTheJournaledIs) {
    const TemporaryFolder folder;
    const auto journal = open_journal(folder);
    JournalGate gate{*journal};
    std::vector<Submission> group;
    group.push_back(order_of(placement(1)));
    const Commit commit = gate.commit(std::move(group));
    ASSERT_EQ(commit.journaled.size(), 1U);
    const auto reader = Journal::open_read_only(folder.options(), sha256);
    ASSERT_TRUE(reader);
    const auto all = read_all(**reader);
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].sequence, commit.journaled[0].sequence());
    EXPECT_EQ(std::get<IntentPermitted>(all[0].record).intent.action, placement(1).action);
}

TEST(MemoryJournal, KeepsAndReadsOrOnlyCounts) {
    MemoryJournal keeping;
    EXPECT_EQ(keeping.append(notes(1, 3)), 1);
    EXPECT_EQ(keeping.append(notes(4, 1)), 4);
    EXPECT_EQ(read_all(keeping, 3).size(), 2U);
    MemoryJournal counting{false};
    EXPECT_EQ(counting.append(notes(1, 3)), 1);
    EXPECT_EQ(counting.last_sequence(), 3);
    EXPECT_TRUE(read_all(counting).empty());
    keeping.fail_with(base::Error{base::ErrorKind::io, "broken"});
    EXPECT_FALSE(keeping.append(notes(5, 1)));
    keeping.fail_with(std::nullopt);
    EXPECT_EQ(keeping.append(notes(5, 1)), 5);
}

}  // namespace
}  // namespace vigil::journal::test
