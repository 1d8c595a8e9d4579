// What an account is beyond its balances, from the command line: `--account-setting alice:bnb-discount=true`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "exchange/account_spec.h"

namespace vigil::exchange {

struct AccountSetting {
    std::string label;  ///< of the account; "*": of every account
    std::string name;
    std::string value;

    [[nodiscard]] bool is_for(std::string_view account) const { return label == "*" || label == account; }
};

/// "LABEL:NAME=VALUE,...". Names: maker, taker, buyer, seller, and the same after special- and tax- (rates
/// from 0 to 1); discount (what the standard rate is multiplied with when it is paid in BNB); bnb-discount,
/// can-trade, require-self-trade-prevention (true, false); trade-group (a number); max-asset-ASSET (an
/// amount).
/// @returns invalid with the word that is wrong
[[nodiscard]] base::Result<std::vector<AccountSetting>> parse_account_settings(std::string_view text);

/// A setting that parse_account_settings() gave.
void apply_setting(const AccountSetting& setting, AccountOptions& options);

}  // namespace vigil::exchange
