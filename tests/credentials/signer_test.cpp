// Known answers. The documentation's worked examples: rest-api.md "SIGNED Endpoint Examples for POST
// /api/v3/order", web-socket-api.md "SIGNED request example (...)", fix-api.md "Logon"; RFC 8032 for Ed25519.
//
// The documentation publishes the HMAC secret and one Ed25519 key (of the FIX example), so those signatures
// are recomputed here. It does not publish, and no earlier revision of it published, the keys of its other
// RSA and Ed25519 examples: of those the payloads and the percent-encoding of the signatures are checked, and
// RSA's padding is checked block by block.
#include "credentials/signer.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "credentials/key_generation.h"
#include "credentials/request_form.h"
#include "credentials/verifier.h"

namespace vigil::credentials {
namespace {

constexpr std::string_view hmac_api_key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::string_view rsa_api_key = "CAvIjXy3F44yW6Pou5k8Dy1swsYDWJZLeoK2r8G4cFDnE9nosRppc2eKc1T8TRTQ";
constexpr std::string_view ed25519_api_key =
    "4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO";
constexpr std::string_view fullwidth_symbol = "１２３４５６";

using Parameters = std::vector<std::pair<std::string_view, std::string_view>>;

std::unique_ptr<Signer> documented_hmac() {
    return Signer::make(
               KeyType::hmac_sha256,
               Secret::copy_of("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j").value())
        .value();
}

/// The documentation's REST examples are not sorted; this keeps their order and encodes as the form does.
std::string rest_payload(const Parameters& parameters) {
    std::string payload;
    for (const auto& [name, value] : parameters) {
        if (!payload.empty()) payload += '&';
        payload += name;
        payload += '=';
        append_percent_encoded(payload, value);
    }
    return payload;
}

std::string websocket_payload(const Parameters& parameters) {
    RequestForm form;
    for (const auto& [name, value] : parameters) form.add(name, value);
    return std::string{form.websocket_payload()};
}

std::string signature_of(Signer& signer, std::string_view payload) {
    std::string signature = "left over from before";
    signer.sign(payload, signature);
    return signature;
}

Parameters rest_hmac_example(std::string_view symbol) {
    return {{"symbol", symbol}, {"side", "BUY"},  {"type", "LIMIT"},      {"timeInForce", "GTC"},
            {"quantity", "1"},  {"price", "0.1"}, {"recvWindow", "5000"}, {"timestamp", "1499827319559"}};
}

TEST(DocumentedVectors, HmacOnRest) {
    const auto signer = documented_hmac();
    EXPECT_EQ(signature_of(*signer, rest_payload(rest_hmac_example("LTCBTC"))),
              "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
    EXPECT_EQ(signature_of(*signer, rest_payload(rest_hmac_example(fullwidth_symbol))),
              "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3");
}

/// An example that later revisions left out: half of the parameters in the query, half in the body, and no
/// '&' between the two.
TEST(DocumentedVectors, HmacOverQueryAndBody) {
    const auto signer = documented_hmac();
    EXPECT_EQ(signature_of(*signer,
                           "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&"
                           "recvWindow=5000&timestamp=1499827319559"),
              "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77");
}

Parameters websocket_ascii_example(std::string_view api_key) {
    return {{"symbol", "BTCUSDT"},      {"side", "SELL"},
            {"type", "LIMIT"},          {"timeInForce", "GTC"},
            {"quantity", "0.01000000"}, {"price", "52000.00"},
            {"recvWindow", "100"},      {"timestamp", "1645423376532"},
            {"apiKey", api_key}};
}

/// The example's first JSON says quantity 0.01000000 (and its Ed25519 table price 0.2, side SELL); the
/// payload that the documentation signs, and its final JSON, say 1.00000000.
Parameters websocket_fullwidth_example(std::string_view api_key) {
    return {{"symbol", fullwidth_symbol},
            {"side", "BUY"},
            {"type", "LIMIT"},
            {"timeInForce", "GTC"},
            {"quantity", "1.00000000"},
            {"price", "0.10000000"},
            {"recvWindow", "5000"},
            {"timestamp", "1645423376532"},
            {"apiKey", api_key}};
}

TEST(DocumentedVectors, HmacOnWebsocket) {
    const auto signer = documented_hmac();
    EXPECT_EQ(signature_of(*signer, websocket_payload(websocket_ascii_example(hmac_api_key))),
              "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24");
    EXPECT_EQ(signature_of(*signer, websocket_payload(websocket_fullwidth_example(hmac_api_key))),
              "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd");
}

TEST(DocumentedVectors, PayloadsForRsaAndEd25519) {
    EXPECT_EQ(websocket_payload(websocket_ascii_example(rsa_api_key)),
              "apiKey=CAvIjXy3F44yW6Pou5k8Dy1swsYDWJZLeoK2r8G4cFDnE9nosRppc2eKc1T8TRTQ&price=52000.00&"
              "quantity=0.01000000&"
              "recvWindow=100&side=SELL&symbol=BTCUSDT&timeInForce=GTC&timestamp=1645423376532&type=LIMIT");
    EXPECT_EQ(websocket_payload(websocket_fullwidth_example(ed25519_api_key)),
              "apiKey=4yNzx3yWC5bS6YTwEkSRaC0nRmSQIIStAUOh1b6kqaBrTLIhjCpI5lJH8q8R8WNO&price=0.10000000&"
              "quantity=1.00000000&recvWindow=5000&side=BUY&symbol=１２３４５６&timeInForce=GTC&timestamp="
              "1645423376532&"
              "type=LIMIT");
    const Parameters rest = {{"symbol", fullwidth_symbol},   {"side", "SELL"},      {"type", "LIMIT"},
                             {"timeInForce", "GTC"},         {"quantity", "1"},     {"price", "0.2"},
                             {"timestamp", "1668481559918"}, {"recvWindow", "5000"}};
    EXPECT_EQ(
        rest_payload(rest),
        "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=SELL&type=LIMIT&timeInForce=GTC&"
        "quantity=1&price=0.2&timestamp=1668481559918&recvWindow=5000");
}

TEST(DocumentedVectors, Base64SignatureIsPercentEncodedOnRest) {
    std::string encoded;  // RSA example, step 2 to step 3
    append_percent_encoded(
        encoded,
        "HZ8HOjiJ1s/igS9JA+n7+7Ti/ihtkRF5BIWcPIEluJP6tlbFM/Bf44LfZka/iemtahZAZzcO9TnI5uaXh3++lrqtNonCwp6/"
        "245UFWkiW1elpgtVAmJPbogcAv6rSlokztAfWk296ZJXzRDYAtzGH0gq7CgSJKfH+XxaCmR0WcvlKjNQnp12/"
        "eKXJYO4tDap8UCBLuyxDnR7oJKLHQHJLP0r0EAVOOSIbrFang/1WOq+Jaq4Efc4XpnTgnwlBbWTmhWDR1pvS9iVEzcSYLHT/"
        "fNnMRxFc7u+j3qI//5yuGuu14KR0MuQKKCSpViieD+fIti46sxPTsjSemoUKp0oXA==");
    EXPECT_EQ(
        encoded,
        "HZ8HOjiJ1s%2FigS9JA%2Bn7%2B7Ti%2FihtkRF5BIWcPIEluJP6tlbFM%2FBf44LfZka%2FiemtahZAZzcO9TnI5uaXh3%2B%2B"
        "lrqtNonCwp6%2F245UFWkiW1elpgtVAmJPbogcAv6rSlokztAfWk296ZJXzRDYAtzGH0gq7CgSJKfH%"
        "2BXxaCmR0WcvlKjNQnp12%2F"
        "eKXJYO4tDap8UCBLuyxDnR7oJKLHQHJLP0r0EAVOOSIbrFang%2F1WOq%2BJaq4Efc4XpnTgnwlBbWTmhWDR1pvS9iVEzcSYLHT%"
        "2F"
        "fNnMRxFc7u%2Bj3qI%2F%2F5yuGuu14KR0MuQKKCSpViieD%2BfIti46sxPTsjSemoUKp0oXA%3D%3D");
}

TEST(DocumentedVectors, Ed25519OfTheFixLogon) {
    const auto pem = Secret::copy_of(
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIIJEYWtGBrhACmb9Dvy+qa8WEf0lQOl1s4CLIAB9m89u\n"
        "-----END PRIVATE KEY-----\n");
    const auto signer = Signer::make(KeyType::ed25519, *pem);
    ASSERT_TRUE(signer) << signer.error().message;
    EXPECT_EQ(signature_of(**signer,
                           "A\x01"
                           "EXAMPLE\x01"
                           "SPOT\x01"
                           "1\x01"
                           "20240627-11:17:25.223"),
              "4MHXelVVcpkdwuLbl6n73HQUXUf1dse2PCgT1DYqW9w8AVZ1RACFGM+5UdlGPrQHrgtS3CvsRURC1oj73j8gCA==");
}

TEST(Rfc8032Vectors, Ed25519) {
    // Section 7.1, TEST 2: the message is the one byte 0x72.
    const auto pem = Secret::copy_of(
        "-----BEGIN PRIVATE KEY-----\n"
        "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
        "-----END PRIVATE KEY-----\n");
    const auto signer = Signer::make(KeyType::ed25519, *pem);
    ASSERT_TRUE(signer);
    EXPECT_EQ(signature_of(**signer, "\x72"),
              "kqAJqfDUyrhyDoILX2QlQKKye1QWUD+Ps3YiI+vbadoIWsHkPhWZbkWPNhPQ8R2MOHsurrQwKu6wDSkWErsMAA==");
}

TEST(RsaSignature, IsPkcs1Version15OfSha256) {
    const auto key = generate_key(KeyType::rsa);
    ASSERT_TRUE(key);
    const auto signer = Signer::make(KeyType::rsa, key->private_key);
    ASSERT_TRUE(signer);
    const std::string payload = "symbol=BTCUSDT&timestamp=1668481559918";
    const std::string text = signature_of(**signer, payload);

    // Undo the signature with the public key alone, and build the block that RFC 8017 section 9.2 asks for by
    // hand.
    std::vector<unsigned char> signature(text.size());
    const int decoded = EVP_DecodeBlock(signature.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                        static_cast<int>(text.size()));
    ASSERT_EQ(decoded, 258);  // 256 bytes and two of padding
    BIO* const bio = BIO_new_mem_buf(key->public_key.data(), static_cast<int>(key->public_key.size()));
    EVP_PKEY* const public_key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
    BIO_free(bio);
    EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new(public_key, nullptr);
    ASSERT_EQ(EVP_PKEY_verify_recover_init(context), 1);
    ASSERT_EQ(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), 1);
    std::array<unsigned char, 256> block{};
    std::size_t size = block.size();
    ASSERT_EQ(EVP_PKEY_verify_recover(context, block.data(), &size, signature.data(), 256), 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(public_key);

    constexpr std::array<unsigned char, 19> sha256_prefix{0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60,
                                                          0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                                          0x01, 0x05, 0x00, 0x04, 0x20};
    std::vector<unsigned char> expected{0x00, 0x01};
    expected.resize(256 - 1 - sha256_prefix.size() - 32, 0xff);
    expected.push_back(0x00);
    expected.insert(expected.end(), sha256_prefix.begin(), sha256_prefix.end());
    std::array<unsigned char, 32> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(payload.data()), payload.size(), digest.data());
    expected.insert(expected.end(), digest.begin(), digest.end());
    EXPECT_EQ(std::vector<unsigned char>(block.begin(), block.end()), expected);
}

}  // namespace
}  // namespace vigil::credentials
