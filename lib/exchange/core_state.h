// What of the core outlives a restart: money, orders, trades and numbers, and the market as it stands. Not
// what is told to it at each start: rules and states of symbols, commissions, limits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "exchange/account_ledger.h"
#include "exchange/order_list_store.h"
#include "exchange/order_record.h"
#include "exchange/saved_market.h"

namespace vigil::exchange {

/// LiveOrder.
struct SavedOrder {
    OrderRecord record;
    domain::Amount locked;
    domain::Quantity shown;
    domain::Quantity queue_ahead;
    bool wants_more{false};
    std::optional<domain::Price> trail_extreme;
    std::int64_t amends{0};
    std::vector<AmendmentRecord> amendments;
};

/// Orders and trades of one account on one symbol.
struct SavedStore {
    std::size_t account{0};          ///< place in SavedCore::accounts
    std::vector<SavedOrder> closed;  ///< in the order of their closing
    std::vector<SavedOrder> open;    ///< by order id
    std::vector<FillRecord> trades;  ///< oldest first
};

/// Names one open order of a symbol.
struct SavedPlace {
    std::size_t account{0};  ///< place in SavedCore::accounts
    domain::OrderId order_id;

    friend auto operator<=>(const SavedPlace&, const SavedPlace&) = default;
};

struct SavedSymbol {
    domain::Symbol symbol;
    std::int64_t next_order_id{0};
    std::int64_t next_trade_id{0};
    std::int64_t told_trade_id{0};
    std::int64_t next_prevented_match_id{0};
    domain::Price last_price;
    domain::BookLevel told_bid;
    domain::BookLevel told_ask;
    std::vector<SavedStore> stores;
    std::vector<PreventedRecord> prevented;  ///< oldest first; accounts are places in SavedCore::accounts
    SavedBook book;
    std::vector<SavedPlace> resting;  ///< as they stand (SymbolBook::resting)
    std::vector<SavedPlace> waiting;  ///< StopBook::waiting
    SavedTape tape;
    std::optional<SavedKlines> klines;
    SavedMinutes minutes;
};

struct SavedLock {
    domain::Asset asset;
    domain::Amount amount;
};

struct SavedAccount {
    std::string label;
    std::int64_t uid{0};
    base::ExchangeTime updated;
    std::vector<domain::Balance> balances;
    std::vector<SavedLock> external_locks;
    std::vector<OrderList> closed_lists;  ///< in the order of their closing
    std::vector<OrderList> open_lists;    ///< by number
};

struct SavedFlow {
    domain::Asset asset;
    AssetFlow flow;
};

struct SavedCore {
    base::ExchangeTime now;
    std::uint64_t random{0};
    std::int64_t next_execution_id{0};
    std::int64_t next_list_id{0};
    base::ExchangeTime next_depth;
    base::ExchangeTime next_second;
    base::ExchangeTime next_minute;
    std::vector<domain::Symbol> depth_batch;
    std::vector<domain::Symbol> kline_batch;
    std::vector<domain::Symbol> started;
    std::vector<SavedAccount> accounts;
    std::vector<SavedFlow> flows;
    std::vector<SavedSymbol> symbols;
    std::vector<SavedFeed> feeds;
};

}  // namespace vigil::exchange
