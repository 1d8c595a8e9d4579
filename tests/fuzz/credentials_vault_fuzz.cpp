// Vault files, and what is inside once one has been opened.
#include <vector>

#include "base/check.h"
#include "credentials/vault_format.h"
#include "credentials/vault_payload.h"
#include "fuzz/target.h"

namespace vigil::fuzz {

namespace {

using credentials::Secret;

constexpr std::string_view key_text = "0123456789abcdef0123456789abcdef";

credentials::UnlockKey machine_key() {
    return credentials::MachineKey{*Secret::copy_of(key_text)};
}

credentials::VaultEntry entry() {
    credentials::VaultEntry one;
    one.label = "main";
    one.environment = "simulator";
    one.api_key = std::string(64, 'A');
    one.created = "2025-08-01";
    one.note = "a note";
    one.secret = *Secret::copy_of("not a secret at all, only a text");
    return one;
}

std::string text_of(const Secret& secret) {
    return secret.use_text([](std::string_view text) { return std::string{text}; });
}

}  // namespace

// The first byte says whether the rest is a file or a payload.
std::vector<std::string> seeds() {
    std::vector<credentials::VaultEntry> entries;
    entries.push_back(entry());
    const Secret payload = *credentials::encoded_entries(entries);
    const Secret data_key = *Secret::copy_of(key_text);
    credentials::VaultHeader header;
    header.id[0] = 7;
    header.machine_slot = *credentials::wrap_for_machine(header.id, data_key,
                                                         credentials::MachineKey{*Secret::copy_of(key_text)});
    const auto file = *credentials::seal_vault(header, data_key, payload);
    return {"f" + std::string{file.begin(), file.end()}, "p" + text_of(payload), "f", "p"};
}

void run(std::string_view input) {
    if (input.empty()) return;
    const bool is_file = input.front() == 'f';
    input.remove_prefix(1);
    if (is_file) {
        const std::vector<std::uint8_t> file{input.begin(), input.end()};
        const auto opened = credentials::open_vault(file, machine_key());
        if (!opened) base::check(!opened.error().message.empty(), "a refusal says why");
        return;
    }
    const auto secret = Secret::copy_of(input);
    if (!secret) return;
    const auto entries = credentials::decoded_entries(*secret);
    if (!entries) return;
    // What was understood is written back byte for byte.
    const auto again = credentials::encoded_entries(*entries);
    base::check(again.has_value() && again->same_as(*secret), "a payload has one form only");
}

}  // namespace vigil::fuzz
