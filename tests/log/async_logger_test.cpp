// The asynchronous logger: order, bounds, who is dropped first, deadlines, and what it says of itself.
#include "log/async_logger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "log/record_queue.h"

namespace vigil::log {
namespace {

using namespace std::chrono_literals;

/// What a test's sink saw, shared with the test; a closed gate holds the worker inside write().
struct Seen {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<Record> records;
    bool gate_open{true};
    bool inside{false};
    bool failing{false};
    int flushes{0};

    void set_gate(bool open) {
        const std::scoped_lock lock{mutex};
        gate_open = open;
        changed.notify_all();
    }
    void wait_until_inside() {
        std::unique_lock lock{mutex};
        changed.wait(lock, [this] { return inside; });
    }
    std::size_t count(Event event) {
        const std::scoped_lock lock{mutex};
        return static_cast<std::size_t>(std::count_if(
            records.begin(), records.end(), [&](const Record& each) { return each.event() == event; }));
    }
};

class TestSink final : public Sink {
  public:
    explicit TestSink(std::shared_ptr<Seen> seen) : seen_{std::move(seen)} {}
    base::Result<void> write(const Record& record) override {
        std::unique_lock lock{seen_->mutex};
        seen_->inside = true;
        seen_->changed.notify_all();
        seen_->changed.wait(lock, [this] { return seen_->gate_open; });
        if (seen_->failing) return base::fail(base::ErrorKind::io, "no space");
        seen_->records.push_back(record);
        return {};
    }
    base::Result<void> flush() override {
        const std::scoped_lock lock{seen_->mutex};
        ++seen_->flushes;
        return {};
    }
    std::string_view label() const override { return "test"; }

  private:
    std::shared_ptr<Seen> seen_;
};

std::vector<std::unique_ptr<Sink>> one_sink(const std::shared_ptr<Seen>& seen) {
    std::vector<std::unique_ptr<Sink>> sinks;
    sinks.push_back(std::make_unique<TestSink>(seen));
    return sinks;
}

Record numbered(Event event, std::int64_t number) {
    switch (event) {
        case Event::order_accepted:
            return Record{event, {field("order_id", number)}};
        case Event::market_book_gap:
            return Record{event, {field("expected", number)}};
        default:
            return Record{Event::exchange_answer_malformed, {field("reason", std::to_string(number))}};
    }
}

std::int64_t value_of(const Record& record) {
    const Field value = record.at(0);
    return value.type == FieldType::integer ? value.number : std::stoll(std::string{value.text});
}

class AsyncLoggerTest : public testing::Test {
  protected:
    base::SystemClock clock_;
    std::shared_ptr<Seen> seen_ = std::make_shared<Seen>();
};

TEST_F(AsyncLoggerTest, WritesInOrderRedactedAndStamped) {
    AsyncLogger logger{one_sink(seen_), clock_, {}};
    const base::WallTime before = clock_.wall();
    for (int i = 0; i < 300; ++i) logger.emit(Event::order_accepted, {field("order_id", i)});
    logger.emit(Event::order_unknown, {field("reason", "signature=abc&x=1")});
    ASSERT_TRUE(logger.flush(10s));
    ASSERT_EQ(seen_->records.size(), 301U);
    for (int i = 0; i < 300; ++i)
        EXPECT_EQ(seen_->records[static_cast<std::size_t>(i)].find("order_id")->number, i);
    EXPECT_EQ(seen_->records.back().find("reason")->text, "signature=***&x=1");
    EXPECT_GE(seen_->records.front().time(), before);
    EXPECT_GE(seen_->flushes, 1);
}

TEST_F(AsyncLoggerTest, QuietRecordsAreWrittenWithoutBeingAskedFor) {
    AsyncLogger logger{one_sink(seen_), clock_, {}};
    logger.emit(Event::market_fresh);
    std::unique_lock lock{seen_->mutex};
    EXPECT_TRUE(seen_->changed.wait_for(lock, 10s, [this] { return seen_->inside; }));
}

TEST_F(AsyncLoggerTest, BelowTheMinimumIsCountedOnly) {
    AsyncLogger logger{one_sink(seen_), clock_, {.minimum = Severity::warning}};
    logger.emit(Event::daemon_ready);
    logger.emit(Event::market_stale);
    ASSERT_TRUE(logger.flush(10s));
    EXPECT_EQ(seen_->records.size(), 1U);
    const Counts counts = logger.counts();
    EXPECT_EQ(counts.of(Event::daemon_ready), 1U);
    EXPECT_EQ(counts.anomalies(), 1U);
    EXPECT_EQ(counts.dropped, 0U);
}

TEST_F(AsyncLoggerTest, FullQueueDropsTheQuietFirstAndSaysSo) {
    AsyncLogger logger{one_sink(seen_), clock_, {.queue_capacity = 8}};
    seen_->set_gate(false);
    logger.emit(Event::market_stale);
    seen_->wait_until_inside();  // the worker is stuck now; the queue is empty
    for (int i = 0; i < 10; ++i) logger.emit(Event::order_accepted, {field("order_id", i)});
    for (int i = 0; i < 5; ++i)
        logger.emit(Event::exchange_answer_malformed, {field("reason", std::to_string(i))});
    seen_->set_gate(true);
    ASSERT_TRUE(logger.stop(10s));
    EXPECT_EQ(seen_->count(Event::exchange_answer_malformed), 5U);
    EXPECT_EQ(seen_->count(Event::order_accepted), 3U);
    EXPECT_EQ(seen_->count(Event::log_dropped), 1U);
    EXPECT_EQ(logger.counts().dropped, 7U);
    EXPECT_EQ(logger.counts().of(Event::order_accepted), 10U) << "counts are exact whatever was dropped";
    const auto told = std::find_if(seen_->records.begin(), seen_->records.end(),
                                   [](const Record& each) { return each.event() == Event::log_dropped; });
    ASSERT_NE(told, seen_->records.end());
    EXPECT_EQ(told->find("quiet")->number, 7);
    EXPECT_EQ(told->find("errors")->number, 0);
}

TEST_F(AsyncLoggerTest, AStuckSinkNeverBlocksCallersNorTheEnd) {
    auto logger =
        std::make_unique<AsyncLogger>(one_sink(seen_), clock_, AsyncLogger::Options{.queue_capacity = 4});
    seen_->set_gate(false);
    logger->emit(Event::market_stale);
    seen_->wait_until_inside();
    for (int i = 0; i < 10'000; ++i) logger->emit(Event::risk_ladder_changed);
    EXPECT_FALSE(logger->flush(20ms));
    EXPECT_FALSE(logger->stop(20ms));
    EXPECT_FALSE(logger->stop(20ms));
    EXPECT_GE(logger->counts().dropped, 9'996U);
    logger.reset();
    seen_->set_gate(true);  // the worker that was left behind ends by itself, on what it shares
}

TEST_F(AsyncLoggerTest, StopWritesWhatIsQueuedAndRefusesTheRest) {
    AsyncLogger logger{one_sink(seen_), clock_, {}};
    for (int i = 0; i < 200; ++i) logger.emit(Event::daemon_stopping);
    ASSERT_TRUE(logger.stop(10s));
    EXPECT_EQ(seen_->records.size(), 200U);
    logger.emit(Event::daemon_stopped);
    EXPECT_EQ(seen_->records.size(), 200U);
    EXPECT_EQ(logger.counts().dropped, 1U);
    EXPECT_TRUE(logger.stop(10s));
}

TEST_F(AsyncLoggerTest, ObserversSeeWhatIsWrittenUntilTheyEnd) {
    AsyncLogger logger{one_sink(seen_), clock_, {}};
    std::vector<Event> observed;
    {
        const Subscription subscription =
            logger.subscribe([&](const Record& each) { observed.push_back(each.event()); });
        logger.emit(Event::daemon_ready);
        logger.emit(Event::strategy_decision);  // debug: below the minimum
        logger.emit(Event::market_stale);
        ASSERT_TRUE(logger.flush(10s));
    }
    logger.emit(Event::daemon_stopping);
    ASSERT_TRUE(logger.flush(10s));
    EXPECT_EQ(observed, (std::vector{Event::daemon_ready, Event::market_stale}));
}

TEST_F(AsyncLoggerTest, AFailingSinkIsToldThroughTheOthers) {
    auto broken = std::make_shared<Seen>();
    broken->failing = true;
    std::vector<std::unique_ptr<Sink>> sinks = one_sink(broken);
    sinks.push_back(std::make_unique<TestSink>(seen_));
    AsyncLogger logger{std::move(sinks), clock_, {.drop_report_every = 1h}};
    for (int i = 0; i < 5; ++i) logger.emit(Event::daemon_ready);
    ASSERT_TRUE(logger.flush(10s));
    EXPECT_EQ(seen_->count(Event::daemon_ready), 5U);
    EXPECT_EQ(seen_->count(Event::log_sink_failed), 1U) << "once, not for each line";
    EXPECT_EQ(logger.counts().of(Event::log_sink_failed), 1U);
}

TEST_F(AsyncLoggerTest, TwoFailingSinksDoNotTellEachOtherForEver) {
    auto broken = std::make_shared<Seen>();
    broken->failing = true;
    std::vector<std::unique_ptr<Sink>> sinks = one_sink(broken);
    sinks.push_back(std::make_unique<TestSink>(broken));
    AsyncLogger logger{std::move(sinks), clock_, {.drop_report_every = 0ms}};
    logger.emit(Event::daemon_ready);
    ASSERT_TRUE(logger.flush(10s));
    EXPECT_EQ(logger.counts().of(Event::log_sink_failed), 2U);
}

TEST_F(AsyncLoggerTest, ManyThreadsLoseNothingWhileThereIsRoom) {
    AsyncLogger logger{one_sink(seen_), clock_, {.queue_capacity = 4096}};
    constexpr int threads = 4;
    constexpr int each = 900;
    {
        std::vector<std::jthread> callers;
        for (int t = 0; t < threads; ++t)
            callers.emplace_back([&logger, t] {
                for (int i = 0; i < each; ++i)
                    logger.emit(Event::market_book_gap, {field("expected", t), field("received", i)});
            });
    }
    ASSERT_TRUE(logger.flush(30s));
    EXPECT_EQ(seen_->records.size(), std::size_t{threads} * each);
    std::vector<std::int64_t> next(threads, 0);
    for (const Record& record : seen_->records)
        EXPECT_EQ(record.find("received")->number,
                  next[static_cast<std::size_t>(record.find("expected")->number)]++);
}

TEST_F(AsyncLoggerTest, TheWorkerBeats) {
    std::atomic<int> beats{0};
    AsyncLogger logger{one_sink(seen_), clock_, {.poll_interval = 1ms, .heartbeat = [&] { ++beats; }}};
    ASSERT_TRUE(logger.flush(10s));
    logger.emit(Event::daemon_ready);
    ASSERT_TRUE(logger.flush(10s));
    ASSERT_TRUE(logger.stop(10s));
    EXPECT_GE(beats.load(), 2);
}

/// Against a model that does the policy the slow way: any mix of pushes and pops leaves the same records.
TEST(RecordQueue, FollowsItsPolicyForAnyMixOfSeverities) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const Event of_class[] = {Event::order_accepted, Event::market_book_gap,
                              Event::exchange_answer_malformed};
    for (int round = 0; round < 200; ++round) {
        const std::size_t capacity = 2 + random() % 10;
        RecordQueue queue{capacity};
        struct Kept {
            std::size_t of;
            std::int64_t number;
        };
        std::vector<Kept> model;
        Losses lost{};
        std::vector<Record> out;
        for (std::int64_t i = 0; i < 100; ++i) {
            if (random() % 5 == 0) {
                const std::size_t most = 1 + random() % 4;
                static_cast<void>(queue.pop(out, most, 0ns));
                const std::size_t expected = std::min(most, model.size());
                ASSERT_EQ(out.size(), expected);
                for (std::size_t k = 0; k < expected; ++k) {
                    ASSERT_EQ(out[k].event(), of_class[model[k].of]);
                    ASSERT_EQ(value_of(out[k]), model[k].number);
                }
                model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(expected));
                continue;
            }
            const std::size_t incoming = random() % 3;
            queue.push(numbered(of_class[incoming], i), {});
            if (model.size() == capacity) {
                auto victim = model.end();
                for (std::size_t lower = 0; lower < incoming && victim == model.end(); ++lower)
                    victim = std::find_if(model.begin(), model.end(),
                                          [&](const Kept& k) { return k.of == lower; });
                if (victim == model.end()) {
                    ++lost[incoming];
                    continue;
                }
                ++lost[victim->of];
                model.erase(victim);
            }
            model.push_back({incoming, i});
        }
        ASSERT_EQ(queue.losses(), lost);
    }
}

}  // namespace
}  // namespace vigil::log
