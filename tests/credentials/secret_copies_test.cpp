// A secret exists once: its copies in the memory of a process are counted while a key goes into a vault,
// comes out of it and signs. Each test has a process of its own, with a secure arena.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include "credentials/key_generation.h"
#include "credentials/memory_canary.h"
#include "credentials/signer.h"
#include "credentials/temporary_folder.h"
#include "credentials/vault.h"
#include "credentials/vault_fixture.h"

namespace vigil::credentials {
namespace {

using testing::MemoryCanary;
using testing::TemporaryFolder;

constexpr MemoryCanary::Found none{};
constexpr MemoryCanary::Found once_in_the_arena{1, 0};

/// Says what was found when it was not what was expected.
class Expectation {
  public:
    void is(const char* when, const MemoryCanary& canary, MemoryCanary::Found expected) {
        const auto found = canary.search();
        if (found == expected) return;
        failed_ = true;
        std::fprintf(stderr, "%s: %s, expected %s\n", when, found.str().c_str(), expected.str().c_str());
    }
    [[nodiscard]] int exit_code() const { return failed_ ? 1 : 0; }

  private:
    bool failed_{false};
};

VaultEntry entry_with(KeyType type, Secret secret) {
    return VaultEntry{"main", "simulator", type, "an-api-key", std::move(secret), "2026-07-21", ""};
}

/// Puts the key into a vault and takes it out again; every canary is counted at each step. `in_signer`: what
/// there is of each while only the signer lives.
int follow(KeyType type, Secret secret, const std::vector<MemoryCanary>& texts,
           const std::vector<MemoryCanary>& insides) {
    Expectation expect;
    const TemporaryFolder folder;
    const MachineKey key = testing::new_machine_key();
    const auto path = folder / "keys.vault";
    const auto all = [&](const char* when, MemoryCanary::Found of_texts, MemoryCanary::Found of_insides) {
        for (const MemoryCanary& canary : texts) expect.is(when, canary, of_texts);
        for (const MemoryCanary& canary : insides) expect.is(when, canary, of_insides);
    };
    all("made", once_in_the_arena, none);
    {
        auto vault = Vault::create(path, VaultCreation{&key, nullptr, testing::quick_scrypt});
        if (!vault || !vault->add(entry_with(type, std::move(secret))) || !vault->save()) return 2;
        all("in the vault", once_in_the_arena, none);
    }
    all("vault closed", none, none);
    std::unique_ptr<Signer> signer;
    {
        const auto vault = Vault::open(path, testing::copy_of(key), VaultAccess::read);
        if (!vault) return 3;
        all("vault opened", once_in_the_arena, none);
        auto made = Signer::make(type, vault->find("main").value()->secret);
        if (!made) return 4;
        signer = std::move(*made);
    }
    const bool shared_text = type == KeyType::hmac_sha256;  // the text itself is the key
    const auto in_signer = shared_text ? once_in_the_arena : none;
    all("ready to sign", in_signer, once_in_the_arena);
    std::string signature;
    for (int i = 0; i < 3; ++i) signer->sign("timestamp=" + std::to_string(i), signature);
    all("signed", in_signer, once_in_the_arena);
    signer.reset();
    all("signer gone", none, none);
    return expect.exit_code();
}

int hmac_secret() {
    const auto arena = SecureArena::make();
    if (!arena) return 5;
    auto generated = generate_key(KeyType::hmac_sha256);
    if (!generated) return 6;
    std::optional<MemoryCanary> canary;
    generated->private_key.use([&](std::span<const std::uint8_t> bytes) { canary.emplace(bytes); });
    return follow(KeyType::hmac_sha256, std::move(generated->private_key), {*canary}, {});
}

int ed25519_key() {
    const auto arena = SecureArena::make();
    if (!arena) return 5;
    auto generated = generate_key(KeyType::ed25519);
    if (!generated) return 6;
    std::vector<MemoryCanary> texts;
    std::vector<MemoryCanary> insides;
    generated->private_key.use_text([&](std::string_view pem) {
        // The one line of base64; its last 32 bytes are the seed, wholly in the last 43 characters.
        const std::string_view line = pem.substr(pem.find('\n') + 1, 64);
        texts.emplace_back(testing::as_bytes(line));
        auto der = Secret::zeros(48);
        der->fill([&](std::span<std::uint8_t> out) {
            EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(line.data()), 64);
            insides.emplace_back(out.last(32));
        });
    });
    return follow(KeyType::ed25519, std::move(generated->private_key), texts, insides);
}

int rsa_key() {
    const auto arena = SecureArena::make();
    if (!arena) return 5;
    auto generated = generate_key(KeyType::rsa);
    if (!generated) return 6;
    std::vector<MemoryCanary> texts;
    std::vector<MemoryCanary> insides;
    generated->private_key.use_text([&](std::string_view pem) {
        // PKCS#8 of 2048 bits has 25 whole lines. A line is 48 bytes of DER, of which the private exponent
        // fills the lines from the eighth to the tenth; as a number it lies there the other way round.
        const std::size_t first = pem.find('\n') + 1;
        for (std::size_t i = 0; i < 25; ++i)
            texts.emplace_back(testing::as_bytes(pem.substr(first + 65 * i, 64)));
        auto der = Secret::zeros(48);
        der->fill([&](std::span<std::uint8_t> out) {
            const std::string_view line = pem.substr(first + 65 * 8, 64);
            EVP_DecodeBlock(out.data(), reinterpret_cast<const unsigned char*>(line.data()), 64);
            insides.push_back(MemoryCanary{out}.reversed());
        });
    });
    return follow(KeyType::rsa, std::move(generated->private_key), texts, insides);
}

class SecretCopies : public ::testing::Test {
  protected:
    void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(SecretCopies, TheSearchFindsWhatIsThere) {
    EXPECT_EXIT(
        {
            const auto arena = SecureArena::make();
            std::vector<std::uint8_t> plain(40);
            auto drawn = Secret::random(40);
            drawn->use([&](auto bytes) { std::copy(bytes.begin(), bytes.end(), plain.begin()); });
            const MemoryCanary canary{plain};
            std::vector<std::uint8_t> twice = plain;
            const auto found = canary.search();
            std::exit(found == MemoryCanary::Found{1, 2} && arena->locked() && !twice.empty() ? 0 : 1);
        },
        ::testing::ExitedWithCode(0), "");
}

TEST_F(SecretCopies, AnHmacSecretExistsOnce) {
    EXPECT_EXIT(std::exit(hmac_secret()), ::testing::ExitedWithCode(0), "");
}

TEST_F(SecretCopies, AnEd25519KeyExistsOnceAndItsTextNotAtAll) {
    EXPECT_EXIT(std::exit(ed25519_key()), ::testing::ExitedWithCode(0), "");
}

TEST_F(SecretCopies, AnRsaKeyExistsOnceAndItsTextNotAtAll) {
    EXPECT_EXIT(std::exit(rsa_key()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace vigil::credentials
