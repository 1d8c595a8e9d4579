// Whatever is done to a vault's bytes, it opens as it was or not at all.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "credentials/vault_fixture.h"
#include "credentials/vault_format.h"

namespace vigil::credentials {
namespace {

using base::ErrorKind;
using testing::as_bytes;
using testing::copy_of;
using testing::file_bytes;
using testing::new_entry;
using testing::new_machine_key;
using testing::passphrase;
using testing::quick_scrypt;

class VaultTamperTest : public ::testing::Test {
  protected:
    testing::TemporaryFolder folder_;
    std::filesystem::path path_ = folder_ / "keys.vault";
    MachineKey key_ = new_machine_key();
    UnlockKey unlock_ = copy_of(key_);
    std::string generation_1_;
    std::string generation_2_;
    std::string generation_3_;

    void SetUp() override {
        const Passphrase phrase = passphrase("a long enough passphrase");
        auto vault = Vault::create(path_, VaultCreation{&key_, &phrase, quick_scrypt});
        ASSERT_TRUE(vault);
        generation_1_ = file_bytes(path_);
        ASSERT_TRUE(vault->add(new_entry("main", KeyType::ed25519)));
        ASSERT_TRUE(vault->save());
        generation_2_ = file_bytes(path_);
        ASSERT_TRUE(vault->save());
        generation_3_ = file_bytes(path_);
    }

    base::Result<OpenedVault> open(std::string_view bytes) const {
        return open_vault(as_bytes(bytes), unlock_);
    }
};

TEST_F(VaultTamperTest, EverySingleBitFlipIsNoticed) {
    ASSERT_TRUE(open(generation_2_));
    std::string bytes = generation_2_;
    for (std::size_t at = 0; at < bytes.size(); ++at)
        for (unsigned bit = 0; bit < 8; ++bit) {
            const char before = bytes[at];
            bytes[at] = static_cast<char>(static_cast<unsigned char>(before) ^ (1U << bit));
            EXPECT_FALSE(open(bytes)) << "byte " << at << " bit " << bit;
            bytes[at] = before;
        }
    ASSERT_TRUE(open(bytes));
}

TEST_F(VaultTamperTest, EveryTruncationAndEveryAddedByteIsNoticed) {
    for (std::size_t size = 0; size < generation_2_.size(); ++size)
        EXPECT_FALSE(open(std::string_view{generation_2_}.substr(0, size))) << size;
    for (const char extra : {'\0', 'x'}) EXPECT_FALSE(open(generation_2_ + extra));
}

TEST_F(VaultTamperTest, SplicesOfTwoGenerationsAreNoticed) {
    // Same size, same vault, same key: only the binding of payload to header tells them apart.
    ASSERT_EQ(generation_2_.size(), generation_3_.size());
    ASSERT_TRUE(open(generation_3_));
    EXPECT_EQ(open(generation_2_.substr(0, vault_header_bytes) + generation_3_.substr(vault_header_bytes))
                  .error()
                  .kind,
              ErrorKind::corrupt);
    EXPECT_EQ(open(generation_3_.substr(0, vault_header_bytes) + generation_2_.substr(vault_header_bytes))
                  .error()
                  .kind,
              ErrorKind::corrupt);
    for (std::size_t cut = 1; cut < generation_2_.size(); ++cut) {
        const std::string spliced = generation_2_.substr(0, cut) + generation_3_.substr(cut);
        if (spliced == generation_2_ || spliced == generation_3_) continue;
        EXPECT_FALSE(open(spliced)) << cut;
    }
}

TEST_F(VaultTamperTest, AnOlderGenerationTellsItsNumber) {
    const auto old = open(generation_1_);
    ASSERT_TRUE(old);
    EXPECT_EQ(old->header.generation, 1U);
    EXPECT_EQ(open(generation_3_)->header.generation, 3U);
}

TEST_F(VaultTamperTest, ASlotOfAnotherVaultDoesNotFit) {
    const auto other_path = folder_ / "other.vault";
    ASSERT_TRUE(
        Vault::create(other_path, VaultCreation{&key_, nullptr, quick_scrypt}));  // the same machine key
    const std::string other = file_bytes(other_path);
    std::string mixed = generation_2_;
    mixed.replace(40, vault_slot_bytes, other, 40, vault_slot_bytes);
    EXPECT_EQ(open(mixed).error().kind, ErrorKind::denied);
}

TEST_F(VaultTamperTest, SplicesOfTwoVaultsAreNoticed) {
    // Another vault with the same machine key, the same kind of key in it, the same size.
    const auto other_path = folder_ / "other.vault";
    const Passphrase phrase = passphrase("a long enough passphrase");
    auto other_vault = Vault::create(other_path, VaultCreation{&key_, &phrase, quick_scrypt});
    ASSERT_TRUE(other_vault && other_vault->add(new_entry("main", KeyType::ed25519)) && other_vault->save());
    const std::string other = file_bytes(other_path);
    ASSERT_EQ(other.size(), generation_2_.size());
    ASSERT_TRUE(open(other));
    for (std::size_t cut = 1; cut < other.size(); ++cut) {
        for (const std::string& spliced : {generation_2_.substr(0, cut) + other.substr(cut),
                                           other.substr(0, cut) + generation_2_.substr(cut)}) {
            if (spliced == generation_2_ || spliced == other) continue;
            EXPECT_FALSE(open(spliced)) << cut;
        }
    }
}

TEST_F(VaultTamperTest, AForgedScryptCostIsRefusedBeforeItIsPaid) {
    constexpr std::size_t passphrase_slot = 40 + vault_slot_bytes;
    for (const auto& [offset, value] : {std::pair<std::size_t, int>{1, 13},
                                        {1, 21},
                                        {1, 63},
                                        {1, 255},
                                        {3, 9},
                                        {2, 1},
                                        {5, 0},
                                        {5, 5},
                                        {4, 255}}) {
        std::string bytes = generation_2_;
        bytes[passphrase_slot + offset] = static_cast<char>(value);
        const auto result = open_vault(as_bytes(bytes), passphrase("a long enough passphrase"));
        ASSERT_FALSE(result) << offset << ' ' << value;
        EXPECT_EQ(result.error().kind, ErrorKind::corrupt) << offset << ' ' << value;
    }
}

TEST_F(VaultTamperTest, SaysWhatItIsNot) {
    EXPECT_EQ(open("").error().kind, ErrorKind::invalid);
    EXPECT_EQ(open("just some text that is longer than a magic").error().message, "is not a Vigil vault");
    std::string future = generation_2_;
    future[9] = 2;
    EXPECT_EQ(open(future).error().message, "the vault has format 2, this program knows 1");
    EXPECT_EQ(open(std::string_view{generation_2_}.substr(0, 100)).error().kind, ErrorKind::corrupt);
}

TEST_F(VaultTamperTest, TheWholeFilesAreTriedThroughTheVaultToo) {
    std::string bytes = generation_3_;
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    std::ofstream{path_, std::ios::binary} << bytes;
    const auto result = Vault::open(path_, unlock_, VaultAccess::read);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::corrupt);
    EXPECT_EQ(result.error().message, path_.string() + ": the vault's content was changed");
}

}  // namespace
}  // namespace vigil::credentials
