// What outlives a restart, and what is refused.
#include "exchange/state_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "exchange/market_setup.h"
#include "exchange/server_live.h"

namespace vigil::exchange {
namespace {

class StateLive : public LiveExchange {
  protected:
    StateLive() {
        folder = std::filesystem::path{testing::TempDir()} /
                 ("exchange-state-" + std::to_string(::getpid()) + "-" +
                  testing::UnitTest::GetInstance()->current_test_info()->name());
        std::filesystem::remove_all(folder);
    }
    ~StateLive() override {
        server.reset();
        std::filesystem::remove_all(folder);
    }

    [[nodiscard]] ExchangeServerOptions options() const {
        ExchangeServerOptions made;
        made.state_folder = folder / "kept";
        made.accounts = {*parse_account("hmac:hmac:USDT=100000,BTC=2")};
        return made;
    }
    void begin(ExchangeServerOptions with) {
        std::filesystem::create_directories(folder);
        signers.clear();
        auto made = ExchangeServer::make(loop, clock, std::move(with));
        ASSERT_TRUE(made) << made.error().message;
        server = *std::move(made);
        for (SymbolSpec& spec : default_symbols()) server->core().add_symbol(std::move(spec));
        server->core().attach(CoreWorld::book(), domain::Rate::of(1), server->now());
        const auto restored = server->restore();
        ASSERT_TRUE(restored) << restored.error().message;
        listen();
    }
    void restart() {
        ASSERT_TRUE(server->save());
        server.reset();
        begin(options());
    }
    Json ask(const std::string& verb, const std::string& path,
             std::vector<std::pair<std::string, std::string>> parameters) {
        return Json::parse(signed_rest(verb, path, std::move(parameters)).body);
    }
    Json order(const std::string& price, const std::string& name, const std::string& type = "LIMIT") {
        std::vector<std::pair<std::string, std::string>> parameters{
            {"symbol", "BTCUSDT"},     {"side", "BUY"},  {"type", type},
            {"quantity", "0.5"},       {"price", price}, {"timeInForce", "GTC"},
            {"newClientOrderId", name}};
        if (type == "STOP_LOSS_LIMIT") parameters.emplace_back("stopPrice", price);
        return ask("POST", "/api/v3/order", std::move(parameters));
    }
    /// All that a client can ask about its account.
    Json view() {
        return {ask("GET", "/api/v3/account", {{"omitZeroBalances", "true"}}),
                ask("GET", "/api/v3/openOrders", {}),
                ask("GET", "/api/v3/allOrders", {{"symbol", "BTCUSDT"}}),
                ask("GET", "/api/v3/myTrades", {{"symbol", "BTCUSDT"}}),
                ask("GET", "/api/v3/openOrderList", {}),
                ask("GET", "/api/v3/allOrderList", {}),
                ask("GET", "/api/v3/rateLimit/order", {})[1]};
    }
    [[nodiscard]] std::filesystem::path state_path() const { return folder / "kept" / "state"; }

    std::filesystem::path folder;
};

TEST_F(StateLive, ARestartChangesNothingThatAClientSees) {
    begin(options());
    const std::string key = ready.accounts[0].api_key;
    EXPECT_EQ(order("100.02", "taken")["status"], "FILLED");
    EXPECT_EQ(order("99.00", "resting")["status"], "NEW");
    const Json stop = order("110.00", "stop", "STOP_LOSS_LIMIT");
    EXPECT_GT(stop.value("orderId", 0), 0) << stop;
    order("98.00", "cancelled");
    ask("DELETE", "/api/v3/order", {{"symbol", "BTCUSDT"}, {"origClientOrderId", "cancelled"}});
    const Json pair = ask("POST", "/api/v3/orderList/oco",
                          {{"symbol", "BTCUSDT"},
                           {"side", "SELL"},
                           {"quantity", "0.2"},
                           {"aboveType", "LIMIT_MAKER"},
                           {"abovePrice", "120.00"},
                           {"belowType", "STOP_LOSS"},
                           {"belowStopPrice", "80.00"}});
    ASSERT_TRUE(pair.contains("orderListId")) << pair;
    const Json pending = ask("POST", "/api/v3/orderList/oto",
                             {{"symbol", "BTCUSDT"},
                              {"workingType", "LIMIT"},
                              {"workingSide", "BUY"},
                              {"workingPrice", "95.00"},
                              {"workingQuantity", "0.1"},
                              {"workingTimeInForce", "GTC"},
                              {"pendingType", "LIMIT_MAKER"},
                              {"pendingSide", "SELL"},
                              {"pendingPrice", "130.00"},
                              {"pendingQuantity", "0.1"}});
    ASSERT_TRUE(pending.contains("orderListId")) << pending;
    ask("PUT", "/api/v3/order/amend/keepPriority",
        {{"symbol", "BTCUSDT"},
         {"origClientOrderId", "resting"},
         {"newQty", "0.4"},
         {"newClientOrderId", "resting"}});
    admin("POST", "/balance", R"({"account":"hmac","asset":"BNB","delta":"1.25"})");
    admin("POST", "/lock", R"({"account":"hmac","asset":"BTC","delta":"0.25"})");
    admin("POST", "/key", R"({"account":"hmac","enableWithdrawals":true})");
    const Json totals = admin("GET", "/status")["totals"];
    const Json before = view();
    ASSERT_EQ(before[1].size(), 6U);
    ASSERT_EQ(before[2].size(), 8U);
    ASSERT_EQ(before[4].size(), 2U);

    restart();
    EXPECT_EQ(ready.accounts[0].api_key, key);
    EXPECT_EQ(view(), before);
    EXPECT_EQ(admin("GET", "/status")["totals"], totals);
    const Json restrictions = ask("GET", "/sapi/v1/account/apiRestrictions", {});
    EXPECT_EQ(restrictions["enableWithdrawals"], true);

    // It goes on: numbers, reserves and the book are whole.
    const std::int64_t last = before[2].back()["orderId"];
    EXPECT_GT(order("97.00", "later")["orderId"].get<std::int64_t>(), last);
    EXPECT_EQ(order("99.00", "resting")["code"], -2010) << "an open order's name is taken";
    EXPECT_EQ(ask("DELETE", "/api/v3/openOrders", {{"symbol", "BTCUSDT"}}).size(), 5U) << "two of them lists";
    EXPECT_EQ(admin("POST", "/lock", R"({"account":"hmac","asset":"BTC","delta":"-0.25"})"), Json::object());
    const Json account = ask("GET", "/api/v3/account", {});
    for (const Json& balance : account["balances"]) EXPECT_EQ(balance["locked"], "0.00000000") << balance;
    restart();
    EXPECT_TRUE(ask("GET", "/api/v3/openOrders", {}).empty());
}

// On a clock that stands still between two requests: the same bytes before and after, and ever after.
TEST_F(StateLive, TheSameBytesBeforeAndAfterAndEverAfter) {
    const auto begin_at = [this](VirtualClock& virtual_clock, const std::string& name) {
        ExchangeServerOptions with = options();
        with.state_folder = folder / name;
        with.virtual_clock = &virtual_clock;
        std::filesystem::create_directories(folder);
        signers.clear();
        auto made = ExchangeServer::make(loop, virtual_clock, std::move(with));
        ASSERT_TRUE(made) << made.error().message;
        server = *std::move(made);
        ASSERT_TRUE(install_market(server->core(), {}, server->now()));
        const auto restored = server->restore();
        ASSERT_TRUE(restored) << restored.error().message;
        listen();
    };
    const auto view_bytes = [this] {
        std::vector<std::string> bytes;
        for (const char* path : {"account", "openOrders", "openOrderList", "allOrderList", "rateLimit/order"})
            bytes.push_back(signed_rest("GET", std::string{"/api/v3/"} + path, {}).body);
        for (const char* path : {"allOrders", "myTrades", "myPreventedMatches"})
            bytes.push_back(
                signed_rest("GET", std::string{"/api/v3/"} + path, {{"symbol", "BTCUSDT"}, {"orderId", "1"}})
                    .body);
        for (const char* path :
             {"ticker/24hr?symbol=BTCUSDT", "ticker?symbol=BTCUSDT&windowSize=2h",
              "ticker/tradingDay?symbol=ETHUSDT", "ticker/price", "ticker/bookTicker",
              "klines?symbol=BTCUSDT&interval=1s", "klines?symbol=ETHUSDT&interval=1h&timeZone=5:45",
              "trades?symbol=BTCUSDT", "historicalTrades?symbol=BTCUSDT&fromId=1", "aggTrades?symbol=BTCUSDT",
              "avgPrice?symbol=BTCUSDT", "depth?symbol=BTCUSDT&limit=500"})
            bytes.push_back(rest("GET", std::string{"/api/v3/"} + path).body);
        return bytes;
    };
    const auto live = [this](int steps) {
        std::vector<std::string> bytes;
        for (int i = 0; i < steps; ++i) {
            EXPECT_TRUE(admin("POST", "/clock/advance", R"({"ms":400})").contains("server_time"));
            bytes.push_back(order(i % 2 == 0 ? "70000" : "20000", "step" + std::to_string(i)).dump());
            bytes.push_back(rest("GET", "/api/v3/depth?symbol=BTCUSDT&limit=20").body);
        }
        return bytes;
    };
    std::vector<std::string> then;
    std::vector<std::string> later;
    {
        VirtualClock virtual_clock;
        begin_at(virtual_clock, "first");
        ASSERT_FALSE(HasFatalFailure());
        live(5);
        ASSERT_TRUE(server->save());
        std::filesystem::copy(folder / "first", folder / "second");
        then = view_bytes();
        later = live(5);
        for (std::string& one : view_bytes()) later.push_back(std::move(one));
        server.reset();
    }
    VirtualClock virtual_clock;
    begin_at(virtual_clock, "second");
    ASSERT_FALSE(HasFatalFailure());
    EXPECT_EQ(view_bytes(), then);
    std::vector<std::string> again = live(5);
    for (std::string& one : view_bytes()) again.push_back(std::move(one));
    EXPECT_EQ(again, later);
}

TEST_F(StateLive, BansAndNewAccountsToo) {
    begin(options());
    admin("POST", "/faults", R"({"kind":"ban","seconds":600})");
    ASSERT_TRUE(server->save());
    server.reset();
    ExchangeServerOptions more = options();
    more.accounts.push_back(*parse_account("second:ed25519+hmac+rsa:USDT=7"));
    begin(std::move(more));
    EXPECT_EQ(rest("GET", "/api/v3/ping").status, 418);
    admin("DELETE", "/faults");
    ASSERT_EQ(ready.accounts.size(), 2U);
    EXPECT_EQ(Json::parse(signed_rest("GET", "/api/v3/account", {{"omitZeroBalances", "true"}}, 1)
                              .body)["balances"][0]["free"],
              "7.00000000");
    // Each of its keys is the account's.
    const std::vector<ReadyKey> more_keys = ready.accounts[1].more_keys;
    ASSERT_EQ(more_keys.size(), 2U);
    EXPECT_EQ(more_keys[1].key->type, credentials::KeyType::rsa);
    const auto uid = [this](std::size_t account) {
        return Json::parse(signed_rest("GET", "/api/v3/account", {}, account).body)["uid"];
    };
    const auto use = [this](const ReadyKey& one) {
        ready.accounts.push_back({"second", one.api_key, one.key, {}});
        signers.push_back(*credentials::Signer::make(one.key->type, one.key->private_key));
        return ready.accounts.size() - 1;
    };
    for (const ReadyKey& one : more_keys) EXPECT_EQ(uid(use(one)), uid(1));
    admin("POST", "/key",
          R"({"account":"second","api_key":")" + more_keys[0].api_key + R"(","revoked":true})");
    const std::string revoked = more_keys[0].api_key;
    // All are in the state now, whether or not they are asked for.
    restart();
    ASSERT_EQ(ready.accounts.size(), 2U);
    ASSERT_EQ(ready.accounts[1].more_keys.size(), 2U);
    EXPECT_EQ(ready.accounts[1].more_keys[0].api_key, revoked);
    const auto second = ready.accounts[1].more_keys;
    EXPECT_EQ(Json::parse(signed_rest("GET", "/api/v3/account", {}, use(second[0])).body)["code"], -2015);
    EXPECT_EQ(uid(use(second[1])), uid(1));
}

TEST_F(StateLive, ItIsWrittenByItself) {
    ExchangeServerOptions quick = options();
    quick.state_interval = milliseconds{50};
    begin(std::move(quick));
    ASSERT_TRUE(loop.run_until([&] { return std::filesystem::exists(state_path()); }, patience));
    const auto size = std::filesystem::file_size(state_path());
    order("99.00", "one");
    EXPECT_TRUE(loop.run_until([&] { return std::filesystem::file_size(state_path()) > size; }, patience));
    struct stat status {};
    ASSERT_EQ(::stat(state_path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(StateLive, WhatIsDamagedIsRefused) {
    begin(options());
    order("99.00", "one");
    ASSERT_TRUE(server->save());
    server.reset();
    std::ifstream in{state_path(), std::ios::binary};
    const std::string good{std::istreambuf_iterator<char>{in}, {}};
    const auto why = [&](const std::string& text) {
        std::ofstream{state_path(), std::ios::binary | std::ios::trunc} << text;
        auto made = ExchangeServer::make(loop, clock, options());
        if (!made) return made.error();
        for (SymbolSpec& spec : default_symbols()) (*made)->core().add_symbol(std::move(spec));
        const auto restored = (*made)->restore();
        return restored ? base::Error{base::ErrorKind::invalid, "nothing"} : restored.error();
    };
    EXPECT_EQ(why(good).message, "nothing");
    std::string flipped = good;
    flipped[good.size() / 2] = flipped[good.size() / 2] == '1' ? '2' : '1';
    EXPECT_EQ(why(flipped).kind, base::ErrorKind::corrupt);
    EXPECT_NE(why(flipped).message.find("its checksum does not fit"), std::string::npos);
    for (const std::size_t size : {std::size_t{0}, std::size_t{10}, good.size() / 2, good.size() - 1})
        EXPECT_EQ(why(good.substr(0, size)).kind, base::ErrorKind::corrupt) << size;
    std::string newer = good;
    newer.replace(newer.find(" 1 "), 3, " 2 ");
    EXPECT_NE(why(newer).message.find("a state of version 2; this program reads version 1"),
              std::string::npos);

    // Whole, but it does not hold together.
    const auto whole = [&](const std::string& from, const std::string& to) {
        std::filesystem::remove(state_path());
        std::string json = good.substr(good.find('\n') + 1);
        json.replace(json.find(from), from.size(), to);
        const auto file = StateFile::open(folder / "kept");
        EXPECT_TRUE(file && file->write(json));
        std::ifstream again{state_path(), std::ios::binary};
        return std::string{std::istreambuf_iterator<char>{again}, {}};
    };
    EXPECT_NE(
        why(whole(R"("locked":4950000000)", R"("locked":4950000001)")).message.find("does not hold together"),
        std::string::npos);
    EXPECT_NE(
        why(whole(R"("quantity":50000000)", R"("quantity":"x")")).message.find("quantity is not a whole"),
        std::string::npos);
    EXPECT_NE(why(whole(R"("random":)", R"("ramdon":)")).message.find("core.random is missing"),
              std::string::npos);
}

TEST_F(StateLive, OneExchangeAtATime) {
    begin(options());
    const auto second = ExchangeServer::make(loop, clock, options());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, base::ErrorKind::unavailable);
}

}  // namespace
}  // namespace vigil::exchange
