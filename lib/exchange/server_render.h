// Orders, trades and market data as the JSON of the REST and WebSocket API answers: the same fields in the
// same order as in rest-api.md. User events and streams are ws_render.h's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "domain/market_events.h"
#include "exchange/account_spec.h"
#include "exchange/core.h"
#include "exchange/order_record.h"
#include "exchange/server_json.h"

namespace vigil::exchange {

enum class OrderResponse : std::uint8_t { ack, result, full };

/// Answer of a placement ("New order (TRADE)").
void write_placement(const Placement& placement, OrderResponse kind, JsonWriter& out);
/// "Conditional fields in Order Responses" with stopPrice and icebergQty.
void write_order_conditions(const OrderRecord& order, JsonWriter& out);
/// Answer of a query ("Query order", "Current open orders", "All orders").
void write_order(const OrderRecord& order, JsonWriter& out);
/// Answer of a cancel ("Cancel order (TRADE)").
void write_cancellation(const Cancellation& cancelled, JsonWriter& out);
/// The same, or the whole list that went with the order.
void write_cancelled(const CancelledItem& cancelled, JsonWriter& out);
/// Answer of "Order Amend Keep Priority".
void write_amendment(const Amendment& amendment, JsonWriter& out);
/// Element of order/amendments.
void write_amendment_record(const AmendmentRecord& record, JsonWriter& out);
/// Element of myPreventedMatches.
void write_prevented_match(const PreventedRecord& record, JsonWriter& out);
/// Answer of a query of order lists.
void write_order_list(const OrderListRecord& list, JsonWriter& out);
/// Answer of the placement of an order list.
void write_list_placement(const ListPlacement& placement, OrderResponse kind, JsonWriter& out);
/// Answer of "Cancel Order list".
void write_list_cancellation(const ListCancellation& cancelled, JsonWriter& out);
/// Element of myTrades.
void write_own_trade(const FillRecord& fill, JsonWriter& out);
/// Element of `trades`.
void write_trade(const TradeEvent& trade, JsonWriter& out);
/// Element of `aggTrades`.
void write_agg_trade(const AggTradeEvent& trade, JsonWriter& out);
/// The members that it shares with the stream's event.
void write_agg_trade_fields(const AggTradeEvent& trade, JsonWriter& out);
/// Element of `klines`.
void write_kline(const Kline& kline, JsonWriter& out);
/// The exchange filters (filters.md) that are set, as elements of an array.
void write_exchange_filters(const CoreOptions& options, JsonWriter& out);
/// `[["price","quantity"],...]`.
void write_levels(std::span<const domain::BookLevel> levels, JsonWriter& out);
/// `{"maker":..,"taker":..,"buyer":..,"seller":..}`.
void write_rates(const CommissionRates& rates, JsonWriter& out);
/// The `discount` object.
void write_discount(const CommissionSchedule& schedule, JsonWriter& out);

}  // namespace vigil::exchange
