// The way of an order cannot be shortened: what must not compile is asserted here, at compile time.
#include "domain/stages.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "domain/exchange_port.h"

namespace vigil::domain {
namespace {

// No stage is made out of nothing, or of an earlier stage, by anyone but its gate.
static_assert(!std::is_default_constructible_v<Approved>);
static_assert(!std::is_default_constructible_v<Permitted>);
static_assert(!std::is_default_constructible_v<Journaled>);
static_assert(!std::is_constructible_v<Approved, Intent>);
static_assert(!std::is_constructible_v<Permitted, Intent>);
static_assert(!std::is_constructible_v<Permitted, Approved, base::MonotonicTime>);
static_assert(!std::is_constructible_v<Permitted, Approved>);
static_assert(!std::is_constructible_v<Journaled, Intent>);
static_assert(!std::is_constructible_v<Journaled, Approved>);
static_assert(!std::is_constructible_v<Journaled, Permitted>);
static_assert(!std::is_constructible_v<Journaled, Permitted, std::int64_t>);
static_assert(!std::is_convertible_v<Intent, Approved>);
static_assert(!std::is_convertible_v<Approved, Permitted>);
static_assert(!std::is_convertible_v<Permitted, Journaled>);
static_assert(!std::is_aggregate_v<Approved> && !std::is_aggregate_v<Permitted> &&
              !std::is_aggregate_v<Journaled>);

// One decision is one order: stages move and are never copied.
static_assert(!std::is_copy_constructible_v<Approved> && !std::is_copy_assignable_v<Approved>);
static_assert(!std::is_copy_constructible_v<Permitted> && !std::is_copy_assignable_v<Permitted>);
static_assert(!std::is_copy_constructible_v<Journaled> && !std::is_copy_assignable_v<Journaled>);
static_assert(std::is_nothrow_move_constructible_v<Approved>);
static_assert(std::is_nothrow_move_constructible_v<Permitted>);
static_assert(std::is_nothrow_move_constructible_v<Journaled>);

// The exchange takes nothing but what is journaled.
template <class Stage>
concept can_be_sent = requires(ExchangePort& port, Stage stage) {
    port.send(std::move(stage));
};
static_assert(can_be_sent<Journaled>);
static_assert(!can_be_sent<Permitted>);
static_assert(!can_be_sent<Approved>);
static_assert(!can_be_sent<Intent>);
static_assert(!can_be_sent<NewOrder>);
static_assert(!can_be_sent<CancelOrder>);

TEST(Intent, NamesItsOrderWhateverItDoes) {
    Intent intent;
    NewOrder order;
    order.symbol = *Symbol::from("BTCUSDT");
    order.client_order_id = *client_order_id("place-1");
    intent.action = order;
    EXPECT_EQ(intent.symbol(), order.symbol);
    EXPECT_EQ(intent.client_order_id(), order.client_order_id);
    EXPECT_NE(intent.placement(), nullptr);
    EXPECT_EQ(intent.cancellation(), nullptr);
    CancelOrder cancel;
    cancel.symbol = *Symbol::from("ETHUSDT");
    cancel.client_order_id = *client_order_id("place-0");
    intent.action = cancel;
    EXPECT_EQ(intent.symbol(), cancel.symbol);
    EXPECT_EQ(intent.client_order_id(), cancel.client_order_id);
    EXPECT_EQ(intent.placement(), nullptr);
    EXPECT_NE(intent.cancellation(), nullptr);
}

}  // namespace
}  // namespace vigil::domain
