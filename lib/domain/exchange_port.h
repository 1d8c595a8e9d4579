// The exchange as the house sees it: the one door through which requests leave and news arrives. lib/binance
// implements it.
//
// ExchangePort is called on the trading thread only, and every call returns at once. Answers to reads come
// back through the callback, news through the ExchangeListener, both on the trading thread. A port never
// repeats a request that changes anything, and gives every request a deadline. Whoever calls a read has asked
// the governor first.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "domain/order.h"
#include "domain/order_outcome.h"
#include "domain/rate_limit.h"
#include "domain/stages.h"
#include "domain/symbol_rules.h"

namespace vigil::domain {

enum class Connection { market, orders, user_data };
enum class ConnectionState { connected, disconnected };

/// What one read answered, with what its answer told on the side.
template <class T>
using Callback = std::function<void(base::Result<T>)>;

/// News from the exchange. Spans and string_views are valid during the call.
class ExchangeListener {
  public:
    ExchangeListener() = default;
    ExchangeListener(const ExchangeListener&) = delete;
    ExchangeListener& operator=(const ExchangeListener&) = delete;
    virtual ~ExchangeListener() = default;

    virtual void on_book_ticker(const BookTicker& event) = 0;
    virtual void on_depth(const DepthDiff& event) = 0;
    virtual void on_trade(const PublicTrade& event) = 0;
    virtual void on_candle(const Candle& event) = 0;

    virtual void on_order_outcome(const OrderOutcome& outcome) = 0;
    virtual void on_execution(const ExecutionReport& report) = 0;
    virtual void on_account_position(const AccountPosition& event) = 0;
    virtual void on_balance_update(const BalanceUpdate& event) = 0;

    /// After `disconnected` nothing that was missed is repeated: books are resynchronised, orders reconciled.
    virtual void on_connection(Connection which, ConnectionState state, std::string_view why) = 0;
    virtual void on_rate_limits(const RateLimitReport& report) = 0;
    virtual void on_rate_limited(const RateLimited& limited) = 0;
    /// HTTP 404/410 from a known endpoint: the exchange no longer offers it.
    virtual void on_endpoint_retired(std::string_view endpoint) = 0;
    /// -1021 on any request: the clock must be synchronised anew before anything else is signed.
    virtual void on_timestamp_refused() = 0;
    /// -1022 on any request: what was signed is not what the exchange verifies with this key.
    virtual void on_signature_refused(std::string_view endpoint) = 0;
    /// A message that could not be understood; `excerpt` is redacted and short.
    virtual void on_malformed(std::string_view source, std::string_view excerpt) = 0;
};

/// A subscription to one symbol's market data.
struct MarketSubscription {
    Symbol symbol;
    bool book_ticker{true};
    bool depth{true};  ///< 100 ms diffs
    bool trades{true};
    std::vector<CandleInterval> candles;
};

class ExchangePort {
  public:
    ExchangePort() = default;
    ExchangePort(const ExchangePort&) = delete;
    ExchangePort& operator=(const ExchangePort&) = delete;
    virtual ~ExchangePort() = default;

    /// Opens streams and the order session; `on_connection` tells when each is up. They reconnect by
    /// themselves.
    virtual void open(std::vector<MarketSubscription> subscriptions) = 0;
    /// Closes all of it within the deadline; nothing is called on the listener after `closed` ran.
    virtual void close(base::milliseconds deadline, std::function<void()> closed) = 0;

    /// Places or cancels. Exactly one OrderOutcome follows for each call.
    virtual void send(Journaled journaled) = 0;

    virtual void exchange_info(const std::vector<Symbol>& symbols, Callback<ExchangeInfo> done) = 0;
    virtual void account(Callback<AccountSnapshot> done) = 0;
    virtual void key_permissions(
        Callback<KeyPermissions> done) = 0;  ///< kind unsupported: the environment has no /sapi
    virtual void open_orders(std::optional<Symbol> symbol, Callback<std::vector<OrderView>> done) = 0;
    /// Kind not_found: the exchange answered -2013 (which right after placing proves nothing).
    virtual void order(const Symbol& symbol, const ClientOrderId& id, Callback<OrderView> done) = 0;
    /// The same by the exchange's own number.
    virtual void order(const Symbol& symbol, OrderId number, Callback<OrderView> done) = 0;
    /// Own trades of one symbol, oldest first: of one order, or from a trade id on (at most 1000).
    virtual void trades(const Symbol& symbol, std::optional<OrderId> order_id, std::optional<TradeId> from,
                        Callback<std::vector<Fill>> done) = 0;
    virtual void depth(const Symbol& symbol, int limit, Callback<DepthSnapshot> done) = 0;
    virtual void candles(const Symbol& symbol, CandleInterval interval, int limit,
                         Callback<std::vector<Candle>> done) = 0;
};

/// One exchange of `GET /api/v3/time`.
struct TimeSample {
    base::MonotonicTime sent;
    base::MonotonicTime received;
    base::ExchangeTime server_time;
    base::microseconds resolution{1000};
};

/// Where the clock thread gets its samples. Called on the clock thread; blocks at most until the deadline.
class TimeSource {
  public:
    TimeSource() = default;
    TimeSource(const TimeSource&) = delete;
    TimeSource& operator=(const TimeSource&) = delete;
    virtual ~TimeSource() = default;
    [[nodiscard]] virtual base::Result<TimeSample> sample(base::milliseconds deadline) = 0;
};

}  // namespace vigil::domain
