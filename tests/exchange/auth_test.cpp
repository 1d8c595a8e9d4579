#include "exchange/auth.h"

#include <gtest/gtest.h>

#include "credentials/secret.h"
#include "exchange/server_world.h"

namespace vigil::exchange {
namespace {

constexpr std::string_view documented_key =
    "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr base::ExchangeTime documented_time = base::exchange_time_ms(1'499'827'319'559);

class AuthTest : public testing::Test {
  protected:
    AuthTest() {
        ApiKey key;
        key.api_key = documented_key;
        key.permissions.reading = true;
        key.permissions.spot_trading = true;
        key.verifier =
            *credentials::Verifier::from_shared_secret(*credentials::Secret::copy_of(ServerWorld::secret));
        key_ = &ring_.add(std::move(key));
    }

    std::string rest(std::string_view query, std::string_view body = {},
                     base::ExchangeTime now = documented_time, Security security = Security::trade) {
        ParameterList parameters;
        if (auto error = parameters.parse_form(query, body)) return error->message;
        std::string payload;
        append_rest_payload(query, body, payload);
        return outcome(
            authenticate(ring_, {api_key_, false, nullptr, payload, "127.0.0.1"}, parameters, security, now));
    }
    static std::string outcome(const RequestResult<const ApiKey*>& result) {
        return result ? "ok" : std::to_string(result.error().code) + " " + result.error().message;
    }

    KeyRing ring_;
    ApiKey* key_{nullptr};
    std::string api_key_{documented_key};
};

// rest-api.md, "SIGNED Endpoint Examples for POST /api/v3/order", HMAC Keys: both symbols.
TEST_F(AuthTest, AcceptsTheDocumentationsRestExamples) {
    EXPECT_EQ(rest("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
                   "timestamp=1499827319559&signature="
                   "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
              "ok");
    EXPECT_EQ(rest("symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&"
                   "timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature="
                   "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"),
              "ok");
}

// "The signature payload of your request is the query string concatenated without separator to the HTTP
// body."
TEST_F(AuthTest, SignsQueryAndBodyAsOne) {
    const std::string signature = "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71";
    EXPECT_EQ(rest({},
                   "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
                   "timestamp=1499827319559&signature=" +
                       signature),
              "ok");
    EXPECT_EQ(rest("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
                   "timestamp=1499827319559",
                   "signature=" + signature),
              "ok");
    const std::string mixed = ServerWorld::signature(
        "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&timestamp=1499827319559");
    EXPECT_EQ(rest("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC",
                   "quantity=1&price=0.1&timestamp=1499827319559&signature=" + mixed),
              "ok");
}

TEST_F(AuthTest, HexMayBeInEitherCase) {
    EXPECT_EQ(rest("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&"
                   "timestamp=1499827319559&signature="
                   "C8DB56825AE71D6D79447849E617115F4A920FA2ACDCAB2B053C4B2838BD6B71"),
              "ok");
}

// CHANGELOG.md, 2025-12-17: signing before encoding is refused since 2026-01-15.
TEST_F(AuthTest, RefusesASignatureOfTheDecodedBytes) {
    const std::string raw = "symbol=\xEF\xBC\x91&timestamp=1499827319559";
    EXPECT_EQ(rest("symbol=%EF%BC%91&timestamp=1499827319559&signature=" + ServerWorld::signature(raw)),
              "-1022 Signature for this request is not valid.");
}

TEST_F(AuthTest, RefusesAChangedParameter) {
    EXPECT_EQ(rest("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=2&price=0.1&recvWindow=5000&"
                   "timestamp=1499827319559&signature="
                   "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
              "-1022 Signature for this request is not valid.");
}

// web-socket-api.md, "SIGNED request example (HMAC)": both symbols, parameters in any order.
TEST_F(AuthTest, AcceptsTheDocumentationsWebSocketExamples) {
    const auto check = [this](std::vector<std::pair<std::string, std::string>> parameters) {
        ParameterList list;
        for (const auto& [name, value] : parameters) list.add(name, value);
        std::string payload;
        append_websocket_payload(list, payload);
        return outcome(authenticate(ring_, {list.value("apiKey"), true, nullptr, payload, "127.0.0.1"}, list,
                                    Security::trade, base::exchange_time_ms(1'645'423'376'532)));
    };
    EXPECT_EQ(check({{"symbol", "BTCUSDT"},
                     {"side", "SELL"},
                     {"type", "LIMIT"},
                     {"timeInForce", "GTC"},
                     {"quantity", "0.01000000"},
                     {"price", "52000.00"},
                     {"recvWindow", "100"},
                     {"timestamp", "1645423376532"},
                     {"apiKey", std::string{documented_key}},
                     {"signature", "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"}}),
              "ok");
    EXPECT_EQ(check({{"signature", "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"},
                     {"timestamp", "1645423376532"},
                     {"symbol", "\xEF\xBC\x91\xEF\xBC\x92\xEF\xBC\x93\xEF\xBC\x94\xEF\xBC\x95\xEF\xBC\x96"},
                     {"side", "BUY"},
                     {"type", "LIMIT"},
                     {"timeInForce", "GTC"},
                     {"quantity", "1.00000000"},
                     {"price", "0.10000000"},
                     {"recvWindow", "5000"},
                     {"apiKey", std::string{documented_key}}}),
              "ok");
}

TEST_F(AuthTest, ChecksTheKeyFirst) {
    api_key_ = "";
    EXPECT_EQ(rest("timestamp=1499827319559&signature=x"), "-2014 API-key format invalid.");
    api_key_ = "tooshort";
    EXPECT_EQ(rest("timestamp=1499827319559&signature=x"), "-2014 API-key format invalid.");
    api_key_ = std::string(63, 'a').append(1, '!');
    EXPECT_EQ(rest("timestamp=1499827319559&signature=x"), "-2014 API-key format invalid.");
    api_key_ = std::string(64, 'a');
    EXPECT_EQ(rest("timestamp=1499827319559&signature=x"),
              "-2015 Invalid API-key, IP, or permissions for action.");
}

TEST_F(AuthTest, WantsTimestampAndSignature) {
    EXPECT_EQ(rest("signature=x"),
              "-1102 Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(rest("timestamp=&signature=x"),
              "-1102 Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(rest("timestamp=1499827319559"),
              "-1102 Mandatory parameter 'signature' was not sent, was empty/null, or malformed.");
    EXPECT_EQ(rest("timestamp=yesterday&signature=x"),
              "-1100 Illegal characters found in parameter 'timestamp'; legal range is '^[0-9]{1,20}$'.");
}

// "Timing security".
TEST(AuthTiming, FollowsTheDocumentedRule) {
    const auto answer = [](std::int64_t timestamp_us, std::int64_t window_us) -> std::string {
        const auto error = check_timing(
            {base::ExchangeTime{base::microseconds{timestamp_us}}, base::microseconds{window_us}},
            base::ExchangeTime{base::microseconds{1'000'000'000'000}});
        return error ? error->message : "ok";
    };
    EXPECT_EQ(answer(1'000'000'000'000, 0), "ok");
    EXPECT_EQ(answer(1'000'000'999'999, 0), "ok");
    EXPECT_EQ(answer(1'000'001'000'000, 0),
              "Timestamp for this request was 1000ms ahead of the server's time.");
    EXPECT_EQ(answer(999'995'000'000, 5'000'000), "ok");
    EXPECT_EQ(answer(999'994'999'999, 5'000'000), "Timestamp for this request is outside of the recvWindow.");
    EXPECT_EQ(answer(std::numeric_limits<std::int64_t>::max(), 0),
              "Timestamp for this request was 1000ms ahead of the server's time.");
    EXPECT_EQ(answer(0, 60'000'000), "Timestamp for this request is outside of the recvWindow.");
}

TEST(AuthTiming, ReadsMillisecondsMicrosecondsAndFractionsOfTheWindow) {
    const auto read = [](std::string_view query) {
        ParameterList list;
        EXPECT_FALSE(list.parse_form(query, {}));
        return read_timing(list);
    };
    EXPECT_EQ(read("timestamp=1499827319559")->timestamp, documented_time);
    EXPECT_EQ(read("timestamp=1499827319559000")->timestamp, documented_time);
    EXPECT_EQ(read("timestamp=1499827319559")->window, base::microseconds{5'000'000});
    EXPECT_EQ(read("timestamp=1499827319559&recvWindow=6000.346")->window, base::microseconds{6'000'346});
    EXPECT_EQ(read("timestamp=1499827319559&recvWindow=60000")->window, base::microseconds{60'000'000});
    EXPECT_EQ(read("timestamp=1499827319559&recvWindow=60000.001").error().message,
              "'recvWindow' must be less than 60000.");
    EXPECT_EQ(read("timestamp=1499827319559&recvWindow=60001").error().code, -1131);
    EXPECT_EQ(read("timestamp=1499827319559&recvWindow=1.2345").error().code, -1111);
    EXPECT_EQ(read("timestamp=1499827319559&recvWindow=x").error().code, -1100);
    EXPECT_EQ(read("timestamp=99999999999999999999").error().code, -1108);
}

TEST_F(AuthTest, PermissionsAndAddresses) {
    const std::string query =
        "timestamp=1499827319559&signature=" + ServerWorld::signature("timestamp=1499827319559");
    const std::string rejected = "-2015 Invalid API-key, IP, or permissions for action.";
    EXPECT_EQ(rest(query), "ok");
    key_->permissions.spot_trading = false;
    EXPECT_EQ(rest(query), rejected);
    EXPECT_EQ(rest(query, {}, documented_time, Security::user_data), "ok");
    key_->permissions.reading = false;
    EXPECT_EQ(rest(query, {}, documented_time, Security::user_data), rejected);
    key_->permissions.reading = key_->permissions.spot_trading = true;
    key_->permissions.ip_restricted = true;
    EXPECT_EQ(rest(query), rejected);
    key_->allowed_addresses = {"127.0.0.1"};
    EXPECT_EQ(rest(query), "ok");
    key_->revoked = true;
    EXPECT_EQ(rest(query), rejected);
}

TEST_F(AuthTest, ASessionNeedsNoSignature) {
    ParameterList list;
    list.add("timestamp", "1499827319559");
    EXPECT_EQ(outcome(authenticate(ring_, {{}, true, key_, {}, "127.0.0.1"}, list, Security::trade,
                                   documented_time)),
              "ok");
    EXPECT_EQ(outcome(authenticate(ring_, {{}, true, nullptr, {}, "127.0.0.1"}, list, Security::trade,
                                   documented_time)),
              "-1102 Mandatory parameter 'apiKey' was not sent, was empty/null, or malformed.");
    key_->revoked = true;
    EXPECT_EQ(outcome(authenticate(ring_, {{}, true, key_, {}, "127.0.0.1"}, list, Security::trade,
                                   documented_time)),
              "-2015 Invalid API-key, IP, or permissions for action.");
}

}  // namespace
}  // namespace vigil::exchange
