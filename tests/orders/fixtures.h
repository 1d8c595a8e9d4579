// What the tests of the ledger build their cases from.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/order.h"
#include "domain/order_outcome.h"
#include "domain/stages.h"
#include "orders/ledger.h"

namespace vigil::orders::test {

using domain::Amount;
using domain::Asset;
using domain::ClientOrderId;
using domain::ExecutionReport;
using domain::ExecutionType;
using domain::Fill;
using domain::Intent;
using domain::NewOrder;
using domain::OrderOutcome;
using domain::OrderStatus;
using domain::OrderType;
using domain::OrderView;
using domain::Price;
using domain::Quantity;
using domain::Side;
using domain::Slot;
using domain::StrategyIndex;
using domain::Symbol;
using domain::TradeId;
using Kind = OrderChangeKind;

inline Symbol symbol(std::string_view text) {
    return *Symbol::from(text);
}
inline Asset asset(std::string_view text) {
    return *Asset::from(text);
}
inline Price price(std::string_view text) {
    return Price::literal(text);
}
inline Quantity qty(std::string_view text) {
    return Quantity::literal(text);
}
inline Amount amount(std::string_view text) {
    return Amount::literal(text);
}
inline const Symbol btcusdt = symbol("BTCUSDT");
inline const Asset btc = asset("BTC");
inline const Asset usdt = asset("USDT");
inline const Asset bnb = asset("BNB");
inline const InstanceTag tag = *instance_tag("test");

/// A moment `ms` after the beginning on both clocks.
inline Moment at(std::int64_t ms) {
    return {base::MonotonicTime{base::milliseconds{1'000'000 + ms}},
            base::exchange_time_ms(1'700'000'000'000 + ms)};
}

inline ClientOrderId own_id(std::uint64_t counter, std::uint16_t strategy = 0, std::uint32_t slot = 0) {
    return format_client_order_id({tag, StrategyIndex{strategy}, Slot{slot}, counter});
}

inline NewOrder limit(std::uint64_t counter, Side side, std::string_view at_price, std::string_view quantity,
                      std::uint16_t strategy = 0, std::uint32_t slot = 0) {
    NewOrder order;
    order.symbol = btcusdt;
    order.side = side;
    order.type = OrderType::limit;
    order.time_in_force = domain::TimeInForce::gtc;
    order.quantity = qty(quantity);
    order.price = price(at_price);
    order.client_order_id = own_id(counter, strategy, slot);
    return order;
}

inline Intent intent(const NewOrder& order) {
    const auto parsed = parse_client_order_id(order.client_order_id.view());
    Intent made;
    made.strategy = parsed->strategy;
    made.slot = parsed->slot;
    made.action = order;
    return made;
}

inline Intent cancel_of(const NewOrder& order) {
    Intent made = intent(order);
    made.lane = domain::Lane::cancel;
    made.action = domain::CancelOrder{order.symbol, order.client_order_id};
    return made;
}

/// An order id that no two client order ids of a test share.
inline domain::OrderId exchange_id(const NewOrder& order) {
    const auto parsed = parse_client_order_id(order.client_order_id.view());
    return domain::OrderId{static_cast<std::int64_t>(1'000'000 + parsed->counter)};
}

inline OrderView view(const NewOrder& order, OrderStatus status, Quantity executed = {},
                      Amount executed_quote = {}) {
    OrderView made;
    made.symbol = order.symbol;
    made.order_id = exchange_id(order);
    made.client_order_id = order.client_order_id;
    made.side = order.side;
    made.type = order.type;
    made.status = status;
    made.price = order.price.value_or(Price{});
    made.quantity = order.quantity.value_or(Quantity{});
    made.executed = executed;
    made.executed_quote = executed_quote;
    return made;
}

inline Fill fill(const NewOrder& order, std::int64_t trade, std::string_view at_price,
                 std::string_view quantity, std::string_view commission = "0", Asset commission_asset = bnb,
                 std::int64_t ms = 0) {
    Fill made;
    made.trade_id = TradeId{trade};
    made.order_id = exchange_id(order);
    made.price = price(at_price);
    made.quantity = qty(quantity);
    made.quote_quantity = *domain::notional(made.price, made.quantity, domain::Rounding::down);
    made.commission = amount(commission);
    made.commission_asset = commission_asset;
    made.side = order.side;
    made.time = at(ms).exchange;
    return made;
}

inline ExecutionReport report(const NewOrder& order, ExecutionType execution, OrderStatus status,
                              Quantity executed = {}, Amount executed_quote = {}) {
    ExecutionReport made;
    made.symbol = order.symbol;
    made.order_id = exchange_id(order);
    made.client_order_id = order.client_order_id;
    made.side = order.side;
    made.type = order.type;
    made.execution = execution;
    made.status = status;
    made.reject_reason = "NONE";
    made.price = order.price.value_or(Price{});
    made.quantity = order.quantity.value_or(Quantity{});
    made.executed = executed;
    made.executed_quote = executed_quote;
    return made;
}

inline ExecutionReport trade(const NewOrder& order, const Fill& with, Quantity executed_after) {
    const bool is_all = order.quantity && executed_after == *order.quantity;
    ExecutionReport made =
        report(order, ExecutionType::trade, is_all ? OrderStatus::filled : OrderStatus::partially_filled,
               executed_after);
    made.fill = with;
    return made;
}

template <class Result>
OrderOutcome outcome(const NewOrder& order, Result result, bool is_cancel = false, std::int64_t ms = 0) {
    OrderOutcome made;
    made.symbol = order.symbol;
    made.client_order_id = order.client_order_id;
    made.is_cancel = is_cancel;
    made.result = std::move(result);
    made.sent = at(ms).monotonic;
    made.answered = at(ms).monotonic;
    return made;
}

inline domain::AccountSnapshot account(std::vector<domain::Balance> balances, std::int64_t ms) {
    domain::AccountSnapshot made;
    made.balances = std::move(balances);
    made.can_trade = true;
    made.updated = at(ms).exchange;
    return made;
}

inline std::vector<Kind> kinds(const OrderChanges& changes) {
    std::vector<Kind> all;
    for (const OrderChange& change : changes) all.push_back(change.kind);
    return all;
}

inline int count(const OrderChanges& changes, Kind kind) {
    return static_cast<int>(std::count_if(changes.begin(), changes.end(),
                                          [kind](const OrderChange& c) { return c.kind == kind; }));
}

/// A ledger that knows BTCUSDT with a step of 0.00001.
struct KnownLedger : Ledger {
    explicit KnownLedger(std::size_t finished_max = 2048) : Ledger{{tag, finished_max}} {
        learn(SymbolAssets{btcusdt, btc, usdt, qty("0.00001")});
    }
};

}  // namespace vigil::orders::test
