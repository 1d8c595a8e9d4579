// From account requests to accounts of the core with keys in the key ring. The private halves stay here until
// the ready file is written from them.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "credentials/key_generation.h"
#include "exchange/server.h"
#include "exchange/server_saved.h"
#include "exchange/server_state.h"

namespace vigil::exchange {

struct OpenedKey {
    std::string api_key;
    credentials::GeneratedKey key;
};

struct OpenedAccount {
    std::string label;
    std::string api_key;
    AccountId account;
    credentials::GeneratedKey key;
    std::vector<OpenedKey> more_keys{};
};

/// What accounts are asked for, and on which terms.
struct AccountRequests {
    const std::vector<AccountRequest>& accounts;
    const CommissionSchedule& commission;         ///< of all of them
    const std::vector<AccountSetting>& settings;  ///< of single ones, those of `saved` included
};

/// Opens every account in `state.core`, and gives it keys that may read and trade, but not withdraw, from
/// the loopback addresses only.
/// Those of `saved` come first, under their old keys and without balances (the core's state has these).
/// @returns invalid when a label comes twice, or a setting is for an account that is not there; corrupt when
/// a saved key cannot be used
[[nodiscard]] base::Result<std::vector<OpenedAccount>> open_accounts(ServerState& state,
                                                                     const AccountRequests& requests,
                                                                     const std::vector<SavedKey>& saved);
/// What open_accounts takes as `saved` after a restart.
[[nodiscard]] base::Result<std::vector<SavedKey>> save_keys(const ServerState& state,
                                                            const std::vector<OpenedAccount>& accounts);

}  // namespace vigil::exchange
