#include "credentials/seen_generations.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace vigil::credentials {
namespace {

using Verdict = SeenGenerations::Verdict;

constexpr VaultId id_of(std::uint8_t number) {
    VaultId id{};
    id.back() = number;
    return id;
}

TEST(SeenGenerations, AnOlderOneIsToldFromTheSameAndANewer) {
    SeenGenerations seen;
    EXPECT_EQ(seen.see(id_of(1), 7), Verdict::newer);
    EXPECT_EQ(seen.see(id_of(1), 7), Verdict::known);
    EXPECT_EQ(seen.see(id_of(1), 6), Verdict::older);
    EXPECT_EQ(seen.highest(id_of(1)), 7U);
    EXPECT_EQ(seen.see(id_of(1), 9), Verdict::newer);
    EXPECT_EQ(seen.see(id_of(1), 8), Verdict::older);
}

TEST(SeenGenerations, VaultsAreToldApart) {
    SeenGenerations seen;
    EXPECT_EQ(seen.see(id_of(1), 7), Verdict::newer);
    EXPECT_EQ(seen.see(id_of(2), 1), Verdict::newer);
    EXPECT_EQ(seen.see(id_of(1), 6), Verdict::older);
    EXPECT_EQ(seen.see(id_of(2), 1), Verdict::known);
}

TEST(SeenGenerations, TheTextComesBack) {
    SeenGenerations seen;
    ASSERT_EQ(seen.see(id_of(0xab), 3), Verdict::newer);
    ASSERT_EQ(seen.see(id_of(2), std::numeric_limits<std::uint64_t>::max()), Verdict::newer);
    EXPECT_EQ(seen.text(),
              "000000000000000000000000000000ab 3\n"
              "00000000000000000000000000000002 18446744073709551615\n");
    const auto again = SeenGenerations::parse(seen.text());
    ASSERT_TRUE(again);
    EXPECT_EQ(again->text(), seen.text());
    EXPECT_EQ(again->highest(id_of(0xab)), 3U);
}

TEST(SeenGenerations, DamageIsNoReasonToForget) {
    const std::string good = "000000000000000000000000000000ab 3\n";
    ASSERT_TRUE(SeenGenerations::parse(good));
    // Emptied, cut short, or with a digit that is none: every one could hide a rollback.
    EXPECT_EQ(SeenGenerations::parse("").error().kind, base::ErrorKind::corrupt);
    for (std::size_t size = 1; size < good.size(); ++size)
        EXPECT_FALSE(SeenGenerations::parse(good.substr(0, size))) << size;
    for (const char* text :
         {"\n", "x00000000000000000000000000000ab 3\n", "000000000000000000000000000000ab 0\n",
          "000000000000000000000000000000ab -1\n", "000000000000000000000000000000ab 3 \n",
          "000000000000000000000000000000ab 99999999999999999999\n", "000000000000000000000000000000ab  3\n"})
        EXPECT_FALSE(SeenGenerations::parse(text)) << text;
    EXPECT_FALSE(SeenGenerations::parse(good + good)) << "one vault twice";
}

TEST(SeenGenerations, TheVaultUsedLongestAgoIsForgottenFirst) {
    SeenGenerations seen;
    for (std::size_t i = 0; i < SeenGenerations::vaults_max; ++i)
        ASSERT_EQ(seen.see(id_of(static_cast<std::uint8_t>(i)), 5), Verdict::newer);
    EXPECT_EQ(seen.see(id_of(0), 5), Verdict::newer);  // used again: now the last of the lines
    EXPECT_EQ(seen.see(id_of(200), 1), Verdict::newer);
    EXPECT_EQ(seen.highest(id_of(0)), 5U);
    EXPECT_EQ(seen.highest(id_of(1)), 0U);
    EXPECT_TRUE(SeenGenerations::parse(seen.text()));
}

}  // namespace
}  // namespace vigil::credentials
