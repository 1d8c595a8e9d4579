// How a running service stands, as the answer to `status`: plain values that the runtime fills in, their JSON
// form for machines, and a table of that for people.
//
// Decimals are texts, times RFC 3339. Members may be added; none changes its meaning.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace vigil::control {

struct LadderView {
    std::string level;
    std::string by;  ///< empty: it never moved
    std::string reason;
    std::string since;
    bool cancels_all{false};  ///< a kill: own orders are cancelled whenever one is found open
};

struct OrderView {
    std::string client_order_id;
    std::string symbol;
    std::string strategy;
    std::string state;
};

struct LimitView {
    std::string name;  ///< of a limit of the exchange, or a rule of the risk gate
    std::string scope;
    std::string used;
    std::string limit;
    bool is_reached{false};
};

struct StrategyView {
    std::string name;
    std::string kind;
    std::string symbol;
    std::string state;
    std::string inventory;
    std::optional<std::string> average_cost;
    std::string quote;
    std::string realised;
    std::optional<std::string> unrealised;
    std::int64_t orders{0};
    std::int64_t fills{0};
    int open_orders{0};
};

/// What the trading loop knows.
struct TradingView {
    LadderView ladder;
    std::string obstacle;  ///< what keeps every placement from leaving; empty: nothing does
    bool market_connected{false};
    bool orders_connected{false};
    bool user_data_connected{false};
    bool journal_well{false};
    bool balances_agree{false};
    int open_orders{0};
    std::size_t waiting{0};
    std::vector<OrderView> unknown;
    std::vector<LimitView> limits;
    std::vector<StrategyView> strategies;
};

struct ClockView {
    std::string state;
    std::optional<std::int64_t> offset_us;       ///< exchange time minus this machine's wall clock
    std::optional<std::int64_t> uncertainty_us;  ///< the true offset is no further away
};

struct Snapshot {
    std::string version;
    std::string environment;
    std::string phase;  ///< "starting: clock", "trading", "stopping: SIGTERM"
    std::int64_t process{0};
    std::string started;
    std::int64_t uptime_s{0};
    std::string config_hash;
    std::string state_folder;
    std::string journal;  ///< its file; empty: not opened yet
    std::string key;      ///< label of the key in use; empty: not opened yet
    ClockView clock;
    std::vector<std::string> late_threads;
    std::optional<TradingView> trading;
    std::string trading_missing;  ///< why there is no `trading`
};

/// One JSON object on one line.
[[nodiscard]] std::string to_json(const Snapshot& snapshot);
/// For a terminal. Takes the JSON, because the service may be of another version than the tool: what is not
/// there reads "?". Errors: corrupt.
[[nodiscard]] base::Result<std::string> to_table(std::string_view json);

}  // namespace vigil::control
