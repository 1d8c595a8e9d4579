#include "journal/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support.h"

namespace vigil::journal::test {
namespace {

using testing::HasSubstr;

TEST(Describe, EveryKindHasWordsOfItsOwn) {
    std::set<std::string_view> kinds;
    for (const Record& record : sample_records()) {
        kinds.insert(kind_of(record));
        EXPECT_FALSE(describe(record).empty()) << kind_of(record);
        EXPECT_EQ(describe(record).find("  "), std::string::npos) << describe(record);
    }
    EXPECT_EQ(kinds.size(), std::variant_size_v<Record>) << "the samples have every kind";
}

TEST(Describe, SaysWhatMattersOfAnOrder) {
    EXPECT_EQ(describe(IntentPermitted{placement(1), {}}),
              "place BUY BTCUSDT LIMIT GTC 0.00123 at 61556.04 (strategy 0, slot 7, level 7 refill)");
    EXPECT_EQ(describe(IntentPermitted{cancellation(1), {}}),
              "cancel BTCUSDT (strategy 0, slot 7, level 7 refill)");
    domain::OrderOutcome outcome;
    outcome.result = domain::OutcomeRejected{-2010, "Account has insufficient balance.", 400};
    EXPECT_EQ(describe(OutcomeReceived{outcome}),
              "placement rejected: -2010 Account has insufficient balance.");
    outcome.is_cancel = true;
    outcome.result = domain::OutcomeUnknown{"connection lost"};
    EXPECT_EQ(describe(OutcomeReceived{outcome}), "cancel unknown: connection lost");
}

}  // namespace
}  // namespace vigil::journal::test
