// The review of a session: detectors speak when something is unusual, once, and are silent otherwise.
#include "review/session_review.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "log/async_logger.h"
#include "log/recording_logger.h"

namespace vigil::review {
namespace {

using namespace std::chrono_literals;
using log::Event;
using log::field;
using log::Record;

class ReviewTest : public testing::Test {
  protected:
    std::vector<Finding> feed(Record record) {
        now_ += 1s;
        record.stamp(now_);
        return review_.on(record);
    }
    std::vector<Finding> accept(std::string_view symbol, base::microseconds latency = 1ms) {
        return feed(Record{Event::order_accepted, {field("symbol", symbol), field("latency_us", latency)}});
    }
    std::vector<Finding> reject(std::string_view symbol) {
        return feed(Record{Event::order_rejected, {field("symbol", symbol), field("code", -2010)}});
    }

    base::WallTime now_{base::seconds{1'723'161'600}};
    SessionReview review_;
};

TEST_F(ReviewTest, ARejectionRateIsFoundOnceForEachSymbol) {
    std::size_t found = 0;
    for (int i = 0; i < 100; ++i) {
        found += accept("ETHUSDT").size();
        found += (i % 10 == 0 ? reject("BTCUSDT") : accept("BTCUSDT")).size();
    }
    EXPECT_EQ(found, 0U) << "one in ten is not unusual";
    for (int i = 0; i < 20; ++i) {
        for (const Finding& finding : reject("BTCUSDT")) {
            ++found;
            EXPECT_EQ(finding.detector, Detector::rejection_rate);
            EXPECT_EQ(finding.subject, "BTCUSDT");
            EXPECT_EQ(finding.value, 25);
        }
    }
    EXPECT_EQ(found, 1U);
    for (int i = 0; i < 30; ++i) found += accept("BTCUSDT").size();
    for (int i = 0; i < 5; ++i) found += reject("BTCUSDT").size();
    EXPECT_EQ(found, 2U) << "and again after it was usual in between";
}

TEST_F(ReviewTest, FewOrdersProveNothing) {
    for (std::size_t i = 1; i < RejectionRate::window; ++i) EXPECT_TRUE(reject("BTCUSDT").empty());
    EXPECT_FALSE(reject("BTCUSDT").empty());
}

TEST_F(ReviewTest, ALatencyOutlierIsFoundOrdinarySpreadIsNot) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    for (int i = 0; i < 500; ++i)
        EXPECT_TRUE(accept("BTCUSDT", base::microseconds{900 + static_cast<int>(random() % 200)}).empty());
    const auto found = accept("BTCUSDT", 50ms);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].detector, Detector::order_latency);
    EXPECT_EQ(found[0].value, 50'000);
    EXPECT_GE(found[0].limit, 2'700);
    const Figures figures = review_.figures();
    EXPECT_EQ(figures.latency_worst_us, 50'000);
    EXPECT_GE(figures.latency_median_us, 900);
    EXPECT_LE(figures.latency_median_us, 1'100);
}

TEST_F(ReviewTest, AnUnusualClockUncertaintyIsFoundOnce) {
    const auto sample = [&](base::microseconds uncertainty) {
        return feed(Record{Event::clock_sampled, {field("uncertainty_us", uncertainty)}}).size();
    };
    std::size_t found = 0;
    for (int i = 0; i < 20; ++i) found += sample(5ms);
    found += sample(19ms);
    EXPECT_EQ(found, 0U) << "below 20 ms nobody is hurt";
    found += sample(60ms) + sample(70ms);
    EXPECT_EQ(found, 1U);
    EXPECT_EQ(review_.figures().uncertainty_worst_us, 70'000);
}

TEST_F(ReviewTest, AFlappingConnectionIsFound) {
    const auto lose = [&](std::string_view endpoint, base::microseconds later) {
        now_ += later;
        return feed(Record{Event::market_stream_disconnected, {field("endpoint", endpoint)}}).size();
    };
    std::size_t found = 0;
    for (int i = 0; i < 10; ++i) found += lose("wss://a", 5min);
    EXPECT_EQ(found, 0U);
    for (int i = 0; i < 4; ++i) found += lose("wss://b", 1min);
    EXPECT_EQ(found, 1U);
}

TEST_F(ReviewTest, FiguresCountAndSortAnomalies) {
    feed(Record{Event::order_placed, {}});
    feed(Record{Event::order_filled, {}});
    feed(Record{Event::market_book_gap, {field("symbol", "A")}});
    feed(Record{Event::market_book_gap, {field("symbol", "B")}});
    feed(Record{Event::market_stale, {}});
    EXPECT_TRUE(review_.figures().sound());
    feed(Record{Event::reconcile_mismatch, {field("what", "BTC")}});
    const Figures figures = review_.figures();
    EXPECT_FALSE(figures.sound());
    EXPECT_EQ(figures.orders_placed, 1U);
    EXPECT_EQ(figures.fills, 1U);
    EXPECT_EQ(figures.warnings, 3U);
    EXPECT_EQ(figures.errors, 1U);
    ASSERT_EQ(figures.anomalies.size(), 3U);
    EXPECT_EQ(figures.anomalies[0].event, Event::reconcile_mismatch);
    EXPECT_EQ(figures.anomalies[1].event, Event::market_book_gap);
    EXPECT_EQ(figures.anomalies[1].count, 2U);
    EXPECT_TRUE(figures.anomalies[1].newest.starts_with("B: order book update"));
}

TEST_F(ReviewTest, SubjectsAndFindingsAreBounded) {
    for (int i = 0; i < 3000; ++i)
        for (int k = 0; k < 20; ++k) reject("S" + std::to_string(i));
    const Figures figures = review_.figures();
    EXPECT_EQ(figures.findings.size(), 100U);
    EXPECT_EQ(figures.found[static_cast<std::size_t>(Detector::rejection_rate)], 1024U)
        << "counted, whether kept or not";
    EXPECT_EQ(figures.found[static_cast<std::size_t>(Detector::order_latency)], 0U);
}

TEST(Review, HangsOnTheLoggerAndReportsThere) {
    base::SystemClock clock;
    log::AsyncLogger logger{{}, clock, {}};
    SessionReview review;
    {
        const auto subscription = logger.subscribe([&](const Record& record) {
            for (const Finding& finding : review.on(record)) emit(finding, logger);
        });
        for (int i = 0; i < 20; ++i) logger.emit(Event::order_rejected, {field("symbol", "BTCUSDT")});
        ASSERT_TRUE(logger.flush(10s));
        ASSERT_TRUE(logger.flush(10s)) << "for the finding that was emitted meanwhile";
    }
    EXPECT_EQ(logger.counts().of(Event::review_finding), 1U);
    EXPECT_EQ(review.figures().findings.size(), 1U);
    EXPECT_EQ(review.figures().warnings, 21U);
}

}  // namespace
}  // namespace vigil::review
