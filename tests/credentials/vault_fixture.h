// Keys, entries and a quick vault for the tests of the vault.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "credentials/key_generation.h"
#include "credentials/temporary_folder.h"
#include "credentials/vault.h"

namespace vigil::credentials::testing {

inline constexpr ScryptCost quick_scrypt{14, 8, 1};

inline MachineKey new_machine_key() {
    return MachineKey{Secret::random(MachineKey::size_bytes).value()};
}
inline MachineKey copy_of(const MachineKey& key) {
    return MachineKey{
        key.bytes.use([](std::span<const std::uint8_t> bytes) { return Secret::copy_of(bytes).value(); })};
}
inline Passphrase passphrase(std::string_view text) {
    return Passphrase{Secret::copy_of(text).value()};
}

inline VaultEntry new_entry(std::string label, KeyType type = KeyType::hmac_sha256) {
    auto key = generate_key(type).value();
    return VaultEntry{std::move(label),           "simulator",  type,       random_alphanumeric().value(),
                      std::move(key.private_key), "2026-07-21", "made here"};
}

inline std::string file_bytes(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

inline void expect_same(const VaultEntry& a, const VaultEntry& b) {
    EXPECT_EQ(a.label, b.label);
    EXPECT_EQ(a.environment, b.environment);
    EXPECT_EQ(a.type, b.type);
    EXPECT_EQ(a.api_key, b.api_key);
    EXPECT_TRUE(a.secret.same_as(b.secret));
    EXPECT_EQ(a.created, b.created);
    EXPECT_EQ(a.note, b.note);
}

inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace vigil::credentials::testing
