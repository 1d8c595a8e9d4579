#include "settings/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <string>

#include "settings/configuration_folder.h"

namespace vigil::settings {
namespace {

using base::milliseconds;
using domain::Amount;
using domain::Rate;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::needed;
using ::testing::SizeIs;

class LoadTest : public testing::ConfigurationFolder {
  protected:
    static std::string with(std::string_view text) { return std::string{needed} + std::string{text}; }
};

TEST_F(LoadTest, DefaultsAreTheOnesOfTheRooms) {
    const Settings settings = good(needed);
    EXPECT_EQ(settings.exchange.environment, Environment::simulator);
    EXPECT_EQ(settings.exchange.recv_window, milliseconds{5'000});
    EXPECT_FALSE(settings.exchange.live);
    const risk::Options usual;
    EXPECT_EQ(settings.risk.price_collar, usual.price_collar);
    EXPECT_EQ(settings.risk.open_orders_max, usual.open_orders_max);
    EXPECT_EQ(settings.risk.defaults.open_orders_max, usual.defaults.open_orders_max);
    EXPECT_FALSE(settings.risk.defaults.position_max);
    EXPECT_EQ(settings.state_dir, "/var/lib/vigil");
    EXPECT_THAT(settings.strategies, IsEmpty());
}

TEST_F(LoadTest, ReadsEverySection) {
    const Settings settings = good(R"(
exchange: {environment: testnet, recv_window: 2500ms, bind_address: 203.0.113.7, rest_url: https://example.org/}
credentials: {vault: keys/main.vault, label: main, passphrase_credential: vault-passphrase}
state_dir: /srv/vigil
log: {level: warning, format: json}
risk:
  quote_asset: USDT
  max_order_notional: 500.5
  max_position: 2000
  max_open_orders: 7
  max_open_orders_total: 70
  price_collar: 2.5%
  max_slippage: 0.1%
  max_book_age: 750ms
  daily_loss: 100.00000001
  daily_loss_level: cancel_only
  total_loss: 300
  total_loss_level: halt
  max_drawdown: 200.5
  max_orders_per_minute: 30
  max_orders_per_minute_total: 90
  max_orders_per_minute_strategy: 20
  crash_loop_starts: 5
  crash_loop_within: 1h
  rejections_to_break: 5
  breaker_probe: 2m
  symbols:
    ETHUSDT: {max_position: 600, max_orders_per_minute: 3}
on_stop: keep_orders
control: {socket: run/control, group: operators}
governor: {share: 30%, cancel_reserve: 5%}
clock: {interval: 10s, burst: 7, max_uncertainty: 50ms}
journal: {busy_timeout: 2s, group_max: 64}
reconcile: {sweep_interval: 15s}
strategies: []
)");
    EXPECT_EQ(settings.exchange.rest_url, "https://example.org");
    EXPECT_EQ(settings.exchange.stream_url, "wss://stream.testnet.binance.vision");
    EXPECT_EQ(settings.exchange.bind_address, "203.0.113.7");
    EXPECT_EQ(settings.exchange.recv_window, milliseconds{2'500});
    EXPECT_EQ(settings.credentials.vault, folder_ / "keys/main.vault");
    EXPECT_EQ(settings.credentials.unlock_with, UnlockWith::passphrase_credential);
    EXPECT_EQ(settings.credentials.unlock_credential, "vault-passphrase");
    EXPECT_EQ(settings.state_dir, "/srv/vigil");
    EXPECT_EQ(settings.log.level, LogLevel::warning);
    EXPECT_EQ(settings.log.format, LogFormat::json);
    EXPECT_EQ(settings.risk.defaults.order_notional_max, Amount::literal("500.5"));
    EXPECT_EQ(settings.risk.price_collar, Rate::literal("0.025"));
    EXPECT_EQ(settings.risk.slippage_max, Rate::literal("0.001"));
    EXPECT_EQ(settings.risk.book_age_max, milliseconds{750});
    EXPECT_EQ(settings.risk.open_orders_max, 70);
    ASSERT_THAT(settings.risk.daily_loss, SizeIs(1));
    EXPECT_EQ(settings.risk.daily_loss[0].quote.view(), "USDT");
    EXPECT_EQ(settings.risk.daily_loss[0].loss_max, Amount::literal("100.00000001"));
    EXPECT_EQ(settings.risk.daily_loss_level, risk::Level::cancel_only);
    ASSERT_THAT(settings.risk.losses, SizeIs(1));
    EXPECT_EQ(settings.risk.losses[0].quote.view(), "USDT");
    EXPECT_EQ(settings.risk.losses[0].realised_max, Amount::of(300));
    EXPECT_EQ(settings.risk.losses[0].realised_level, risk::Level::halt);
    EXPECT_EQ(settings.risk.losses[0].drawdown_max, Amount::literal("200.5"));
    EXPECT_EQ(settings.risk.losses[0].drawdown_level, risk::Level::cancel_only);
    EXPECT_EQ(settings.risk.defaults.orders_a_minute, 30);
    EXPECT_EQ(settings.risk.orders_a_minute, 90);
    EXPECT_EQ(settings.risk.orders_a_minute_strategy, 20);
    EXPECT_EQ(settings.crash_loop.starts, 5);
    EXPECT_EQ(settings.crash_loop.within, base::seconds{3'600});
    EXPECT_FALSE(settings.cancels_on_stop);
    EXPECT_EQ(settings.control.socket, folder_ / "run/control");
    EXPECT_EQ(settings.control.group, "operators");
    EXPECT_EQ(settings.risk.rejections_to_break, 5);
    EXPECT_EQ(settings.risk.breaker_probe_every, milliseconds{120'000});
    ASSERT_THAT(settings.risk.symbols, SizeIs(1));
    EXPECT_EQ(settings.risk.symbols[0].symbol.view(), "ETHUSDT");
    EXPECT_EQ(settings.risk.symbols[0].position_max, Amount::of(600));
    EXPECT_EQ(settings.risk.symbols[0].order_notional_max, Amount::literal("500.5"));  // from above
    EXPECT_EQ(settings.risk.symbols[0].open_orders_max, 7);
    EXPECT_EQ(settings.risk.symbols[0].orders_a_minute, 3);
    EXPECT_EQ(settings.governor.share_percent, 30);
    EXPECT_EQ(settings.governor.reserve_percent, 5);
    EXPECT_EQ(settings.clock.burst, 7);
    EXPECT_EQ(settings.clock.max_uncertainty, milliseconds{50});
    EXPECT_EQ(settings.journal.group_max, 64);
    EXPECT_EQ(settings.reconcile.sweep_interval, milliseconds{15'000});
}

TEST_F(LoadTest, EveryErrorIsToldAtOnceWithItsPlace) {
    EXPECT_THAT(
        problems_of("exchange:\n"
                    "  enviroment: testnet\n"
                    "  recv_window: 5000\n"
                    "  live: yes\n"
                    "credentials:\n"
                    "  label: main\n"
                    "risk:\n"
                    "  max_order_notional: 1e3\n"
                    "  price_collar: 5\n"
                    "  max_open_orders: \"5\"\n"
                    "log: loud\n"
                    "stratgies: strategies\n"),
        ElementsAre(
            "vigild.yaml:1:1: strategies is missing: a folder, or a list of files",
            "vigild.yaml:2:3: unknown key \"enviroment\" in exchange; did you mean \"environment\"?",
            "vigild.yaml:3:16: exchange.recv_window: \"5000\" has no unit: write 5000ms, 5000s, 5000m, "
            "5000h or 5000d",
            "vigild.yaml:4:9: exchange.live: \"yes\" is neither true nor false",
            "vigild.yaml:6:3: credentials.vault is missing: the file that `vigilctl vault create` made",
            "vigild.yaml:6:3: credentials.machine_key_file is missing: give one of machine_key_file, "
            "machine_key_credential, passphrase_file, passphrase_credential, passphrase_prompt",
            "vigild.yaml:8:23: risk.max_order_notional: \"1e3\" has an exponent: write the decimal out",
            "vigild.yaml:9:17: risk.price_collar: \"5\" is no percentage: write it with its sign, such as "
            "0.5%",
            "vigild.yaml:10:20: risk.max_open_orders: \"5\" is text: write it without quotes",
            "vigild.yaml:11:6: log must be a section: indented lines of \"key: value\"",
            "vigild.yaml:12:1: unknown key \"stratgies\"; did you mean \"strategies\"?"));
}

TEST_F(LoadTest, ProductionWantsLiveAndNothingElseDoes) {
    EXPECT_THAT(
        problems_of(with("exchange: {environment: production}\n")),
        ElementsAre(
            "vigild.yaml:3:25: exchange.environment: production trades with real money: it also wants "
            "\"live: true\" beside it"));
    EXPECT_THAT(problems_of(with("exchange: {environment: production, live: false}\n")),
                ElementsAre(HasSubstr("vigild.yaml:3:43: exchange.live: production trades with real money")));
    EXPECT_THAT(
        problems_of(with("exchange: {environment: testnet, live: true}\n")),
        ElementsAre(
            "vigild.yaml:3:40: exchange.live: is true, but the environment is testnet; only production is "
            "live"));
    EXPECT_THAT(problems_of(with("exchange: {live: true}\n")), SizeIs(1));
    const Settings settings = good(with("exchange: {environment: production, live: true}\n"));
    EXPECT_EQ(settings.exchange.rest_url, "https://api.binance.com");
    EXPECT_EQ(settings.exchange.ws_api_url, "wss://ws-api.binance.com:443/ws-api/v3");
}

TEST_F(LoadTest, ThereIsNoSwitchForCertificatesAndNoPlainText) {
    for (const char* key : {"verify", "insecure", "tls", "verify_certificates"})
        EXPECT_THAT(problems_of(with("exchange: {" + std::string{key} + ": false}\n")), SizeIs(1)) << key;
    EXPECT_THAT(
        problems_of(with("exchange: {rest_url: \"http://127.0.0.1:1\", stream_url: \"ws://127.0.0.1:1\"}\n")),
        SizeIs(2));
}

TEST_F(LoadTest, ImpossibleCombinations) {
    EXPECT_THAT(problems_of(with("risk: {daily_loss: 5}\n")), ElementsAre(HasSubstr("needs quote_asset")));
    EXPECT_THAT(problems_of(with("risk: {daily_loss_level: halt}\n")),
                ElementsAre(HasSubstr("no effect without daily_loss")));
    EXPECT_THAT(problems_of(with("risk: {total_loss: 5, max_drawdown: 5}\n")),
                ElementsAre(HasSubstr("total_loss: needs quote_asset"),
                            HasSubstr("max_drawdown: needs quote_asset")));
    EXPECT_THAT(problems_of(with("risk: {quote_asset: USDT, total_loss: 5, max_drawdown_level: halt}\n")),
                ElementsAre(HasSubstr("no effect without max_drawdown")));
    EXPECT_THAT(problems_of(with("risk: {quote_asset: USDT, total_loss: 5, total_loss_level: normal}\n")),
                SizeIs(1))
        << "a loss that moves nothing";
    EXPECT_THAT(problems_of(with("risk: {max_order_notional: 11, max_position: 10}\n")),
                ElementsAre(HasSubstr("is 11, more than max_position (10)")));
    // A symbol's own limit may be narrower than what one order may be elsewhere.
    EXPECT_THAT(problems_of(with("risk: {max_order_notional: 11, symbols: {BTCUSDT: {max_position: 10}}}\n")),
                IsEmpty());
    EXPECT_THAT(problems_of(with("risk: {max_open_orders: 20, max_open_orders_total: 10}\n")),
                ElementsAre(HasSubstr("more than max_open_orders_total (10)")));
    EXPECT_THAT(problems_of(with("governor: {share: 95%, cancel_reserve: 10%}\n")),
                ElementsAre(HasSubstr("105%")));
    EXPECT_THAT(problems_of(with("governor: {share: 33.3%}\n")), ElementsAre(HasSubstr("whole percents")));
    EXPECT_EQ(good(with("exchange: {recv_window: 3s}\n")).clock.max_uncertainty, milliseconds{150});
    EXPECT_EQ(good(with("exchange: {recv_window: 60s}\n")).clock.max_uncertainty, milliseconds{900});
    EXPECT_THAT(problems_of(with("exchange: {recv_window: 100ms}\nclock: {max_uncertainty: 100ms}\n")),
                ElementsAre(HasSubstr("not below exchange.recv_window (100ms)")));
    EXPECT_THAT(
        problems_of(
            "credentials: {vault: v, label: l, machine_key_file: a, passphrase_file: b}\nstrategies: []\n"),
        ElementsAre(HasSubstr("is given beside machine_key_file")));
    EXPECT_THAT(problems_of("credentials: {vault: v, label: l, passphrase_file: b, passphrase_prompt: true}\n"
                            "strategies: []\n"),
                ElementsAre(HasSubstr("passphrase_prompt: is given beside passphrase_file")));
    EXPECT_THAT(problems_of("credentials: {vault: v, label: l, passphrase_prompt: false}\nstrategies: []\n"),
                ElementsAre(HasSubstr("is true or left out")));
    EXPECT_EQ(good("credentials: {vault: v, label: l, passphrase_prompt: true}\nstrategies: []\n")
                  .credentials.unlock_with,
              UnlockWith::passphrase_prompt);
    EXPECT_THAT(problems_of("credentials: {vault: v, label: l, machine_key_file: a, refuse_after: 89d}\n"
                            "strategies: []\n"),
                ElementsAre(HasSubstr("is 89d, before credentials.rotate_after (90d), which warns")));
}

TEST_F(LoadTest, HowAKeyIsJudged) {
    const auto with_key = [](const std::string& keys) {
        return "credentials: {vault: v, label: l, machine_key_file: a" + keys + "}\nstrategies: []\n";
    };
    const CredentialSettings usual = good(with_key("")).credentials;
    EXPECT_EQ(usual.check_interval, std::chrono::days{1});
    EXPECT_EQ(usual.min_validity, std::chrono::days{3});
    EXPECT_EQ(usual.rotate_after, std::chrono::days{90});
    EXPECT_FALSE(usual.refuse_after.has_value());
    const CredentialSettings own =
        good(with_key(", check_interval: 1h, min_validity: 0s, rotate_after: 30d, refuse_after: 30d"))
            .credentials;
    EXPECT_EQ(own.check_interval, std::chrono::hours{1});
    EXPECT_EQ(own.min_validity, base::seconds{0});
    EXPECT_EQ(own.rotate_after, std::chrono::days{30});
    EXPECT_EQ(own.refuse_after, std::chrono::days{30});
    for (const char* wrong : {", check_interval: 2d", ", check_interval: 500ms", ", min_validity: 91d",
                              ", rotate_after: 1h", ", rotate_after: 3651d", ", refuse_after: never"})
        EXPECT_THAT(problems_of(with_key(wrong)), SizeIs(1)) << wrong;
}

TEST_F(LoadTest, RangesAreKept) {
    EXPECT_THAT(problems_of(with("exchange: {recv_window: 61s}\n")),
                ElementsAre(HasSubstr("is 61s, must be 1ms to 1m")));
    EXPECT_THAT(problems_of(with("reconcile: {sweep_interval: 2m}\n")), SizeIs(1));
    EXPECT_THAT(problems_of(with("clock: {burst: 2}\n")), ElementsAre(HasSubstr("is 2, must be 3 to 20")));
    EXPECT_THAT(problems_of(with("risk: {max_position: 0}\n")), ElementsAre(HasSubstr("must be above 0")));
    EXPECT_THAT(problems_of(with("risk: {price_collar: 101%}\n")),
                ElementsAre(HasSubstr("is 101%, must be 0.001% to 100%")));
    EXPECT_THAT(problems_of(with("risk: {symbols: {btcusdt: {max_position: 5}}}\n")),
                ElementsAre(HasSubstr("is no symbol")));
    EXPECT_THAT(problems_of(with("risk: {symbols: {BTCUSDT: {max_postion: 5}}}\n")),
                ElementsAre(HasSubstr("did you mean \"max_position\"?")));
    EXPECT_THAT(problems_of(with("state_dir: ~/vigil\n")), ElementsAre(HasSubstr("is not expanded")));
    EXPECT_THAT(problems_of(with("state_dir:\n")), ElementsAre(HasSubstr("has no value")));
    EXPECT_THAT(problems_of(with("state_dir: [a]\n")), ElementsAre(HasSubstr("must be a single value")));
}

TEST_F(LoadTest, OverridesAreCheckedLikeTheFile) {
    const Settings settings =
        good(with("exchange: {recv_window: 1s}\n"),
             {"exchange.recv_window=2s", "exchange.rest_url=https://127.0.0.1:4000", "risk.max_position=10",
              "risk.max_position=12", "credentials.vault=other/v"});
    EXPECT_EQ(settings.exchange.recv_window, milliseconds{2'000});
    EXPECT_EQ(settings.exchange.rest_url, "https://127.0.0.1:4000");
    EXPECT_EQ(settings.risk.defaults.position_max, Amount::of(12));
    EXPECT_EQ(settings.credentials.vault, "other/v");  // from the working folder, not the file's
    EXPECT_THAT(settings.overrides, SizeIs(5));

    EXPECT_THAT(
        problems_of(needed, {"exchange.recv_window=2", "exchange.recvwindow=2s",
                             "exchange.environment=production", "governor=5", "broken"}),
        ElementsAre(
            "command line, --set broken: write it as key.path=value",
            "command line, --set exchange.environment: exchange.environment: production trades with real "
            "money: it also wants \"live: true\" beside it",
            "command line, --set exchange.recv_window: exchange.recv_window: \"2\" has no unit: write 2ms, "
            "2s, 2m, 2h or 2d",
            "command line, --set exchange.recvwindow: unknown key \"recvwindow\" in exchange; did you mean "
            "\"recv_window\"?",
            "command line, --set governor: governor must be a section: indented lines of \"key: value\""));
}

TEST_F(LoadTest, FilesThatCannotBeRead) {
    const auto nowhere = load(folder_ / "nowhere.yaml");
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().front().kind, base::ErrorKind::not_found);
    EXPECT_THAT(shown(nowhere), ElementsAre("nowhere.yaml:1:1: cannot be read: No such file or directory"));
    EXPECT_THAT(shown(load(folder_)), ElementsAre(HasSubstr("is not a regular file")));
    ASSERT_EQ(::mkfifo((folder_ / "pipe.yaml").c_str(), 0600), 0);
    EXPECT_THAT(shown(load(folder_ / "pipe.yaml")), ElementsAre(HasSubstr("is not a regular file")));
    EXPECT_THAT(problems_of(with("#" + std::string(file_bytes_max, 'x'))),
                ElementsAre(HasSubstr("is larger than")));
    EXPECT_THAT(problems_of("a: [\n"), ElementsAre(HasSubstr("vigild.yaml:2:1: ")));
    EXPECT_THAT(problems_of(""), Contains(HasSubstr("credentials is missing")));
    EXPECT_THAT(problems_of("just text\n"), Contains(HasSubstr("the file must be a section")));
}

TEST_F(LoadTest, ATextFromAFileCannotMoveTheCursor) {
    const auto problems = problems_of(with("\"\\e[2Jx\": 1\nlog: {level: \"\\e[31m\"}\n"));
    ASSERT_THAT(problems, SizeIs(2));
    for (const std::string& problem : problems) EXPECT_EQ(problem.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace vigil::settings
