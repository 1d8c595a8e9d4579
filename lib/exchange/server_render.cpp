#include "exchange/server_render.h"

namespace vigil::exchange {

namespace {

bool is_stop(domain::OrderType type) {
    return type == domain::OrderType::stop_loss || type == domain::OrderType::stop_loss_limit ||
           type == domain::OrderType::take_profit || type == domain::OrderType::take_profit_limit;
}

// From price to side: common to every answer that shows an order.
void write_terms(const OrderRecord& order, JsonWriter& out) {
    out.key("price").decimal(order.price);
    if (!order.quantity_pending) out.key("origQty").decimal(order.quantity);
    out.key("executedQty").decimal(order.executed);
    out.key("origQuoteOrderQty").decimal(order.quote_quantity);
    out.key("cummulativeQuoteQty").decimal(order.executed_quote);
    out.key("status").word(domain::to_string(order.status));
    out.key("timeInForce").word(domain::to_string(order.time_in_force));
    out.key("type").word(domain::to_string(order.type));
    out.key("side").word(domain::to_string(order.side));
}

// "Conditional fields in Order Responses" but for stopPrice and icebergQty, which queries always show.
void write_conditional(const OrderRecord& order, JsonWriter& out) {
    if (order.trailing_delta) {
        out.key("trailingDelta").integer(*order.trailing_delta);
        out.key("trailingTime");
        if (order.trailing_time) {
            out.time(*order.trailing_time);
        } else {
            out.integer(-1);
        }
    }
    if (order.strategy_id) out.key("strategyId").integer(*order.strategy_id);
    if (order.strategy_type) out.key("strategyType").integer(*order.strategy_type);
    if (order.prevented_match_id) {
        out.key("preventedMatchId").integer(*order.prevented_match_id);
        out.key("preventedQuantity").decimal(order.prevented_quantity);
    }
    if (order.expiry_reason != ExpiryReason::none)
        out.key("expiryReason").word(to_string(order.expiry_reason));
}

void write_conditional_prices(const OrderRecord& order, JsonWriter& out) {
    if (is_stop(order.type)) out.key("stopPrice").decimal(order.stop_price);
    if (!order.iceberg_quantity.is_zero()) out.key("icebergQty").decimal(order.iceberg_quantity);
}

void write_working_time(const OrderRecord& order, JsonWriter& out) {
    out.key("workingTime");
    if (order.working_time) {
        out.time(*order.working_time);
    } else {
        out.integer(-1);
    }
}

// "preventedMatches" of a FULL answer (faqs/stp_faq.md).
void write_prevented(const std::vector<PreventedRecord>& matches, JsonWriter& out) {
    out.key("preventedMatches").begin_array();
    for (const PreventedRecord& match : matches) {
        out.begin_object();
        out.key("preventedMatchId").integer(match.match_id);
        out.key("makerOrderId").integer(match.maker_order_id.value);
        out.key("price").decimal(match.price);
        if (match.taker_prevented) out.key("takerPreventedQuantity").decimal(*match.taker_prevented);
        if (match.maker_prevented) out.key("makerPreventedQuantity").decimal(*match.maker_prevented);
        out.end_object();
    }
    out.end_array();
}

}  // namespace

void write_order_conditions(const OrderRecord& order, JsonWriter& out) {
    write_conditional_prices(order, out);
    write_conditional(order, out);
}

void write_placement(const Placement& placement, OrderResponse kind, JsonWriter& out) {
    const OrderRecord& order = placement.order;
    out.begin_object();
    out.key("symbol").text(order.symbol.view());
    out.key("orderId").integer(order.order_id.value);
    out.key("orderListId").integer(order.order_list_id);
    out.key("clientOrderId").word(order.client_order_id.view());
    out.key("transactTime").time(placement.transact_time);
    if (kind != OrderResponse::ack) {
        write_terms(order, out);
        write_order_conditions(order, out);
        write_working_time(order, out);
        out.key("selfTradePreventionMode").word(to_string(order.stp_mode));
        if (kind == OrderResponse::full) {
            out.key("fills").begin_array();
            for (const FillRecord& fill : placement.fills) {
                out.begin_object();
                out.key("price").decimal(fill.price);
                out.key("qty").decimal(fill.quantity);
                out.key("commission").decimal(fill.commission);
                out.key("commissionAsset").text(fill.commission_asset.view());
                out.key("tradeId").integer(fill.trade_id.value);
                out.end_object();
            }
            out.end_array();
            if (!placement.prevented.empty()) write_prevented(placement.prevented, out);
        }
    }
    out.end_object();
}

void write_order(const OrderRecord& order, JsonWriter& out) {
    out.begin_object();
    out.key("symbol").text(order.symbol.view());
    out.key("orderId").integer(order.order_id.value);
    out.key("orderListId").integer(order.order_list_id);
    out.key("clientOrderId").word(order.client_order_id.view());
    write_terms(order, out);
    out.key("stopPrice").decimal(order.stop_price);
    out.key("icebergQty").decimal(order.iceberg_quantity);
    out.key("time").time(order.created);
    out.key("updateTime").time(order.updated);
    out.key("isWorking").boolean(order.is_working);
    write_working_time(order, out);
    write_conditional(order, out);
    out.key("selfTradePreventionMode").word(to_string(order.stp_mode));
    out.end_object();
}

void write_cancellation(const Cancellation& cancelled, JsonWriter& out) {
    const OrderRecord& order = cancelled.order;
    out.begin_object();
    out.key("symbol").text(order.symbol.view());
    out.key("origClientOrderId").word(order.client_order_id.view());
    out.key("orderId").integer(order.order_id.value);
    out.key("orderListId").integer(order.order_list_id);
    out.key("clientOrderId").word(cancelled.cancel_id.view());
    out.key("transactTime").time(cancelled.transact_time);
    write_terms(order, out);
    write_order_conditions(order, out);
    out.key("selfTradePreventionMode").word(to_string(order.stp_mode));
    out.end_object();
}

void write_own_trade(const FillRecord& fill, JsonWriter& out) {
    out.begin_object();
    out.key("symbol").text(fill.symbol.view());
    out.key("id").integer(fill.trade_id.value);
    out.key("orderId").integer(fill.order_id.value);
    out.key("orderListId").integer(fill.order_list_id);
    out.key("price").decimal(fill.price);
    out.key("qty").decimal(fill.quantity);
    out.key("quoteQty").decimal(fill.quote_quantity);
    out.key("commission").decimal(fill.commission);
    out.key("commissionAsset").text(fill.commission_asset.view());
    out.key("time").time(fill.time);
    out.key("isBuyer").boolean(fill.is_buyer);
    out.key("isMaker").boolean(fill.is_maker);
    out.key("isBestMatch").boolean(true);
    out.end_object();
}

void write_trade(const TradeEvent& trade, JsonWriter& out) {
    out.begin_object();
    out.key("id").integer(trade.trade_id.value);
    out.key("price").decimal(trade.price);
    out.key("qty").decimal(trade.quantity);
    out.key("quoteQty").decimal(trade.quote_quantity);
    out.key("time").time(trade.time);
    out.key("isBuyerMaker").boolean(trade.buyer_is_maker);
    out.key("isBestMatch").boolean(true);
    out.end_object();
}

void write_agg_trade_fields(const AggTradeEvent& trade, JsonWriter& out) {
    out.key("a").integer(trade.agg_id);
    out.key("p").decimal(trade.price);
    out.key("q").decimal(trade.quantity);
    out.key("f").integer(trade.first_trade_id.value);
    out.key("l").integer(trade.last_trade_id.value);
    out.key("T").time(trade.time);
    out.key("m").boolean(trade.buyer_is_maker);
    out.key("M").boolean(true);
}

void write_agg_trade(const AggTradeEvent& trade, JsonWriter& out) {
    out.begin_object();
    write_agg_trade_fields(trade, out);
    out.end_object();
}

void write_kline(const Kline& kline, JsonWriter& out) {
    out.begin_array();
    out.boundary(kline.open_time);
    out.decimal(kline.open).decimal(kline.high).decimal(kline.low).decimal(kline.close);
    out.decimal(kline.volume);
    out.closing(kline.close_time);
    out.decimal(kline.quote_volume);
    out.integer(kline.trade_count);
    out.decimal(kline.taker_buy_volume).decimal(kline.taker_buy_quote_volume);
    out.word("0");
    out.end_array();
}

void write_exchange_filters(const CoreOptions& options, JsonWriter& out) {
    const auto write = [&out](std::string_view type, std::string_view member, std::int64_t limit) {
        if (limit <= 0) return;
        out.begin_object().key("filterType").word(type);
        out.key(member).integer(limit).end_object();
    };
    write("EXCHANGE_MAX_NUM_ORDERS", "maxNumOrders", options.exchange_orders_max);
    write("EXCHANGE_MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders", options.exchange_algo_orders_max);
    write("EXCHANGE_MAX_NUM_ICEBERG_ORDERS", "maxNumIcebergOrders", options.exchange_iceberg_orders_max);
    write("EXCHANGE_MAX_NUM_ORDER_LISTS", "maxNumOrderLists", options.exchange_order_lists_max);
}

void write_levels(std::span<const domain::BookLevel> levels, JsonWriter& out) {
    out.begin_array();
    for (const domain::BookLevel& level : levels)
        out.begin_array().decimal(level.price).decimal(level.quantity).end_array();
    out.end_array();
}

void write_rates(const CommissionRates& rates, JsonWriter& out) {
    out.begin_object();
    out.key("maker").decimal(rates.maker);
    out.key("taker").decimal(rates.taker);
    out.key("buyer").decimal(rates.buyer);
    out.key("seller").decimal(rates.seller);
    out.end_object();
}

void write_discount(const CommissionSchedule& schedule, JsonWriter& out) {
    out.begin_object();
    out.key("enabledForAccount").boolean(schedule.discount_enabled_for_account);
    out.key("enabledForSymbol").boolean(schedule.discount_enabled_for_symbol);
    out.key("discountAsset").word("BNB");
    out.key("discount").decimal(schedule.discount);
    out.end_object();
}

}  // namespace vigil::exchange
