// What accounts are beyond their balances: read from the command line, and in effect.
#include "exchange/account_setting.h"

#include <initializer_list>

#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

TEST(AccountSettings, NamesWhatIsWrong) {
    const auto why = [](std::string_view text) {
        const auto settings = parse_account_settings(text);
        return settings ? "nothing" : settings.error().message;
    };
    EXPECT_EQ(why("bob:bnb-discount=true,trade-group=0,special-maker=0.5,max-asset-BTC=2"), "nothing");
    EXPECT_EQ(why("bob"), "'bob' is not LABEL:NAME=VALUE,...");
    EXPECT_EQ(why(":maker=0"), "':maker=0' is not LABEL:NAME=VALUE,...");
    EXPECT_EQ(why("bob:"), "'bob:' sets nothing");
    EXPECT_EQ(why("bob:maker"), "'maker' is not NAME=VALUE");
    EXPECT_EQ(why("bob:maker=2"), "'maker=2': expected a rate from 0 to 1");
    EXPECT_EQ(why("bob:tax-taker=-0.1"), "'tax-taker=-0.1': expected a rate from 0 to 1");
    EXPECT_EQ(why("bob:can-trade=yes"), "'can-trade=yes': expected true or false");
    EXPECT_EQ(why("bob:trade-group=x"), "'trade-group=x': expected a number from 0");
    EXPECT_EQ(why("bob:max-asset-=1"),
              "'max-asset-=1': expected an asset and a positive amount, as in max-asset-BTC=2");
    EXPECT_EQ(why("bob:special-discount=0.5"), "'special-discount=0.5': expected another name; see --help");
}

TEST(AccountRequests, SeveralKeysHaveAPlusBetween) {
    const auto one = parse_account("bob:hmac:USDT=1");
    ASSERT_TRUE(one);
    EXPECT_TRUE(one->more_keys.empty());
    const auto three = parse_account("bob:hmac+rsa+ed25519:USDT=1");
    ASSERT_TRUE(three);
    EXPECT_EQ(three->key_type, credentials::KeyType::hmac_sha256);
    EXPECT_EQ(three->more_keys, (std::vector{credentials::KeyType::rsa, credentials::KeyType::ed25519}));
    std::string many = "bob:hmac";
    for (int i = 1; i < 30; ++i) many += "+hmac";
    EXPECT_TRUE(parse_account(many + ":USDT=1"));
    const std::string too_many = many + "+hmac:USDT=1";
    for (const std::string_view bad : std::initializer_list<std::string_view>{
             "bob:hmac+:USDT=1", "bob:+hmac:USDT=1", "bob:hmac+dsa:USDT=1", "bob::USDT=1", "bob:hmac",
             ":hmac:USDT=1", too_many})
        EXPECT_FALSE(parse_account(bad)) << bad;
}

class AccountSettingsLive : public LiveExchange {
  protected:
    static ExchangeServerOptions with(std::initializer_list<std::string_view> texts) {
        ExchangeServerOptions options;
        for (const std::string_view text : texts) {
            const auto settings = parse_account_settings(text);
            EXPECT_TRUE(settings) << text;
            if (settings)
                options.account_settings.insert(options.account_settings.end(), settings->begin(),
                                                settings->end());
        }
        return options;
    }
    Json buy(std::string_view quantity, std::size_t account = 0) {
        return Json::parse(signed_rest("POST", "/api/v3/order",
                                       {{"symbol", "BTCUSDT"},
                                        {"side", "BUY"},
                                        {"type", "MARKET"},
                                        {"quantity", std::string{quantity}},
                                        {"newOrderRespType", "FULL"}},
                                       account)
                               .body);
    }
};

TEST_F(AccountSettingsLive, AreInEffect) {
    start(with(
        {"hmac:taker=0.002,max-asset-BTC=0.5,trade-group=7", "*:can-trade=true", "rsa:can-trade=false"}));
    EXPECT_EQ(buy("0.1")["fills"][0]["commission"], "0.00020000");
    EXPECT_EQ(buy("0.1", 1)["fills"][0]["commission"], "0.00010000") << "not of that account";
    EXPECT_EQ(buy("0.6")["code"], -1013);
    EXPECT_EQ(buy("0.1", 2)["code"], -2010);
    const Json account = Json::parse(signed_rest("GET", "/api/v3/account", {}).body);
    EXPECT_EQ(account["commissionRates"]["taker"], "0.00200000");
}

TEST_F(AccountSettingsLive, TheDiscountIsShown) {
    start(with({"*:bnb-discount=true,discount=0.5"}));
    const Json commission =
        Json::parse(signed_rest("GET", "/api/v3/account/commission", {{"symbol", "BTCUSDT"}}).body);
    EXPECT_EQ(commission["discount"]["enabledForAccount"], true);
    EXPECT_EQ(commission["discount"]["discount"], "0.50000000");
}

TEST_F(AccountSettingsLive, AreOfAnAccountThatIsThere) {
    const auto made = ExchangeServer::make(loop, clock, with({"nobody:taker=0"}));
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().message, "there is no account 'nobody' to set anything of");
}

}  // namespace
}  // namespace vigil::exchange
