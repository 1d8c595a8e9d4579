// The vault's bytes: header, key slots, sealing and opening. Pure functions on buffers; docs/vault.md is the
// specification, vault.h the thing to use.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "base/error.h"
#include "credentials/secret.h"

namespace vigil::credentials {

using Bytes = std::vector<std::uint8_t>;
using VaultId = std::array<std::uint8_t, 16>;

/// 32 random bytes that the machine keeps for an unattended start.
struct MachineKey {
    static constexpr std::size_t size_bytes = 32;
    Secret bytes;
};

/// What the operator remembers, as UTF-8.
struct Passphrase {
    static constexpr std::size_t size_bytes_min = 12;
    Secret text;
};

using UnlockKey = std::variant<MachineKey, Passphrase>;

/// Cost of guessing a passphrase. The default takes 256 MiB and the better part of a second.
struct ScryptCost {
    static constexpr unsigned log2_n_min = 14;
    static constexpr unsigned log2_n_max = 20;
    unsigned log2_n{18};
    unsigned r{8};  ///< 8, always: written in the file so that a later version can change it
    unsigned p{1};  ///< 1 to 4

    [[nodiscard]] bool in_bounds() const {
        return log2_n >= log2_n_min && log2_n <= log2_n_max && r == 8 && p >= 1 && p <= 4;
    }
};

inline constexpr std::size_t vault_header_bytes = 344;
inline constexpr std::size_t vault_slot_bytes = 128;
inline constexpr std::size_t vault_tag_bytes = 16;
inline constexpr std::size_t vault_payload_bytes_max = std::size_t{80} * 1024;
inline constexpr std::size_t vault_file_bytes_max =
    vault_header_bytes + vault_payload_bytes_max + vault_tag_bytes;

/// A wrapped data key; empty when all zero.
using VaultSlot = std::array<std::uint8_t, vault_slot_bytes>;

/// The part of the header that a reader keeps in order to write the next generation.
struct VaultHeader {
    VaultId id{};
    std::uint64_t generation{0};
    VaultSlot machine_slot{};
    VaultSlot passphrase_slot{};
};

struct OpenedVault {
    VaultHeader header;
    Secret data_key;
    Secret payload;
};

[[nodiscard]] base::Result<VaultSlot> wrap_for_machine(const VaultId& id, const Secret& data_key,
                                                       const MachineKey& key);
/// Takes the time and memory that `cost` says.
[[nodiscard]] base::Result<VaultSlot> wrap_for_passphrase(const VaultId& id, const Secret& data_key,
                                                          const Passphrase& passphrase, ScryptCost cost);

/// The file's bytes. A fresh nonce is drawn each time.
[[nodiscard]] base::Result<Bytes> seal_vault(const VaultHeader& header, const Secret& data_key,
                                             const Secret& payload);

/// @return ErrorKind::invalid: no vault, or of an unknown version; denied: the key does not open its slot;
///         corrupt: the slot opened but the rest does not hold together
[[nodiscard]] base::Result<OpenedVault> open_vault(std::span<const std::uint8_t> file, const UnlockKey& key);

}  // namespace vigil::credentials
