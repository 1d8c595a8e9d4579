// The encrypted file that holds the operator's exchange keys. Its bytes are specified in docs/vault.md.
//
// A vault is opened with the machine key (unattended start) or with the recovery passphrase. Reading takes no
// lock, since the file is only ever replaced as a whole; a vault opened for change holds the file's
// ChangeLock until it goes, so two tools cannot work on it at once. Nothing is on disk before `save`. One
// thread at a time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "credentials/key_type.h"
#include "credentials/private_file.h"
#include "credentials/secret.h"
#include "credentials/vault_format.h"

namespace vigil::credentials {

/// One exchange key.
struct VaultEntry {
    std::string label;        ///< unique in the vault: 1 to 32 of A-Z a-z 0-9 - _
    std::string environment;  ///< simulator, testnet, demo or production
    KeyType type{KeyType::hmac_sha256};
    std::string api_key;  ///< not secret, but shown only shortened; empty: the exchange has not given it yet
    Secret secret;        ///< HMAC secret's text, or private key in PEM; empty once it is retired
    std::string created;  ///< UTC date, YYYY-MM-DD
    std::string note;     ///< up to 256 bytes of UTF-8, may be empty
    std::string retired{};  ///< UTC date; empty while the key is in use

    [[nodiscard]] bool is_retired() const { return !retired.empty(); }
};

/// What `show` prints of an API key: the first and last four characters, or only dots if it is too short for
/// that.
[[nodiscard]] std::string shortened_api_key(std::string_view api_key);

/// How to make a vault; at least one way to open it must be there.
struct VaultCreation {
    const MachineKey* machine_key{nullptr};
    const Passphrase* passphrase{nullptr};
    ScryptCost scrypt_cost{};
};

/// A new passphrase: long enough, and one that can be typed again. ErrorKind::invalid.
[[nodiscard]] base::Result<void> check_passphrase(const Passphrase& passphrase);

enum class VaultAccess { read, change };

class Vault {
  public:
    static constexpr std::size_t entries_max = 16;

    /// Writes a new, empty vault with generation 1 (mode 0600) and holds it for change. ErrorKind::invalid
    /// when there is a file already, or no way to open is given.
    [[nodiscard]] static base::Result<Vault> create(const std::filesystem::path& path,
                                                    const VaultCreation& creation);

    /// @return ErrorKind::denied: wrong key or passphrase, or the file is not private; corrupt: the file was
    /// changed,
    ///         cut or forged; not_found; invalid: not a vault; unavailable: opened for change elsewhere
    [[nodiscard]] static base::Result<Vault> open(const std::filesystem::path& path, const UnlockKey& key,
                                                  VaultAccess access);

    /// ErrorKind::invalid: a field is out of range, the secret is no key of that type, the label is taken;
    /// exhausted: entries_max.
    [[nodiscard]] base::Result<void> add(VaultEntry entry);
    [[nodiscard]] base::Result<void> remove(std::string_view label);
    [[nodiscard]] const std::vector<VaultEntry>& entries() const { return entries_; }
    /// ErrorKind::not_found names the labels that there are.
    [[nodiscard]] base::Result<const VaultEntry*> find(std::string_view label) const;

    /// The same for a key to sign with: ErrorKind::invalid when it is retired or has no API key yet.
    [[nodiscard]] base::Result<const VaultEntry*> find_usable(std::string_view label) const;
    /// Fills in what the exchange gave for the public key of an entry that has no API key yet.
    [[nodiscard]] base::Result<void> set_api_key(std::string_view label, std::string api_key);
    /// Erases the secret and keeps the rest as a record. ErrorKind::invalid when it is retired already.
    [[nodiscard]] base::Result<void> retire(std::string_view label, std::string date);
    /// Tries every key that is in use: it can be loaded, and what it signs can be verified.
    [[nodiscard]] base::Result<void> verify() const;

    [[nodiscard]] bool opens_with_machine_key() const;
    [[nodiscard]] bool opens_with_passphrase() const;
    /// Draws a new data key: whoever knows the old one can read no later generation. Every way that opens
    /// the vault must be given, since it has to be wrapped again for each (ErrorKind::invalid).
    [[nodiscard]] base::Result<void> rekey(const VaultCreation& ways);
    /// Replaces a way to open; takes effect with the next save.
    [[nodiscard]] base::Result<void> set_machine_key(const MachineKey& key);
    [[nodiscard]] base::Result<void> set_passphrase(const Passphrase& passphrase, ScryptCost cost = {});

    /// Writes the next generation. A vault opened for reading cannot be saved (ErrorKind::unsupported).
    [[nodiscard]] base::Result<void> save();

    /// Grows with every save. An operator who keeps the highest one seen notices an old copy that was put
    /// back.
    [[nodiscard]] std::uint64_t generation() const { return header_.generation; }
    [[nodiscard]] const VaultId& id() const { return header_.id; }

  private:
    [[nodiscard]] base::Result<VaultEntry*> find_to_change(std::string_view label);
    Vault(std::filesystem::path path, std::optional<ChangeLock> lock, VaultHeader header, Secret data_key,
          std::vector<VaultEntry> entries);

    std::filesystem::path path_;
    std::optional<ChangeLock> lock_;
    VaultHeader header_;
    Secret data_key_;
    std::vector<VaultEntry> entries_;
};

}  // namespace vigil::credentials
