#include "credentials/request_form.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "credentials/key_generation.h"
#include "credentials/verifier.h"

namespace vigil::credentials {
namespace {

constexpr std::string_view fullwidth_symbol = "１２３４５６";

RequestForm order() {
    RequestForm form;
    form.add("symbol", "LTCBTC");
    form.add("side", "BUY");
    form.add("type", "LIMIT");
    form.add("timeInForce", "GTC");
    form.add("quantity", "1");
    form.add("price", "0.1");
    form.add("recvWindow", 5000);
    form.add("timestamp", 1499827319559);
    return form;
}

TEST(PercentEncoding, KeepsTheUnreservedAndEncodesTheRest) {
    std::string out;
    append_percent_encoded(out, "AZaz09-_.~");
    EXPECT_EQ(out, "AZaz09-_.~");
    out.clear();
    append_percent_encoded(out, "[\"A\"] +/=&%");
    EXPECT_EQ(out, "%5B%22A%22%5D%20%2B%2F%3D%26%25");
    out.clear();
    append_percent_encoded(out, fullwidth_symbol);  // rest-api.md "SIGNED Endpoint Examples", step 1
    EXPECT_EQ(out, "%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96");
}

TEST(PercentEncoding, EveryByteComesBack) {
    std::string raw;
    for (int byte = 0; byte < 256; ++byte) raw.push_back(static_cast<char>(byte));
    std::string encoded;
    append_percent_encoded(encoded, raw);
    const auto decoded = percent_decoded(encoded);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(*decoded, raw);
}

TEST(PercentEncoding, RefusesHalfEscapes) {
    for (const char* text : {"%", "%4", "%G1", "%1G", "abc%", "abc%2"})
        EXPECT_FALSE(percent_decoded(text)) << text;
    EXPECT_EQ(percent_decoded("%41b%4a%4A").value(), "AbJJ");
}

TEST(RequestForm, RestIsSortedAndEncoded) {
    RequestForm form = order();
    form.add("newClientOrderId", "a b");
    std::string out = "/api/v3/order?";
    form.append_rest(out);
    EXPECT_EQ(
        out,
        "/api/v3/order?newClientOrderId=a%20b&price=0.1&quantity=1&recvWindow=5000&side=BUY&symbol=LTCBTC&"
        "timeInForce=GTC&timestamp=1499827319559&type=LIMIT");
}

TEST(RequestForm, WebsocketPayloadKeepsRawValues) {
    RequestForm form;
    form.add("symbol", fullwidth_symbol);
    form.add("apiKey", "a/b");
    EXPECT_EQ(form.websocket_payload(), "apiKey=a/b&symbol=１２３４５６");
}

TEST(RequestForm, IsTheSameInWhateverOrderItIsFilled) {
    std::vector<std::pair<std::string, std::string>> parameters{
        {"a", "1"}, {"ab", ""}, {"b", "22"}, {"ba", "333"}, {"c", "x"}};
    RequestForm form;
    do {
        form.clear();
        for (const auto& [name, value] : parameters) form.add(name, value);
        EXPECT_EQ(form.websocket_payload(), "a=1&ab=&b=22&ba=333&c=x");
        ASSERT_EQ(form.size(), 5U);
        EXPECT_EQ(form[3].name, "ba");
        EXPECT_EQ(form[3].value, "333");
    } while (std::next_permutation(parameters.begin(), parameters.end()));
}

TEST(RequestForm, IsReusable) {
    RequestForm form = order();
    form.clear();
    EXPECT_EQ(form.size(), 0U);
    std::string out;
    form.append_rest(out);
    EXPECT_EQ(out, "");
    form.add("b", "2");
    form.add("a", "1");
    EXPECT_EQ(form[0].name, "a");
    EXPECT_EQ(form[1].value, "2");
}

TEST(RequestForm, SignsTheBytesThatAreSentForEveryKeyType) {
    for (const KeyType type : {KeyType::hmac_sha256, KeyType::ed25519, KeyType::rsa}) {
        SCOPED_TRACE(std::string{to_string(type)});
        const auto key = generate_key(type);
        ASSERT_TRUE(key);
        const auto signer = Signer::make(type, key->private_key);
        const auto verifier = type == KeyType::hmac_sha256 ? Verifier::from_shared_secret(key->private_key)
                                                           : Verifier::from_public_key(type, key->public_key);
        ASSERT_TRUE(signer && verifier);
        RequestForm form = order();
        form.add("note", fullwidth_symbol);
        std::string sent = "POST /api/v3/order?";
        const std::size_t begin = sent.size();
        form.append_rest_signed(**signer, sent);
        const std::size_t mark = sent.find("&signature=");
        ASSERT_NE(mark, std::string::npos);
        const auto signature = percent_decoded(std::string_view{sent}.substr(mark + 11));
        ASSERT_TRUE(signature);
        EXPECT_TRUE((*verifier)->verify(std::string_view{sent}.substr(begin, mark - begin), *signature));
        EXPECT_EQ(std::string_view{sent}.substr(mark + 11).find_first_of("+/="), std::string_view::npos);
        EXPECT_FALSE((*verifier)->verify(std::string_view{sent}.substr(begin, mark - begin - 1), *signature));
    }
}

TEST(RequestForm, SignsAnEmptyForm) {
    const auto key = generate_key(KeyType::hmac_sha256);
    const auto signer = Signer::make(key->type, key->private_key);
    const auto verifier = Verifier::from_shared_secret(key->private_key);
    ASSERT_TRUE(signer && verifier);
    std::string sent;
    RequestForm{}.append_rest_signed(**signer, sent);
    ASSERT_EQ(sent.substr(0, 10), "signature=");
    EXPECT_TRUE((*verifier)->verify("", sent.substr(10)));
}

TEST(RequestFormDeathTest, AParameterIsGivenOnce) {
    RequestForm form = order();
    EXPECT_DEATH(form.add("symbol", "ETHBTC"), "given once");
    EXPECT_DEATH(form.add("signature", "x"), "signature");
}

}  // namespace
}  // namespace vigil::credentials
