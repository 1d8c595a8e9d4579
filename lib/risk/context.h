// What the risk gate must know beside the intent. The engine fills it in for each decision; everything is a
// plain value or a view that lives during the call.
#pragma once

#include <optional>
#include <span>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/symbol_rules.h"

namespace vigil::risk {

/// The symbol's order book.
struct BookState {
    bool whole{false};  ///< synchronised, no gap
    /// When it was last known to be current: a diff, or a sign of life of its stream.
    base::MonotonicTime updated;
    domain::BookLevel bid;  ///< best; zero: none
    domain::BookLevel ask;
    /// Worst first, the best at the back, as market::OrderBook keeps them; looked at for MARKET orders only.
    /// When empty, the best level is all that there is.
    std::span<const domain::BookLevel> bids;
    std::span<const domain::BookLevel> asks;
};

/// What the strategy has and may use, on the intent's symbol.
struct StrategyState {
    domain::Amount budget;      ///< its investment, quote asset
    domain::Amount invested;    ///< cost of its inventory, all symbols with the same quote asset
    domain::Amount committed;   ///< quote asset tied up by its live buys, likewise
    domain::Quantity sellable;  ///< its inventory on this symbol not reserved by its live sells
    bool slot_taken{false};     ///< a live or waiting order is in the intent's slot
};

/// The whole account on the intent's symbol.
struct AccountState {
    domain::Quantity position;   ///< inventory of all own strategies
    domain::Quantity open_buys;  ///< base quantity that live buys may add
    int open_orders{0};          ///< own, all symbols, those on their way included
    int open_orders_symbol{0};
    std::optional<domain::Amount> free_quote;  ///< as the exchange last stated it; absent: not known
    std::optional<domain::Amount> free_base;
};

struct RiskContext {
    const domain::SymbolRules* rules{nullptr};  ///< null: the symbol is not known
    BookState book;
    std::optional<domain::Price> mark;           ///< to value the position; the book's mid when absent
    std::optional<domain::Price> average_price;  ///< for PERCENT_PRICE and NOTIONAL; unchecked when absent
    StrategyState strategy;
    AccountState account;
    /// Cumulative realised + unrealised profit of all own strategies in the symbol's quote asset; absent: not
    /// told, the day's state is left as it is.
    std::optional<domain::Amount> profit;
    base::MonotonicTime now;
    base::ExchangeTime exchange_now;
};

}  // namespace vigil::risk
