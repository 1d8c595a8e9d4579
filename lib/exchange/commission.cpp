#include "exchange/commission.h"

#include "base/check.h"

namespace vigil::exchange {

using domain::Amount;
using domain::Rate;
using domain::Rounding;
using domain::Side;

namespace {

Rate rate_of(const CommissionRates& rates, Side side, bool is_maker) {
    return (is_maker ? rates.maker : rates.taker) + (side == Side::buy ? rates.buyer : rates.seller);
}

Amount times(Amount value, Rate rate, Rounding rounding) {
    const auto product = domain::scaled_by(value, rate, rounding);
    // Rates are at most 1 in sum, so that the product is not above the value.
    base::check(product.has_value(), "a commission fits");
    return *product;
}

}  // namespace

domain::Asset discount_asset() {
    return *domain::Asset::from("BNB");
}

Amount commission_in_received(const CommissionSchedule& schedule, Side side, bool is_maker, Amount received) {
    const Rate rate = rate_of(schedule.standard, side, is_maker) + rate_of(schedule.tax, side, is_maker) +
                      rate_of(schedule.special, side, is_maker);
    return times(received, rate, Rounding::down);
}

std::optional<Amount> commission_in_discount_asset(const CommissionSchedule& schedule, Side side,
                                                   bool is_maker, Amount received, domain::Price rate) {
    if (!schedule.discount_enabled_for_account || !schedule.discount_enabled_for_symbol ||
        !rate.is_positive())
        return std::nullopt;
    const auto standard =
        domain::scaled_by(rate_of(schedule.standard, side, is_maker), schedule.discount, Rounding::nearest);
    base::check(standard.has_value(), "a discounted rate fits");
    const Rate total =
        *standard + rate_of(schedule.tax, side, is_maker) + rate_of(schedule.special, side, is_maker);
    const Amount in_received = times(received, total, Rounding::down);
    const auto converted = domain::quantity_for(in_received, rate, Rounding::down);
    if (!converted) return std::nullopt;
    return domain::as_amount(*converted);
}

}  // namespace vigil::exchange
