#include "exchange/ws_render.h"

#include "exchange/kline_calendar.h"
#include "exchange/server_render.h"

namespace vigil::exchange {

namespace {

void write_prevented(const ExecutionEvent& event, JsonWriter& out) {
    const PreventedMatch& match = *event.prevented;
    out.key("v").integer(match.match_id);
    out.key("A").decimal(event.order.prevented_quantity);
    out.key("B").decimal(match.last_prevented);
    out.key("u").integer(match.trade_group_id);
    out.key("U").integer(match.counter_order_id.value);
    out.key("Cs").text(match.counter_symbol.view());
    out.key("pl").decimal(match.execution_quantity);
    out.key("pL").decimal(match.execution_price);
    out.key("pY").decimal(match.execution_quote);
}

void write_change(std::string_view type, base::ExchangeTime event_time, const domain::Asset& asset,
                  domain::Amount delta, base::ExchangeTime time, JsonWriter& out) {
    out.begin_object();
    out.key("e").word(type);
    out.key("E").time(event_time);
    out.key("a").text(asset.view());
    out.key("d").decimal(delta);
    out.key("T").time(time);
    out.end_object();
}

}  // namespace

void write_execution(const ExecutionEvent& event, JsonWriter& out) {
    const OrderRecord& order = event.order;
    const bool traded = event.fill.has_value();
    out.begin_object();
    out.key("e").word("executionReport");
    out.key("E").time(event.event_time);
    out.key("s").text(order.symbol.view());
    out.key("c").word(event.client_order_id.view());
    out.key("S").word(domain::to_string(order.side));
    out.key("o").word(domain::to_string(order.type));
    out.key("f").word(domain::to_string(order.time_in_force));
    out.key("q").decimal(order.quantity);
    out.key("p").decimal(order.price);
    out.key("P").decimal(order.stop_price);
    out.key("F").decimal(order.iceberg_quantity);
    out.key("g").integer(order.order_list_id);
    out.key("C").word(event.original_client_order_id.view());
    out.key("x").word(domain::to_string(event.execution));
    out.key("X").word(domain::to_string(order.status));
    out.key("r").word(to_string(event.reject_reason));
    out.key("i").integer(order.order_id.value);
    out.key("l").decimal(traded ? event.fill->quantity : domain::Quantity{});
    out.key("z").decimal(order.executed);
    out.key("L").decimal(traded ? event.fill->price : domain::Price{});
    if (traded) {
        out.key("n").decimal(event.fill->commission);
        out.key("N").text(event.fill->commission_asset.view());
    } else {
        out.key("n").word("0");
        out.key("N").null();
    }
    out.key("T").time(event.transact_time);
    out.key("t").integer(traded ? event.fill->trade_id.value : -1);
    if (event.prevented) write_prevented(event, out);
    out.key("I").integer(event.execution_id);
    out.key("w").boolean(event.on_book);
    out.key("m").boolean(traded && event.fill->is_maker);
    out.key("M").boolean(traded);
    out.key("O").time(order.created);
    out.key("Z").decimal(order.executed_quote);
    out.key("Y").decimal(traded ? event.fill->quote_quantity : domain::Amount{});
    out.key("Q").decimal(order.quote_quantity);
    if (order.trailing_delta) {
        out.key("d").integer(*order.trailing_delta);
        out.key("D");
        if (order.trailing_time) {
            out.time(*order.trailing_time);
        } else {
            out.integer(-1);
        }
    }
    if (order.strategy_id) out.key("j").integer(*order.strategy_id);
    if (order.strategy_type) out.key("J").integer(*order.strategy_type);
    if (order.working_time) out.key("W").time(*order.working_time);
    out.key("V").word(to_string(order.stp_mode));
    if (order.expiry_reason != ExpiryReason::none) out.key("eR").word(to_string(order.expiry_reason));
    out.end_object();
}

void write_list_status(const ListEvent& event, JsonWriter& out) {
    const OrderListRecord& list = event.list;
    out.begin_object();
    out.key("e").word("listStatus");
    out.key("E").time(event.time);
    out.key("s").text(list.symbol.view());
    out.key("g").integer(list.list_id);
    out.key("c").word(contingency(list.shape));
    out.key("l").word(to_string(list.status));
    out.key("L").word(to_string(list.order_status));
    out.key("r").word(to_string(event.reject_reason));
    out.key("C").word(list.client_order_id.view());
    out.key("T").time(list.transact_time);
    out.key("O").begin_array();
    for (const ListedOrder& order : list.orders) {
        out.begin_object();
        out.key("s").text(list.symbol.view());
        out.key("i").integer(order.order_id.value);
        out.key("c").word(order.client_order_id.view());
        out.end_object();
    }
    out.end_array();
    out.end_object();
}

void write_account_position(const domain::AccountPosition& event, JsonWriter& out) {
    out.begin_object();
    out.key("e").word("outboundAccountPosition");
    out.key("E").time(event.event_time);
    out.key("u").time(event.updated);
    out.key("B").begin_array();
    for (const domain::Balance& balance : event.balances) {
        out.begin_object();
        out.key("a").text(balance.asset.view());
        out.key("f").decimal(balance.free);
        out.key("l").decimal(balance.locked);
        out.end_object();
    }
    out.end_array();
    out.end_object();
}

void write_balance_update(const domain::BalanceUpdate& event, JsonWriter& out) {
    write_change("balanceUpdate", event.event_time, event.asset, event.delta, event.cleared, out);
}

void write_external_lock(const ExternalLockUpdate& event, JsonWriter& out) {
    write_change("externalLockUpdate", event.event_time, event.asset, event.delta, event.time, out);
}

void write_stream_terminated(base::ExchangeTime now, JsonWriter& out) {
    out.begin_object();
    out.key("e").word("eventStreamTerminated");
    out.key("E").time(now);
    out.end_object();
}

void write_server_shutdown(base::ExchangeTime now, JsonWriter& out) {
    out.begin_object();
    out.key("e").word("serverShutdown");
    out.key("E").time(now);
    out.end_object();
}

void write_trade_event(const TradeEvent& event, JsonWriter& out) {
    out.begin_object();
    out.key("e").word("trade");
    out.key("E").time(event.time);
    out.key("s").text(event.symbol.view());
    out.key("t").integer(event.trade_id.value);
    out.key("p").decimal(event.price);
    out.key("q").decimal(event.quantity);
    out.key("T").time(event.time);
    out.key("m").boolean(event.buyer_is_maker);
    out.key("M").boolean(true);
    out.end_object();
}

void write_agg_trade_event(const AggTradeEvent& event, JsonWriter& out) {
    out.begin_object();
    out.key("e").word("aggTrade");
    out.key("E").time(event.time);
    out.key("s").text(event.symbol.view());
    write_agg_trade_fields(event, out);
    out.end_object();
}

void write_book_ticker_event(const BookTickerEvent& event, JsonWriter& out) {
    out.begin_object();
    out.key("u").integer(event.update_id);
    out.key("s").text(event.symbol.view());
    out.key("b").decimal(event.bid.price);
    out.key("B").decimal(event.bid.quantity);
    out.key("a").decimal(event.ask.price);
    out.key("A").decimal(event.ask.quantity);
    out.end_object();
}

void write_depth_event(const DepthEvent& event, JsonWriter& out) {
    out.begin_object();
    out.key("e").word("depthUpdate");
    out.key("E").time(event.time);
    out.key("s").text(event.symbol.view());
    out.key("U").integer(event.first_id);
    out.key("u").integer(event.last_id);
    out.key("b");
    write_levels(event.bids, out);
    out.key("a");
    write_levels(event.asks, out);
    out.end_object();
}

void write_kline_event(const KlineEvent& event, JsonWriter& out) {
    const Kline& kline = event.kline;
    out.begin_object();
    out.key("e").word("kline");
    out.key("E").time(event.time);
    out.key("s").text(event.symbol.view());
    out.key("k").begin_object();
    out.key("t").boundary(kline.open_time);
    out.key("T").closing(kline.close_time);
    out.key("s").text(event.symbol.view());
    out.key("i").word(kline_interval_name(kline.interval));
    out.key("f").integer(kline.first_trade_id);
    out.key("L").integer(kline.last_trade_id);
    out.key("o").decimal(kline.open);
    out.key("c").decimal(kline.close);
    out.key("h").decimal(kline.high);
    out.key("l").decimal(kline.low);
    out.key("v").decimal(kline.volume);
    out.key("n").integer(kline.trade_count);
    out.key("x").boolean(kline.closed);
    out.key("q").decimal(kline.quote_volume);
    out.key("V").decimal(kline.taker_buy_volume);
    out.key("Q").decimal(kline.taker_buy_quote_volume);
    out.key("B").word("0");
    out.end_object();
    out.end_object();
}

void write_avg_price_event(const AvgPriceEvent& event, JsonWriter& out) {
    out.begin_object();
    out.key("e").word("avgPrice");
    out.key("E").time(event.time);
    out.key("s").text(event.symbol.view());
    out.key("i").word("5m");
    out.key("w").decimal(event.average);
    out.key("T").time(event.last_trade_time);
    out.end_object();
}

}  // namespace vigil::exchange
