// A symbol, a book and an intent within all limits; each test breaks one thing.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "risk/risk_gate.h"

namespace vigil::risk::test {

using domain::Amount;
using domain::Asset;
using domain::BookLevel;
using domain::Intent;
using domain::NewOrder;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rate;
using domain::Side;
using domain::Symbol;

inline Price price(std::string_view text) {
    return Price::literal(text);
}
inline Quantity qty(std::string_view text) {
    return Quantity::literal(text);
}
inline Amount amount(std::string_view text) {
    return Amount::literal(text);
}
inline const Symbol btcusdt = *Symbol::from("BTCUSDT");
inline const Asset usdt = *Asset::from("USDT");

inline base::MonotonicTime mono(std::int64_t ms) {
    return base::MonotonicTime{base::milliseconds{1'000'000 + ms}};
}
/// `ms` after 2023-11-15 00:00 UTC.
inline base::ExchangeTime exchange(std::int64_t ms) {
    return base::exchange_time_ms(1'700'006'400'000 + ms);
}
inline constexpr std::int64_t day_ms = 86'400'000;

inline domain::SymbolRules rules() {
    domain::SymbolRules made;
    made.symbol = btcusdt;
    made.base = *Asset::from("BTC");
    made.quote = usdt;
    made.status = domain::SymbolStatus::trading;
    made.order_types = {OrderType::limit, OrderType::limit_maker, OrderType::market, OrderType::stop_loss,
                        OrderType::stop_loss_limit};
    made.quote_order_quantity_allowed = true;
    made.price = domain::PriceFilter{price("0.01"), price("1000000"), price("0.01")};
    made.lot = domain::LotSize{qty("0.00001"), qty("9000"), qty("0.00001")};
    made.notional = domain::NotionalFilter{amount("5"), amount("9000000"), true, false, 5, false};
    return made;
}

class GateTest : public testing::Test {
  protected:
    GateTest() {
        context.rules = &symbol_rules;
        context.book.whole = true;
        context.book.updated = mono(0);
        bids = {BookLevel{price("98"), qty("50")}, BookLevel{price("99.90"), qty("1")}};
        asks = {BookLevel{price("102"), qty("50")}, BookLevel{price("100.10"), qty("1")}};
        context.book.bids = bids;
        context.book.asks = asks;
        context.book.bid = bids.back();
        context.book.ask = asks.back();
        context.strategy.budget = amount("10000");
        context.strategy.sellable = qty("3");
        context.now = mono(10);
        context.exchange_now = exchange(1000);
        options.defaults.order_notional_max = amount("1000");
        options.defaults.position_max = amount("2000");
        options.defaults.open_orders_max = 20;
        options.open_orders_max = 100;
    }

    static NewOrder limit(Side side, std::string_view at, std::string_view quantity) {
        NewOrder order;
        order.symbol = btcusdt;
        order.side = side;
        order.type = OrderType::limit;
        order.time_in_force = domain::TimeInForce::gtc;
        order.price = price(at);
        order.quantity = qty(quantity);
        order.client_order_id = *domain::ClientOrderId::from("vtest-0-0-1");
        return order;
    }
    static NewOrder market(Side side, std::string_view quantity) {
        NewOrder order = limit(side, "1", quantity);
        order.type = OrderType::market;
        order.price.reset();
        order.time_in_force.reset();
        return order;
    }
    static Intent intent(const NewOrder& order) {
        Intent made;
        made.action = order;
        return made;
    }
    static Intent cancel() {
        Intent made;
        made.action = domain::CancelOrder{btcusdt, *domain::ClientOrderId::from("vtest-0-0-1")};
        return made;
    }

    /// The rule that refuses, or "" when the order passes.
    std::string rule(const NewOrder& order) {
        if (!gate) gate.emplace(options, state);
        const auto decided = gate->check(intent(order), context);
        if (std::holds_alternative<domain::Approved>(decided)) {
            detail.clear();
            return "";
        }
        detail = std::get<Refusal>(decided).detail;
        EXPECT_FALSE(detail.empty());
        EXPECT_EQ(detail.find('\n'), std::string::npos);
        return std::string{std::get<Refusal>(decided).rule};
    }
    bool cancel_passes() {
        if (!gate) gate.emplace(options, state);
        return std::holds_alternative<domain::Approved>(gate->check(cancel(), context));
    }

    domain::SymbolRules symbol_rules = rules();
    std::vector<BookLevel> bids;
    std::vector<BookLevel> asks;
    RiskContext context;
    Options options;
    RiskState state;
    std::optional<RiskGate> gate;  ///< made of options and state when first needed
    std::string detail;            ///< of the last refusal
};

}  // namespace vigil::risk::test
