#include "control/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vigil::control {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Snapshot trading() {
    Snapshot snapshot;
    snapshot.version = "1.2.3";
    snapshot.environment = "simulator";
    snapshot.phase = "trading";
    snapshot.process = 42;
    snapshot.clock = {"synchronised", -115, 1368};
    TradingView view;
    view.ladder = {"halt", "operator uid 0 (ann)", "a test", "2026-01-01T00:00:00.000000Z", true};
    view.obstacle = "the risk ladder allows no new orders";
    view.market_connected = true;
    view.journal_well = false;
    view.open_orders = 2;
    view.unknown = {{"ve8jy-1-h-mwrzg18p", "BTCUSDT", "grid", "unknown"}};
    view.limits = {{"daily_loss", "USDT", "100", "100", true}};
    view.strategies = {
        {"grid", "grid", "BTCUSDT", "running", "0.5", std::nullopt, "USDT", "-1.25", "0.5", 3, 2, 1}};
    snapshot.trading = view;
    return snapshot;
}

TEST(Snapshot, IsOneLineOfJson) {
    const std::string text = to_json(trading());
    EXPECT_EQ(text.find('\n'), std::string::npos);
    const auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["trading"]["ladder"]["level"], "halt");
    EXPECT_EQ(json["trading"]["placements"]["allowed"], false);
    EXPECT_EQ(json["trading"]["orders"]["unknown"][0]["client_order_id"], "ve8jy-1-h-mwrzg18p");
    EXPECT_TRUE(json["trading"]["strategies"][0]["average_cost"].is_null());
    EXPECT_EQ(json["trading"]["strategies"][0]["realized"], "-1.25");
    Snapshot starting = trading();
    starting.trading.reset();
    EXPECT_TRUE(nlohmann::json::parse(to_json(starting))["trading"].is_null());
}

TEST(Snapshot, TheTableSaysWhatMatters) {
    const auto table = to_table(to_json(trading()));
    ASSERT_TRUE(table.has_value());
    EXPECT_THAT(*table, HasSubstr("vigild 1.2.3 (simulator), process 42: trading\n"));
    EXPECT_THAT(*table, HasSubstr("HALT, own orders are being cancelled (kill)\n"));
    EXPECT_THAT(*table, HasSubstr("by operator uid 0 (ann): a test\n"));
    EXPECT_THAT(*table, HasSubstr("held: the risk ladder allows no new orders\n"));
    EXPECT_THAT(*table, HasSubstr("market up, orders down, user data down\n"));
    EXPECT_THAT(*table, HasSubstr("ve8jy-1-h-mwrzg18p BTCUSDT of grid\n"));
    EXPECT_THAT(*table, HasSubstr("CANNOT BE WRITTEN\n"));
    EXPECT_THAT(*table, HasSubstr("offset -115 us, known to within 1368 us\n"));
    EXPECT_THAT(*table, HasSubstr("reached\n"));
}

TEST(Snapshot, OfAnotherVersionOrAHostileServiceItIsStillATable) {
    for (const char* text :
         {"{}", R"({"trading":{}})", R"({"trading":{"strategies":7,"limits":{"a":1},"orders":[]}})",
          R"({"trading":{"strategies":[[]],"orders":{"unknown":[null,3]}},"late_threads":[1,"x"]})"})
        EXPECT_TRUE(to_table(text).has_value()) << text;
    for (const char* text : {"", "[]", "7", "{"}) EXPECT_FALSE(to_table(text).has_value()) << text;
    EXPECT_THAT(to_table(R"({"version":"\u001b[31m"})").value(), Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace vigil::control
