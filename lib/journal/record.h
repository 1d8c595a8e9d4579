// What the journal records: decisions before they leave, everything that was learned after, and the state
// that must outlive the process. Records carry domain types, so that the state can be rebuilt by handing them
// to the same inputs that saw them the first time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "domain/account.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "domain/order.h"
#include "domain/order_outcome.h"
#include "domain/stages.h"
#include "domain/strategy_state.h"

namespace vigil::journal {

/// When a record was handed to the journal.
struct Stamp {
    base::ExchangeTime exchange;  ///< estimate; zero while the clock is not synchronised
    base::WallTime wall;
};

struct SessionStarted {
    std::string version;
    std::string environment;  ///< "simulator", "testnet", "demo", "production"
    std::string config_hash;
    std::string instance;                          ///< tag of the client order ids
    std::vector<domain::StrategyName> strategies;  ///< in the order that gives their indices
};
struct SessionStopped {
    bool clean{false};  ///< stopped in order
    std::string why;
};
/// A symbol that orders may be placed on: what the ledger must know of it before the exchange can be asked.
struct SymbolLearned {
    domain::Symbol symbol;
    domain::Asset base;
    domain::Asset quote;
    domain::Quantity step;
};
/// Client order id counters [first, first + count) may be given out.
struct CounterBlockReserved {
    std::uint64_t first{0};
    std::uint64_t count{0};
};
/// On what an order was decided: market, means and account as the risk gate saw them, before the order was
/// counted. Written before the order's intent, and also when that never came to leave.
struct DecisionMade {
    domain::ClientOrderId client_order_id;
    domain::StrategyName strategy;
    domain::Symbol symbol;
    domain::BookLevel bid;  ///< best; zero: none
    domain::BookLevel ask;
    base::nanoseconds book_age{-1};  ///< since the book was last known to be current; negative: never
    domain::Quantity inventory;      ///< of the strategy, as all down to `sellable`
    domain::Amount cost;             ///< paid for the inventory
    domain::Amount realised;         ///< profit so far
    domain::Amount budget;           ///< it may have invested at most
    domain::Amount invested;
    domain::Amount committed;   ///< tied up by its live buys
    domain::Quantity sellable;  ///< not reserved by its live sells
    domain::Quantity position;  ///< of all own strategies on the symbol
    int open_orders{0};         ///< own, all symbols, those that wait included
    int open_orders_symbol{0};
    int waiting{0};  ///< decided earlier, and not handed to the wire yet: may be in the journal or not
    std::optional<domain::Amount> free_quote;  ///< of the account; absent: not known
    std::optional<domain::Amount> free_base;
    std::optional<domain::Amount> profit;  ///< of all own strategies in the quote asset, realised or not
    std::string ladder;                    ///< rung of the risk ladder
};
/// An order or a cancel may leave once this record is durable.
struct IntentPermitted {
    domain::Intent intent;
    base::MonotonicTime permitted;
};
struct OutcomeReceived {
    domain::OrderOutcome outcome;
};
struct ExecutionReceived {
    domain::ExecutionReport report;
};
/// Fills of one order, read from myTrades.
struct FillsRead {
    domain::Symbol symbol;
    domain::ClientOrderId client_order_id;
    std::vector<domain::Fill> fills;
};
/// A look-up's answer, or one of the open orders.
struct OrderViewRead {
    domain::OrderView view;
    bool adopted{false};  ///< it was an own order that the ledger did not know, and was taken over
};
/// Proven never to have happened.
struct OrderNotFound {
    domain::Symbol symbol;
    domain::ClientOrderId client_order_id;
};
struct ReconcileDone {
    bool sound{false};
    std::string summary;
};
/// A strategy's own words for its state.
struct StrategyStateSaved {
    domain::StrategyName strategy;
    domain::StrategyState text;
};
/// The risk gate's own words for ladder and day.
struct LadderStateSaved {
    std::string text;
};
/// The governor's own words for bans.
struct BanStateSaved {
    std::string text;
};
struct AccountRead {
    domain::AccountSnapshot account;
    bool accepted_differences{false};  ///< it became the new opening of the expected balances
};
struct AccountPositionReceived {
    domain::AccountPosition position;
};
struct BalanceUpdateReceived {
    domain::BalanceUpdate update;
};

/// What the ledger said at a quiet moment (orders/statement.h): a ledger that is rebuilt from the records
/// before this one says the same, to the last digit.
struct LedgerStated {
    std::string text;
};

using Record = std::variant<SessionStarted, SessionStopped, SymbolLearned, CounterBlockReserved, DecisionMade,
                            LedgerStated, IntentPermitted, OutcomeReceived, ExecutionReceived, FillsRead,
                            OrderViewRead, OrderNotFound, ReconcileDone, StrategyStateSaved, LadderStateSaved,
                            BanStateSaved, AccountRead, AccountPositionReceived, BalanceUpdateReceived>;

/// Column `kind`: "session_started", "intent", "outcome", "execution", ...
[[nodiscard]] std::string_view kind_of(const Record& record) noexcept;
/// Column `client_order_id`; empty when the record is not about one order.
[[nodiscard]] domain::ClientOrderId order_of(const Record& record) noexcept;

/// A record to be written.
struct Entry {
    Stamp stamp;
    Record record;
};
/// A record that was written.
struct StoredRecord {
    std::int64_t sequence{0};  ///< 1 and up, without gaps
    Stamp stamp;
    Record record;
};

}  // namespace vigil::journal
