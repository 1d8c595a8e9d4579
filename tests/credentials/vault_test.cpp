#include "credentials/vault.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "credentials/vault_fixture.h"

namespace vigil::credentials {
namespace {

using base::ErrorKind;
using testing::copy_of;
using testing::expect_same;
using testing::file_bytes;
using testing::new_entry;
using testing::new_machine_key;
using testing::passphrase;
using testing::quick_scrypt;

class VaultTest : public ::testing::Test {
  protected:
    testing::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "keys.vault";
    MachineKey key_ = new_machine_key();
    Passphrase phrase_ = passphrase("a long enough passphrase");

    Vault create() { return Vault::create(path_, VaultCreation{&key_, &phrase_, quick_scrypt}).value(); }
    UnlockKey machine() const { return copy_of(key_); }
    static ErrorKind kind_of(const base::Result<Vault>& result) {
        EXPECT_FALSE(result.has_value());
        return result ? ErrorKind::io : result.error().kind;
    }
};

TEST_F(VaultTest, EveryKeyTypeComesBackThroughBothSlots) {
    const KeyType types[] = {KeyType::hmac_sha256, KeyType::ed25519, KeyType::rsa};
    {
        Vault vault = create();
        for (const KeyType type : types)
            ASSERT_TRUE(vault.add(new_entry(std::string{to_string(type)}, type)));
        ASSERT_TRUE(vault.save());
        EXPECT_EQ(vault.generation(), 2U);
    }
    const auto by_key = Vault::open(path_, machine(), VaultAccess::read);
    const auto by_phrase = Vault::open(path_, passphrase("a long enough passphrase"), VaultAccess::read);
    ASSERT_TRUE(by_key) << by_key.error().message;
    ASSERT_TRUE(by_phrase) << by_phrase.error().message;
    ASSERT_EQ(by_key->entries().size(), 3U);
    ASSERT_EQ(by_phrase->entries().size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
        expect_same(by_key->entries()[i], by_phrase->entries()[i]);
        EXPECT_EQ(by_key->entries()[i].type, types[i]);
    }
    EXPECT_EQ(by_key->generation(), 2U);
    EXPECT_EQ(by_key->id(), by_phrase->id());
}

TEST_F(VaultTest, NothingIsOnDiskBeforeSaveAndNothingReadableAfter) {
    Vault vault = create();
    const std::string before = file_bytes(path_);
    VaultEntry entry = new_entry("main");
    const std::string api_key = entry.api_key;
    const std::string secret = entry.secret.use_text([](std::string_view text) { return std::string{text}; });
    ASSERT_TRUE(vault.add(std::move(entry)));
    EXPECT_EQ(file_bytes(path_), before);
    ASSERT_TRUE(vault.save());
    const std::string after = file_bytes(path_);
    EXPECT_NE(after, before);
    for (const std::string& plain : {api_key, secret, std::string{"main"}, std::string{"made here"}})
        EXPECT_EQ(after.find(plain), std::string::npos);
    EXPECT_EQ(std::filesystem::status(path_).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(VaultTest, RemovesAndFinds) {
    Vault vault = create();
    ASSERT_TRUE(vault.add(new_entry("one")));
    ASSERT_TRUE(vault.add(new_entry("two")));
    EXPECT_EQ(vault.find("two").value()->label, "two");
    ASSERT_TRUE(vault.remove("one"));
    EXPECT_EQ(vault.remove("one").error().kind, ErrorKind::not_found);
    EXPECT_EQ(vault.find("one").error().message, "there is no key with label \"one\"; there is two");
    ASSERT_TRUE(vault.save());
    const auto again = Vault::open(path_, machine(), VaultAccess::read);
    ASSERT_EQ(again->entries().size(), 1U);
}

TEST_F(VaultTest, WrongKeyAndWrongPassphraseAreDenied) {
    create();
    EXPECT_EQ(kind_of(Vault::open(path_, new_machine_key(), VaultAccess::read)), ErrorKind::denied);
    EXPECT_EQ(kind_of(Vault::open(path_, passphrase("a long enough passphrasE"), VaultAccess::read)),
              ErrorKind::denied);
    EXPECT_EQ(kind_of(Vault::open(path_, passphrase(""), VaultAccess::read)), ErrorKind::denied);
    EXPECT_EQ(kind_of(Vault::open(path_, MachineKey{Secret::random(31).value()}, VaultAccess::read)),
              ErrorKind::invalid);
}

TEST_F(VaultTest, OpensOnlyTheWaysItWasMadeFor) {
    {
        ASSERT_TRUE(Vault::create(path_, VaultCreation{&key_, nullptr, quick_scrypt}));
        const auto result = Vault::open(path_, passphrase("a long enough passphrase"), VaultAccess::read);
        EXPECT_EQ(kind_of(result), ErrorKind::denied);
        EXPECT_NE(result.error().message.find("only with its machine key"), std::string::npos);
    }
    const auto other = folder_ / "other.vault";
    ASSERT_TRUE(Vault::create(other, VaultCreation{nullptr, &phrase_, quick_scrypt}));
    EXPECT_EQ(kind_of(Vault::open(other, machine(), VaultAccess::read)), ErrorKind::denied);
    EXPECT_EQ(kind_of(Vault::create(folder_ / "none.vault", VaultCreation{})), ErrorKind::invalid);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "none.vault"));
}

TEST_F(VaultTest, CreateNeverOverwrites) {
    create();
    const std::string before = file_bytes(path_);
    EXPECT_EQ(kind_of(Vault::create(path_, VaultCreation{&key_, nullptr, quick_scrypt})), ErrorKind::invalid);
    EXPECT_EQ(file_bytes(path_), before);
}

TEST_F(VaultTest, RefusesWeakPassphrasesAndCosts) {
    const Passphrase weak = passphrase("elevenchars");
    EXPECT_EQ(kind_of(Vault::create(path_, VaultCreation{nullptr, &weak, quick_scrypt})), ErrorKind::invalid);
    EXPECT_EQ(kind_of(Vault::create(path_, VaultCreation{nullptr, &phrase_, ScryptCost{13, 8, 1}})),
              ErrorKind::invalid);
    EXPECT_EQ(kind_of(Vault::create(path_, VaultCreation{nullptr, &phrase_, ScryptCost{21, 8, 1}})),
              ErrorKind::invalid);
    EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(VaultTest, TwoToolsAtOnceAreRefusedButReadingGoesOn) {
    Vault first = create();
    const auto second = Vault::open(path_, machine(), VaultAccess::change);
    EXPECT_EQ(kind_of(second), ErrorKind::unavailable);
    EXPECT_NE(second.error().message.find("another program"), std::string::npos);
    EXPECT_TRUE(Vault::open(path_, machine(), VaultAccess::read));
    { const Vault gone = std::move(first); }
    EXPECT_TRUE(Vault::open(path_, machine(), VaultAccess::change));
}

TEST_F(VaultTest, AReaderCannotSave) {
    create();
    auto vault = Vault::open(path_, machine(), VaultAccess::read);
    ASSERT_TRUE(vault);
    EXPECT_EQ(vault->save().error().kind, ErrorKind::unsupported);
}

TEST_F(VaultTest, ANewMachineKeyShutsTheOldOneOut) {
    const MachineKey fresh = new_machine_key();
    {
        Vault vault = create();
        ASSERT_TRUE(vault.add(new_entry("main")));
        ASSERT_TRUE(vault.set_machine_key(fresh));
        ASSERT_TRUE(vault.save());
    }
    EXPECT_EQ(kind_of(Vault::open(path_, machine(), VaultAccess::read)), ErrorKind::denied);
    EXPECT_EQ(Vault::open(path_, copy_of(fresh), VaultAccess::read)->entries().size(), 1U);
    EXPECT_TRUE(Vault::open(path_, passphrase("a long enough passphrase"), VaultAccess::read));
}

TEST_F(VaultTest, ANewPassphraseReplacesTheOldOne) {
    {
        Vault vault = create();
        ASSERT_TRUE(vault.set_passphrase(passphrase("something else entirely"), quick_scrypt));
        ASSERT_TRUE(vault.save());
    }
    EXPECT_EQ(kind_of(Vault::open(path_, passphrase("a long enough passphrase"), VaultAccess::read)),
              ErrorKind::denied);
    EXPECT_TRUE(Vault::open(path_, passphrase("something else entirely"), VaultAccess::read));
    EXPECT_TRUE(Vault::open(path_, machine(), VaultAccess::read));
}

TEST_F(VaultTest, ACrashWhileSavingLeavesTheOldVaultAndTheNextSaveWorks) {
    Vault vault = create();
    // What a process killed between write and rename leaves.
    std::ofstream{path_.string() + ".new"} << "half a vault";
    EXPECT_TRUE(Vault::open(path_, machine(), VaultAccess::read));
    ASSERT_TRUE(vault.add(new_entry("main")));
    ASSERT_TRUE(vault.save());
    EXPECT_EQ(Vault::open(path_, machine(), VaultAccess::read)->entries().size(), 1U);
    EXPECT_FALSE(std::filesystem::exists(path_.string() + ".new"));
}

TEST_F(VaultTest, ChecksEveryFieldOfAnEntry) {
    Vault vault = create();
    const auto refused = [&vault](auto&& change) {
        VaultEntry entry = new_entry("main");
        change(entry);
        const auto result = vault.add(std::move(entry));
        return !result && result.error().kind == ErrorKind::invalid;
    };
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.label = ""; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.label = "Ma in"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.label = std::string(33, 'a'); }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.environment = "prod"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.api_key = ""; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.api_key = "a b"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.api_key = "a\r\nX-Header: b"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.created = "yesterday"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.note = "\x1b[2J"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.label = "M\xc3\xa4in"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.note = std::string(257, 'n'); }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.note = "not UTF-8: \xff"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.note = "overlong: \xc0\xaf"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.note = "turned: \xe2\x80\xae"; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.secret = Secret::copy_of("\xc3\xa4\xff").value(); }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.retired = "2026-07-22"; }));  // and has a secret
    EXPECT_TRUE(refused([](VaultEntry& entry) {
        entry.retired = "soon";
        entry.secret = Secret{};
    }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.secret = Secret{}; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.secret = Secret::copy_of("with space").value(); }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.secret = Secret::zeros(4097).value(); }));
    EXPECT_TRUE(refused([](VaultEntry& entry) { entry.type = KeyType::ed25519; }));
    EXPECT_TRUE(refused([](VaultEntry& entry) {
        entry = new_entry("main", KeyType::ed25519);
        entry.type = KeyType::rsa;
    }));
    EXPECT_TRUE(vault.entries().empty());
    ASSERT_TRUE(vault.add(new_entry("main")));
    EXPECT_TRUE(refused([](VaultEntry&) {}));  // the label is taken
}

TEST_F(VaultTest, TakesAsManyOfTheLargestEntriesAsItSays) {
    Vault vault = create();
    for (std::size_t i = 0; i < Vault::entries_max; ++i) {
        VaultEntry entry =
            new_entry("label-that-has-thirty-two-char-" + std::string(1, static_cast<char>('a' + i)));
        entry.secret = Secret::copy_of(std::string(4096, 's')).value();
        entry.api_key = std::string(128, 'k');
        entry.note = std::string(256, 'n');
        ASSERT_TRUE(vault.add(std::move(entry)));
    }
    EXPECT_EQ(vault.add(new_entry("more")).error().kind, ErrorKind::exhausted);
    ASSERT_TRUE(vault.save());
    const auto again = Vault::open(path_, machine(), VaultAccess::read);
    ASSERT_TRUE(again) << again.error().message;
    ASSERT_EQ(again->entries().size(), Vault::entries_max);
    expect_same(again->entries().back(), vault.entries().back());
}

TEST_F(VaultTest, AGeneratedKeyWaitsForItsApiKey) {
    Vault vault = create();
    VaultEntry entry = new_entry("TradingBot-Prod", KeyType::ed25519);
    entry.api_key.clear();
    entry.note = "für den Handel";
    ASSERT_TRUE(vault.add(std::move(entry)));
    EXPECT_EQ(vault.find_usable("TradingBot-Prod").error().kind, ErrorKind::invalid);
    EXPECT_EQ(vault.set_api_key("TradingBot-Prod", "with space").error().kind, ErrorKind::invalid);
    EXPECT_FALSE(vault.find_usable("TradingBot-Prod"));
    EXPECT_EQ(vault.set_api_key("other", "key").error().kind, ErrorKind::not_found);
    ASSERT_TRUE(vault.set_api_key("TradingBot-Prod", "given-by-the-exchange"));
    EXPECT_EQ(vault.find_usable("TradingBot-Prod").value()->api_key, "given-by-the-exchange");
    EXPECT_EQ(vault.set_api_key("TradingBot-Prod", "another").error().kind, ErrorKind::invalid);
    ASSERT_TRUE(vault.save());
    const auto again = Vault::open(path_, machine(), VaultAccess::read);
    expect_same(again->entries().front(), vault.entries().front());
}

TEST_F(VaultTest, ARetiredKeyHasNoSecretAndIsNotUsable) {
    Vault vault = create();
    ASSERT_TRUE(vault.add(new_entry("old", KeyType::ed25519)));
    ASSERT_TRUE(vault.find_usable("old"));
    ASSERT_TRUE(vault.retire("old", "2026-07-22"));
    EXPECT_TRUE(vault.entries().front().secret.empty());
    EXPECT_EQ(vault.find_usable("old").error().message, "key \"old\" was retired on 2026-07-22");
    EXPECT_EQ(vault.retire("old", "2026-07-23").error().kind, ErrorKind::invalid);
    EXPECT_EQ(vault.add(new_entry("old")).error().kind, ErrorKind::invalid);  // the label stays taken
    ASSERT_TRUE(vault.verify());
    ASSERT_TRUE(vault.save());
    const auto again = Vault::open(path_, machine(), VaultAccess::read);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->entries().front().retired, "2026-07-22");
}

TEST_F(VaultTest, RekeyLeavesNothingOfTheOldDataKey) {
    std::string before;
    {
        Vault vault = create();
        ASSERT_TRUE(vault.add(new_entry("main")));
        ASSERT_TRUE(vault.save());
        before = file_bytes(path_);
        EXPECT_EQ(vault.rekey({&key_, nullptr, quick_scrypt}).error().kind, ErrorKind::invalid);
        EXPECT_EQ(vault.rekey({nullptr, &phrase_, quick_scrypt}).error().kind, ErrorKind::invalid);
        ASSERT_TRUE(vault.rekey({&key_, &phrase_, quick_scrypt}));
        ASSERT_TRUE(vault.save());
        EXPECT_EQ(vault.generation(), 3U);
    }
    const auto by_key = Vault::open(path_, machine(), VaultAccess::read);
    ASSERT_TRUE(by_key);
    ASSERT_TRUE(Vault::open(path_, passphrase("a long enough passphrase"), VaultAccess::read));
    EXPECT_EQ(by_key->generation(), 3U);
    // The data key of the older generation, which somebody may have, does not read this one.
    const auto old = open_vault(testing::as_bytes(before), machine());
    ASSERT_TRUE(old);
    const auto fresh = open_vault(testing::as_bytes(file_bytes(path_)), machine());
    ASSERT_TRUE(fresh);
    EXPECT_FALSE(old->data_key.same_as(fresh->data_key));
}

TEST_F(VaultTest, ANewPassphraseKeepsTheDataKey) {
    const auto data_key = [this] {
        return std::move(open_vault(testing::as_bytes(file_bytes(path_)), machine())->data_key);
    };
    Vault vault = create();
    const Secret before = data_key();
    ASSERT_TRUE(vault.set_passphrase(passphrase("another long passphrase"), quick_scrypt));
    ASSERT_TRUE(vault.save());
    EXPECT_TRUE(data_key().same_as(before));
    EXPECT_EQ(kind_of(Vault::open(path_, passphrase("a long enough passphrase"), VaultAccess::read)),
              ErrorKind::denied);
    EXPECT_TRUE(Vault::open(path_, passphrase("another long passphrase"), VaultAccess::read));
    for (const char* text : {"short", "not UTF-8 at all: \xff\xfe", "a tab\tand more of it"})
        EXPECT_EQ(vault.set_passphrase(passphrase(text), quick_scrypt).error().kind, ErrorKind::invalid)
            << text;
}

TEST_F(VaultTest, AMachineKeyThatWasReplacedOpensOlderCopiesOnly) {
    const std::string older = [this] {
        create();
        return file_bytes(path_);
    }();
    const MachineKey fresh = new_machine_key();
    {
        auto vault = Vault::open(path_, machine(), VaultAccess::change);
        ASSERT_TRUE(vault && vault->set_machine_key(fresh) && vault->save());
    }
    EXPECT_EQ(kind_of(Vault::open(path_, machine(), VaultAccess::read)), ErrorKind::denied);
    EXPECT_TRUE(Vault::open(path_, copy_of(fresh), VaultAccess::read));
    EXPECT_EQ(open_vault(testing::as_bytes(older), UnlockKey{copy_of(fresh)}).error().kind,
              ErrorKind::denied);
}

TEST(ShortenedApiKey, ShowsTheEndsOnly) {
    EXPECT_EQ(shortened_api_key("vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zv"), "vmPU...E2zv");
    EXPECT_EQ(shortened_api_key("shortkey"), "...");
}

}  // namespace
}  // namespace vigil::credentials
