// What can be told of a refused signature from the vault's entry alone.
#include <gtest/gtest.h>

#include "runtime/diagnose.h"

namespace vigil::runtime {
namespace {

using settings::Environment;

credentials::VaultEntry entry(std::string_view secret) {
    credentials::VaultEntry made;
    made.label = "main";
    made.environment = "testnet";
    made.api_key = std::string(64, 'k');
    auto copy = credentials::Secret::copy_of(secret);
    EXPECT_TRUE(copy);
    if (copy) made.secret = std::move(*copy);
    made.created = "2026-01-02";
    return made;
}

SignatureCause cause_of(const credentials::VaultEntry& made, Environment environment = Environment::testnet) {
    const auto found = examine_entry(made, environment);
    return found ? found->cause : SignatureCause::none;
}

TEST(ExamineEntry, AGoodOneLooksWell) {
    EXPECT_EQ(cause_of(entry(std::string(64, 's'))), SignatureCause::none);
    EXPECT_EQ(cause_of(entry("MC" + std::string(62, 's'))), SignatureCause::none);
}

TEST(ExamineEntry, WhiteSpaceAndQuotationMarksInTheSecret) {
    const std::string good(64, 's');
    for (const std::string& bad : {good + " ", " " + good, good + "\n", good + "\r", "\"" + good + "\"",
                                   "'" + good + "'", good + "\xc2\xa0", good.substr(0, 9) + "\t" + good})
        EXPECT_EQ(cause_of(entry(bad)), SignatureCause::white_space) << bad;
}

TEST(ExamineEntry, APrivateKeyThatIsStoredAsHmac) {
    EXPECT_EQ(cause_of(entry("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\n")),
              SignatureCause::key_type);
    EXPECT_EQ(cause_of(entry("MC4CAQAwBQYDK2VwBCIEIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
              SignatureCause::key_type);
    EXPECT_EQ(cause_of(entry("MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" + std::string(1600, 'A'))),
              SignatureCause::key_type);
    EXPECT_EQ(cause_of(entry("MII" + std::string(61, 's'))), SignatureCause::none) << "may be a secret";
}

TEST(ExamineEntry, RetiredNotActivatedAndOfAnotherEnvironment) {
    auto retired = entry(std::string(64, 's'));
    retired.retired = "2026-02-03";
    EXPECT_EQ(cause_of(retired), SignatureCause::retired);
    auto fresh = entry(std::string(64, 's'));
    fresh.api_key.clear();
    EXPECT_EQ(cause_of(fresh), SignatureCause::not_activated);
    EXPECT_EQ(cause_of(entry(std::string(64, 's')), Environment::production), SignatureCause::environment);
}

}  // namespace
}  // namespace vigil::runtime
