// What an operator can set for each strategy, with defaults: plain values that lib/settings fills from
// config/strategies/*.yaml and the strategies take as given. `problems()` says what is wrong with a set of
// options by itself, without a market; what needs fees, filters or prices is said by Strategy::check().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "domain/order.h"

namespace vigil::strategy {

/// How the levels of a grid lie between its ends.
enum class Spacing : std::uint8_t {
    arithmetic,  ///< equal differences of price
    geometric,   ///< equal ratios of price, so every level earns the same percentage
};

/// What a grid does at its first start about the cells whose buy price lies at or above the market.
enum class GridStart : std::uint8_t {
    buy_base,  ///< buys the base they sell, with a limit IOC order near the market (what Binance's grid does)
    quote_only,  ///< leaves them empty until the market has risen above their buy price
};

/// Neutral spot grid: `levels` prices from `lower` to `upper`, between them `levels - 1` cells; each cell
/// buys at its lower price and sells at its upper one, again and again.
struct GridOptions {
    domain::Price lower;
    domain::Price upper;
    int levels{10};  ///< prices, both ends included: 2 to 200
    Spacing spacing{Spacing::geometric};
    domain::Amount investment;               ///< quote asset; never more than this is spent, net
    std::optional<domain::Price> stop_loss;  ///< below `lower`: cancel all, then sell the base at the market
    std::optional<domain::Price> take_profit;                      ///< above `upper`: the same
    domain::OrderType order_type{domain::OrderType::limit_maker};  ///< limit_maker, or limit (may take)
    GridStart start_with{GridStart::buy_base};
    bool sell_at_stop{true};  ///< false: stop-loss and take-profit cancel only, the base is kept
};

/// How a recurring purchase is made.
enum class DcaOrder : std::uint8_t { market, limit };

/// Recurring purchase of a fixed amount.
struct DcaOptions {
    base::seconds every{0};                   ///< at least one second
    domain::Amount amount;                    ///< quote asset, each time
    domain::Amount total_budget;              ///< quote asset; purchases stop when it is used up, exactly
    std::optional<base::ExchangeTime> start;  ///< first purchase; absent: when the strategy first runs
    std::optional<domain::Price> price_cap;   ///< a purchase is skipped (and said so) above this ask
    DcaOrder order{DcaOrder::market};
    domain::Rate limit_offset;                ///< limit: this fraction below the best bid; 0.001 is 0.1 %
    std::optional<domain::Rate> take_profit;  ///< sells all once the bid is this fraction over average cost
};

/// EMA cross on closed candles, long only.
struct TrendOptions {
    int fast{12};                                ///< candles
    int slow{26};                                ///< candles, more than `fast`, at most 500
    domain::CandleInterval interval{60'000};     ///< 1m
    domain::Amount size;                         ///< quote asset, each entry
    std::optional<domain::Rate> stop;            ///< sells when the bid is this fraction below average cost
    std::optional<domain::Rate> take_profit;     ///< sells when the bid is this fraction above average cost
    base::seconds cool_down{0};                  ///< no entry for so long after an exit
    std::optional<domain::Amount> max_position;  ///< quote asset; entries are cut to stay within it
};

/// Order of the alternatives = order of StrategyKind.
using StrategyParameters = std::variant<GridOptions, DcaOptions, TrendOptions>;
enum class StrategyKind : std::uint8_t { grid, dca, trend };

struct StrategyOptions {
    domain::StrategyName name;
    domain::Symbol symbol;
    bool enabled{true};
    StrategyParameters parameters;
    /// Of the unfilled orders that the exchange allows in a short window, when strategies want more than
    /// that: each has a share in proportion, 1 to 1000. Who wants less than its share leaves the rest to the
    /// others.
    std::int32_t weight{1};

    [[nodiscard]] StrategyKind kind() const { return static_cast<StrategyKind>(parameters.index()); }
};

/// "grid", "dca", "trend" and back.
[[nodiscard]] std::string_view to_string(StrategyKind kind) noexcept;
[[nodiscard]] std::optional<StrategyKind> parse_strategy_kind(std::string_view word) noexcept;
/// "arithmetic", "geometric".
[[nodiscard]] std::optional<Spacing> parse_spacing(std::string_view word) noexcept;
/// "buy_base", "quote_only".
[[nodiscard]] std::optional<GridStart> parse_grid_start(std::string_view word) noexcept;
/// "market", "limit".
[[nodiscard]] std::optional<DcaOrder> parse_dca_order(std::string_view word) noexcept;

/// One thing that is wrong with a set of options: `key` is the field's name as above ("upper"), so that the
/// reader of a file can point at its line.
struct OptionProblem {
    std::string_view key;
    std::string message;
};

/// Everything that is wrong, whatever the market; empty when the options make sense.
[[nodiscard]] std::vector<OptionProblem> problems(const GridOptions& options);
[[nodiscard]] std::vector<OptionProblem> problems(const DcaOptions& options);
[[nodiscard]] std::vector<OptionProblem> problems(const TrendOptions& options);
[[nodiscard]] std::vector<OptionProblem> problems(const StrategyOptions& options);

}  // namespace vigil::strategy
