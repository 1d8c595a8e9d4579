// The checks of a new order that need no matching: that its parameters belong together, that the symbol
// offers it, and the filters. Codes and messages are those of errors.md.
#pragma once

#include <optional>
#include <string_view>

#include "domain/order_check.h"
#include "exchange/core_types.h"
#include "exchange/order_record.h"
#include "exchange/symbol_spec.h"

namespace vigil::exchange {

/// Which parameters the order type needs and which it must not have ("New order", rest-api.md): -1102, -1106,
/// -1128.
/// @param prefix of the parameters of an order list's order ("above": the refusal says "abovePrice")
/// @param quantity_pending the order must not have a quantity (it gets one later)
[[nodiscard]] std::optional<ApiError> check_composition(const OrderRequest& request,
                                                        std::string_view prefix = {},
                                                        bool quantity_pending = false);

/// Whether the symbol trades, and offers this type and self-trade prevention: -1013, -2010.
[[nodiscard]] std::optional<ApiError> check_offered(const SymbolSpec& spec, const OrderRequest& request);

/// -1013 "Filter failure: ...".
[[nodiscard]] std::optional<ApiError> check_filters(const SymbolSpec& spec, const OrderRequest& request,
                                                    const domain::CheckContext& context);

/// The request that `record` comes from, as far as filters look at it.
[[nodiscard]] OrderRequest request_of(const OrderRecord& record);

/// The self-trade prevention that the order will have.
[[nodiscard]] StpMode effective_stp_mode(const SymbolSpec& spec, const OrderRequest& request);

}  // namespace vigil::exchange
