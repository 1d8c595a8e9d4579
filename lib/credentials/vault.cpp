#include "credentials/vault.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "credentials/key_generation.h"
#include "credentials/signer.h"
#include "credentials/vault_payload.h"
#include "credentials/verifier.h"

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

/// Signs something and verifies that. An HMAC secret cannot be wrong by itself: only the exchange can tell.
Result<void> try_key(const VaultEntry& entry) {
    if (entry.type == KeyType::hmac_sha256) return {};
    const auto signer = Signer::make(entry.type, entry.secret);
    if (!signer) return fail(signer.error());
    const auto public_key = public_key_of(entry.type, entry.secret);
    if (!public_key) return fail(public_key.error());
    const auto verifier = Verifier::from_public_key(entry.type, *public_key);
    if (!verifier) return fail(verifier.error());
    std::string signature;
    (*signer)->sign("timestamp=0", signature);
    if (!(*verifier)->verify("timestamp=0", signature))
        return fail(ErrorKind::corrupt, "what it signs does not verify");
    return {};
}

Result<Bytes> sealed(const VaultHeader& header, const Secret& data_key,
                     const std::vector<VaultEntry>& entries) {
    const auto payload = encoded_entries(entries);
    if (!payload) return fail(payload.error());
    return seal_vault(header, data_key, *payload);
}

}  // namespace

Result<void> check_passphrase(const Passphrase& passphrase) {
    if (passphrase.text.size() < Passphrase::size_bytes_min)
        return fail(ErrorKind::invalid, "a passphrase has at least " +
                                            std::to_string(Passphrase::size_bytes_min) + " characters");
    // Anything else could not be typed again on another terminal.
    if (!passphrase.text.use_text(is_printable_utf8))
        return fail(ErrorKind::invalid, "a passphrase is UTF-8 without control characters");
    return {};
}

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
        // Before a lock file is made beside something that is no vault.
        if (auto good = check_private_file(path); !good) return fail(good.error());
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

Result<const VaultEntry*> Vault::find_usable(std::string_view label) const {
    const auto entry = find(label);
    if (!entry) return entry;
    if ((*entry)->is_retired())
        return fail(ErrorKind::invalid,
                    "key \"" + std::string{label} + "\" was retired on " + (*entry)->retired);
    if ((*entry)->api_key.empty())
        return fail(ErrorKind::invalid,
                    "key \"" + std::string{label} +
                        "\" has no API key yet: upload its public key to the exchange, and "
                        "enter what it gives (vigilctl vault activate)");
    return entry;
}

Result<VaultEntry*> Vault::find_to_change(std::string_view label) {
    const auto found = find(label);
    if (!found) return fail(found.error());
    return &entries_[static_cast<std::size_t>(*found - entries_.data())];
}

Result<void> Vault::set_api_key(std::string_view label, std::string api_key) {
    const auto entry = find_to_change(label);
    if (!entry) return fail(entry.error());
    if ((*entry)->is_retired() || !(*entry)->api_key.empty())
        return fail(ErrorKind::invalid, "key \"" + std::string{label} + "\" has its API key already");
    if (api_key.empty()) return fail(ErrorKind::invalid, "an API key is not empty");
    (*entry)->api_key = std::move(api_key);
    if (auto good = check_entry(**entry); !good) {
        (*entry)->api_key.clear();
        return good;
    }
    return {};
}

Result<void> Vault::retire(std::string_view label, std::string date) {
    const auto entry = find_to_change(label);
    if (!entry) return fail(entry.error());
    if ((*entry)->is_retired())
        return fail(ErrorKind::invalid,
                    "key \"" + std::string{label} + "\" was retired on " + (*entry)->retired);
    (*entry)->retired = std::move(date);
    (*entry)->secret = Secret{};
    return {};
}

Result<void> Vault::verify() const {
    for (const VaultEntry& entry : entries_) {
        const std::string name = "key \"" + entry.label + "\"";
        if (auto good = check_entry(entry); !good) return fail(good.error().within(name));
        if (entry.is_retired()) continue;
        if (auto good = try_key(entry); !good) return fail(good.error().within(name));
    }
    return {};
}

bool Vault::opens_with_machine_key() const {
    return header_.machine_slot != VaultSlot{};
}
bool Vault::opens_with_passphrase() const {
    return header_.passphrase_slot != VaultSlot{};
}

Result<void> Vault::rekey(const VaultCreation& ways) {
    if (opens_with_machine_key() != (ways.machine_key != nullptr))
        return fail(ErrorKind::invalid,
                    opens_with_machine_key()
                        ? "the vault opens with a machine key too, which is needed as well"
                        : "the vault does not open with a machine key");
    if (opens_with_passphrase() != (ways.passphrase != nullptr))
        return fail(ErrorKind::invalid, opens_with_passphrase()
                                            ? "the vault opens with a passphrase too, which is needed as well"
                                            : "the vault does not open with a passphrase");
    auto fresh = Secret::random(MachineKey::size_bytes);
    if (!fresh) return fail(fresh.error());
    const VaultHeader header = header_;
    Secret before = std::exchange(data_key_, std::move(*fresh));
    Result<void> done;
    if (ways.machine_key != nullptr) done = set_machine_key(*ways.machine_key);
    if (done && ways.passphrase != nullptr) done = set_passphrase(*ways.passphrase, ways.scrypt_cost);
    if (!done) {
        header_ = header;
        data_key_ = std::move(before);
    }
    return done;
}

Result<void> Vault::set_machine_key(const MachineKey& key) {
    const auto slot = wrap_for_machine(header_.id, data_key_, key);
    if (!slot) return fail(slot.error());
    header_.machine_slot = *slot;
    return {};
}

Result<void> Vault::set_passphrase(const Passphrase& passphrase, ScryptCost cost) {
    if (!cost.in_bounds()) return fail(ErrorKind::invalid, "a scrypt cost out of bounds");
    if (auto good = check_passphrase(passphrase); !good) return good;
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
