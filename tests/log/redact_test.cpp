// Secrets in foreign text are found in every form they come in, and nothing else is touched.
#include "log/redact.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "log/escape.h"

namespace vigil::log {
namespace {

// Shaped like the exchange's: 64 letters and digits, 64 hexadecimal digits, base64 of 64 bytes.
const std::string api_key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
const std::string short_secret = "hunter2";

TEST(Redact, RemovesSecretsInAllTheirForms) {
    const std::string cases[][2] = {
        {"GET /api/v3/order?symbol=BTCUSDT&signature=" + short_secret + "&x=1",
         "GET /api/v3/order?symbol=BTCUSDT&signature=***&x=1"},
        {"X-MBX-APIKEY: " + short_secret + "\r\nHost: a", "X-MBX-APIKEY: ***\r\nHost: a"},
        {R"({"apiKey":"hunter2","symbol":"BTCUSDT"})", R"({"apiKey":"***","symbol":"BTCUSDT"})"},
        {R"({\"apiKey\":\"hunter2\",\"a\":1})", R"({\"apiKey\":\"***\",\"a\":1})"},
        {"signature%3Dhunter2%26timestamp%3D1", "signature%3D***%26timestamp%3D1"},
        {"secretKey = hunter2", "secretKey = ***"},
        {"passphrase: correct horse battery staple", "passphrase: ***"},
        {"password='correct horse'", "password='***'"},
        {"Authorization: Bearer hunter2", "Authorization: ***"},
        {"listenKey=hunter2", "listenKey=***"},
        {"SIGNATURE=hunter2", "SIGNATURE=***"},
        {"token=ab", "token=**"},
        {"key " + api_key + " refused", "key *** refused"},
        {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\nafter", "***\nafter"},
        {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw", "***"},
        {"signature=", "signature="},
        {"signature", "signature"},
    };
    for (const auto& [text, redacted] : cases) EXPECT_EQ(redact(text), redacted) << text;
}

TEST(Redact, LeavesOrdinaryTextAlone) {
    for (const std::string_view text : {"Signature for this request is not valid.",
                                        "Timestamp for this request is outside of the recvWindow.",
                                        "BTCUSDT LIMIT BUY 0.00010000 at 61556.04000000",
                                        "/var/lib/vigil/events.jsonl: No space left on device",
                                        "order vigil-1-0000000012-ab12 rejected", "", "a secret is kept"})
        EXPECT_EQ(redact(text), text);
}

TEST(Redact, WhatIsSaidOfAFileStaysWhateverItsName) {
    for (const std::string_view text :
         {"/etc/vigil/passphrase_file: No such file or directory", "/etc/vigil/passphrase: Permission denied",
          "vault /a/keys.vault: /run/credentials/vigild.service/vault-passphrase: has mode 0644; a "
          "credential has 0400",
          "/x/secret: is owned by user 0, not by 1 who reads it", "/x/passphrase_file: holds no passphrase",
          "/x/passphrase: holds more than one line; a passphrase is one",
          "/x/token: is a symbolic link, which is not followed",
          "/x/passphrase: has 5000 bytes, more than the 4096 that are possible",
          "/x/secret: is no machine key: it has 31 bytes, a machine key has 32"})
        EXPECT_EQ(redact(text), text);
}

TEST(Redact, APathDoesNotSaveASecret) {
    const std::string cases[][2] = {
        {"/etc/vigil/passphrase: correct horse battery staple", "/etc/vigil/passphrase: ***"},
        {"/etc/vigil/passphrase: hunter2", "/etc/vigil/passphrase: ***"},
        {"/etc/vigil/passphrase=No such file or directory", "/etc/vigil/passphrase=***"},
        {"/etc/vigil/passphrase:No such file or directory", "/etc/vigil/passphrase:***"},
        {"/etc/vigil/\"passphrase\": No such file", "/etc/vigil/\"passphrase\": ***"},
        {"passphrase: No such file or directory", "passphrase: ***"},
        {"etc/passphrase: No such file or directory", "etc/passphrase: ***"},
        {"https://host/token: No such file or directory", "https://host/token: ** such file or directory"},
        {"/x/secret: is it hunter2", "/x/secret: ***"},
        {"/x/secret: has modest hunter2", "/x/secret: ***"},
        {"/x/secret: has 12 words", "/x/secret: ***"},
        {"/x/secret: no such file or directory", "/x/secret: ***"},
        // What comes after is looked at as ever.
        {"/x/secret: No such file or directory; passphrase: hunter2",
         "/x/secret: No such file or directory; passphrase: ***"},
        {"/x/secret: Permission denied " + api_key, "/x/secret: Permission denied ***"},
        {"signature=hunter2hunter2&a /x/secret: Permission denied",
         "signature=***&a /x/secret: Permission denied"},
    };
    for (const auto& [text, redacted] : cases) EXPECT_EQ(redact(text), redacted) << text;
}

TEST(Redact, IsStable) {
    const std::string once = redact("signature=abc&apiKey=" + api_key);
    EXPECT_EQ(redact(once), once);
}

TEST(Redact, CanariesNeverSurviveInsideRandomText) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random{seed};
    const std::string noise = "ab 1=&:\"'\\{}%\n,;-\x80\xff";
    const std::string names[] = {"signature", "X-MBX-APIKEY", "apiKey", "secret", "password", " /run/secret"};
    const std::string between[] = {"=", ": ", "\":\"", "%3D", " = ", "\\\":\\\""};
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto i = random() % 30; i > 0; --i) text += noise[random() % noise.size()];
        text += names[random() % std::size(names)] + between[random() % std::size(between)] + "CANARY";
        for (auto i = random() % 30; i > 0; --i) text += noise[random() % noise.size()];
        const std::string redacted = redact(text);
        ASSERT_EQ(redacted.find("CANARY"), std::string::npos) << text;
        ASSERT_LE(redacted.size(), text.size());
    }
}

TEST(EscapeControls, LeavesOneSafeLine) {
    const auto escaped = with_controls_escaped;
    EXPECT_EQ(escaped("a\nb\tc\r\x1b[31m\x7f"), "a\\nb\\tc\\x0d\\x1b[31m\\x7f");
    EXPECT_EQ(escaped("\xe2\x80\xae"), "\\u{202e}") << "right-to-left override";
    EXPECT_EQ(escaped("\xc2\x9b"), "\\x9b") << "a C1 control sequence introducer";
    EXPECT_EQ(escaped("\xff\xc0\x80"), "\\xff\\xc0\\x80") << "not UTF-8";
    EXPECT_EQ(escaped("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
    EXPECT_EQ(escaped("\xe5\xb8\x81\xe5\xae\x89"), "\xe5\xb8\x81\xe5\xae\x89") << "symbols may be non-ASCII";
}

}  // namespace
}  // namespace vigil::log
