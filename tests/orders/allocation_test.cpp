// In steady state the ledger does not touch the heap. This file replaces the global operator new to count.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "fixtures.h"

namespace {
std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    const std::size_t whole = (size + alignment - 1) / alignment * alignment;
    if (void* memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole)) return memory;
    throw std::bad_alloc{};
}
}  // namespace

void* operator new(std::size_t size) {
    return counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, static_cast<std::size_t>(alignment));
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
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

namespace vigil::orders::test {
namespace {

TEST(Ledger, SteadyStateDoesNotAllocate) {
    KnownLedger ledger{64};
    OrderChanges changes;
    changes.reserve(16);
    ledger.on_account(account({{usdt, amount("1000000"), amount("0")}}, 0));
    domain::AccountPosition position;
    position.balances = {{usdt, amount("1"), amount("0")}, {btc, amount("1"), amount("0")}};
    std::int64_t trade_id = 0;
    const auto one_order = [&](std::uint64_t counter) {
        const auto ms = static_cast<std::int64_t>(counter);
        const NewOrder order =
            limit(counter, counter % 2 == 0 ? Side::buy : Side::sell, "100", "1", 0, counter % 8);
        changes.clear();
        ASSERT_TRUE(ledger.placing(intent(order), at(ms), std::nullopt, changes));
        ledger.on_sent(order.client_order_id, at(ms));
        ledger.on_outcome(outcome(order, domain::OutcomeAccepted{view(order, OrderStatus::new_order), {}}),
                          at(ms), changes);
        ledger.on_execution(trade(order, fill(order, ++trade_id, "100", "0.4", "0.1", usdt, ms), qty("0.4")),
                            at(ms), changes);
        ledger.on_execution(trade(order, fill(order, ++trade_id, "100", "0.6", "0.1", bnb, ms), qty("1")),
                            at(ms), changes);
        // The statement lags: it covers the order before, and not yet this one.
        position.updated = at(ms - 1).exchange;
        ledger.on_account_position(position);
    };
    std::uint64_t counter = 1;
    for (; counter < 1000; ++counter) one_order(counter);
    ASSERT_TRUE(ledger.live().empty());
    // BNB is never stated here: its changes wait for a statement, which the sweep brings.
    ledger.on_account(account({{usdt, amount("1"), amount("0")}}, 1000));
    const long before = allocations.load();
    for (; counter < 1500; ++counter) one_order(counter);
    EXPECT_GT(before, 0) << "the counter counts";
    EXPECT_EQ(allocations.load(), before);
}

}  // namespace
}  // namespace vigil::orders::test
