#include "credentials/vault.h"

#include <algorithm>

#include "base/check.h"
#include "credentials/vault_payload.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

Result<VaultId> random_id() {
    auto bytes = Secret::random(VaultId{}.size());
    if (!bytes) return fail(bytes.error());
    VaultId id{};
    bytes->use(
        [&id](std::span<const std::uint8_t> from) { std::copy(from.begin(), from.end(), id.begin()); });
    return id;
}

Result<Bytes> sealed(const VaultHeader& header, const Secret& data_key,
                     const std::vector<VaultEntry>& entries) {
    const auto payload = encoded_entries(entries);
    if (!payload) return fail(payload.error());
    return seal_vault(header, data_key, *payload);
}

}  // namespace

std::string shortened_api_key(std::string_view api_key) {
    constexpr std::size_t shown = 4;
    if (api_key.size() < 4 * shown) return "...";
    return std::string{api_key.substr(0, shown)} + "..." +
           std::string{api_key.substr(api_key.size() - shown)};
}

Vault::Vault(std::filesystem::path path, std::optional<ChangeLock> lock, VaultHeader header, Secret data_key,
             std::vector<VaultEntry> entries)
    : path_{std::move(path)},
      lock_{std::move(lock)},
      header_{header},
      data_key_{std::move(data_key)},
      entries_{std::move(entries)} {}

Result<Vault> Vault::create(const std::filesystem::path& path, const VaultCreation& creation) {
    if (creation.machine_key == nullptr && creation.passphrase == nullptr)
        return fail(ErrorKind::invalid, "a vault needs a machine key, a passphrase, or both");
    auto lock = ChangeLock::take(path);
    if (!lock) return fail(lock.error());
    const auto id = random_id();
    if (!id) return fail(id.error());
    auto data_key = Secret::random(MachineKey::size_bytes);
    if (!data_key) return fail(data_key.error());
    Vault vault{path, std::move(*lock), VaultHeader{*id, 1, {}, {}}, std::move(*data_key), {}};
    if (creation.machine_key != nullptr)
        if (auto set = vault.set_machine_key(*creation.machine_key); !set) return fail(set.error());
    if (creation.passphrase != nullptr)
        if (auto set = vault.set_passphrase(*creation.passphrase, creation.scrypt_cost); !set)
            return fail(set.error());
    const auto bytes = sealed(vault.header_, vault.data_key_, vault.entries_);
    if (!bytes) return fail(bytes.error());
    if (auto written = create_private_file(path, *bytes, 0600); !written) return fail(written.error());
    return vault;
}

Result<Vault> Vault::open(const std::filesystem::path& path, const UnlockKey& key, VaultAccess access) {
    std::optional<ChangeLock> lock;
    if (access == VaultAccess::change) {
        auto taken = ChangeLock::take(path);
        if (!taken) return fail(taken.error());
        lock = std::move(*taken);
    }
    const auto file = read_private_file(path, vault_file_bytes_max);
    if (!file) return fail(file.error());
    auto opened = file->use([&key](std::span<const std::uint8_t> bytes) { return open_vault(bytes, key); });
    if (!opened) return fail(opened.error().within(path.string()));
    auto entries = decoded_entries(opened->payload);
    if (!entries) return fail(entries.error().within(path.string()));
    return Vault{path, std::move(lock), opened->header, std::move(opened->data_key), std::move(*entries)};
}

Result<void> Vault::add(VaultEntry entry) {
    if (auto good = check_entry(entry); !good) return good;
    if (find(entry.label))
        return fail(ErrorKind::invalid, "there is a key with label \"" + entry.label + "\" already");
    if (entries_.size() >= entries_max)
        return fail(ErrorKind::exhausted, "a vault holds at most " + std::to_string(entries_max) + " keys");
    entries_.push_back(std::move(entry));
    return {};
}

Result<void> Vault::remove(std::string_view label) {
    if (const auto found = find(label); !found) return fail(found.error());
    std::erase_if(entries_, [label](const VaultEntry& entry) { return entry.label == label; });
    return {};
}

Result<const VaultEntry*> Vault::find(std::string_view label) const {
    const auto at = std::find_if(entries_.begin(), entries_.end(),
                                 [label](const VaultEntry& entry) { return entry.label == label; });
    if (at != entries_.end()) return &*at;
    std::string message = "there is no key with label \"" + std::string{label} + "\"";
    if (entries_.empty()) return fail(ErrorKind::not_found, message + "; the vault is empty");
    message += "; there is";
    for (const VaultEntry& entry : entries_)
        message += (&entry == entries_.data() ? " " : ", ") + entry.label;
    return fail(ErrorKind::not_found, std::move(message));
}

Result<void> Vault::set_machine_key(const MachineKey& key) {
    const auto slot = wrap_for_machine(header_.id, data_key_, key);
    if (!slot) return fail(slot.error());
    header_.machine_slot = *slot;
    return {};
}

Result<void> Vault::set_passphrase(const Passphrase& passphrase, ScryptCost cost) {
    if (!cost.in_bounds()) return fail(ErrorKind::invalid, "a scrypt cost out of bounds");
    if (passphrase.text.size() < Passphrase::size_bytes_min)
        return fail(ErrorKind::invalid, "a passphrase has at least " +
                                            std::to_string(Passphrase::size_bytes_min) + " characters");
    const auto slot = wrap_for_passphrase(header_.id, data_key_, passphrase, cost);
    if (!slot) return fail(slot.error());
    header_.passphrase_slot = *slot;
    return {};
}

Result<void> Vault::save() {
    if (!lock_) return fail(ErrorKind::unsupported, path_.string() + ": was opened for reading");
    VaultHeader next = header_;
    ++next.generation;
    const auto bytes = sealed(next, data_key_, entries_);
    if (!bytes) return fail(bytes.error());
    if (auto written = replace_private_file(path_, *bytes); !written) return written;
    header_ = next;
    return {};
}

}  // namespace vigil::credentials
