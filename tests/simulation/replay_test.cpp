// A session's journal, gone through from the beginning: it agrees with itself, shows a record that was
// altered, and tells the story of each order.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/explanation.h"
#include "engine/journal_replay.h"
#include "simulation/plan.h"

namespace vigil::simulation {
namespace {

class Replay : public testing::Test {
  protected:
    void SetUp() override {
        WorldOptions options = options_for(7, Mutant::none);
        options.faults = {};
        World world{options};
        ASSERT_TRUE(world.start());
        world.run(base::seconds{20});
        ASSERT_TRUE(world.stop(true));
        const auto read =
            world.disk().read(1, [this](const journal::StoredRecord& stored) -> base::Result<void> {
                records_.push_back(stored);
                return {};
            });
        ASSERT_TRUE(read);
    }

    [[nodiscard]] engine::ReplaySummary replayed() const {
        engine::JournalReplay replay;
        for (const journal::StoredRecord& each : records_) EXPECT_TRUE(replay.take(each));
        return replay.summary();
    }

    std::vector<journal::StoredRecord> records_;
};

TEST_F(Replay, AgreesWithWhatWasSaid) {
    const engine::ReplaySummary summary = replayed();
    EXPECT_EQ(summary.finding_count, 0) << summary.findings.front().what;
    EXPECT_EQ(summary.records, static_cast<std::int64_t>(records_.size()));
    EXPECT_EQ(summary.sessions, 1);
    EXPECT_GE(summary.orders, 3);
    EXPECT_GE(summary.decisions, summary.orders);
    EXPECT_GE(summary.statements, 3);
}

TEST_F(Replay, ShowsAnAlteredFill) {
    const auto at = std::find_if(records_.begin(), records_.end(), [](const journal::StoredRecord& each) {
        const auto* outcome = std::get_if<journal::OutcomeReceived>(&each.record);
        const auto* accepted =
            outcome == nullptr ? nullptr : std::get_if<domain::OutcomeAccepted>(&outcome->outcome.result);
        return accepted != nullptr && !accepted->fills.empty();
    });
    ASSERT_NE(at, records_.end());
    auto& outcome = std::get<journal::OutcomeReceived>(at->record).outcome;
    auto& fill = std::get<domain::OutcomeAccepted>(outcome.result).fills.front();
    fill.quote_quantity += domain::Amount::literal("0.01");
    const engine::ReplaySummary summary = replayed();
    ASSERT_GE(summary.finding_count, 1);
    EXPECT_GT(summary.findings.front().sequence, at->sequence);
}

TEST_F(Replay, ShowsAnIntentThatIsMissing) {
    const auto at = std::find_if(records_.begin(), records_.end(), [](const journal::StoredRecord& each) {
        const auto* permitted = std::get_if<journal::IntentPermitted>(&each.record);
        return permitted != nullptr && permitted->intent.placement() != nullptr;
    });
    ASSERT_NE(at, records_.end());
    records_.erase(at);
    EXPECT_GE(replayed().finding_count, 1);
}

TEST_F(Replay, TellsTheStoryOfEachOrder) {
    int filled = 0;
    for (const journal::StoredRecord& each : records_) {
        const auto* permitted = std::get_if<journal::IntentPermitted>(&each.record);
        if (permitted == nullptr || permitted->intent.placement() == nullptr) continue;
        engine::Explanation explanation{permitted->intent.client_order_id()};
        for (const journal::StoredRecord& one : records_) ASSERT_TRUE(explanation.take(one));
        ASSERT_TRUE(explanation.is_found());
        std::string text;
        for (const engine::ExplanationLine& line : explanation.lines()) text += line.text + "\n";
        for (const char* part : {"session ", "saw ", "means ", "checks ", "waited ", "result "})
            EXPECT_NE(text.find(part), std::string::npos) << text;
        filled += text.find("result     filled") != std::string::npos ? 1 : 0;
    }
    EXPECT_GE(filled, 1);
    engine::Explanation nobody{*domain::ClientOrderId::from("web_1")};
    for (const journal::StoredRecord& one : records_) ASSERT_TRUE(nobody.take(one));
    EXPECT_FALSE(nobody.is_found());
}

}  // namespace
}  // namespace vigil::simulation
