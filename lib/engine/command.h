// What the engine wants the shell to do, as values. The shell takes them in order after each input; for every
// read it hands the answer back through Engine::on_read. Reads have passed the governor already.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "domain/account.h"
#include "domain/market_events.h"
#include "domain/order.h"
#include "domain/stages.h"
#include "domain/symbol_rules.h"
#include "journal/record.h"
#include "orders/moment.h"

namespace vigil::engine {

/// Make it durable, then hand the Journaled to the exchange port.
struct PersistOrder {
    domain::Permitted permitted;
    journal::Stamp stamp;
};
/// Make it durable. Submitted before the orders that follow it in the outbox.
struct PersistRecord {
    journal::Record record;
    journal::Stamp stamp;
};

struct ReadDepth {
    domain::Symbol symbol;
    int limit{1000};
};
struct ReadCandles {
    domain::Symbol symbol;
    domain::CandleInterval interval;
    int limit{0};
};
struct ReadOrder {
    domain::Symbol symbol;
    domain::ClientOrderId id;
};
/// The order behind a trade that might be `looking_for`'s, by the exchange's number.
struct ReadSuspect {
    domain::Symbol symbol;
    domain::OrderId order;
    domain::ClientOrderId looking_for;
};
struct ReadOpenOrders {
    std::optional<domain::Symbol> symbol;  ///< nothing: of the whole account
};
/// Own trades of one symbol: of one order, or from a trade id on, or the most recent ones.
struct ReadTrades {
    domain::Symbol symbol;
    std::optional<domain::OrderId> order_id;
    std::optional<domain::TradeId> from;
    std::optional<domain::ClientOrderId> looking_for;  ///< asked to prove that this order has none
};
struct ReadAccount {};
/// Exchange rules of all symbols in use: status, filters and limits may have changed.
struct ReadRules {};

using Read = std::variant<ReadDepth, ReadCandles, ReadOrder, ReadSuspect, ReadOpenOrders, ReadTrades,
                          ReadAccount, ReadRules>;

/// A read that was granted. `asked` comes back with the answer: what happened after it is not covered by it.
struct Ask {
    Read read;
    orders::Moment asked;
    bool is_second{false};  ///< the first was refused for its timestamp
};

using Command = std::variant<PersistOrder, PersistRecord, Ask>;

/// The answers, each of the kind that the read asked for.
using Answer = std::variant<domain::DepthSnapshot, std::vector<domain::Candle>, domain::OrderView,
                            std::vector<domain::OrderView>, std::vector<domain::Fill>,
                            domain::AccountSnapshot, domain::ExchangeInfo>;

}  // namespace vigil::engine
