// The passing path of the gate does not touch the heap. This file replaces the global operator new to count.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "fixtures.h"

namespace {
std::atomic<long> allocations{0};
}  // namespace

void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    allocations.fetch_add(1, std::memory_order_relaxed);
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace vigil::risk::test {
namespace {

TEST_F(GateTest, PassingDoesNotAllocate) {
    options.daily_loss = {DailyLossLimit{usdt, amount("100")}};
    gate.emplace(options, state);
    context.profit = amount("0");
    context.average_price = price("100");
    symbol_rules.percent_price = domain::PercentPrice{
        Rate::literal("5"), Rate::literal("0.2"), Rate::literal("5"), Rate::literal("0.2"), 5, true};
    const std::array intents{intent(limit(Side::buy, "99", "2")), intent(limit(Side::sell, "101", "2")),
                             intent(market(Side::buy, "0.5")), cancel()};
    long passed = 0;
    for (const Intent& each : intents) {
        static_cast<void>(gate->check(each, context));  // the first observation of a day keeps its state
        const long before = allocations.load();
        const auto decided = gate->check(each, context);
        const long after = allocations.load();
        EXPECT_EQ(after, before);
        passed += std::holds_alternative<domain::Approved>(decided) ? 1 : 0;
    }
    EXPECT_EQ(passed, 4);
    const long before = allocations.load();
    context.book.whole = false;
    static_cast<void>(gate->check(intents[0], context));
    EXPECT_GT(allocations.load(), before) << "the counter counts";
}

}  // namespace
}  // namespace vigil::risk::test
