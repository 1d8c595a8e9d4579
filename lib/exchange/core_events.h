// What the core tells its surroundings: user events of one account, and market events of one symbol. The
// server turns them into JSON and sends them to whoever has subscribed.
//
// The sink is called synchronously from inside ExchangeCore's members, in the order in which things happened,
// on the caller's thread. It must not call the core's changing members back (place, cancel, advance ...);
// its queries are allowed. References and spans are valid during the call only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/time.h"
#include "domain/account.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "domain/order.h"
#include "exchange/core_types.h"
#include "exchange/klines.h"
#include "exchange/order_list.h"
#include "exchange/order_record.h"

namespace vigil::exchange {

/// Fields of a prevented self-trade ("Conditional Fields in Execution Report").
struct PreventedMatch {
    std::int64_t match_id{0};             ///< v
    domain::Quantity last_prevented;      ///< B
    std::int64_t trade_group_id{-1};      ///< u
    domain::OrderId counter_order_id;     ///< U
    domain::Symbol counter_symbol;        ///< Cs
    domain::Quantity execution_quantity;  ///< pl
    domain::Price execution_price;        ///< pL
    domain::Amount execution_quote;       ///< pY
};

/// `executionReport`. `order` is the order after the change.
struct ExecutionEvent {
    OrderRecord order;
    domain::ExecutionType execution{domain::ExecutionType::new_order};  ///< x
    RejectReason reject_reason{RejectReason::none};                     ///< r
    domain::ClientOrderId client_order_id;           ///< c: of the order, of a cancel the cancel's own id
    domain::ClientOrderId original_client_order_id;  ///< C: of a cancel the order's id, of an amendment
                                                     ///< its id before; otherwise empty
    std::int64_t execution_id{0};                    ///< I
    std::optional<FillRecord> fill;                  ///< l, L, Y, n, N, t, m; set when execution is `trade`
    bool is_first_fill{false};                       ///< takes the order off the unfilled-order count
    bool on_book{false};                             ///< w
    std::optional<PreventedMatch> prevented;
    base::ExchangeTime event_time;     ///< E
    base::ExchangeTime transact_time;  ///< T
};

/// `listStatus`.
struct ListEvent {
    OrderListRecord list;  ///< with the status types of this event
    RejectReason reject_reason{RejectReason::none};
    base::ExchangeTime time;
};

/// One public trade (`<symbol>@trade`, GET trades).
struct TradeEvent {
    domain::Symbol symbol;
    domain::TradeId trade_id;
    domain::Price price;
    domain::Quantity quantity;
    domain::Amount quote_quantity;
    bool buyer_is_maker{false};
    base::ExchangeTime time;
};

/// `<symbol>@aggTrade`: the trades of one taker at one price.
struct AggTradeEvent {
    domain::Symbol symbol;
    std::int64_t agg_id{0};
    domain::Price price;
    domain::Quantity quantity;
    domain::TradeId first_trade_id;
    domain::TradeId last_trade_id;
    bool buyer_is_maker{false};
    base::ExchangeTime time;
};

/// `GET /api/v3/aggTrades`.
struct AggTradesQuery {
    std::optional<std::int64_t> from_id;
    std::optional<base::ExchangeTime> start;
    std::optional<base::ExchangeTime> end;
    std::size_t limit{500};
};

/// `<symbol>@bookTicker`. A side without orders has price and quantity zero.
struct BookTickerEvent {
    domain::Symbol symbol;
    std::int64_t update_id{0};
    domain::BookLevel bid;
    domain::BookLevel ask;
    base::ExchangeTime time;
};

/// `<symbol>@depth@100ms`: all changes since the last one. `first_id` is the last one's `last_id` + 1.
struct DepthEvent {
    domain::Symbol symbol;
    std::int64_t first_id{0};
    std::int64_t last_id{0};
    std::span<const domain::BookLevel> bids;  ///< best first; quantity zero: gone
    std::span<const domain::BookLevel> asks;
    base::ExchangeTime time;
};

/// `<symbol>@kline_<interval>`: every 2 s when something changed (1s klines: every second), and at its close.
struct KlineEvent {
    domain::Symbol symbol;
    Kline kline;
    base::ExchangeTime time;
};

/// `<symbol>@avgPrice`, every second with a trade.
struct AvgPriceEvent {
    domain::Symbol symbol;
    domain::Price average;
    base::ExchangeTime last_trade_time;
    base::ExchangeTime time;
};

/// Once a second: the symbols that have traded since the last time, whose tickers have changed.
struct TradedEvent {
    std::span<const domain::Symbol> symbols;
    base::ExchangeTime time;
};

/// `externalLockUpdate`: part of a balance was locked (or, negative, unlocked) from outside.
struct ExternalLockUpdate {
    domain::Asset asset;
    domain::Amount delta;
    base::ExchangeTime event_time;
    base::ExchangeTime time;
};

class CoreSink {
  public:
    CoreSink() = default;
    CoreSink(const CoreSink&) = delete;
    CoreSink& operator=(const CoreSink&) = delete;
    virtual ~CoreSink() = default;

    virtual void on_execution(AccountId account, const ExecutionEvent& event) = 0;
    /// `listStatus`, after the executions that it sums up.
    virtual void on_list_status(AccountId account, const ListEvent& event) = 0;
    /// `outboundAccountPosition`, once for each call or feed event that moved the account's balances.
    virtual void on_account_position(AccountId account, const domain::AccountPosition& event) = 0;
    virtual void on_balance_update(AccountId account, const domain::BalanceUpdate& event) = 0;

    virtual void on_external_lock(AccountId account, const ExternalLockUpdate& event) {
        static_cast<void>(account);
        static_cast<void>(event);
    }

    virtual void on_trade(const TradeEvent& event) = 0;
    virtual void on_agg_trade(const AggTradeEvent& event) = 0;
    virtual void on_book_ticker(const BookTickerEvent& event) = 0;
    virtual void on_depth(const DepthEvent& event) = 0;
    virtual void on_kline(const KlineEvent& event) = 0;
    virtual void on_avg_price(const AvgPriceEvent& event) = 0;
    virtual void on_traded(const TradedEvent& event) { static_cast<void>(event); }

    /// A feed ended: its file is at its end (no error), or a line of it could not be understood.
    virtual void on_feed_end(std::string_view feed, const base::Error* error) = 0;
};

}  // namespace vigil::exchange
