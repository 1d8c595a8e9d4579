// The members of what is kept on disk, one line each (see state_archive.h).
#pragma once

#include "exchange/core_state.h"
#include "exchange/state_archive.h"

namespace vigil::domain {

template <class Archive>
void describe(Archive& archive, Balance& balance) {
    archive.field("asset", balance.asset);
    archive.field("free", balance.free);
    archive.field("locked", balance.locked);
}

template <class Archive>
void describe(Archive& archive, BookLevel& level) {
    archive.field("price", level.price);
    archive.field("quantity", level.quantity);
}

template <class Archive>
void describe(Archive& archive, KeyPermissions& permissions) {
    archive.field("reading", permissions.reading);
    archive.field("spot_trading", permissions.spot_trading);
    archive.field("withdrawals", permissions.withdrawals);
    archive.field("internal_transfer", permissions.internal_transfer);
    archive.field("universal_transfer", permissions.universal_transfer);
    archive.field("margin", permissions.margin);
    archive.field("futures", permissions.futures);
    archive.field("ip_restricted", permissions.ip_restricted);
    archive.field("created", permissions.created);
    archive.field("trading_expires", permissions.trading_expires);
}

}  // namespace vigil::domain

namespace vigil::exchange {

template <>
inline constexpr bool is_state_row<domain::BookLevel> = true;
template <>
inline constexpr bool is_state_row<Kline> = true;
template <>
inline constexpr bool is_state_row<TradeEvent> = true;
template <>
inline constexpr bool is_state_row<AggTradeEvent> = true;
template <>
inline constexpr bool is_state_row<SavedSecond> = true;
template <>
inline constexpr bool is_state_row<SavedPlace> = true;

template <class Archive>
void describe(Archive& archive, OrderRecord& record) {
    archive.field("symbol", record.symbol);
    archive.field("order_id", record.order_id);
    archive.field("order_list_id", record.order_list_id);
    archive.field("client_order_id", record.client_order_id);
    archive.field("side", record.side);
    archive.field("type", record.type);
    archive.field("time_in_force", record.time_in_force);
    archive.field("status", record.status);
    archive.field("price", record.price);
    archive.field("stop_price", record.stop_price);
    archive.field("quantity", record.quantity);
    archive.field("quote_quantity", record.quote_quantity);
    archive.field("executed", record.executed);
    archive.field("executed_quote", record.executed_quote);
    archive.field("iceberg_quantity", record.iceberg_quantity);
    archive.field("trailing_delta", record.trailing_delta);
    archive.field("trailing_time", record.trailing_time);
    archive.field("strategy_id", record.strategy_id);
    archive.field("strategy_type", record.strategy_type);
    archive.field("stp_mode", record.stp_mode);
    archive.field("prevented_quantity", record.prevented_quantity);
    archive.field("prevented_match_id", record.prevented_match_id);
    archive.field("expiry_reason", record.expiry_reason);
    archive.field("created", record.created);
    archive.field("updated", record.updated);
    archive.field("working_time", record.working_time);
    archive.field("is_working", record.is_working);
    archive.field("quantity_pending", record.quantity_pending);
}

template <class Archive>
void describe(Archive& archive, FillRecord& fill) {
    archive.field("trade_id", fill.trade_id);
    archive.field("symbol", fill.symbol);
    archive.field("order_id", fill.order_id);
    archive.field("order_list_id", fill.order_list_id);
    archive.field("price", fill.price);
    archive.field("quantity", fill.quantity);
    archive.field("quote_quantity", fill.quote_quantity);
    archive.field("commission", fill.commission);
    archive.field("commission_asset", fill.commission_asset);
    archive.field("is_buyer", fill.is_buyer);
    archive.field("is_maker", fill.is_maker);
    archive.field("time", fill.time);
}

template <class Archive>
void describe(Archive& archive, AmendmentRecord& amendment) {
    archive.field("symbol", amendment.symbol);
    archive.field("order_id", amendment.order_id);
    archive.field("execution_id", amendment.execution_id);
    archive.field("original_client_order_id", amendment.original_client_order_id);
    archive.field("new_client_order_id", amendment.new_client_order_id);
    archive.field("original_quantity", amendment.original_quantity);
    archive.field("new_quantity", amendment.new_quantity);
    archive.field("time", amendment.time);
}

template <class Archive>
void describe(Archive& archive, PreventedRecord& match) {
    archive.field("symbol", match.symbol);
    archive.field("match_id", match.match_id);
    archive.field("taker_order_id", match.taker_order_id);
    archive.field("maker_order_id", match.maker_order_id);
    archive.field("taker", match.taker);
    archive.field("maker", match.maker);
    archive.field("trade_group_id", match.trade_group_id);
    archive.field("mode", match.mode);
    archive.field("price", match.price);
    archive.field("taker_prevented", match.taker_prevented);
    archive.field("maker_prevented", match.maker_prevented);
    archive.field("time", match.time);
}

template <class Archive>
void describe(Archive& archive, ListedOrder& order) {
    archive.field("order_id", order.order_id);
    archive.field("client_order_id", order.client_order_id);
}

template <class Archive>
void describe(Archive& archive, OrderListRecord& list) {
    archive.field("list_id", list.list_id);
    archive.field("shape", list.shape);
    archive.field("status", list.status);
    archive.field("order_status", list.order_status);
    archive.field("client_order_id", list.client_order_id);
    archive.field("symbol", list.symbol);
    archive.field("created", list.created);
    archive.field("transact_time", list.transact_time);
    archive.field("orders", list.orders);
}

template <class Archive>
void describe(Archive& archive, OrderList& list) {
    archive.field("record", list.record);
    archive.field("pending_placed", list.pending_placed);
    archive.field("reserved", list.reserved);
}

template <class Archive>
void describe(Archive& archive, SavedOrder& order) {
    archive.field("record", order.record);
    archive.field("locked", order.locked);
    archive.field("shown", order.shown);
    archive.field("queue_ahead", order.queue_ahead);
    archive.field("wants_more", order.wants_more);
    archive.field("trail_extreme", order.trail_extreme);
    archive.field("amends", order.amends);
    archive.field("amendments", order.amendments);
}

template <class Archive>
void describe(Archive& archive, SavedStore& store) {
    archive.field("account", store.account);
    archive.field("closed", store.closed);
    archive.field("open", store.open);
    archive.field("trades", store.trades);
}

template <class Archive>
void describe(Archive& archive, SavedPlace& place) {
    archive.field("account", place.account);
    archive.field("order_id", place.order_id);
}

// Without what it shares with its neighbours: symbol and interval.
template <class Archive>
void describe(Archive& archive, TradeEvent& trade) {
    archive.field("trade_id", trade.trade_id);
    archive.field("price", trade.price);
    archive.field("quantity", trade.quantity);
    archive.field("quote_quantity", trade.quote_quantity);
    archive.field("buyer_is_maker", trade.buyer_is_maker);
    archive.field("time", trade.time);
}

template <class Archive>
void describe(Archive& archive, AggTradeEvent& trade) {
    archive.field("agg_id", trade.agg_id);
    archive.field("price", trade.price);
    archive.field("quantity", trade.quantity);
    archive.field("first_trade_id", trade.first_trade_id);
    archive.field("last_trade_id", trade.last_trade_id);
    archive.field("buyer_is_maker", trade.buyer_is_maker);
    archive.field("time", trade.time);
}

template <class Archive>
void describe(Archive& archive, Kline& kline) {
    archive.field("open_time", kline.open_time);
    archive.field("close_time", kline.close_time);
    archive.field("open", kline.open);
    archive.field("high", kline.high);
    archive.field("low", kline.low);
    archive.field("close", kline.close);
    archive.field("volume", kline.volume);
    archive.field("quote_volume", kline.quote_volume);
    archive.field("trade_count", kline.trade_count);
    archive.field("taker_buy_volume", kline.taker_buy_volume);
    archive.field("taker_buy_quote_volume", kline.taker_buy_quote_volume);
    archive.field("first_trade_id", kline.first_trade_id);
    archive.field("last_trade_id", kline.last_trade_id);
    archive.field("closed", kline.closed);
    archive.field("synthetic", kline.synthetic);
}

template <class Archive>
void describe(Archive& archive, SavedBook& book) {
    archive.field("outside_bids", book.outside_bids);
    archive.field("outside_asks", book.outside_asks);
    archive.field("touched_bids", book.touched_bids);
    archive.field("touched_asks", book.touched_asks);
    archive.field("update_id", book.update_id);
    archive.field("batch_start", book.batch_start);
}

template <class Archive>
void describe(Archive& archive, SavedSecond& second) {
    archive.field("second", second.second);
    archive.field("value_high", second.value_high);
    archive.field("value_low", second.value_low);
    archive.field("volume_high", second.volume_high);
    archive.field("volume_low", second.volume_low);
}

template <class Archive>
void describe(Archive& archive, SavedTape& tape) {
    archive.field("recent", tape.recent);
    archive.field("aggregates", tape.aggregates);
    archive.field("seconds", tape.seconds);
    archive.field("next_aggregate_id", tape.next_aggregate_id);
}

template <class Archive>
void describe(Archive& archive, HistoryOrigin& history) {
    archive.field("seed", history.seed);
    archive.field("end", history.end);
    archive.field("end_price", history.end_price);
    archive.field("tick", history.tick);
    archive.field("step", history.step);
}

template <class Archive>
void describe(Archive& archive, SavedSeries& series) {
    archive.field("width_ms", series.width_ms);
    archive.field("closed", series.closed);
    archive.field("open", series.open);
    archive.field("changed", series.changed);
    archive.field("live_begin", series.live_begin);
}

template <class Archive>
void describe(Archive& archive, SavedKlines& klines) {
    archive.field("history", klines.history);
    archive.field("series", klines.series);
    archive.field("has_changes", klines.has_changes);
}

template <class Archive>
void describe(Archive& archive, SavedMinutes& minutes) {
    archive.field("minutes", minutes.minutes);
    archive.field("last_quantity", minutes.last_quantity);
}

template <class Archive>
void describe(Archive& archive, SavedFeed& feed) {
    archive.field("name", feed.name);
    archive.field("format", feed.format);
    archive.field("symbols", feed.symbols);
    archive.field("position", feed.position);
    archive.field("first_us", feed.first_us);
    archive.field("begin", feed.begin);
    archive.field("speed", feed.speed);
}

template <class Archive>
void describe(Archive& archive, SavedLock& lock) {
    archive.field("asset", lock.asset);
    archive.field("amount", lock.amount);
}

template <class Archive>
void describe(Archive& archive, SavedSymbol& symbol) {
    archive.field("symbol", symbol.symbol);
    archive.field("next_order_id", symbol.next_order_id);
    archive.field("next_trade_id", symbol.next_trade_id);
    archive.field("told_trade_id", symbol.told_trade_id);
    archive.field("next_prevented_match_id", symbol.next_prevented_match_id);
    archive.field("last_price", symbol.last_price);
    archive.field("told_bid", symbol.told_bid);
    archive.field("told_ask", symbol.told_ask);
    archive.field("stores", symbol.stores);
    archive.field("prevented", symbol.prevented);
    archive.field("book", symbol.book);
    archive.field("resting", symbol.resting);
    archive.field("waiting", symbol.waiting);
    archive.field("tape", symbol.tape);
    archive.field("klines", symbol.klines);
    archive.field("minutes", symbol.minutes);
}

template <class Archive>
void describe(Archive& archive, SavedAccount& account) {
    archive.field("label", account.label);
    archive.field("uid", account.uid);
    archive.field("updated", account.updated);
    archive.field("balances", account.balances);
    archive.field("external_locks", account.external_locks);
    archive.field("closed_lists", account.closed_lists);
    archive.field("open_lists", account.open_lists);
}

template <class Archive>
void describe(Archive& archive, AssetFlow& flow) {
    archive.field("deposited", flow.deposited);
    archive.field("fees", flow.fees);
    archive.field("outside", flow.outside);
}

template <class Archive>
void describe(Archive& archive, SavedFlow& flow) {
    archive.field("asset", flow.asset);
    archive.field("flow", flow.flow);
}

template <class Archive>
void describe(Archive& archive, SavedCore& core) {
    archive.field("now", core.now);
    archive.field("random", core.random);
    archive.field("next_execution_id", core.next_execution_id);
    archive.field("next_list_id", core.next_list_id);
    archive.field("next_depth", core.next_depth);
    archive.field("next_second", core.next_second);
    archive.field("next_minute", core.next_minute);
    archive.field("depth_batch", core.depth_batch);
    archive.field("kline_batch", core.kline_batch);
    archive.field("started", core.started);
    archive.field("accounts", core.accounts);
    archive.field("flows", core.flows);
    archive.field("symbols", core.symbols);
    archive.field("feeds", core.feeds);
}

}  // namespace vigil::exchange
