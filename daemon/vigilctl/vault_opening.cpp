#include "vigilctl/vault_opening.h"

#include <chrono>
#include <utility>

#include "base/date.h"
#include "base/time.h"
#include "credentials/private_file.h"
#include "credentials/unlock.h"

namespace vigil::vigilctl {

using base::ErrorKind;
using base::fail;
using base::Result;
using credentials::Passphrase;
using credentials::SecretInput;
using credentials::UnlockKey;
using credentials::Vault;
using credentials::VaultAccess;

std::string today() {
    const auto now = base::SystemClock{}.wall().time_since_epoch();
    return base::format_date(std::chrono::sys_days{std::chrono::floor<std::chrono::days>(now)});
}

Result<Passphrase> new_passphrase(SecretInput& input) {
    auto text = input.line("New passphrase: ");
    if (!text) return fail(text.error());
    Passphrase first{std::move(*text)};
    if (auto good = credentials::check_passphrase(first); !good) return fail(good.error());
    if (input.is_terminal()) {
        const auto second = input.line("The same again: ");
        if (!second) return fail(second.error());
        if (!first.text.same_as(*second)) return fail(ErrorKind::invalid, "the two passphrases differ");
    }
    return first;
}

Result<UnlockKey> unlock_key(const VaultArguments& arguments, SecretInput& input) {
    if (!arguments.machine_key.empty()) {
        auto key = credentials::read_machine_key(arguments.machine_key);
        if (!key) return fail(key.error());
        return UnlockKey{std::move(*key)};
    }
    auto text = input.line("Passphrase: ");
    if (!text) return fail(text.error());
    return UnlockKey{Passphrase{std::move(*text)}};
}

Result<Vault> open_vault(const VaultArguments& arguments, VaultAccess access, SecretInput& input) {
    if (std::error_code error; !std::filesystem::exists(arguments.vault, error))
        return fail(ErrorKind::not_found, arguments.vault.string() + ": there is no such vault");
    if (auto good = credentials::check_private_file(arguments.vault); !good) return fail(good.error());
    const auto key = unlock_key(arguments, input);
    if (!key) return fail(key.error());
    return Vault::open(arguments.vault, *key, access);
}

}  // namespace vigil::vigilctl
