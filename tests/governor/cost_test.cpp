// What a decision costs: no heap, and well below a microsecond.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>
#include <vector>

#include "approve.h"
#include "clock.h"
#include "governor/governor.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define VIGIL_TEST_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define VIGIL_TEST_SANITIZED 1
#endif
#endif

namespace {
thread_local std::size_t allocations = 0;
}

#ifndef VIGIL_TEST_SANITIZED
void* operator new(std::size_t size) {
    ++allocations;
    void* memory = std::malloc(size == 0 ? 1 : size);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace vigil::governor {
namespace {

using namespace std::chrono_literals;
using domain::RateLimitType;

Governor production_like() {
    Governor governor{{}};
    governor.set_limits(std::vector<domain::RateLimit>{{RateLimitType::request_weight, 60s, 6000},
                                                       {RateLimitType::raw_requests, 300s, 300'000},
                                                       {RateLimitType::orders, 10s, 100},
                                                       {RateLimitType::orders, 86'400s, 200'000}});
    return governor;
}

TEST(DecisionCost, NoHeapInSteadyState) {
#ifdef VIGIL_TEST_SANITIZED
    GTEST_SKIP() << "the sanitizers own the heap";
#endif
    Governor governor = production_like();
    TestClock clock;
    const domain::RateLimitReport report{{{RateLimitType::request_weight, 60s, 5, std::nullopt}},
                                         clock.mono()};
    const std::size_t before = allocations;
    for (int i = 0; i < 10'000; ++i) {
        clock.elapsed += 7ms;
        static_cast<void>(governor.decide(clock.now(), domain::Lane::account, {1, 0}));
        auto admission = governor.admit(placement(clock.mono() + 1s), clock.now());
        if (std::holds_alternative<domain::Permitted>(admission))
            governor.on_order_answered(clock.mono(), true, false, somebody, clock.now());
        static_cast<void>(governor.on_usage(report, clock.now()));
    }
    EXPECT_EQ(allocations, before);
}

TEST(DecisionCost, IsBelowTwoHundredNanoseconds) {
#if !defined(NDEBUG) || defined(VIGIL_TEST_SANITIZED)
    GTEST_SKIP() << "only an optimised build can be timed";
#endif
    Governor governor = production_like();
    TestClock clock;
    constexpr int batch = 1000;  // fits into the half of the budget with which a window begins
    auto best = std::chrono::nanoseconds::max();
    for (int round = 0; round < 200; ++round) {
        clock.elapsed += 61s;
        const Now now = clock.now();
        const auto begin = std::chrono::steady_clock::now();
        int granted = 0;
        for (int i = 0; i < batch; ++i)
            granted += std::holds_alternative<Granted>(governor.decide(now, domain::Lane::reconcile, {1, 0}))
                           ? 1
                           : 0;
        const auto took = std::chrono::steady_clock::now() - begin;
        ASSERT_EQ(granted, batch);
        best = std::min(best, std::chrono::duration_cast<std::chrono::nanoseconds>(took) / batch);
    }
    RecordProperty("decision_ns", static_cast<int>(best.count()));
    std::printf("a decision takes %lld ns\n", static_cast<long long>(best.count()));
    EXPECT_LE(best, 200ns);
}

}  // namespace
}  // namespace vigil::governor
