#include "exchange/order_validation.h"

#include <algorithm>
#include <string>

#include "exchange/order_store.h"
#include "exchange/stop_book.h"

namespace vigil::exchange {

using domain::OrderType;
using domain::TimeInForce;
using Refusal = std::optional<ApiError>;

namespace {

/// Says which parameter is wrong, under the name that it has in the request.
class Parameters {
  public:
    explicit Parameters(std::string_view prefix) : prefix_{prefix} {}

    [[nodiscard]] Refusal missing(std::string_view name) const {
        return ApiError{
            -1102, "Mandatory parameter '" + full(name) + "' was not sent, was empty/null, or malformed."};
    }
    [[nodiscard]] Refusal missing_both(std::string_view a, std::string_view b) const {
        return ApiError{
            -1102, "Param '" + full(a) + "' or '" + full(b) + "' must be sent, but both were empty/null!"};
    }
    [[nodiscard]] Refusal not_required(std::string_view name) const {
        return ApiError{-1106, "Parameter '" + full(name) + "' sent when not required."};
    }

  private:
    [[nodiscard]] std::string full(std::string_view name) const {
        std::string text{prefix_};
        text += name;
        if (!prefix_.empty()) text[prefix_.size()] = static_cast<char>(name.front() - 'a' + 'A');
        return text;
    }
    std::string_view prefix_;
};
Refusal rejected(std::string_view message) {
    return ApiError{-2010, std::string{message}};
}

bool has_limit_price(OrderType type) {
    return type == OrderType::limit || type == OrderType::limit_maker || type == OrderType::stop_loss_limit ||
           type == OrderType::take_profit_limit;
}

/// Types whose timeInForce the client chooses.
bool has_time_in_force(OrderType type) {
    return has_limit_price(type) && type != OrderType::limit_maker;
}

Refusal check_type_offered(const SymbolSpec& spec, OrderType type) {
    const auto& types = spec.rules.order_types;
    if (std::find(types.begin(), types.end(), type) != types.end()) return std::nullopt;
    switch (type) {
        case OrderType::market:
            return rejected("Market orders are not supported for this symbol.");
        case OrderType::stop_loss:
            return rejected("Stop loss orders are not supported for this symbol.");
        case OrderType::stop_loss_limit:
            return rejected("Stop loss limit orders are not supported for this symbol.");
        case OrderType::take_profit:
            return rejected("Take profit orders are not supported for this symbol.");
        case OrderType::take_profit_limit:
            return rejected("Take profit limit orders are not supported for this symbol.");
        case OrderType::limit:
        case OrderType::limit_maker:
        case OrderType::unknown:
            break;
    }
    return rejected("Unsupported order combination");
}

}  // namespace

Refusal check_composition(const OrderRequest& request, std::string_view prefix, bool quantity_pending) {
    const Parameters parameters{prefix};
    const OrderType type = request.type;
    if (type == OrderType::unknown) return ApiError{-1116, "Invalid orderType."};
    const bool is_market = type == OrderType::market;

    if (has_time_in_force(type)) {
        if (!request.time_in_force) return parameters.missing("timeInForce");
        if (*request.time_in_force == TimeInForce::unknown) return ApiError{-1115, "Invalid timeInForce."};
    } else if (request.time_in_force) {
        return parameters.not_required("timeInForce");
    }
    if (quantity_pending) {
        if (request.quantity || request.quote_quantity) return parameters.not_required("quantity");
    } else if (is_market) {
        if (!request.quantity && !request.quote_quantity)
            return parameters.missing_both("quantity", "quoteOrderQty");
        if (request.quantity && request.quote_quantity) return parameters.not_required("quoteOrderQty");
    } else {
        if (!request.quantity) return parameters.missing("quantity");
        if (request.quote_quantity) return parameters.not_required("quoteOrderQty");
    }
    if (has_limit_price(type)) {
        if (!request.price) return parameters.missing("price");
    } else if (request.price) {
        return parameters.not_required("price");
    }
    if (is_algo_type(type)) {
        if (!request.stop_price && !request.trailing_delta)
            return parameters.missing_both("stopPrice", "trailingDelta");
    } else {
        if (request.stop_price) return parameters.not_required("stopPrice");
        if (request.trailing_delta) return parameters.not_required("trailingDelta");
    }
    if (request.iceberg_quantity) {
        if (!has_limit_price(type)) return parameters.not_required("icebergQty");
        if (request.time_in_force && *request.time_in_force != TimeInForce::gtc)
            return rejected("Unsupported order combination");
    }
    if (request.strategy_type && *request.strategy_type < 1'000'000)
        return ApiError{-1134, "`strategyType` was less than 1000000."};
    return std::nullopt;
}

Refusal check_offered(const SymbolSpec& spec, const OrderRequest& request) {
    if (spec.rules.status != domain::SymbolStatus::trading) return ApiError{-1013, "Market is closed."};
    if (!spec.rules.spot_trading_allowed) return rejected("This symbol is not permitted for this account.");
    if (auto refusal = check_type_offered(spec, request.type)) return refusal;
    if (request.quote_quantity && !spec.rules.quote_order_quantity_allowed)
        return rejected("Quote order qty market orders are not support for this symbol.");
    if (request.iceberg_quantity && request.iceberg_quantity->is_positive()) {
        if (!spec.iceberg_allowed) return rejected("Iceberg orders are not supported for this symbol.");
        if (request.quantity && *request.iceberg_quantity >= *request.quantity)
            return rejected("IcebergQty exceeds QTY.");
    }
    if (request.trailing_delta && !spec.trailing_stop_allowed)
        return rejected("Trailing stop orders are not supported for this symbol.");
    if (request.stp_mode) {
        const auto& allowed = spec.allowed_stp_modes;
        if (std::find(allowed.begin(), allowed.end(), *request.stp_mode) == allowed.end())
            return ApiError{-1013, "This symbol does not allow the specified self-trade prevention mode."};
    }
    return std::nullopt;
}

namespace {

Refusal filter_failure(std::string_view filter) {
    return ApiError{-1013, "Filter failure: " + std::string{filter}};
}

/// LOT_SIZE of the part that is shown, and ICEBERG_PARTS: CEIL(qty / icebergQty).
Refusal check_iceberg(const domain::SymbolRules& rules, const OrderRequest& request) {
    if (!request.iceberg_quantity || !request.iceberg_quantity->is_positive() || !request.quantity)
        return std::nullopt;
    const domain::Quantity part = *request.iceberg_quantity;
    if (rules.lot && (part < rules.lot->min || (rules.lot->max.is_positive() && part > rules.lot->max) ||
                      !part.is_multiple_of(rules.lot->step)))
        return filter_failure("LOT_SIZE");
    const std::int64_t parts = (request.quantity->raw() - 1) / part.raw() + 1;
    if (rules.iceberg_parts_max && parts > *rules.iceberg_parts_max) return filter_failure("ICEBERG_PARTS");
    return std::nullopt;
}

Refusal check_trailing(const domain::SymbolRules& rules, const OrderRequest& request) {
    if (!request.trailing_delta) return std::nullopt;
    const std::int64_t delta = *request.trailing_delta;
    // Beyond every filter: a price cannot fall by all of itself.
    if (delta <= 0 || delta >= 10'000) return filter_failure("TRAILING_DELTA");
    if (!rules.trailing_delta) return std::nullopt;
    const bool above = waits_for_rise(request.type, request.side);
    const std::int64_t least = above ? rules.trailing_delta->min_above : rules.trailing_delta->min_below;
    const std::int64_t most = above ? rules.trailing_delta->max_above : rules.trailing_delta->max_below;
    return delta < least || delta > most ? filter_failure("TRAILING_DELTA") : std::nullopt;
}

}  // namespace

Refusal check_filters(const SymbolSpec& spec, const OrderRequest& request,
                      const domain::CheckContext& context) {
    domain::NewOrder order;
    order.symbol = request.symbol;
    order.side = request.side;
    order.type = request.type;
    order.time_in_force = request.time_in_force;
    order.quantity = request.quantity;
    order.quote_quantity = request.quote_quantity;
    order.price = request.price;
    order.stop_price = request.stop_price;
    if (const auto breach = domain::check_order(spec.rules, order, context))
        return ApiError{-1013, "Filter failure: " + std::string{breach->filter}};
    if (auto failure = check_iceberg(spec.rules, request)) return failure;
    if (auto failure = check_trailing(spec.rules, request)) return failure;
    // Without filters that say so, zero is still no price and no quantity.
    const bool positive = (!request.price || request.price->is_positive()) &&
                          (!request.quantity || request.quantity->is_positive()) &&
                          (!request.quote_quantity || request.quote_quantity->is_positive()) &&
                          (!request.stop_price || request.stop_price->is_positive());
    if (!positive) return rejected("Price * QTY is zero or less.");
    if (request.price && request.quantity) {
        const auto value = domain::notional(*request.price, *request.quantity, domain::Rounding::up);
        if (!value) return ApiError{-1013, "Filter failure: NOTIONAL"};
    }
    return std::nullopt;
}

OrderRequest request_of(const OrderRecord& record) {
    OrderRequest request;
    request.symbol = record.symbol;
    request.side = record.side;
    request.type = record.type;
    request.quantity = record.quantity;
    if (!record.price.is_zero()) request.price = record.price;
    if (!record.stop_price.is_zero()) request.stop_price = record.stop_price;
    if (!record.iceberg_quantity.is_zero()) request.iceberg_quantity = record.iceberg_quantity;
    request.trailing_delta = record.trailing_delta;
    return request;
}

StpMode effective_stp_mode(const SymbolSpec& spec, const OrderRequest& request) {
    return request.stp_mode.value_or(spec.default_stp_mode);
}

}  // namespace vigil::exchange
