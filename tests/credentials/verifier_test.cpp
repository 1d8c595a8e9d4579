#include "credentials/verifier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "credentials/key_generation.h"
#include "credentials/signer.h"

namespace vigil::credentials {
namespace {

class VerifierTest : public ::testing::TestWithParam<KeyType> {
  protected:
    GeneratedKey key_ = generate_key(GetParam()).value();
    std::unique_ptr<Signer> signer_ = Signer::make(GetParam(), key_.private_key).value();

    static std::unique_ptr<Verifier> verifier_of(const GeneratedKey& key) {
        return key.type == KeyType::hmac_sha256 ? Verifier::from_shared_secret(key.private_key).value()
                                                : Verifier::from_public_key(key.type, key.public_key).value();
    }
};

TEST_P(VerifierTest, AcceptsItsSignerAndNothingElse) {
    const auto verifier = verifier_of(key_);
    EXPECT_EQ(signer_->type(), GetParam());
    EXPECT_EQ(verifier->type(), GetParam());
    std::string signature;
    for (const std::string& payload : {std::string{}, std::string{"a=1"}, std::string(5000, 'x')}) {
        signer_->sign(payload, signature);
        EXPECT_TRUE(verifier->verify(payload, signature));
        EXPECT_TRUE(verifier->verify(payload, signature));  // the context is reused
        EXPECT_FALSE(verifier->verify(payload + "x", signature));
        EXPECT_FALSE(verifier->verify(payload, ""));
        EXPECT_FALSE(verifier->verify(payload, signature.substr(1)));
        EXPECT_FALSE(verifier->verify(payload, signature + signature));
        EXPECT_FALSE(verifier->verify(payload, signature + " "));
        for (std::size_t at = 0; at < signature.size(); at += 7) {
            std::string changed = signature;
            changed[at] = changed[at] == 'a' ? 'b' : 'a';
            EXPECT_FALSE(verifier->verify(payload, changed)) << at;
        }
    }
    const auto other = verifier_of(generate_key(GetParam()).value());
    EXPECT_FALSE(other->verify(std::string(5000, 'x'), signature));
}

TEST_P(VerifierTest, MindsTheCaseUnlessItIsHex) {
    const auto verifier = verifier_of(key_);
    std::string signature;
    signer_->sign("a=1", signature);
    std::string upper = signature;
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    ASSERT_NE(upper, signature);
    EXPECT_EQ(verifier->verify("a=1", upper), GetParam() == KeyType::hmac_sha256);
}

TEST_P(VerifierTest, AppendsWhereThePayloadAlreadyIs) {
    const auto verifier = verifier_of(key_);
    std::string buffer = "a=1&b=2";
    buffer.shrink_to_fit();  // so that appending moves the payload that is being signed
    const std::size_t size = buffer.size();
    signer_->append_signature(std::string_view{buffer}.substr(0, size), buffer);
    EXPECT_TRUE(verifier->verify("a=1&b=2", std::string_view{buffer}.substr(size)));
}

INSTANTIATE_TEST_SUITE_P(KeyTypes, VerifierTest,
                         ::testing::Values(KeyType::hmac_sha256, KeyType::ed25519, KeyType::rsa),
                         [](const auto& parameter) { return std::string{to_string(parameter.param)}; });

TEST(KeyLoading, RefusesWhatIsNoSuchKey) {
    const auto ed25519 = generate_key(KeyType::ed25519).value();
    const auto rsa = generate_key(KeyType::rsa).value();
    const auto kind = [](KeyType type, std::string_view text) {
        const auto signer = Signer::make(type, Secret::copy_of(text).value());
        return signer ? std::string{"accepted"} : signer.error().message;
    };
    EXPECT_EQ(Signer::make(KeyType::rsa, ed25519.private_key).error().message,
              "the private key is not an RSA key");
    EXPECT_EQ(Signer::make(KeyType::ed25519, rsa.private_key).error().message,
              "the private key is not an Ed25519 key");
    EXPECT_NE(kind(KeyType::ed25519, "hello").find("cannot be read as PEM"), std::string::npos);
    EXPECT_EQ(kind(KeyType::ed25519, ""), "the key is empty");
    EXPECT_NE(kind(KeyType::ed25519, ed25519.public_key).find("cannot be read as PEM"), std::string::npos);
    EXPECT_EQ(kind(KeyType::hmac_sha256, ""), "an HMAC secret must not be empty");
    EXPECT_FALSE(Verifier::from_public_key(KeyType::ed25519, "hello"));
    EXPECT_FALSE(Verifier::from_public_key(KeyType::rsa, ed25519.public_key));
}

TEST(KeyLoading, AnEncryptedPemIsRefusedWithoutAsking) {
    // Made with `openssl genpkey -algorithm ed25519 -aes-256-cbc`; OpenSSL would ask on the terminal and
    // hang.
    const auto pem = Secret::copy_of(
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
        "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiexKBWOAkHegICCAAw\n"
        "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEF5BHb8TGRPQ2/XyQaAemeUEQPj6\n"
        "Dt08p8LEPLq53NHHOJFbgvNwNLKoMK9ng5Vxd97i1A+TieOgAO9cqdPAHMEtpby5\n"
        "8qwlOizXSFHzeTFpOoo=\n"
        "-----END ENCRYPTED PRIVATE KEY-----\n");
    EXPECT_FALSE(Signer::make(KeyType::ed25519, *pem));
}

TEST(KeyGeneration, MakesKeysThatTheExchangeWouldTake) {
    const auto api_key = random_alphanumeric().value();
    EXPECT_EQ(api_key.size(), 64U);
    EXPECT_TRUE(
        std::all_of(api_key.begin(), api_key.end(), [](unsigned char c) { return std::isalnum(c) != 0; }));
    EXPECT_NE(api_key, random_alphanumeric().value());
    EXPECT_EQ(random_alphanumeric(0).value(), "");
    const auto key = generate_key(KeyType::ed25519).value();
    EXPECT_EQ(public_key_of(KeyType::ed25519, key.private_key).value(), key.public_key);
    EXPECT_EQ(key.private_key.use_text([](std::string_view text) { return std::string{text.substr(0, 27)}; }),
              "-----BEGIN PRIVATE KEY-----");
}

}  // namespace
}  // namespace vigil::credentials
