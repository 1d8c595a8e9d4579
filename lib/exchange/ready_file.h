// How any client finds a running exchange: a JSON file with its URLs, its certificate authority and its
// accounts, written once it listens (`vigil-exchange --ready-file`). It holds secrets, so it and the key
// files beside it are readable by their owner only; none of them exists half-written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/error.h"
#include "credentials/key_generation.h"

namespace vigil::exchange {

struct ReadyKey {
    std::string api_key;
    const credentials::GeneratedKey* key{nullptr};  ///< borrowed
};

struct ReadyAccount {
    std::string label;
    std::string api_key;
    const credentials::GeneratedKey* key{nullptr};  ///< borrowed
    std::vector<ReadyKey> more_keys{};
};

struct ReadyInformation {
    std::string rest;
    std::string stream;
    std::string ws_api;
    std::string admin;
    std::string ca_pem;
    std::vector<ReadyAccount> accounts;
};

/// Writes, in this order, `<file>.ca.pem` (0644), `<file>.<label>.pem` for every Ed25519 or RSA key (0600;
/// `<file>.<label>.2.pem` for an account's second key), and last `file` itself (0600); each by a temporary
/// file that is renamed into place.
/// @returns the paths written
[[nodiscard]] base::Result<std::vector<std::filesystem::path>> write_ready_file(
    const std::filesystem::path& file, const ReadyInformation& information);

}  // namespace vigil::exchange
