// What one trade pays (faqs/commission_faq.md): standard, tax and special rates on what was received, or the
// same worth of BNB with the discount on the standard part.
#pragma once

#include <optional>

#include "domain/decimal.h"
#include "domain/order.h"
#include "exchange/account_spec.h"

namespace vigil::exchange {

/// Commission on `received` in the received asset: each kind's (maker or taker + buyer or seller) rate, the
/// sum rounded down to 8 places.
[[nodiscard]] domain::Amount commission_in_received(const CommissionSchedule& schedule, domain::Side side,
                                                    bool is_maker, domain::Amount received);

/// The same, paid in the discount asset. `rate` is the price of one unit of the discount asset in the
/// received asset (1 when they are the same). Nothing when the discount is not enabled or the rate is not
/// positive.
[[nodiscard]] std::optional<domain::Amount> commission_in_discount_asset(const CommissionSchedule& schedule,
                                                                         domain::Side side, bool is_maker,
                                                                         domain::Amount received,
                                                                         domain::Price rate);

/// The discount asset of every schedule.
[[nodiscard]] domain::Asset discount_asset();

}  // namespace vigil::exchange
