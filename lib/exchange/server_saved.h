// All that an exchange keeps over a restart, in one piece: accounts with their keys, the core's money, orders
// and market, the limits' counts and bans. Between the running parts and the text of a StateFile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "credentials/key_type.h"
#include "domain/account.h"
#include "exchange/core_state.h"
#include "exchange/rate_limit.h"

namespace vigil::exchange {

/// One key of an account; those of one account have its label. The private half is text here; whoever holds
/// it wipes it.
struct SavedKey {
    std::string label;
    std::string api_key;
    credentials::KeyType type{credentials::KeyType::hmac_sha256};
    std::string private_key;
    std::string public_key;
    domain::KeyPermissions permissions;
    std::vector<std::string> allowed_addresses;
    bool revoked{false};

    SavedKey() = default;
    SavedKey(const SavedKey&) = delete;
    SavedKey& operator=(const SavedKey&) = delete;
    SavedKey(SavedKey&&) = default;
    SavedKey& operator=(SavedKey&&) = default;
    ~SavedKey();
};

struct SavedExchange {
    std::vector<SavedKey> keys;  ///< in the order of the accounts
    SavedCore core;
    SavedLimits limits;
};

/// @param bytes_expected about how long it was the last time
[[nodiscard]] std::string write_saved(const SavedExchange& saved, std::size_t bytes_expected);
/// @returns corrupt with the path of what is wrong
[[nodiscard]] base::Result<SavedExchange> read_saved(std::string_view json);

}  // namespace vigil::exchange
