// Small types that the whole simulated exchange shares: who an account is, what a refusal looks like, and the
// exchange's enumerations that the trading daemon itself has no need of (enums.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "base/strong_id.h"

namespace vigil::exchange {

/// An account of the simulated exchange: its place in the order of ExchangeCore::add_account, from 0.
using AccountId = base::StrongId<struct AccountIdTag, std::uint32_t>;

/// A refusal as the client sees it: `{"code": -2010, "msg": "..."}` with code and text of errors.md.
struct ApiError {
    int code{0};
    std::string message;

    friend bool operator==(const ApiError&, const ApiError&) = default;
};

/// Either an answer or the documented refusal.
template <class T>
using Outcome = tl::expected<T, ApiError>;

[[nodiscard]] inline tl::unexpected<ApiError> refuse(int code, std::string message) {
    return tl::unexpected<ApiError>(ApiError{code, std::move(message)});
}

/// Self-trade prevention (faqs/stp_faq.md).
enum class StpMode : std::uint8_t { none, expire_maker, expire_taker, expire_both, decrement, transfer };
[[nodiscard]] std::string_view to_string(StpMode mode) noexcept;
[[nodiscard]] std::optional<StpMode> parse_stp_mode(std::string_view word) noexcept;

/// Field `r` of an execution report ("Order Reject Reason", user-data-stream.md).
enum class RejectReason : std::uint8_t {
    none,
    insufficient_balances,
    stop_price_would_trigger_immediately,
    would_match_immediately,
    oco_bad_prices
};
[[nodiscard]] std::string_view to_string(RejectReason reason) noexcept;

/// Field `eR` / `expiryReason` ("Order Expiry Reason", user-data-stream.md); shown unless `none`.
enum class ExpiryReason : std::uint8_t {
    none,
    rejected,
    exchange_canceled,
    oco_trigger,
    oto_phase_one_expired,
    unfilled_ioc_quantity_expired,
    unfilled_fok_order_expired,
    insufficient_liquidity,
    execution_rule_price_range_exceeded
};
[[nodiscard]] std::string_view to_string(ExpiryReason reason) noexcept;

/// Parameter `cancelRestrictions` of a cancel.
enum class CancelRestriction : std::uint8_t { none, only_new, only_partially_filled };
/// "ONLY_NEW", "ONLY_PARTIALLY_FILLED"; nothing otherwise (-1145).
[[nodiscard]] std::optional<CancelRestriction> parse_cancel_restriction(std::string_view word) noexcept;

}  // namespace vigil::exchange
