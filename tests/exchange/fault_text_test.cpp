#include "exchange/fault_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace vigil::exchange {
namespace {

using Json = nlohmann::json;

constexpr std::string_view order =
    R"({"symbol":"BTCUSDT","status":"NEW","side":"BUY","note":"a \"{\" b","fills":[],"none":{}})";

TEST(FaultText, TruncatedAndInvalidTextIsNoJson) {
    EXPECT_EQ(damaged("{\"a\":1}", TextDamage::truncate), "{\"a");
    EXPECT_EQ(damaged("{\"a\":1}", TextDamage::invalid_json), "{\"a\":1;");
    EXPECT_FALSE(Json::accept(damaged(order, TextDamage::truncate)));
    EXPECT_FALSE(Json::accept(damaged(order, TextDamage::invalid_json)));
    EXPECT_EQ(damaged("", TextDamage::invalid_json), "");
}

TEST(FaultText, UnknownFieldsLeaveTheRestAsItWas) {
    const Json before = Json::parse(order);
    Json after = Json::parse(damaged(order, TextDamage::unknown_field));
    EXPECT_TRUE(after["none"].contains("unknownField"));
    EXPECT_EQ(after.erase("unknownField"), 1U);
    after["none"] = Json::object();
    EXPECT_EQ(after, before);
}

TEST(FaultText, UnknownWordsOnlyWhereWordsAre) {
    Json after = Json::parse(damaged(order, TextDamage::unknown_enum));
    EXPECT_EQ(after["status"], "NEW_UNHEARD_OF");
    EXPECT_EQ(after["side"], "BUY_UNHEARD_OF");
    EXPECT_EQ(after["symbol"], "BTCUSDT");
    // A kline's open price has the name of an order's type.
    EXPECT_EQ(damaged(R"({"o":"100.01000000"})", TextDamage::unknown_enum), R"({"o":"100.01000000"})");
}

TEST(FaultText, FindsAMember) {
    EXPECT_EQ(member_text(R"({"e":"executionReport","s":"BTCUSDT"})", "s"), "BTCUSDT");
    EXPECT_EQ(member_text(R"({"e":1})", "e"), "");
    EXPECT_EQ(member_text(R"({"e":"broken)", "e"), "");
}

}  // namespace
}  // namespace vigil::exchange
