// The parameters of the order lists, as rest-api.md and web-socket-api.md name them ("Order lists"). Each
// list begins with the same four, in the order of `list_parameter`; what follows is joined from the orders
// that it consists of. The order of the parameters is the order of their checks.
#pragma once

#include <array>
#include <cstddef>

#include "exchange/server_params.h"

namespace vigil::exchange::methods {

namespace list_parameter {
enum Index : std::size_t { symbol, list_client_order_id, response_type, stp_mode };
}  // namespace list_parameter

/// The parameters of all parts, one after the other.
template <std::size_t... sizes>
constexpr auto joined(const std::array<ParamSpec, sizes>&... parts) {
    std::array<ParamSpec, (sizes + ...)> all{};
    std::size_t place = 0;
    const auto append = [&](const auto& part) {
        for (const ParamSpec& each : part) all[place++] = each;
    };
    (append(parts), ...);
    return all;
}

namespace list_part {

inline constexpr std::array<ParamSpec, 4> head{{{"symbol", ParamKind::symbol, true},
                                                {"listClientOrderId", ParamKind::client_order_id, false},
                                                {"newOrderRespType", ParamKind::text, false},
                                                {"selfTradePreventionMode", ParamKind::text, false}}};

inline constexpr std::array<ParamSpec, 2> both_legs{
    {{"side", ParamKind::text, true}, {"quantity", ParamKind::decimal, true}}};

inline constexpr std::array<ParamSpec, 24> above_and_below{
    {{"aboveType", ParamKind::text, true},
     {"aboveClientOrderId", ParamKind::client_order_id, false},
     {"abovePrice", ParamKind::decimal, false},
     {"aboveStopPrice", ParamKind::decimal, false},
     {"aboveTrailingDelta", ParamKind::whole, false},
     {"aboveIcebergQty", ParamKind::decimal, false},
     {"aboveTimeInForce", ParamKind::text, false},
     {"aboveStrategyId", ParamKind::whole, false},
     {"aboveStrategyType", ParamKind::whole, false},
     {"abovePegPriceType", ParamKind::text, false},
     {"abovePegOffsetType", ParamKind::text, false},
     {"abovePegOffsetValue", ParamKind::whole, false},
     {"belowType", ParamKind::text, true},
     {"belowClientOrderId", ParamKind::client_order_id, false},
     {"belowPrice", ParamKind::decimal, false},
     {"belowStopPrice", ParamKind::decimal, false},
     {"belowTrailingDelta", ParamKind::whole, false},
     {"belowIcebergQty", ParamKind::decimal, false},
     {"belowTimeInForce", ParamKind::text, false},
     {"belowStrategyId", ParamKind::whole, false},
     {"belowStrategyType", ParamKind::whole, false},
     {"belowPegPriceType", ParamKind::text, false},
     {"belowPegOffsetType", ParamKind::text, false},
     {"belowPegOffsetValue", ParamKind::whole, false}}};

inline constexpr std::array<ParamSpec, 12> working{
    {{"workingType", ParamKind::text, true},
     {"workingSide", ParamKind::text, true},
     {"workingClientOrderId", ParamKind::client_order_id, false},
     {"workingPrice", ParamKind::decimal, true},
     {"workingQuantity", ParamKind::decimal, true},
     {"workingIcebergQty", ParamKind::decimal, false},
     {"workingTimeInForce", ParamKind::text, false},
     {"workingStrategyId", ParamKind::whole, false},
     {"workingStrategyType", ParamKind::whole, false},
     {"workingPegPriceType", ParamKind::text, false},
     {"workingPegOffsetType", ParamKind::text, false},
     {"workingPegOffsetValue", ParamKind::whole, false}}};

inline constexpr std::array<ParamSpec, 4> pending_begin{
    {{"pendingType", ParamKind::text, true},
     {"pendingSide", ParamKind::text, true},
     {"pendingClientOrderId", ParamKind::client_order_id, false},
     {"pendingPrice", ParamKind::decimal, false}}};
inline constexpr std::array<ParamSpec, 9> pending_end{{{"pendingStopPrice", ParamKind::decimal, false},
                                                       {"pendingTrailingDelta", ParamKind::whole, false},
                                                       {"pendingIcebergQty", ParamKind::decimal, false},
                                                       {"pendingTimeInForce", ParamKind::text, false},
                                                       {"pendingStrategyId", ParamKind::whole, false},
                                                       {"pendingStrategyType", ParamKind::whole, false},
                                                       {"pendingPegPriceType", ParamKind::text, false},
                                                       {"pendingPegOffsetType", ParamKind::text, false},
                                                       {"pendingPegOffsetValue", ParamKind::whole, false}}};

inline constexpr std::array<ParamSpec, 1> pending_side{{{"pendingSide", ParamKind::text, true}}};
/// Not of opo and opoco: their pending orders take what the working order brought.
inline constexpr std::array<ParamSpec, 1> pending_quantity{{{"pendingQuantity", ParamKind::decimal, true}}};

inline constexpr std::array<ParamSpec, 24> pending_above_and_below{
    {{"pendingAboveType", ParamKind::text, true},
     {"pendingAboveClientOrderId", ParamKind::client_order_id, false},
     {"pendingAbovePrice", ParamKind::decimal, false},
     {"pendingAboveStopPrice", ParamKind::decimal, false},
     {"pendingAboveTrailingDelta", ParamKind::whole, false},
     {"pendingAboveIcebergQty", ParamKind::decimal, false},
     {"pendingAboveTimeInForce", ParamKind::text, false},
     {"pendingAboveStrategyId", ParamKind::whole, false},
     {"pendingAboveStrategyType", ParamKind::whole, false},
     {"pendingAbovePegPriceType", ParamKind::text, false},
     {"pendingAbovePegOffsetType", ParamKind::text, false},
     {"pendingAbovePegOffsetValue", ParamKind::whole, false},
     {"pendingBelowType", ParamKind::text, true},
     {"pendingBelowClientOrderId", ParamKind::client_order_id, false},
     {"pendingBelowPrice", ParamKind::decimal, false},
     {"pendingBelowStopPrice", ParamKind::decimal, false},
     {"pendingBelowTrailingDelta", ParamKind::whole, false},
     {"pendingBelowIcebergQty", ParamKind::decimal, false},
     {"pendingBelowTimeInForce", ParamKind::text, false},
     {"pendingBelowStrategyId", ParamKind::whole, false},
     {"pendingBelowStrategyType", ParamKind::whole, false},
     {"pendingBelowPegPriceType", ParamKind::text, false},
     {"pendingBelowPegOffsetType", ParamKind::text, false},
     {"pendingBelowPegOffsetValue", ParamKind::whole, false}}};

inline constexpr std::array<ParamSpec, 13> old_oco_legs{
    {{"limitClientOrderId", ParamKind::client_order_id, false},
     {"price", ParamKind::decimal, true},
     {"limitStrategyId", ParamKind::whole, false},
     {"limitStrategyType", ParamKind::whole, false},
     {"limitIcebergQty", ParamKind::decimal, false},
     {"trailingDelta", ParamKind::whole, false},
     {"stopClientOrderId", ParamKind::client_order_id, false},
     {"stopPrice", ParamKind::decimal, false},
     {"stopStrategyId", ParamKind::whole, false},
     {"stopStrategyType", ParamKind::whole, false},
     {"stopLimitPrice", ParamKind::decimal, false},
     {"stopIcebergQty", ParamKind::decimal, false},
     {"stopLimitTimeInForce", ParamKind::text, false}}};

}  // namespace list_part

inline constexpr auto oco_parameters =
    joined(list_part::head, list_part::both_legs, list_part::above_and_below);
inline constexpr auto oto_parameters = joined(list_part::head, list_part::working, list_part::pending_begin,
                                              list_part::pending_quantity, list_part::pending_end);
inline constexpr auto opo_parameters =
    joined(list_part::head, list_part::working, list_part::pending_begin, list_part::pending_end);
inline constexpr auto otoco_parameters =
    joined(list_part::head, list_part::working, list_part::pending_side, list_part::pending_quantity,
           list_part::pending_above_and_below);
inline constexpr auto opoco_parameters =
    joined(list_part::head, list_part::working, list_part::pending_side, list_part::pending_above_and_below);
/// "New OCO - Deprecated".
inline constexpr auto old_oco_parameters =
    joined(list_part::head, list_part::both_legs, list_part::old_oco_legs);

}  // namespace vigil::exchange::methods
