// Accounts of the simulated exchange: what one is opened with, and what the account endpoints show of it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/account.h"
#include "domain/decimal.h"
#include "domain/names.h"

namespace vigil::exchange {

/// The four rates of one kind of commission (faqs/commission_faq.md); what a trade pays is maker or taker
/// plus buyer or seller.
struct CommissionRates {
    domain::Rate maker;
    domain::Rate taker;
    domain::Rate buyer;
    domain::Rate seller;
};

/// standardCommission, specialCommission, taxCommission and discount of one account on one symbol.
struct CommissionSchedule {
    CommissionRates standard{
        domain::Rate::from_raw(100'000), domain::Rate::from_raw(100'000), {}, {}};  // 0.1 %
    CommissionRates special;
    CommissionRates tax;
    bool discount_enabled_for_account{false};  ///< pay in BNB while there is enough of it
    bool discount_enabled_for_symbol{true};
    domain::Rate discount{
        domain::Rate::from_raw(75'000'000)};  ///< the standard commission times this, in BNB
};

struct AccountOptions {
    std::string label{"main"};
    std::vector<domain::Balance> balances;
    CommissionSchedule commission;
    std::map<domain::Symbol, CommissionSchedule> commission_by_symbol;  ///< exceptions to the above
    std::map<domain::Asset, domain::Amount> asset_limits;  ///< MAX_ASSET: of one order (filters.md)
    std::int64_t uid{0};                                   ///< made up from the label's place when 0
    std::int64_t trade_group_id{-1};
    bool can_trade{true};
    bool require_self_trade_prevention{false};
};

/// `GET /api/v3/account`. Assets in alphabetical order; zero balances of every known asset included.
struct AccountView {
    std::string label;
    std::int64_t uid{0};
    std::int64_t trade_group_id{-1};
    bool can_trade{true};
    bool require_self_trade_prevention{false};
    CommissionSchedule commission;
    std::vector<domain::Balance> balances;
    std::map<domain::Asset, domain::Amount> asset_limits;
    base::ExchangeTime updated;
};

}  // namespace vigil::exchange
