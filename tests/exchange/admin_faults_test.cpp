#include "exchange/admin_faults.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "exchange/admin_fault_request.h"
#include "exchange/fault_script.h"
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
    ASSERT_NE(late.answer.delivery, nullptr);
    EXPECT_EQ(late.answer.delivery->delay, base::milliseconds{250});
    EXPECT_EQ(late.code(), 0);
}

TEST_F(AdminFaults, EventsAreNamedByTypeSymbolOrStream) {
    FaultTable& faults = world.state.faults;
    arm(R"({"kind":"silent_user_stream","count":2})");
    EXPECT_TRUE(faults.strike_event(FaultScope::user_events, "executionReport", "BTCUSDT"));
    EXPECT_TRUE(faults.strike_event(FaultScope::user_events, "balanceUpdate", ""));
    EXPECT_FALSE(faults.strike_event(FaultScope::user_events, "executionReport", "BTCUSDT"));
    EXPECT_EQ(order().code(), 0);
    arm(R"({"kind":"duplicate","event":"executionReport","symbol":"ETHUSDT","count":-1})");
    EXPECT_FALSE(faults.strike_event(FaultScope::user_events, "executionReport", "BTCUSDT"));
    EXPECT_FALSE(faults.strike_event(FaultScope::user_events, "balanceUpdate", "ETHUSDT"));
    EXPECT_TRUE(faults.strike_event(FaultScope::user_events, "executionReport", "ETHUSDT"));
    arm(R"({"kind":"depth_gap","count":-1})");
    EXPECT_TRUE(faults.strike_event(FaultScope::market_events, "btcusdt@depth@100ms", "BTCUSDT"));
    EXPECT_TRUE(faults.strike_event(FaultScope::market_events, "btcusdt@depth", "BTCUSDT"));
    EXPECT_FALSE(faults.strike_event(FaultScope::market_events, "btcusdt@depth5", "BTCUSDT"));
    EXPECT_FALSE(faults.strike_event(FaultScope::market_events, "btcusdt@trade", "BTCUSDT"));
}

TEST_F(AdminFaults, OnlyTheSymbolThatIsMeant) {
    arm(R"({"kind":"error_before","symbol":"ETHUSDT","code":-1000})");
    EXPECT_EQ(order().code(), 0);
    EXPECT_EQ(world.open("GET", "/api/v3/depth", "symbol=ETHUSDT").code(), -1000);
    EXPECT_EQ(world.open("GET", "/api/v3/depth", "symbol=ETHUSDT").code(), 0);
}

TEST_F(AdminFaults, OnlyWithinItsWindow) {
    arm(R"({"kind":"error_before","code":-1000,"start_ms":1000,"end_ms":2000})");
    const auto code = [this] { return world.open("GET", "/api/v3/time").code(); };
    EXPECT_EQ(code(), 0);
    world.clock.advance(std::chrono::milliseconds{1000});
    EXPECT_EQ(code(), -1000);
    EXPECT_EQ(code(), -1000) << "a window without a count has no count";
    world.clock.advance(std::chrono::milliseconds{1000});
    EXPECT_EQ(code(), 0) << "the end is not part of it";
}

TEST_F(AdminFaults, MarketTimeStandsStillInAPauseAndRunsAtItsSpeed) {
    world.state.faults.configure(1, domain::Rate::of(10));
    arm(R"({"kind":"error_before","code":-1000,"start_ms":1000,"end_ms":3000,"time":"market"})");
    const auto code = [this] { return world.open("GET", "/api/v3/time").code(); };
    world.clock.advance(std::chrono::milliseconds{99});
    EXPECT_EQ(code(), 0);
    world.clock.advance(std::chrono::milliseconds{1});
    EXPECT_EQ(code(), -1000);
    world.state.clock.pause();
    world.clock.advance(std::chrono::seconds{60});
    EXPECT_EQ(code(), -1000) << "the market has not moved";
    world.state.clock.resume();
    world.clock.advance(std::chrono::milliseconds{200});
    EXPECT_EQ(code(), 0);
}

TEST_F(AdminFaults, ChanceIsAFunctionOfTheSeed) {
    const auto pattern = [this](std::uint64_t seed) {
        world.state.faults.clear();
        world.state.faults.configure(seed, domain::Rate::of(1));
        arm(R"({"kind":"error_before","code":-1000,"probability":"0.25","count":-1})");
        std::string text;
        for (int i = 0; i < 400; ++i) text += world.open("GET", "/api/v3/time").code() == 0 ? '.' : 'x';
        return text;
    };
    const std::string first = pattern(7);
    EXPECT_EQ(pattern(7), first);
    EXPECT_NE(pattern(8), first);
    const auto strikes = std::count(first.begin(), first.end(), 'x');
    EXPECT_GT(strikes, 60);
    EXPECT_LT(strikes, 140);
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
    EXPECT_EQ(why(R"({"kind":"delay","probability":"1.5"})"), "'probability' is not from 0 to 1");
    EXPECT_EQ(why(R"({"kind":"delay","start_ms":5,"end_ms":5})"), "'end_ms' is not after 'start_ms'");
    EXPECT_EQ(why(R"({"kind":"delay","time":"moon"})"), "'time' is wall or market");
    EXPECT_EQ(why(R"({"kind":"missing","on":"answers"})"), "'on' is user_events or market_events");
    EXPECT_EQ(why(R"({"kind":"disconnect","end_ms":5})"),
              "'end_ms' has no meaning for what happens in a moment");
    EXPECT_EQ(why(R"({"kind":"certificate"})"), "'which' is missing");
    EXPECT_EQ(why(R"({"kind":"filter","symbol":"BTCUSDT"})"), "'filter' is missing");
    EXPECT_EQ(why(R"({"kind":"foreign_order","account":"a","symbol":"BTCUSDT","side":"BUY"})"),
              "'quantity' is missing");
}

TEST(FaultScript, NamesThePlaceOfWhatIsWrong) {
    const auto good = read_fault_script({{R"({"kind":"delay"})", "f.yaml:1:3", {}}});
    ASSERT_TRUE(good);
    EXPECT_EQ(good->front().fault.kind, FaultKind::delay);
    const auto member = read_fault_script({{R"({"kind":"delay"})", "f.yaml:1:3", {}},
                                           {R"({"kind":"delay","count":"x"})",
                                            "f.yaml:2:3",
                                            {{"kind", "f.yaml:2:3"}, {"count", "f.yaml:3:3"}}}});
    EXPECT_EQ(member.error().message, "f.yaml:3:3: 'count' is not a whole number from -1 to 1000000000");
    const auto kind = read_fault_script({{R"({"count":1})", "f.yaml:9:3", {}}});
    EXPECT_EQ(kind.error().message.substr(0, 28), "f.yaml:9:3: 'kind' is one of");
}

}  // namespace
}  // namespace vigil::exchange
