#include "exchange/firewall.h"

#include <gtest/gtest.h>

#include <array>

namespace vigil::exchange {
namespace {

TEST(Firewall, StatementsAreRefusedInAnyCaseAndDividedByAnything) {
    for (const std::string_view text :
         {"SELECT * FROM orders", "select-1-from-x", "Update prices sEt x", "1' UNION SELECT 2",
          "union/**/all", "insert into t", "DELETE FROM t", "x;drop table y", "SELECT a SELECT b FROM"})
        EXPECT_TRUE(looks_like_sql(text)) << text;
}

TEST(Firewall, WordsThatLegalRequestsMayHoldPass) {
    for (const std::string_view text :
         {"", "BTCUSDT", "select", "SELECTED FROM", "selectfrom", "from-select", "set update", "union of all",
          "insert_into", "delete it from here", "drop the table", "[\"BTCUSDT\",\"ETHUSDT\"]", "x-Vf3kq-0001",
          "UNION", "table drop"})
        EXPECT_FALSE(looks_like_sql(text)) << text;
}

TEST(Firewall, LooksAtNamesAndValues) {
    const std::array<ReceivedParameter, 2> by_value{
        {{"symbol", "BTCUSDT"}, {"newClientOrderId", "drop-table-1"}}};
    const std::array<ReceivedParameter, 1> by_name{{{"drop table", "1"}}};
    const std::array<ReceivedParameter, 1> harmless{{{"symbol", "BTCUSDT"}}};
    EXPECT_TRUE(is_firewalled(by_value));
    EXPECT_TRUE(is_firewalled(by_name));
    EXPECT_FALSE(is_firewalled(harmless));
}

}  // namespace
}  // namespace vigil::exchange
