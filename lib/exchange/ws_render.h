// User data events and market stream events as JSON (user-data-stream.md, web-socket-streams.md), without
// their envelopes.
#pragma once

#include <string_view>

#include "exchange/core_events.h"
#include "exchange/server_json.h"

namespace vigil::exchange {

// The `event` object of the user data stream.
void write_execution(const ExecutionEvent& event, JsonWriter& out);
void write_list_status(const ListEvent& event, JsonWriter& out);
void write_account_position(const domain::AccountPosition& event, JsonWriter& out);
void write_balance_update(const domain::BalanceUpdate& event, JsonWriter& out);
void write_external_lock(const ExternalLockUpdate& event, JsonWriter& out);
void write_stream_terminated(base::ExchangeTime now, JsonWriter& out);
void write_server_shutdown(base::ExchangeTime now, JsonWriter& out);

// The payload of a market stream.
void write_trade_event(const TradeEvent& event, JsonWriter& out);
void write_agg_trade_event(const AggTradeEvent& event, JsonWriter& out);
void write_book_ticker_event(const BookTickerEvent& event, JsonWriter& out);
void write_depth_event(const DepthEvent& event, JsonWriter& out);
void write_kline_event(const KlineEvent& event, JsonWriter& out);
void write_avg_price_event(const AvgPriceEvent& event, JsonWriter& out);

}  // namespace vigil::exchange
