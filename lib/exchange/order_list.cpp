#include "exchange/order_list.h"

#include "base/check.h"

namespace vigil::exchange {

using domain::OrderType;
using domain::Side;
using domain::TimeInForce;
using Refusal = std::optional<ApiError>;

namespace {

bool is_stop_loss(OrderType type) {
    return type == OrderType::stop_loss || type == OrderType::stop_loss_limit;
}
bool is_take_profit(OrderType type) {
    return type == OrderType::take_profit || type == OrderType::take_profit_limit;
}

std::string named(const ListLeg& leg, std::string_view member) {
    return std::string{leg.prefix} + std::string{member};
}

/// "One of the orders must be a LIMIT_MAKER/TAKE_PROFIT/TAKE_PROFIT_LIMIT order and the other must be
/// STOP_LOSS or STOP_LOSS_LIMIT", and which of them is above follows from the side.
Refusal check_pair(const ListLeg& above, const ListLeg& below) {
    for (const ListLeg* leg : {&above, &below}) {
        const OrderType type = leg->order.type;
        if (type != OrderType::limit_maker && !is_stop_loss(type) && !is_take_profit(type))
            return ApiError{-1158, "Order type not supported in OCO."};
        if (leg->order.iceberg_quantity && type != OrderType::limit_maker &&
            leg->order.time_in_force != TimeInForce::gtc)
            return ApiError{-1160, "Parameter '" + named(*leg, "IcebergQty") + "' is not supported if " +
                                       named(*leg, "TimeInForce") + " is not GTC."};
    }
    if (above.order.type == OrderType::limit_maker && below.order.type == OrderType::limit_maker)
        return ApiError{-1168, "At least one OCO order must be contingent."};
    if (above.order.side == Side::buy) {
        if (above.order.type == OrderType::limit_maker)
            return ApiError{-1165, "A limit order in a buy OCO must be below."};
        if (is_stop_loss(below.order.type))
            return ApiError{-1196, "A stop loss order in a buy OCO must be above."};
        if (is_take_profit(above.order.type))
            return ApiError{-1198, "A take profit order in a buy OCO must be below."};
        return std::nullopt;
    }
    if (below.order.type == OrderType::limit_maker)
        return ApiError{-1166, "A limit order in a sell OCO must be above."};
    if (is_stop_loss(above.order.type))
        return ApiError{-1197, "A stop loss order in a sell OCO must be below."};
    if (is_take_profit(below.order.type))
        return ApiError{-1199, "A take profit order in a sell OCO must be above."};
    return std::nullopt;
}

Refusal check_working(const ListLeg& working) {
    const OrderType type = working.order.type;
    if (type != OrderType::limit && type != OrderType::limit_maker)
        return ApiError{-1130, "Data sent for parameter '" + named(working, "Type") + "' is not valid."};
    return std::nullopt;
}

}  // namespace

std::string_view to_string(ListStatus status) noexcept {
    switch (status) {
        case ListStatus::response:
            return "RESPONSE";
        case ListStatus::exec_started:
            return "EXEC_STARTED";
        case ListStatus::updated:
            return "UPDATED";
        case ListStatus::all_done:
            break;
    }
    return "ALL_DONE";
}

std::string_view to_string(ListOrderStatus status) noexcept {
    switch (status) {
        case ListOrderStatus::executing:
            return "EXECUTING";
        case ListOrderStatus::all_done:
            return "ALL_DONE";
        case ListOrderStatus::reject:
            break;
    }
    return "REJECT";
}

std::optional<ApiError> check_list_composition(const OrderListRequest& request) {
    const std::size_t count = (has_pending(request.shape) ? 1U : 0U) + (has_pair(request.shape) ? 2U : 1U);
    base::check(request.legs.size() == count, "an order list has the orders of its shape");
    const auto& legs = request.legs;
    if (has_pending(request.shape))
        if (auto wrong = check_working(legs.front())) return wrong;
    if (has_pair(request.shape))
        if (auto wrong = check_pair(legs[count - 2], legs[count - 1])) return wrong;
    if (is_opo(request.shape)) {
        if (legs.front().order.side != Side::buy)
            return ApiError{-1222, "Working order in an OPO list must be a bid."};
        if (legs.back().order.side != Side::sell)
            return ApiError{-1223, "Pending orders in an OPO list must be asks."};
    }
    return std::nullopt;
}

std::size_t stop_loss_of_pair(const OrderListRequest& request) {
    const std::size_t above = request.legs.size() - 2;
    return is_stop_loss(request.legs[above].order.type) ? above : above + 1;
}

}  // namespace vigil::exchange
