#include "exchange/admin_faults.h"

#include <gtest/gtest.h>

#include "exchange/admin_fault_request.h"
#include "exchange/server_world.h"

namespace vigil::exchange {
namespace {

constexpr std::string_view buy =
    "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.5&price=99.00";

class AdminFaults : public testing::Test {
  protected:
    void arm(const std::string& json) {
        const auto request = parse_fault(json);
        ASSERT_TRUE(request) << request.error().message;
        ASSERT_EQ(request->action, FaultAction::arm);
        ASSERT_TRUE(world.state.faults.add(request->fault));
    }
    Reply order() { return world.sign("POST", "/api/v3/order", buy); }
    std::size_t orders() { return world.sign("GET", "/api/v3/allOrders", "symbol=BTCUSDT").body.size(); }

    ServerWorld world;
};

TEST_F(AdminFaults, DropAfterTakesEffectAndSaysNothing) {
    arm(R"({"kind":"drop_after","route":"order.place"})");
    EXPECT_EQ(order().answer.disposition, Disposition::disconnect);
    EXPECT_EQ(orders(), 1U);
    EXPECT_EQ(order().answer.disposition, Disposition::answer) << "once is once";
    EXPECT_EQ(orders(), 2U);
}

TEST_F(AdminFaults, DropAfterSparesARefusedOrder) {
    arm(R"({"kind":"drop_after","route":"order.place"})");
    EXPECT_EQ(world.sign("POST", "/api/v3/order", "symbol=BTCUSDT").code(), -1102);
    EXPECT_EQ(order().answer.disposition, Disposition::disconnect);
}

TEST_F(AdminFaults, DropBeforeHasNoEffect) {
    arm(R"({"kind":"drop_before","route":"POST /api/v3/order","disconnect":false,"count":2})");
    EXPECT_EQ(order().answer.disposition, Disposition::silence);
    EXPECT_EQ(order().answer.disposition, Disposition::silence);
    EXPECT_EQ(order().answer.disposition, Disposition::answer);
    EXPECT_EQ(orders(), 1U);
}

TEST_F(AdminFaults, ErrorsBeforeAndAfter) {
    arm(R"({"kind":"error_before","route":"order.place","status":503})");
    const Reply before = order();
    EXPECT_EQ(before.status(), 503);
    EXPECT_TRUE(before.answer.html);
    EXPECT_EQ(orders(), 0U);
    arm(R"({"kind":"error_after","route":"order.place","code":-1007})");
    const Reply after = order();
    EXPECT_EQ(after.code(), -1007);
    EXPECT_EQ(after.status(), 504);
    EXPECT_FALSE(after.answer.html);
    EXPECT_EQ(
        after.message(),
        "Timeout waiting for response from backend server. Send status unknown; execution status unknown.");
    EXPECT_EQ(orders(), 1U);
}

TEST_F(AdminFaults, SkipsDelaysAndWildcards) {
    arm(R"({"kind":"error_before","code":-1021,"skip":1,"count":-1})");
    EXPECT_EQ(world.open("GET", "/api/v3/time").code(), 0);
    EXPECT_EQ(world.open("GET", "/api/v3/time").code(), -1021);
    EXPECT_EQ(world.open("GET", "/api/v3/ping").code(), -1021);
    world.state.faults.clear();
    arm(R"({"kind":"delay","route":"/api/v3/order","delay_ms":250})");
    const Reply late = order();
    EXPECT_EQ(late.answer.delay, base::milliseconds{250});
    EXPECT_EQ(late.code(), 0);
}

TEST_F(AdminFaults, SwallowsUserEvents) {
    arm(R"({"kind":"silent_user_stream","count":2})");
    EXPECT_TRUE(world.state.faults.swallow_user_event());
    EXPECT_TRUE(world.state.faults.swallow_user_event());
    EXPECT_FALSE(world.state.faults.swallow_user_event());
    EXPECT_EQ(order().code(), 0);
}

TEST_F(AdminFaults, RemovesAndBounds) {
    const auto id = world.state.faults.add({});
    ASSERT_TRUE(id);
    EXPECT_TRUE(world.state.faults.remove(*id));
    EXPECT_FALSE(world.state.faults.remove(*id));
    for (std::size_t i = 0; i < FaultTable::count_max; ++i) ASSERT_TRUE(world.state.faults.add({}));
    EXPECT_EQ(world.state.faults.add({}).error().kind, base::ErrorKind::exhausted);
}

TEST(AdminFaultRequest, ReadsWhatIsDoneAtOnce) {
    const auto clock = parse_fault(R"({"kind":"clock","offset_ms":-3000,"drift_ppm":50})");
    EXPECT_EQ(clock->action, FaultAction::clock);
    EXPECT_EQ(clock->offset, base::microseconds{-3'000'000});
    EXPECT_EQ(clock->drift_ppm, 50);
    EXPECT_EQ(parse_fault(R"({"kind":"ban","seconds":7})")->length, base::seconds{7});
    EXPECT_TRUE(parse_fault(R"({"kind":"disconnect","rest":true})")->rest);
    EXPECT_EQ(parse_fault(R"({"kind":"foreign_weight","weight":500})")->weight, 500);
}

TEST(AdminFaultRequest, NamesWhatIsWrong) {
    const auto why = [](const std::string& json) {
        const auto request = parse_fault(json);
        return request ? std::string{"ok"} : request.error().message;
    };
    EXPECT_EQ(why("[]"), "the body is not a JSON object");
    EXPECT_EQ(why("{"), "the body is not a JSON object");
    EXPECT_EQ(why(R"({"kind":"explode"})").substr(0, 16), "'kind' is one of");
    EXPECT_EQ(why(R"({"kind":"drop_after","route":"order.plaec"})"), "'route' names no method");
    EXPECT_EQ(why(R"({"kind":"drop_after","cuont":3})"), "'cuont' does not belong here");
    EXPECT_EQ(why(R"({"kind":"drop_after","count":"3"})"),
              "'count' is not a whole number from -1 to 1000000000");
    EXPECT_EQ(why(R"({"kind":"drop_after","disconnect":1})"), "'disconnect' is not true or false");
}

}  // namespace
}  // namespace vigil::exchange
