// Whether several requests at once were counted as one budget.
#include "runtime/preflight_checks.h"

#include <gtest/gtest.h>

#include "runtime/preflight.h"

namespace vigil::runtime {
namespace {

TEST(SharedBudget, IsSharedWhenAllIsCounted) {
    const auto verdict = judge_budget({.before = 100, .after = 156, .spent = 56, .websocket = 130});
    ASSERT_TRUE(verdict.has_value());
    EXPECT_TRUE(verdict->has_value());
    // Somebody else's requests come on top.
    const auto others = judge_budget({.before = 100, .after = 300, .spent = 56, .websocket = 130});
    ASSERT_TRUE(others.has_value());
    EXPECT_TRUE(others->has_value());
}

TEST(SharedBudget, IsNotSharedWhenSomethingIsCountedElsewhere) {
    const auto less = judge_budget({.before = 100, .after = 155, .spent = 56, .websocket = 130});
    ASSERT_TRUE(less.has_value());
    ASSERT_FALSE(less->has_value());
    EXPECT_EQ(less->error().kind, base::ErrorKind::rejected);
    // The WebSocket API counts by itself: it leaves through another address.
    const auto socket = judge_budget({.before = 100, .after = 156, .spent = 56, .websocket = 3});
    ASSERT_TRUE(socket.has_value());
    EXPECT_FALSE(socket->has_value());
}

TEST(SharedBudget, SaysNothingWhenANewMinuteBegan) {
    EXPECT_FALSE(judge_budget({.before = 100, .after = 40, .spent = 56, .websocket = 20}).has_value());
}

TEST(PreflightReport, IsJudgedByItsFirstFailure) {
    PreflightReport report;
    report.environment = "simulator";
    report.checks = {{"vault", CheckOutcome::passed, "key main", "", std::nullopt},
                     {"counts", CheckOutcome::warning, "500", "find out", std::nullopt}};
    EXPECT_TRUE(report.has_passed());
    EXPECT_EQ(report.exit_code(), ExitCode::ok);
    EXPECT_NE(to_table(report).find("ready, 1 warning\n"), std::string::npos) << to_table(report);
    report.checks.push_back(
        {"permissions", CheckOutcome::failed, "withdrawals", "disable them", base::ErrorKind::denied});
    report.checks.push_back({"ping", CheckOutcome::failed, "dead", "see", base::ErrorKind::timeout});
    EXPECT_FALSE(report.has_passed());
    EXPECT_EQ(report.exit_code(), ExitCode::no_permission);
    EXPECT_NE(to_table(report).find("not ready: 2 failed, 1 warning\n"), std::string::npos)
        << to_table(report);
}

}  // namespace
}  // namespace vigil::runtime
