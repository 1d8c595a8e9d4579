#include "exchange/core_types.h"

#include <array>
#include <utility>

namespace vigil::exchange {

namespace {

constexpr std::array<std::pair<StpMode, std::string_view>, 6> stp_modes{{
    {StpMode::none, "NONE"},
    {StpMode::expire_maker, "EXPIRE_MAKER"},
    {StpMode::expire_taker, "EXPIRE_TAKER"},
    {StpMode::expire_both, "EXPIRE_BOTH"},
    {StpMode::decrement, "DECREMENT"},
    {StpMode::transfer, "TRANSFER"},
}};

}  // namespace

std::string_view to_string(StpMode mode) noexcept {
    for (const auto& [candidate, word] : stp_modes)
        if (candidate == mode) return word;
    return "NONE";
}

std::optional<StpMode> parse_stp_mode(std::string_view word) noexcept {
    for (const auto& [mode, name] : stp_modes)
        if (name == word) return mode;
    return std::nullopt;
}

std::string_view to_string(RejectReason reason) noexcept {
    switch (reason) {
        case RejectReason::none:
            break;
        case RejectReason::insufficient_balances:
            return "INSUFFICIENT_BALANCES";
        case RejectReason::stop_price_would_trigger_immediately:
            return "STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY";
        case RejectReason::would_match_immediately:
            return "WOULD_MATCH_IMMEDIATELY";
        case RejectReason::oco_bad_prices:
            return "OCO_BAD_PRICES";
    }
    return "NONE";
}

std::string_view to_string(ExpiryReason reason) noexcept {
    switch (reason) {
        case ExpiryReason::none:
            break;
        case ExpiryReason::rejected:
            return "REJECTED";
        case ExpiryReason::exchange_canceled:
            return "EXCHANGE_CANCELED";
        case ExpiryReason::oco_trigger:
            return "OCO_TRIGGER";
        case ExpiryReason::oto_phase_one_expired:
            return "OTO_PHASE_ONE_EXPIRED";
        case ExpiryReason::unfilled_ioc_quantity_expired:
            return "UNFILLED_IOC_QUANTITY_EXPIRED";
        case ExpiryReason::unfilled_fok_order_expired:
            return "UNFILLED_FOK_ORDER_EXPIRED";
        case ExpiryReason::insufficient_liquidity:
            return "INSUFFICIENT_LIQUIDITY";
        case ExpiryReason::execution_rule_price_range_exceeded:
            return "EXECUTION_RULE_PRICE_RANGE_EXCEEDED";
    }
    return "NONE";
}

std::optional<CancelRestriction> parse_cancel_restriction(std::string_view word) noexcept {
    if (word == "ONLY_NEW") return CancelRestriction::only_new;
    if (word == "ONLY_PARTIALLY_FILLED") return CancelRestriction::only_partially_filled;
    return std::nullopt;
}

}  // namespace vigil::exchange
