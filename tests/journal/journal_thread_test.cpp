#include "journal/journal_thread.h"

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "journal/memory_journal.h"
#include "support.h"

namespace vigil::journal::test {
namespace {

using namespace std::chrono_literals;

constexpr base::milliseconds patience{20'000};

/// A store whose appends can be held up and made to fail, from any thread.
class HeldStore final : public RecordStore {
  public:
    base::Result<std::int64_t> append(std::span<const Entry> entries) override {
        std::unique_lock lock{mutex_};
        ++appends_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !held_; });
        memory_.fail_with(error_);
        return memory_.append(entries);
    }
    base::Result<void> read(std::int64_t first, const Visit& visit) const override {
        const std::scoped_lock lock{mutex_};
        return memory_.read(first, visit);
    }
    [[nodiscard]] std::int64_t last_sequence() const override {
        const std::scoped_lock lock{mutex_};
        return memory_.last_sequence();
    }
    void hold(bool held) {
        const std::scoped_lock lock{mutex_};
        held_ = held;
        changed_.notify_all();
    }
    void fail_with(std::optional<base::Error> error) {
        const std::scoped_lock lock{mutex_};
        error_ = std::move(error);
    }
    /// Waits until the thread has come to its n-th append.
    void wait_for_appends(int n) {
        std::unique_lock lock{mutex_};
        ASSERT_TRUE(changed_.wait_for(lock, patience, [this, n] { return appends_ >= n; }));
    }
    [[nodiscard]] int appends() const {
        const std::scoped_lock lock{mutex_};
        return appends_;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    MemoryJournal memory_;
    bool held_{false};
    int appends_{0};
    std::optional<base::Error> error_;
};

/// Collects what the journal thread reports.
class Reports {
  public:
    std::function<void(JournalReport)> sink() {
        return [this](JournalReport report) {
            const std::scoped_lock lock{mutex_};
            for (auto& each : report.journaled) journaled_.push_back(std::move(each));
            for (auto& each : report.failed) failed_.push_back(std::move(each));
            durable_ = report.durable_through;
            error_ = report.error;
            backlog_ = report.backlog;
            std::array<char, 16> name{};
            pthread_getname_np(pthread_self(), name.data(), name.size());
            thread_name_ = name.data();
            changed_.notify_all();
        };
    }
    template <class Condition>
    bool wait(Condition condition) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, patience, [&] { return condition(*this); });
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<domain::Journaled> journaled_;
    std::vector<domain::Permitted> failed_;
    Ticket durable_{0};
    std::optional<base::Error> error_;
    std::size_t backlog_{0};
    std::string thread_name_;
};

const base::Error disk_full{base::ErrorKind::exhausted, "disk full"};

bool submit_order(JournalThread& thread, int number) {
    return thread.submit(permitted(placement(number)), stamp(number));
}
std::optional<Ticket> submit_note(JournalThread& thread, std::int64_t number) {
    return thread.submit(note(number).record, stamp(number));
}

TEST(JournalThread, WritesInOrderOfSubmissionAndReports) {
    HeldStore store;
    Reports reports;
    JournalThread thread{store, {}, reports.sink()};
    for (int i = 1; i <= 50; ++i) {
        ASSERT_EQ(submit_note(thread, i), static_cast<Ticket>(2 * i - 1));
        ASSERT_TRUE(submit_order(thread, i));
    }
    ASSERT_TRUE(thread.flush(patience));
    ASSERT_EQ(reports.journaled_.size(), 50U);
    EXPECT_EQ(reports.durable_, 100U);
    EXPECT_FALSE(reports.error_);
    EXPECT_EQ(reports.thread_name_, "journal");
    const auto all = read_all(store);
    ASSERT_EQ(all.size(), 100U);
    for (int i = 1; i <= 50; ++i) {
        EXPECT_EQ(reports.journaled_[static_cast<std::size_t>(i) - 1].sequence(), 2 * i);
        EXPECT_EQ(reports.journaled_[static_cast<std::size_t>(i) - 1].intent().client_order_id(),
                  placement(i).client_order_id());
    }
    ASSERT_TRUE(thread.stop(patience));
}

TEST(JournalThread, WhatComesDuringACommitIsWrittenAsOneGroup) {
    HeldStore store;
    store.hold(true);
    Reports reports;
    JournalThread thread{store, {}, reports.sink()};
    ASSERT_TRUE(submit_order(thread, 0));
    store.wait_for_appends(1);
    for (int i = 1; i <= 40; ++i) ASSERT_TRUE(submit_order(thread, i));
    {
        const std::scoped_lock lock{reports.mutex_};
        EXPECT_TRUE(reports.journaled_.empty()) << "nothing leaves before its commit";
    }
    store.hold(false);
    ASSERT_TRUE(thread.flush(patience));
    EXPECT_EQ(store.appends(), 2);
    EXPECT_EQ(reports.journaled_.size(), 41U);
}

TEST(JournalThread, AFullQueueRefusesAndLeavesThePermittedUntouched) {
    HeldStore store;
    store.hold(true);
    Reports reports;
    JournalThreadOptions options;
    options.queue_max = 3;
    JournalThread thread{store, options, reports.sink()};
    ASSERT_TRUE(submit_order(thread, 0));
    store.wait_for_appends(1);
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(submit_order(thread, i));
    domain::Permitted refused = permitted(placement(99));
    EXPECT_FALSE(thread.submit(std::move(refused), stamp(0)));
    EXPECT_EQ(refused.intent().client_order_id(), placement(99).client_order_id());
    EXPECT_EQ(submit_note(thread, 1), std::nullopt);
    const auto flushed = thread.flush(base::milliseconds{1});
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().kind, base::ErrorKind::timeout);
    store.hold(false);
    ASSERT_TRUE(thread.flush(patience));
    EXPECT_EQ(reports.journaled_.size(), 4U);
}

TEST(JournalThread, AFullDiskFailsOrdersPassesCancelsAndKeepsRecords) {
    HeldStore store;
    Reports reports;
    JournalThreadOptions options;
    options.writer.retry_every = base::milliseconds{20};
    JournalThread thread{store, options, reports.sink()};
    ASSERT_EQ(submit_note(thread, 1), 1U);
    ASSERT_TRUE(thread.flush(patience));
    store.fail_with(disk_full);
    ASSERT_EQ(submit_note(thread, 2), 2U);
    ASSERT_TRUE(submit_order(thread, 1));
    ASSERT_TRUE(thread.submit(permitted(cancellation(2)), stamp(0)));
    ASSERT_EQ(submit_note(thread, 3), 5U);
    const auto flushed = thread.flush(patience);
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error(), disk_full);
    {
        const std::scoped_lock lock{reports.mutex_};
        ASSERT_EQ(reports.failed_.size(), 1U);
        ASSERT_EQ(reports.journaled_.size(), 1U);
        EXPECT_EQ(reports.journaled_[0].sequence(), unrecorded);
        EXPECT_EQ(reports.durable_, 1U);
        EXPECT_EQ(reports.backlog_, 2U);
    }
    store.fail_with(std::nullopt);
    ASSERT_TRUE(reports.wait([](const Reports& r) { return !r.error_ && r.durable_ == 5; }))
        << "tried again without being asked";
    ASSERT_EQ(submit_note(thread, 4), 6U);
    ASSERT_TRUE(thread.flush(patience));
    const auto all = read_all(store);
    ASSERT_EQ(all.size(), 4U) << "the failed order left no record";
    for (std::size_t i = 0; i < all.size(); ++i)
        EXPECT_EQ(std::get<CounterBlockReserved>(all[i].record).first, i + 1) << "no hole, in order";
}

TEST(JournalThread, BeyondItsBacklogItGivesUpAndSaysSo) {
    HeldStore store;
    store.fail_with(disk_full);
    Reports reports;
    JournalThreadOptions options;
    options.writer.backlog_max = 5;
    options.writer.retry_every = base::milliseconds{1};
    JournalThread thread{store, options, reports.sink()};
    for (int i = 1; i <= 20; ++i) ASSERT_TRUE(submit_note(thread, i));
    ASSERT_TRUE(reports.wait(
        [](const Reports& r) { return r.error_ && r.error_->message.find("gave up") != std::string::npos; }));
    store.fail_with(std::nullopt);
    ASSERT_TRUE(submit_note(thread, 21));
    ASSERT_TRUE(submit_order(thread, 1));
    ASSERT_TRUE(thread.submit(permitted(cancellation(2)), stamp(0)));
    EXPECT_FALSE(thread.flush(patience));
    {
        const std::scoped_lock lock{reports.mutex_};
        EXPECT_EQ(reports.failed_.size(), 1U);
        EXPECT_EQ(reports.journaled_.size(), 1U);
        EXPECT_EQ(reports.durable_, 0U);
    }
    EXPECT_EQ(store.last_sequence(), 0) << "nothing is written behind a hole";
    const auto stopped = thread.stop(patience);
    ASSERT_FALSE(stopped);
    EXPECT_NE(stopped.error().message.find("lost"), std::string::npos);
}

TEST(JournalThread, StopWritesWhatIsQueuedAndTakesNothingMore) {
    HeldStore store;
    store.hold(true);
    Reports reports;
    JournalThread thread{store, {}, reports.sink()};
    for (int i = 1; i <= 10; ++i) ASSERT_TRUE(submit_note(thread, i));
    store.wait_for_appends(1);
    const auto impatient = thread.stop(base::milliseconds{1});
    ASSERT_FALSE(impatient);
    EXPECT_EQ(impatient.error().kind, base::ErrorKind::timeout);
    EXPECT_EQ(submit_note(thread, 11), std::nullopt);
    EXPECT_FALSE(submit_order(thread, 1));
    store.hold(false);
    EXPECT_TRUE(thread.stop(patience));
    EXPECT_EQ(store.last_sequence(), 10);
    EXPECT_TRUE(thread.stop(patience)) << "twice is as good as once";
}

TEST(JournalThread, StopTriesTheBacklogOnceMore) {
    HeldStore store;
    store.fail_with(disk_full);
    Reports reports;
    JournalThreadOptions options;
    options.writer.retry_every = base::milliseconds{3'600'000};
    JournalThread thread{store, options, reports.sink()};
    for (int i = 1; i <= 3; ++i) ASSERT_TRUE(submit_note(thread, i));
    ASSERT_FALSE(thread.flush(patience));
    store.fail_with(std::nullopt);
    EXPECT_TRUE(thread.stop(patience));
    EXPECT_EQ(store.last_sequence(), 3);
}

TEST(JournalThread, TheHeartBeatsWhileIdleAndStopsWhileTheDiskHangs) {
    HeldStore store;
    Reports reports;
    JournalThreadOptions options;
    options.beat_every = base::milliseconds{1};
    JournalThread thread{store, options, reports.sink()};
    const auto begin = thread.heartbeat().load();
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (thread.heartbeat().load() < begin + 5 && std::chrono::steady_clock::now() < deadline)
        std::this_thread::yield();
    EXPECT_GE(thread.heartbeat().load(), begin + 5);

    store.hold(true);
    const int appends = store.appends();
    ASSERT_TRUE(submit_note(thread, 1));
    store.wait_for_appends(appends + 1);
    const auto stuck = thread.heartbeat().load();
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    EXPECT_EQ(thread.heartbeat().load(), stuck);
    store.hold(false);
    EXPECT_TRUE(thread.stop(patience));
}

TEST(JournalThread, ManySubmittersLoseAndDoubleNothing) {
    HeldStore store;
    Reports reports;
    JournalThreadOptions options;
    options.queue_max = 64;
    options.group_max = 7;
    JournalThread thread{store, options, reports.sink()};
    constexpr int each = 300;
    std::vector<std::thread> submitters;
    for (int s = 0; s < 3; ++s)
        submitters.emplace_back([&thread, s] {
            Ticket last = 0;
            for (int i = 0; i < each; ++i) {
                if (i % 2 == 0) {
                    while (!submit_order(thread, s * each + i)) std::this_thread::yield();
                } else {
                    std::optional<Ticket> ticket;
                    while (!(ticket = submit_note(thread, s * each + i))) std::this_thread::yield();
                    EXPECT_GT(*ticket, last);
                    last = *ticket;
                }
            }
        });
    for (std::thread& submitter : submitters) submitter.join();
    ASSERT_TRUE(thread.stop(patience));
    EXPECT_EQ(store.last_sequence(), 3 * each);
    EXPECT_EQ(reports.journaled_.size(), 3U * each / 2);
    std::set<std::int64_t> sequences;
    for (const domain::Journaled& journaled : reports.journaled_) sequences.insert(journaled.sequence());
    EXPECT_EQ(sequences.size(), reports.journaled_.size());
    EXPECT_EQ(reports.durable_, static_cast<Ticket>(3 * each));
}

TEST(JournalThread, WithTheRealFile) {
    const TemporaryFolder folder;
    {
        const auto journal = open_journal(folder);
        Reports reports;
        JournalThread thread{*journal, {}, reports.sink()};
        for (int i = 1; i <= 200; ++i) ASSERT_TRUE(submit_order(thread, i));
        ASSERT_TRUE(thread.stop(patience));
        EXPECT_EQ(reports.journaled_.size(), 200U);
    }
    const auto journal = open_journal(folder);
    EXPECT_EQ(journal->verify()->records, 200);
}

}  // namespace
}  // namespace vigil::journal::test
