// Icebergs, trailing stops (faqs/trailing-stop-faq.md), self-trade prevention TRANSFER (faqs/stp_faq.md), and
// the filters that go with them (filters.md).
#include <gtest/gtest.h>

#include "exchange/core_fixture.h"

namespace vigil::exchange {
namespace {

using domain::OrderStatus;
using domain::OrderType;
using domain::Side;

class CoreOrderTypes : public testing::Test {
  protected:
    void start() {
        world_.play(std::move(script_));
        world_.core->advance(CoreWorld::at(200));
    }
    Placement place(AccountId account, const OrderRequest& request) {
        auto placed = world_.core->place(account, request, CoreWorld::at(300));
        EXPECT_TRUE(placed) << (placed ? "" : placed.error().message);
        return placed ? *placed : Placement{};
    }
    std::string refusal(const OrderRequest& request) {
        const auto placed = world_.core->place(world_.alice, request, CoreWorld::at(300));
        return placed ? "placed" : std::to_string(placed.error().code) + " " + placed.error().message;
    }
    OrderRecord order(AccountId account, const Placement& placed) {
        return world_.core->order(account, sym("BTCUSDT"), OrderKey{placed.order.order_id, {}}).value();
    }
    domain::Quantity shown_at(std::string_view price) {
        for (const auto& side :
             {world_.core->depth(sym("BTCUSDT"), 100)->bids, world_.core->depth(sym("BTCUSDT"), 100)->asks})
            for (const domain::BookLevel& one : side)
                if (one.price == px(price)) return one.quantity;
        return {};
    }
    void spec_changed(void (*change)(SymbolSpec&)) {
        for (SymbolSpec& spec : default_symbols()) {
            if (spec.rules.symbol != sym("BTCUSDT")) continue;
            change(spec);
            world_.core->add_symbol(std::move(spec));
        }
    }
    static OrderRequest iceberg(Side side, std::string_view quantity, std::string_view price,
                                std::string_view part) {
        OrderRequest request = limit_order(side, quantity, price);
        request.iceberg_quantity = qty(part);
        return request;
    }

    CoreWorld world_;
    std::unique_ptr<ScriptedFeed> script_{CoreWorld::book()};
};

TEST_F(CoreOrderTypes, AnIcebergIsRefilledBehindTheOthersAtItsPrice) {
    start();
    const Placement first = place(world_.alice, iceberg(Side::sell, "2.5", "100", "1"));
    const Placement second = place(world_.bob, limit_order(Side::sell, "1", "100"));
    EXPECT_EQ(shown_at("100"), qty("2"));
    const AccountId carol = world_.core->add_account(CoreWorld::opened("carol"));
    const Placement taken = place(carol, limit_order(Side::buy, "1.5", "100"));
    EXPECT_EQ(taken.order.status, OrderStatus::filled);
    EXPECT_EQ(order(world_.alice, first).executed, qty("1"));
    EXPECT_EQ(order(world_.bob, second).executed, qty("0.5"));
    EXPECT_EQ(shown_at("100"), qty("1.5")) << "0.5 of the second order, and the next part";
    place(carol, limit_order(Side::buy, "2", "100"));
    EXPECT_EQ(order(world_.bob, second).status, OrderStatus::filled);
    EXPECT_EQ(order(world_.alice, first).status, OrderStatus::filled) << "its last part is 0.5";
    EXPECT_EQ(shown_at("100"), domain::Quantity{});
}

TEST_F(CoreOrderTypes, AFillOrKillMeetsTheHiddenPartsToo) {
    start();
    place(world_.alice, iceberg(Side::sell, "5", "100", "1"));
    const Placement all = place(world_.bob, limit_order(Side::buy, "5", "100", domain::TimeInForce::fok));
    EXPECT_EQ(all.order.status, OrderStatus::filled);
    EXPECT_EQ(all.fills.size(), 5U);
}

TEST_F(CoreOrderTypes, PrintsUseUpAnIcebergPartByPart) {
    script_->at_ms(400, print_of("100.5", "2.5", false));
    start();
    const Placement sold = place(world_.alice, iceberg(Side::sell, "3", "100", "1"));
    world_.core->advance(CoreWorld::at(450));
    EXPECT_EQ(order(world_.alice, sold).executed, qty("2.5"));
    EXPECT_EQ(shown_at("100"), qty("0.5"));
    EXPECT_EQ(world_.balance(world_.alice, "BTC").locked, amt("0.5"));
}

// FAQ of amendments: "an iceberg order's visible quantity will only change if newQty is below the pre-amended
// visible quantity".
TEST_F(CoreOrderTypes, AmendingAnIcebergKeepsItsPartWhileItFits) {
    start();
    const Placement sold = place(world_.alice, iceberg(Side::sell, "5", "100", "1"));
    const OrderKey key{sold.order.order_id, {}};
    ASSERT_TRUE(world_.core->amend(world_.alice, sym("BTCUSDT"), key, {}, qty("3"), CoreWorld::at(310)));
    EXPECT_EQ(shown_at("100"), qty("1"));
    ASSERT_TRUE(world_.core->amend(world_.alice, sym("BTCUSDT"), key, {}, qty("0.5"), CoreWorld::at(311)));
    EXPECT_EQ(shown_at("100"), qty("0.5"));
}

TEST_F(CoreOrderTypes, IcebergRefusals) {
    spec_changed([](SymbolSpec& spec) { spec.rules.iceberg_orders_max = 1; });
    start();
    EXPECT_EQ(refusal(iceberg(Side::sell, "1", "105", "1")), "-2010 IcebergQty exceeds QTY.");
    EXPECT_EQ(refusal(iceberg(Side::sell, "5", "105", "0.000001")), "-1013 Filter failure: LOT_SIZE");
    EXPECT_EQ(refusal(iceberg(Side::sell, "5", "105", "0.4")), "-1013 Filter failure: ICEBERG_PARTS");
    OrderRequest fok = iceberg(Side::sell, "5", "105", "1");
    fok.time_in_force = domain::TimeInForce::fok;
    EXPECT_EQ(refusal(fok), "-2010 Unsupported order combination");
    EXPECT_EQ(refusal(iceberg(Side::sell, "5", "105", "0.5")), "placed");
    EXPECT_EQ(refusal(iceberg(Side::sell, "5", "105", "1")), "-1013 Filter failure: MAX_NUM_ICEBERG_ORDERS");
}

// --- Trailing stops ---------------------------------------------------------------------------------------

/// One scenario of the FAQ, a hundredth of its prices: the last prices in turn, and whether each triggers.
struct Move {
    std::string_view price;
    bool triggers;
};

class Trailing : public CoreOrderTypes {
  protected:
    void run(OrderType type, Side side, std::string_view stop, std::int64_t delta, std::string_view limit,
             const std::vector<Move>& moves) {
        auto script = std::make_unique<ScriptedFeed>(sym("BTCUSDT"), px("400"));
        script->at_ms(0, print_of("400", "1", false));
        std::int64_t ms = 1'000;
        for (const Move& move : moves) script->at_ms(ms++, print_of(move.price, "1", false));
        world_.play(std::move(script));
        OrderRequest request;
        request.symbol = sym("BTCUSDT");
        request.side = side;
        request.type = type;
        request.quantity = qty("1");
        request.price = px(limit);
        request.time_in_force = domain::TimeInForce::gtc;
        request.trailing_delta = delta;
        if (!stop.empty()) request.stop_price = px(stop);
        const Placement placed = place(world_.alice, request);
        ms = 1'000;
        for (const Move& move : moves) {
            world_.core->advance(CoreWorld::at(ms++));
            EXPECT_EQ(order(world_.alice, placed).is_working, move.triggers) << "at " << move.price;
        }
        EXPECT_TRUE(order(world_.alice, placed).trailing_time.has_value());
    }
};

TEST_F(Trailing, ScenarioAStopLossLimitBuy) {
    run(OrderType::stop_loss_limit, Side::buy, "440", 500, "450",
        {{"370", false}, {"440", false}, {"460", false}, {"420", false}, {"440.9", false}, {"441", true}});
}
TEST_F(Trailing, ScenarioBStopLossLimitSell) {
    run(OrderType::stop_loss_limit, Side::sell, "390", 1000, "380",
        {{"415", false}, {"390", false}, {"370", false}, {"410", false}, {"369.1", false}, {"369", true}});
}
TEST_F(Trailing, ScenarioCTakeProfitLimitBuy) {
    run(OrderType::take_profit_limit, Side::buy, "380", 850, "385",
        {{"420", false}, {"380", false}, {"370", false}, {"390", false}, {"380", false}, {"401.45", true}});
}
TEST_F(Trailing, ScenarioDTakeProfitLimitSell) {
    run(OrderType::take_profit_limit, Side::sell, "420", 750, "410",
        {{"415", false},
         {"390", false},
         {"420", false},
         {"450", false},
         {"440", false},
         {"465", false},
         {"430.13", false},
         {"430.12", true}});
}
TEST_F(Trailing, ScenarioEWithoutAStopPrice) {
    run(OrderType::stop_loss_limit, Side::sell, "", 700, "390",
        {{"420", false}, {"395", false}, {"455", false}, {"423.16", false}, {"423.15", true}});
}

TEST_F(CoreOrderTypes, TrailingRefusals) {
    script_->at_ms(100, print_of("100", "0.5", false));
    start();
    OrderRequest request = limit_order(Side::sell, "1", "90");
    request.type = OrderType::stop_loss_limit;
    request.trailing_delta = 9;
    EXPECT_EQ(refusal(request), "-1013 Filter failure: TRAILING_DELTA");
    request.trailing_delta = 2'001;
    EXPECT_EQ(refusal(request), "-1013 Filter failure: TRAILING_DELTA");
    request.trailing_delta = 2'000;
    EXPECT_EQ(refusal(request), "placed");
    EXPECT_EQ(refusal(limit_order(Side::sell, "1", "105")), "placed");
    ASSERT_TRUE(world_.core->cancel_all(world_.alice, sym("BTCUSDT"), CoreWorld::at(301)));
    EXPECT_TRUE(world_.balance(world_.alice, "BTC").locked.is_zero());
}

// --- TRANSFER, MAX_ASSET ----------------------------------------------------------------------------------

TEST_F(CoreOrderTypes, TransferMovesThePreventedQuantityBetweenTheAccountsOfAGroup) {
    spec_changed([](SymbolSpec& spec) { spec.allowed_stp_modes.push_back(StpMode::transfer); });
    AccountOptions options = CoreWorld::opened("carol");
    options.trade_group_id = 5;
    const AccountId carol = world_.core->add_account(options);
    options.label = "dave";
    const AccountId dave = world_.core->add_account(options);
    start();
    OrderRequest maker = limit_order(Side::sell, "2", "100");
    maker.stp_mode = StpMode::transfer;
    const Placement resting = place(carol, maker);
    OrderRequest taker = limit_order(Side::buy, "0.5", "100");
    taker.stp_mode = StpMode::transfer;
    const Placement met = place(dave, taker);
    EXPECT_EQ(met.order.status, OrderStatus::expired_in_match);
    EXPECT_TRUE(met.order.executed.is_zero());
    ASSERT_EQ(met.prevented.size(), 1U);
    EXPECT_EQ(met.prevented[0].mode, StpMode::transfer);
    EXPECT_EQ(order(carol, resting).prevented_quantity, qty("0.5"));
    EXPECT_EQ(world_.balance(dave, "BTC").free, amt("10.5"));
    EXPECT_EQ(world_.balance(dave, "USDT").free, amt("9950"));
    EXPECT_EQ(world_.balance(carol, "BTC").locked, amt("1.5"));
    EXPECT_EQ(world_.balance(carol, "USDT").free, amt("10050"));
    // A market order's reserve lets go of it, too.
    taker = market_order(Side::buy, "0.5");
    taker.stp_mode = StpMode::transfer;
    EXPECT_EQ(place(dave, taker).order.status, OrderStatus::expired_in_match);
    EXPECT_EQ(world_.balance(dave, "BTC").free, amt("11"));
    EXPECT_TRUE(world_.balance(dave, "USDT").locked.is_zero());
    // "If the maker order specifies a different STP mode, then the STP behavior is DECREMENT."
    taker.stp_mode = StpMode::transfer;
    ASSERT_TRUE(world_.core->cancel_all(carol, sym("BTCUSDT"), CoreWorld::at(301)));
    maker.stp_mode = StpMode::expire_taker;
    place(carol, maker);
    EXPECT_EQ(place(dave, taker).prevented[0].mode, StpMode::decrement);
    EXPECT_EQ(world_.balance(dave, "BTC").free, amt("11"));
}

TEST_F(CoreOrderTypes, MaxAssetLimitsOneOrder) {
    AccountOptions options = CoreWorld::opened("carol");
    options.asset_limits = {{ast("BTC"), amt("2")}, {ast("USDT"), amt("150")}};
    const AccountId carol = world_.core->add_account(options);
    start();
    const auto answer = [&](const OrderRequest& request) {
        const auto placed = world_.core->place(carol, request, CoreWorld::at(300));
        return placed ? std::string{"placed"} : placed.error().message;
    };
    EXPECT_EQ(answer(limit_order(Side::buy, "2.1", "50")), "Filter failure: MAX_ASSET");
    EXPECT_EQ(answer(limit_order(Side::buy, "2", "80")), "Filter failure: MAX_ASSET");
    EXPECT_EQ(answer(market_quote_order(Side::buy, "151")), "Filter failure: MAX_ASSET");
    EXPECT_EQ(answer(limit_order(Side::buy, "2", "75")), "placed");
}

// A market order reserves what it comes to pay: a commission in the asset that it sells must not eat it.
TEST_F(CoreOrderTypes, ACommissionInTheSoldAssetLeavesWhatIsStillToBeSold) {
    AccountOptions options;
    options.label = "carol";
    options.balances = {{ast("BNB"), amt("2"), {}}};
    options.commission.discount_enabled_for_account = true;
    const AccountId carol = world_.core->add_account(options);
    auto script = std::make_unique<ScriptedFeed>(sym("BNBUSDT"), px("500"));
    script->at_ms(0, [](MarketInput& market) {
        const std::vector<domain::BookLevel> bids{level("500", "1"), level("499", "1")};
        const std::vector<domain::BookLevel> asks{level("501", "1")};
        market.replace_book(sym("BNBUSDT"), bids, asks);
    });
    world_.play(std::move(script));
    OrderRequest sell = market_order(Side::sell, "2");
    sell.symbol = sym("BNBUSDT");
    const Placement sold = place(carol, sell);
    EXPECT_EQ(sold.order.status, OrderStatus::filled);
    ASSERT_EQ(sold.fills.size(), 2U);
    EXPECT_EQ(sold.fills[0].commission_asset, ast("USDT")) << "there is no BNB to spare";
}

}  // namespace
}  // namespace vigil::exchange
