// The simulated exchange without its server: symbols, accounts, order books, matching, commissions, market
// data, and the feeds that drive the outside market.
//
// It is deterministic: no clock, thread, I/O (but for the feeds' files) or logging inside. Time is an
// argument, microseconds of exchange time, and never goes back (an earlier `now` counts as the latest one
// seen). Every changing member first applies what was due until `now`, stamped with the time it was due at,
// so that the same calls give the same events, however often advance() is called between them.
//
// Single-threaded: owned by the server's event loop and called on it only. The sink must outlive it.
//
// Matching. Each symbol has the outside book, which a feed sets, and the resting orders of own accounts. A
// taker meets better prices first; at one price, the outside quantity that was there before an own order,
// that order, then what came later. What a taker consumes of the outside stays consumed until the feed next
// speaks of that level. A resting order fills, as maker and at its price, when an outside print goes through
// its price, when prints at its price have used up the queue that was ahead of it, or when the outside book
// crosses it; never for more than the quantity that the outside offered.
//
// Book streams show the outside and all own orders together, under own update ids without gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/account.h"
#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "exchange/account_spec.h"
#include "exchange/core_events.h"
#include "exchange/core_state.h"
#include "exchange/core_types.h"
#include "exchange/feed.h"
#include "exchange/klines.h"
#include "exchange/order_list.h"
#include "exchange/order_record.h"
#include "exchange/price_statistics.h"
#include "exchange/symbol_spec.h"

namespace vigil::exchange {

struct CoreOptions {
    std::uint64_t seed{1};  ///< of made-up client order ids and synthetic history
    base::ExchangeTime start;
    std::int64_t first_id{1};  ///< of the orders and the trades of each symbol
    base::milliseconds depth_interval{100};
    /// Kept for queries, for each account and symbol (orders, trades) or symbol (recent trades, their
    /// aggregates, klines of each interval); the oldest are forgotten.
    std::size_t closed_orders_max{10'000};
    std::size_t own_trades_max{10'000};
    std::size_t recent_trades_max{10'000};
    std::size_t klines_max{1'000};
    /// Exchange filters (filters.md); zero: none.
    std::int64_t exchange_orders_max{1'000};
    std::int64_t exchange_algo_orders_max{200};
    std::int64_t exchange_iceberg_orders_max{0};
    std::int64_t exchange_order_lists_max{0};
};

/// `GET /api/v3/avgPrice`.
struct AveragePrice {
    int minutes{5};
    domain::Price price;
    base::ExchangeTime last_trade_time;
};

/// `GET /api/v3/depth`.
struct DepthView {
    std::int64_t last_update_id{0};
    std::vector<domain::BookLevel> bids;  ///< best first
    std::vector<domain::BookLevel> asks;
};

/// Where all of one asset is: `accounts + fees - outside` never changes but by deposits.
struct AssetTotals {
    domain::Asset asset;
    domain::Amount deposited;  ///< opening balances and later deposits, less withdrawals
    domain::Amount accounts;   ///< free and locked of all accounts
    domain::Amount fees;       ///< commissions collected
    domain::Amount outside;    ///< received from the outside market, less what was paid to it
};

class ExchangeCore {
  public:
    ExchangeCore(CoreOptions options, CoreSink& sink);
    ~ExchangeCore();
    ExchangeCore(const ExchangeCore&) = delete;
    ExchangeCore& operator=(const ExchangeCore&) = delete;

    // --- Setting up -------------------------------------------------------------------------------------

    /// A symbol named twice is replaced as long as it has no orders; after that it aborts.
    void add_symbol(SymbolSpec spec);
    /// Assets need not be those of a symbol. All deposits of one asset together fit a decimal (9e10), or it
    /// aborts.
    AccountId add_account(AccountOptions options);
    /// From now on `feed` drives its symbols: its first event is due at `now`, a later one after the market
    /// time between them divided by `speed` (10: ten times as fast). Symbols of it that are unknown are
    /// ignored: add them before.
    void attach(std::unique_ptr<Feed> feed, domain::Rate speed, base::ExchangeTime now);

    // --- Time -------------------------------------------------------------------------------------------

    /// Applies everything due until `now`: feed events, 100 ms depth batches, klines, average prices.
    void advance(base::ExchangeTime now);
    /// When advance() next has something to do; nothing when no feed runs and no batch is open.
    [[nodiscard]] std::optional<base::ExchangeTime> next_due();
    /// The latest time seen.
    [[nodiscard]] base::ExchangeTime now() const;
    /// Whether a feed still has events.
    [[nodiscard]] bool feeds_running() const;

    // --- Trading ("New order", "Test new order", "Cancel order", "Cancel All Open Orders", rest-api.md)
    // -------

    [[nodiscard]] Outcome<Placement> place(AccountId account, const OrderRequest& request,
                                           base::ExchangeTime now);
    /// The checks of place() that come before the matching engine (parameters, symbol, filters; not
    /// balances), without effects. Answers the rates the order would pay.
    [[nodiscard]] Outcome<CommissionSchedule> test(AccountId account, const OrderRequest& request,
                                                   base::ExchangeTime now);
    /// @param cancel_id the cancel's own client order id (newClientOrderId); made up when absent
    [[nodiscard]] Outcome<CancelledItem> cancel(AccountId account, const domain::Symbol& symbol,
                                                const OrderKey& key,
                                                std::optional<domain::ClientOrderId> cancel_id,
                                                CancelRestriction restriction, base::ExchangeTime now);
    /// -2011 "Unknown order sent." when there is none.
    [[nodiscard]] Outcome<std::vector<CancelledItem>> cancel_all(AccountId account,
                                                                 const domain::Symbol& symbol,
                                                                 base::ExchangeTime now);
    /// "Order Amend Keep Priority": less quantity in place. -2038 when the engine refuses, -1013 for a
    /// filter.
    /// @param new_id of the order from now on; made up when absent
    [[nodiscard]] Outcome<Amendment> amend(AccountId account, const domain::Symbol& symbol,
                                           const OrderKey& key, std::optional<domain::ClientOrderId> new_id,
                                           domain::Quantity new_quantity, base::ExchangeTime now);
    /// "Order lists": all orders of it are accepted, or none.
    [[nodiscard]] Outcome<ListPlacement> place_list(AccountId account, const OrderListRequest& request,
                                                    base::ExchangeTime now);
    /// "Cancel Order list".
    [[nodiscard]] Outcome<ListCancellation> cancel_list(AccountId account, const domain::Symbol& symbol,
                                                        const ListKey& key,
                                                        std::optional<domain::ClientOrderId> cancel_id,
                                                        base::ExchangeTime now);

    // --- Account queries --------------------------------------------------------------------------------

    [[nodiscard]] Outcome<OrderRecord> order(AccountId account, const domain::Symbol& symbol,
                                             const OrderKey& key) const;
    /// All symbols when `symbol` is absent; by symbol and order id.
    [[nodiscard]] Outcome<std::vector<OrderRecord>> open_orders(
        AccountId account, const std::optional<domain::Symbol>& symbol) const;
    [[nodiscard]] Outcome<std::vector<OrderRecord>> all_orders(AccountId account,
                                                               const domain::Symbol& symbol,
                                                               const OrdersQuery& query) const;
    [[nodiscard]] Outcome<std::vector<FillRecord>> own_trades(AccountId account, const domain::Symbol& symbol,
                                                              const TradesQuery& query) const;
    /// Of one order, from an execution id on, oldest first. -2013 for an unknown order.
    [[nodiscard]] Outcome<std::vector<AmendmentRecord>> amendments(AccountId account,
                                                                   const domain::Symbol& symbol,
                                                                   domain::OrderId order,
                                                                   std::int64_t from_execution_id,
                                                                   std::size_t limit) const;
    [[nodiscard]] Outcome<std::vector<PreventedRecord>> prevented_matches(AccountId account,
                                                                          const domain::Symbol& symbol,
                                                                          const PreventedQuery& query) const;
    /// -2013 when there is none.
    [[nodiscard]] Outcome<OrderListRecord> order_list(AccountId account, const ListKey& key) const;
    [[nodiscard]] std::vector<OrderListRecord> open_order_lists(AccountId account) const;
    [[nodiscard]] std::vector<OrderListRecord> all_order_lists(AccountId account,
                                                               const ListsQuery& query) const;
    [[nodiscard]] AccountView account(AccountId account) const;
    [[nodiscard]] Outcome<CommissionSchedule> commission(AccountId account,
                                                         const domain::Symbol& symbol) const;
    [[nodiscard]] std::size_t account_count() const;

    // --- Market queries (-1121 for an unknown symbol)
    // ---------------------------------------------------------

    [[nodiscard]] const SymbolSpec* symbol(const domain::Symbol& symbol) const;
    /// In the order of add_symbol.
    [[nodiscard]] std::vector<const SymbolSpec*> symbols() const;
    [[nodiscard]] Outcome<DepthView> depth(const domain::Symbol& symbol, std::size_t limit) const;
    [[nodiscard]] Outcome<BookTickerEvent> book_ticker(const domain::Symbol& symbol) const;
    /// The most recent, oldest first.
    [[nodiscard]] Outcome<std::vector<TradeEvent>> recent_trades(const domain::Symbol& symbol,
                                                                 std::size_t limit) const;
    /// From that trade on, as far as it is still kept; oldest first.
    [[nodiscard]] Outcome<std::vector<TradeEvent>> trades_since(const domain::Symbol& symbol,
                                                                domain::TradeId first_id,
                                                                std::size_t limit) const;
    [[nodiscard]] Outcome<std::vector<AggTradeEvent>> agg_trades(const domain::Symbol& symbol,
                                                                 const AggTradesQuery& query) const;
    /// Of the window from `open_time` (or the minute that it lies in) until now().
    [[nodiscard]] Outcome<PriceStatistics> statistics(const domain::Symbol& symbol,
                                                      base::ExchangeTime open_time) const;
    [[nodiscard]] Outcome<std::vector<Kline>> klines(const domain::Symbol& symbol,
                                                     const KlinesQuery& query) const;
    [[nodiscard]] Outcome<AveragePrice> average_price(const domain::Symbol& symbol) const;

    // --- Over a restart (core_state.h) -----------------------------------------------------------------

    /// Between two calls.
    [[nodiscard]] SavedCore save() const;
    /// Puts back what save() gave, before the first event, with the symbols and accounts added (those of the
    /// state without balances) and the feeds attached. Feeds that were there then go on from where they were,
    /// at `now`, as if the market had stood still meanwhile.
    /// @returns the names of the feeds that begin anew; corrupt when it does not hold together, not_found for
    /// orders of a symbol that is not there: nothing is changed then
    [[nodiscard]] base::Result<std::vector<std::string>> restore(const SavedCore& core,
                                                                 base::ExchangeTime now);

    // --- The operator's hand ----------------------------------------------------------------------------

    /// HALT, BREAK, TRADING ...: takes effect for new orders at once; open orders stay.
    [[nodiscard]] Outcome<void> set_status(const domain::Symbol& symbol, domain::SymbolStatus status);
    /// Other rules for a known symbol: they hold for new orders; open ones stay.
    [[nodiscard]] Outcome<void> change_symbol(SymbolSpec spec);
    /// Delisted, a symbol is unknown to everybody (-1121), and its open orders have expired
    /// (EXCHANGE_CANCELED); its market stands still. It may be listed again.
    [[nodiscard]] Outcome<void> set_listed(const domain::Symbol& symbol, bool listed, base::ExchangeTime now);
    /// A deposit (or, negative, a withdrawal) of the free balance; `balanceUpdate` and
    /// `outboundAccountPosition` follow. -2010 when there is not enough.
    [[nodiscard]] Outcome<void> deposit(AccountId account, const domain::Asset& asset, domain::Amount delta,
                                        base::ExchangeTime now);
    /// Somebody outside locks (or, negative, unlocks) part of the free balance; `externalLockUpdate` and
    /// `outboundAccountPosition` follow. -2010 when there is not enough free, or not as much locked that way.
    [[nodiscard]] Outcome<void> external_lock(AccountId account, const domain::Asset& asset,
                                              domain::Amount delta, base::ExchangeTime now);
    /// Every asset that was ever held.
    [[nodiscard]] std::vector<AssetTotals> totals() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vigil::exchange
