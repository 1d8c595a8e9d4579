// Which keys are fit, and what is said of those that are.
#include "runtime/key_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "log/recording_logger.h"

namespace vigil::runtime {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::HasSubstr;

constexpr base::ExchangeTime now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 25}.time_since_epoch() +
                                 hours{12}};

domain::KeyPermissions good() {
    domain::KeyPermissions made;
    made.reading = true;
    made.spot_trading = true;
    made.ip_restricted = true;
    made.created = now - days{10};
    return made;
}

KeyVerdict judge(const domain::KeyPermissions& permissions, std::string_view created = "2026-11-15",
                 const settings::CredentialSettings& rules = {}) {
    return judge_key(&permissions, created, rules, now);
}

std::ptrdiff_t count(const log::RecordingLogger& logger, log::Event event) {
    const auto records = logger.records();
    return std::count_if(records.begin(), records.end(),
                         [event](const log::Record& each) { return each.event() == event; });
}

TEST(KeyRules, AGoodKeyIsFitAndNothingIsSaidOfIt) {
    const KeyVerdict verdict = judge(good());
    EXPECT_EQ(verdict.refusal, "");
    EXPECT_EQ(verdict.advice(), "");
    EXPECT_EQ(verdict.granted, "reading, spot trading, bound to an address");
}

TEST(KeyRules, EachPermissionThatIsWrongIsNamedWithWhatToChange) {
    domain::KeyPermissions bad;
    bad.withdrawals = true;
    EXPECT_EQ(judge(bad).refusal,
              "reading is not enabled: enable it; spot trading is not enabled: enable it; withdrawals are "
              "enabled: disable them; access is open to every address: restrict it to this machine's");
}

TEST(KeyRules, AKeyThatIsAboutToExpireIsNotFit) {
    settings::CredentialSettings rules;
    rules.min_validity = days{3};
    domain::KeyPermissions key = good();
    key.trading_expires = now + days{3};
    EXPECT_EQ(judge(key, "2026-11-15", rules).refusal, "");
    EXPECT_EQ(judge(key, "2026-11-15", rules).valid_days, 3);
    key.trading_expires = now + days{3} - base::milliseconds{1};
    EXPECT_THAT(judge(key, "2026-11-15", rules).refusal,
                HasSubstr("ends in 2 days, which is less than credentials.min_validity (3d): renew it"));
    key.trading_expires = now - base::milliseconds{1};
    EXPECT_THAT(judge(key, "2026-11-15", rules).refusal, HasSubstr("has ended"));
    key.trading_expires = now + days{17};
    EXPECT_FALSE(judge(key, "2026-11-15", rules).valid_days.has_value());
    EXPECT_THAT(judge(key, "2026-11-15", rules).granted, HasSubstr("for another 17 days"));
}

TEST(KeyRules, TheEarlierOfBothDatesIsTheAge) {
    settings::CredentialSettings rules;
    rules.rotate_after = days{90};
    domain::KeyPermissions key = good();
    EXPECT_FALSE(judge(key, "2026-08-28", rules).age_days.has_value());
    EXPECT_EQ(judge(key, "2026-08-27", rules).age_days, 90);
    key.created = now - days{200};
    EXPECT_EQ(judge(key, "2026-11-25", rules).age_days, 200);
    EXPECT_EQ(judge(key, "2026-13-99", rules).age_days, 200) << "no date of the calendar";
    EXPECT_EQ(judge(key, "2027-01-01", rules).age_days, 200);
    EXPECT_EQ(judge_key(nullptr, "2026-01-01", rules, now).age_days, 328) << "without the exchange's word";
    EXPECT_FALSE(judge_key(nullptr, "2027-01-01", rules, now).age_days.has_value()) << "made tomorrow";
}

TEST(KeyRules, AnOldKeyIsRefusedOnlyWhenThatIsConfigured) {
    settings::CredentialSettings rules;
    EXPECT_EQ(judge(good(), "2020-01-01", rules).refusal, "");
    rules.refuse_after = days{120};
    EXPECT_EQ(judge(good(), "2026-07-29", rules).refusal, "");
    EXPECT_THAT(judge(good(), "2026-07-28", rules).refusal,
                HasSubstr("it is 120 days old, and credentials.refuse_after is 120d: replace it"));
    EXPECT_THAT(judge_key(nullptr, "2026-07-28", rules, now).refusal, HasSubstr("120 days old"));
}

TEST(KeyRules, WhatIsFoundIsTold) {
    domain::KeyPermissions key = good();
    key.internal_transfer = true;
    key.trading_expires = now + days{5};
    log::RecordingLogger logger;
    const KeyVerdict verdict = judge(key, "2020-01-01");
    tell(verdict, "main", logger);
    EXPECT_EQ(count(logger, log::Event::credentials_permission_granted), 1);
    EXPECT_EQ(count(logger, log::Event::credentials_key_old), 1);
    EXPECT_EQ(count(logger, log::Event::credentials_key_expires), 1);
    EXPECT_EQ(count(logger, log::Event::credentials_main_account), 1);
    EXPECT_THAT(verdict.advice(), HasSubstr("use one of a sub-account"));
    EXPECT_THAT(verdict.advice(), HasSubstr("replace it soon"));
    key.universal_transfer = std::exchange(key.internal_transfer, false);
    EXPECT_TRUE(judge(key).is_of_main_account);
    key.withdrawals = true;
    tell(judge(key), "main", logger);
    EXPECT_EQ(count(logger, log::Event::credentials_permission_refused), 1);
    EXPECT_EQ(count(logger, log::Event::credentials_permission_granted), 1);
}

}  // namespace
}  // namespace vigil::runtime
