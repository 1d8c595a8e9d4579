// What exchangeInfo says of one symbol: its assets, whether it trades, and the filters that every order must
// pass (filters.md). A filter that is absent, or whose bound is zero, does not restrict. Filters unheard of
// are kept by name, so that they can be reported: they are ignored, but loudly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decimal.h"
#include "domain/names.h"
#include "domain/order.h"
#include "domain/rate_limit.h"

namespace vigil::domain {

/// enums.md, "Symbol status". `cancel_only` and words unheard of still allow cancels, never new orders.
enum class SymbolStatus : std::uint8_t { trading, end_of_day, halt, break_, cancel_only, unknown };
[[nodiscard]] SymbolStatus parse_symbol_status(std::string_view word) noexcept;
[[nodiscard]] std::string_view to_string(SymbolStatus status) noexcept;

/// PRICE_FILTER. Zero switches a bound off.
struct PriceFilter {
    Price min;
    Price max;
    Price tick;
};
/// LOT_SIZE and MARKET_LOT_SIZE.
struct LotSize {
    Quantity min;
    Quantity max;
    Quantity step;
};
/// NOTIONAL, and MIN_NOTIONAL as the special case without a maximum.
struct NotionalFilter {
    Amount min;
    std::optional<Amount> max;
    bool min_applies_to_market{true};
    bool max_applies_to_market{false};
    int average_minutes{5};
    bool is_min_notional{false};  ///< named MIN_NOTIONAL by the exchange
};
/// PERCENT_PRICE (both pairs equal) and PERCENT_PRICE_BY_SIDE: multiples of the weighted average price.
struct PercentPrice {
    Rate bid_up;
    Rate bid_down;
    Rate ask_up;
    Rate ask_down;
    int average_minutes{5};
    bool by_side{true};
};
/// TRAILING_DELTA, in basis points.
struct TrailingDelta {
    std::int64_t min_above{0};
    std::int64_t max_above{0};
    std::int64_t min_below{0};
    std::int64_t max_below{0};
};

struct SymbolRules {
    Symbol symbol;
    Asset base;
    Asset quote;
    SymbolStatus status{SymbolStatus::unknown};
    std::vector<OrderType> order_types;
    bool quote_order_quantity_allowed{false};
    bool spot_trading_allowed{true};
    int base_precision{8};   ///< baseAssetPrecision: places of quantities
    int quote_precision{8};  ///< quoteAssetPrecision: places of prices and quote amounts

    std::optional<PriceFilter> price;
    std::optional<LotSize> lot;
    std::optional<LotSize> market_lot;
    std::optional<NotionalFilter> notional;
    std::optional<PercentPrice> percent_price;
    std::optional<TrailingDelta> trailing_delta;
    std::optional<std::int64_t> iceberg_parts_max;
    std::optional<std::int64_t> orders_max;       ///< MAX_NUM_ORDERS
    std::optional<std::int64_t> algo_orders_max;  ///< MAX_NUM_ALGO_ORDERS
    std::optional<std::int64_t> iceberg_orders_max;
    std::optional<std::int64_t> order_lists_max;  ///< MAX_NUM_ORDER_LISTS
    std::optional<std::int64_t> amends_max;       ///< MAX_NUM_ORDER_AMENDS
    std::optional<Quantity> position_max;         ///< MAX_POSITION
    std::vector<std::string> unknown_filters;

    [[nodiscard]] Price tick() const { return price ? price->tick : Price{}; }
    [[nodiscard]] Quantity step() const { return lot ? lot->step : Quantity{}; }
};

/// `GET /api/v3/exchangeInfo`.
struct ExchangeInfo {
    base::ExchangeTime server_time;
    std::vector<RateLimit> rate_limits;
    std::vector<SymbolRules> symbols;
};

}  // namespace vigil::domain
