#include "orders/statement.h"

#include <gtest/gtest.h>

#include "fixtures.h"

namespace vigil::orders {
namespace {

TEST(Statement, DifferenceNamesTheFirstLineThatIsNotInBoth) {
    EXPECT_FALSE(difference("", ""));
    EXPECT_FALSE(difference("balance BTC 1\norder a open\n", "balance BTC 1\norder a open\n"));

    const auto changed = difference("balance BTC 1\norder a open\n", "balance BTC 2\norder a open\n");
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->first, "balance BTC 1");
    EXPECT_EQ(changed->second, "balance BTC 2");

    const auto missing = difference("balance BTC 1\n", "balance BTC 1\norder a open\n");
    ASSERT_TRUE(missing);
    EXPECT_EQ(missing->first, "");
    EXPECT_EQ(missing->second, "order a open");

    const auto more = difference("holding grid BTCUSDT 1\n", "holding grid ETHUSDT 1\n");
    ASSERT_TRUE(more);
    EXPECT_EQ(more->first, "holding grid BTCUSDT 1");
    EXPECT_EQ(more->second, "");
}

}  // namespace
}  // namespace vigil::orders
