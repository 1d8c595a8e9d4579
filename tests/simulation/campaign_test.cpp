// The campaign can be repeated, and it can fail: each mutant is caught within a bounded number of sessions,
// in which nothing is found without one.
#include <gtest/gtest.h>

#include <algorithm>

#include "simulation/plan.h"

namespace vigil::simulation {
namespace {

TEST(Campaign, IsTheSameForTheSameSeed) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const SessionResult once = run_session(seed);
        const SessionResult again = run_session(seed);
        EXPECT_EQ(once.fingerprint, again.fingerprint) << seed;
        EXPECT_EQ(once.injected, again.injected) << seed;
    }
    EXPECT_NE(run_session(1).fingerprint, run_session(2).fingerprint);
}

class Mutants : public testing::TestWithParam<std::size_t> {};

/// Sessions after which a mutant that nothing noticed is a campaign that cannot fail.
constexpr std::uint64_t sessions_most = 4'000;

TEST_P(Mutants, AreCaught) {
    const auto mutant = static_cast<Mutant>(GetParam());
    for (std::uint64_t seed = 1; seed <= sessions_most; ++seed) {
        const SessionResult result = run_session(seed, mutant);
        if (result.violations.empty()) continue;
        const SessionResult healthy = run_session(seed);
        EXPECT_TRUE(healthy.violations.empty()) << "seed " << seed << ": " << healthy.violations.front();
        RecordProperty("seed", std::to_string(seed));
        std::printf("%s: seed %llu: %s\n", std::string{name_of(mutant)}.c_str(),
                    static_cast<unsigned long long>(seed), result.violations.front().c_str());
        return;
    }
    FAIL() << name_of(mutant) << " was not noticed in " << sessions_most << " sessions";
}

INSTANTIATE_TEST_SUITE_P(Each, Mutants, testing::Range<std::size_t>(1, mutant_count + 1),
                         [](const testing::TestParamInfo<std::size_t>& each) {
                             std::string name{name_of(static_cast<Mutant>(each.param))};
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

}  // namespace
}  // namespace vigil::simulation
