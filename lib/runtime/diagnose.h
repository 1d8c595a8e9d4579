// Why the exchange refuses what this key signs (-1022): the entry in the vault is looked at, then a few
// signed reads tell the known causes apart.
//
// Like the preflight it holds the state folder's lock, and keeps to bans and budgets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "credentials/vault.h"
#include "runtime/preflight.h"
#include "settings/settings.h"

namespace vigil::runtime {

enum class SignatureCause : std::uint8_t {
    none,           ///< signatures are accepted
    retired,        ///< the key was retired in the vault
    not_activated,  ///< the vault has no API key for it yet
    environment,    ///< a key of another environment
    white_space,    ///< the stored secret has blanks, line ends or quotation marks
    key_type,       ///< the stored secret is of another type than the vault says
    wrong_secret,   ///< a good signature, but not with the key that the exchange has for this API key
    unknown_key,    ///< it is the API key, its permissions or the address that is refused
    clock,          ///< the timestamp
    encoding,       ///< only what has to be percent-encoded is refused
    undecided,      ///< could not be found out: vault, network, exchange
};
/// "wrong secret", as it is printed.
[[nodiscard]] std::string_view to_string(SignatureCause cause) noexcept;

struct SignatureDiagnosis {
    SignatureCause cause{SignatureCause::undecided};
    std::string detail;
    std::string remedy;
    base::ErrorKind kind{base::ErrorKind::denied};  ///< says the exit code, unless the cause is `none`
};

/// What can be told from the entry alone; nothing when it looks well.
[[nodiscard]] std::optional<SignatureDiagnosis> examine_entry(const credentials::VaultEntry& entry,
                                                              settings::Environment environment);

/// Blocks some seconds; every wait has a deadline. Needs the SecureArena.
[[nodiscard]] SignatureDiagnosis diagnose_signature(settings::Settings settings,
                                                    const PreflightOptions& options);

}  // namespace vigil::runtime
