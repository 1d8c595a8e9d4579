// Order lists, amendments and prevented matches as JSON; declared in server_render.h.
#include "exchange/server_render.h"

namespace vigil::exchange {

namespace {

void write_listed_orders(const OrderListRecord& list, JsonWriter& out) {
    out.key("orders").begin_array();
    for (const ListedOrder& order : list.orders) {
        out.begin_object();
        out.key("symbol").text(list.symbol.view());
        out.key("orderId").integer(order.order_id.value);
        out.key("clientOrderId").word(order.client_order_id.view());
        out.end_object();
    }
    out.end_array();
}

void write_list_fields(const OrderListRecord& list, JsonWriter& out) {
    out.key("orderListId").integer(list.list_id);
    out.key("contingencyType").word(contingency(list.shape));
    out.key("listStatusType").word(to_string(list.status));
    out.key("listOrderStatus").word(to_string(list.order_status));
    out.key("listClientOrderId").word(list.client_order_id.view());
    out.key("transactionTime").time(list.transact_time);
    out.key("symbol").text(list.symbol.view());
    write_listed_orders(list, out);
}

}  // namespace

void write_order_list(const OrderListRecord& list, JsonWriter& out) {
    out.begin_object();
    write_list_fields(list, out);
    out.end_object();
}

void write_list_placement(const ListPlacement& placement, OrderResponse kind, JsonWriter& out) {
    out.begin_object();
    write_list_fields(placement.list, out);
    out.key("orderReports").begin_array();
    for (const Placement& order : placement.orders) write_placement(order, kind, out);
    out.end_array();
    out.end_object();
}

void write_list_cancellation(const ListCancellation& cancelled, JsonWriter& out) {
    out.begin_object();
    write_list_fields(cancelled.list, out);
    out.key("orderReports").begin_array();
    for (const Cancellation& order : cancelled.orders) write_cancellation(order, out);
    out.end_array();
    out.end_object();
}

void write_cancelled(const CancelledItem& cancelled, JsonWriter& out) {
    if (const auto* order = std::get_if<Cancellation>(&cancelled))
        write_cancellation(*order, out);
    else
        write_list_cancellation(std::get<ListCancellation>(cancelled), out);
}

void write_amendment(const Amendment& amendment, JsonWriter& out) {
    const OrderRecord& order = amendment.order;
    out.begin_object();
    out.key("transactTime").time(amendment.amendment.time);
    out.key("executionId").integer(amendment.amendment.execution_id);
    out.key("amendedOrder").begin_object();
    out.key("symbol").text(order.symbol.view());
    out.key("orderId").integer(order.order_id.value);
    out.key("orderListId").integer(order.order_list_id);
    out.key("origClientOrderId").word(amendment.amendment.original_client_order_id.view());
    out.key("clientOrderId").word(order.client_order_id.view());
    out.key("price").decimal(order.price);
    out.key("qty").decimal(order.quantity);
    out.key("executedQty").decimal(order.executed);
    out.key("preventedQty").decimal(order.prevented_quantity);
    out.key("quoteOrderQty").decimal(order.quote_quantity);
    out.key("cumulativeQuoteQty").decimal(order.executed_quote);
    out.key("status").word(domain::to_string(order.status));
    out.key("timeInForce").word(domain::to_string(order.time_in_force));
    out.key("type").word(domain::to_string(order.type));
    out.key("side").word(domain::to_string(order.side));
    write_order_conditions(order, out);
    if (order.working_time) out.key("workingTime").time(*order.working_time);
    out.key("selfTradePreventionMode").word(to_string(order.stp_mode));
    out.end_object();
    if (amendment.list) {
        const OrderListRecord& list = *amendment.list;
        out.key("listStatus").begin_object();
        out.key("orderListId").integer(list.list_id);
        out.key("contingencyType").word(contingency(list.shape));
        out.key("listOrderStatus").word(to_string(list.order_status));
        out.key("listClientOrderId").word(list.client_order_id.view());
        out.key("symbol").text(list.symbol.view());
        write_listed_orders(list, out);
        out.end_object();
    }
    out.end_object();
}

void write_amendment_record(const AmendmentRecord& record, JsonWriter& out) {
    out.begin_object();
    out.key("symbol").text(record.symbol.view());
    out.key("orderId").integer(record.order_id.value);
    out.key("executionId").integer(record.execution_id);
    out.key("origClientOrderId").word(record.original_client_order_id.view());
    out.key("newClientOrderId").word(record.new_client_order_id.view());
    out.key("origQty").decimal(record.original_quantity);
    out.key("newQty").decimal(record.new_quantity);
    out.key("time").time(record.time);
    out.end_object();
}

void write_prevented_match(const PreventedRecord& record, JsonWriter& out) {
    out.begin_object();
    out.key("symbol").text(record.symbol.view());
    out.key("preventedMatchId").integer(record.match_id);
    out.key("takerOrderId").integer(record.taker_order_id.value);
    out.key("makerSymbol").text(record.symbol.view());
    out.key("makerOrderId").integer(record.maker_order_id.value);
    out.key("tradeGroupId").integer(record.trade_group_id);
    out.key("selfTradePreventionMode").word(to_string(record.mode));
    out.key("price").decimal(record.price);
    if (record.taker_prevented) out.key("takerPreventedQuantity").decimal(*record.taker_prevented);
    if (record.maker_prevented) out.key("makerPreventedQuantity").decimal(*record.maker_prevented);
    out.key("transactTime").time(record.time);
    out.end_object();
}

}  // namespace vigil::exchange
