// vigil-exchange: a simulated Binance Spot exchange on this machine. Arguments and wiring only; what it does
// is lib/exchange's.
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/time.h"
#include "base/unique_fd.h"
#include "exchange/fault_script.h"
#include "exchange/market_setup.h"
#include "exchange/ready_file.h"
#include "exchange/server.h"
#include "exchange/virtual_clock.h"
#include "net/event_loop.h"
#include "settings/yaml_list.h"

namespace {

using namespace vigil;

constexpr int exit_usage = 64;          // sysexits: EX_USAGE
constexpr int exit_data = 65;           // EX_DATAERR
constexpr int exit_unavailable = 69;    // EX_UNAVAILABLE
constexpr int exit_cannot_create = 73;  // EX_CANTCREAT
constexpr auto goodbye_patience = std::chrono::milliseconds{500};

struct Arguments {
    exchange::ExchangeServerOptions server;
    exchange::MarketOptions market;
    std::vector<std::string> accounts;
    std::vector<std::string> account_settings;
    std::vector<std::string> symbols;
    std::string replay_symbol;
    std::string at_end{"loop"};
    std::string speed{"1"};
    std::string volatility{"1"};
    std::string maker_fee{"0.001"};
    std::string taker_fee{"0.001"};
    std::filesystem::path ready_file;
    std::optional<std::filesystem::path> faults;
    std::string clock{"machine"};
    std::int64_t start_time_ms{exchange::VirtualClock::default_start.time_since_epoch() /
                               std::chrono::milliseconds{1}};
    double seconds{0};
    double state_seconds{1};
    double connection_hours{24};
    double ping_seconds{20};
};

int complain(int code, const std::string& what) {
    std::fprintf(stderr, "vigil-exchange: %s\n", what.c_str());
    return code;
}

void declare(CLI::App& app, Arguments& arguments) {
    app.description(
        "A simulated Binance Spot exchange: REST, market streams and WebSocket API over TLS on this "
        "machine,\n"
        "with a recorded or a generated market. docs/simulated-exchange.md shows how to use it. To begin "
        "with:\n"
        "  vigil-exchange --ready-file ready.json &    # writes URLs, certificate authority and API keys\n"
        "  curl --cacert ready.json.ca.pem URL-OF-REST/api/v3/time\n"
        "A client signs as for the real exchange, with a key of the ready file's \"accounts\".");
    auto* listen = app.add_option_group("Where it listens");
    listen
        ->add_option("--port", arguments.server.port,
                     "TLS port of REST, streams and WebSocket API; 0: a free one")
        ->capture_default_str();
    listen
        ->add_option("--admin-port", arguments.server.admin_port,
                     "port of the plain HTTP admin interface on 127.0.0.1; 0: a free one")
        ->capture_default_str();

    listen->add_option(
        "--ready-file", arguments.ready_file,
        "write URLs, certificate authority and the accounts' API keys and secrets here (JSON,\n"
        "mode 0600) once it listens, and keys beside it; removed at the end");

    auto* market = app.add_option_group("Market");
    market->add_option(
        "--replay", arguments.market.replay,
        "recording to play (capture .jsonl[.gz], trades, aggTrades or klines .csv[.gz]); repeatable");
    market->add_option("--replay-symbol", arguments.replay_symbol,
                       "symbol of recordings that do not name it (default: the file's name up to '-')");
    market->add_option("--at-end", arguments.at_end, "when a recording ends: loop or end")
        ->check(CLI::IsMember({"loop", "end"}))
        ->capture_default_str();
    market->add_flag_callback(
        "--loop", [&arguments] { arguments.at_end = "loop"; }, "the same as --at-end loop");
    market
        ->add_option("--symbols", arguments.symbols,
                     "symbols with a generated market (default, when nothing is replayed: BTCUSDT, ETHUSDT,\n"
                     "BNBUSDT, SOLUSDT, XRPUSDT, ETHBTC, BNBBTC and BNBETH)")
        ->delimiter(',');
    market->add_option("--exchange-info", arguments.market.exchange_info,
                       "a recorded exchangeInfo answer to take the symbols from");
    market->add_option("--seed", arguments.market.seed, "of everything that is made up")
        ->capture_default_str();
    market
        ->add_option("--speed", arguments.speed,
                     "market time per wall time; the exchange's clock is not touched")
        ->capture_default_str();
    market->add_option("--volatility", arguments.volatility, "of generated markets; 1: as recorded")
        ->capture_default_str();

    market
        ->add_option("--symbol-count", arguments.market.symbol_count,
                     "make up symbols (SIM1USDT ...) until there are so many with a generated market")
        ->check(CLI::Range(0, 5000))
        ->capture_default_str();

    auto* time = app.add_option_group("Time");
    time->add_option("--clock", arguments.clock,
                     "machine: runs on its own; virtual: moves with POST /clock/advance only, so that the\n"
                     "same requests at the same moments give the same answers, byte for byte")
        ->check(CLI::IsMember({"machine", "virtual"}))
        ->capture_default_str();
    time->add_option("--start-time", arguments.start_time_ms,
                     "where a virtual clock begins, in milliseconds since 1970")
        ->check(CLI::Range(std::int64_t{1'000'000'000'000}, std::int64_t{4'000'000'000'000}))
        ->capture_default_str();

    auto* faults = app.add_option_group("Faults");
    faults->add_option("--faults", arguments.faults,
                       "YAML list of faults to arm or to do, now or at their time (see\n"
                       "docs/simulated-exchange.md, \"Faults\"); POST /faults does the same at run time");

    auto* accounts = app.add_option_group("Accounts");
    accounts->add_option(
        "--account", arguments.accounts,
        "LABEL:KEY-TYPE:ASSET=AMOUNT,... with a key type of hmac, ed25519 or rsa (several keys: "
        "ed25519+hmac); repeatable "
        "(default: one of each type, with USDT, BTC, ETH and BNB)");
    accounts->add_option(
        "--account-setting", arguments.account_settings,
        "LABEL:NAME=VALUE,... (LABEL * for all; repeatable): maker, taker, buyer, seller, the same after\n"
        "special- and tax-, discount (rates); bnb-discount, can-trade, require-self-trade-prevention (true,\n"
        "false); trade-group (a number: accounts of one group do not trade with each other);\n"
        "max-asset-ASSET (an amount)");
    accounts->add_option("--maker-fee", arguments.maker_fee, "a fraction")->capture_default_str();
    accounts->add_option("--taker-fee", arguments.taker_fee, "a fraction")->capture_default_str();

    auto* state = app.add_option_group("State");
    state->add_option("--state", arguments.server.state_folder,
                      "keep accounts with their keys, orders, trades, market, limits and bans in this\n"
                      "folder, and go on from there at the next start");
    state
        ->add_option("--state-seconds", arguments.state_seconds,
                     "how often a changed account is written; a kill costs at most so much")
        ->check(CLI::Range(0.01, 3600.0))
        ->capture_default_str();

    auto* limits = app.add_option_group("Limits");
    auto& rates = arguments.server.limits;
    limits->add_option("--weight-limit", rates.weight_per_minute, "request weight per minute and address")
        ->capture_default_str();
    limits->add_option("--orders-per-10s", rates.orders_per_ten_seconds, "unfilled orders per account")
        ->capture_default_str();
    limits->add_option("--orders-per-day", rates.orders_per_day, "unfilled orders per account")
        ->capture_default_str();
    auto& core = arguments.server.core;
    for (const auto& [name, value, what] :
         {std::tuple{"--max-orders", &core.exchange_orders_max, "EXCHANGE_MAX_NUM_ORDERS"},
          std::tuple{"--max-algo-orders", &core.exchange_algo_orders_max, "EXCHANGE_MAX_NUM_ALGO_ORDERS"},
          std::tuple{"--max-iceberg-orders", &core.exchange_iceberg_orders_max,
                     "EXCHANGE_MAX_NUM_ICEBERG_ORDERS"},
          std::tuple{"--max-order-lists", &core.exchange_order_lists_max, "EXCHANGE_MAX_NUM_ORDER_LISTS"}})
        limits->add_option(name, *value, std::string{"exchange filter "} + what + "; 0: none")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
    limits->add_option("--connection-hours", arguments.connection_hours, "age at which a WebSocket is closed")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    limits
        ->add_option("--ping-seconds", arguments.ping_seconds,
                     "how often a WebSocket is pinged; three times this without a pong ends it")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    app.add_option("--seconds", arguments.seconds, "end after so long; 0: run until told to stop")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
}

// A positive decimal of an option.
base::Result<domain::Rate> rate_of(const char* option, const std::string& text, bool zero_allowed) {
    const auto rate = domain::Rate::parse(text);
    if (!rate || rate->is_negative() || (rate->is_zero() && !zero_allowed))
        return base::fail(base::ErrorKind::invalid,
                          std::string{option} + ": '" + text + "' is not a positive decimal");
    return *rate;
}

base::nanoseconds nanoseconds_of(double seconds) {
    return std::chrono::duration_cast<base::nanoseconds>(std::chrono::duration<double>{seconds});
}

// Texts of options to values.
base::Result<void> interpret(Arguments& arguments) {
    struct Rate {
        const char* option;
        const std::string& text;
        domain::Rate& value;
        bool zero_allowed;
    };
    auto& fees = arguments.server.commission.standard;
    for (const Rate& one : {Rate{"--speed", arguments.speed, arguments.market.speed, false},
                            Rate{"--volatility", arguments.volatility, arguments.market.volatility, false},
                            Rate{"--maker-fee", arguments.maker_fee, fees.maker, true},
                            Rate{"--taker-fee", arguments.taker_fee, fees.taker, true}}) {
        const auto rate = rate_of(one.option, one.text, one.zero_allowed);
        if (!rate) return base::fail(rate.error());
        one.value = *rate;
    }
    arguments.market.at_end = arguments.at_end == "end" ? exchange::AtEnd::end : exchange::AtEnd::loop;
    arguments.server.core.seed = arguments.market.seed;
    for (const std::string& name : arguments.symbols) {
        const auto symbol = domain::Symbol::from(name);
        if (!symbol) return base::fail(base::ErrorKind::invalid, "--symbols: '" + name + "' is too long");
        arguments.market.generate.push_back(*symbol);
    }
    if (!arguments.replay_symbol.empty()) {
        arguments.market.replay_symbol = domain::Symbol::from(arguments.replay_symbol);
        if (!arguments.market.replay_symbol)
            return base::fail(base::ErrorKind::invalid, "--replay-symbol: the name is too long");
    }
    if (!arguments.accounts.empty()) arguments.server.accounts.clear();
    for (const std::string& text : arguments.accounts) {
        auto account = exchange::parse_account(text);
        if (!account) return base::fail(account.error().within("--account"));
        arguments.server.accounts.push_back(*std::move(account));
    }
    for (const std::string& text : arguments.account_settings) {
        const auto settings = exchange::parse_account_settings(text);
        if (!settings) return base::fail(settings.error().within("--account-setting"));
        auto& all = arguments.server.account_settings;
        all.insert(all.end(), settings->begin(), settings->end());
    }
    arguments.server.market_speed = arguments.market.speed;
    arguments.server.state_interval = nanoseconds_of(arguments.state_seconds);
    exchange::KeepAliveOptions keep_alive;
    keep_alive.ping_interval = nanoseconds_of(arguments.ping_seconds);
    keep_alive.pong_timeout = nanoseconds_of(arguments.ping_seconds * 3);
    keep_alive.lifetime = nanoseconds_of(arguments.connection_hours * 3600);
    arguments.server.api_keep_alive = keep_alive;
    arguments.server.streams.keep_alive = keep_alive;
    return {};
}

int exit_of(base::ErrorKind kind) {
    switch (kind) {
        case base::ErrorKind::invalid:
            return exit_usage;
        case base::ErrorKind::unavailable:
            return exit_unavailable;
        default:
            return exit_data;
    }
}

base::Result<std::vector<exchange::FaultRequest>> read_faults(const std::filesystem::path& file) {
    auto entries = settings::read_yaml_list(file);
    if (!entries) return base::fail(entries.error());
    std::vector<exchange::FaultScriptEntry> script;
    for (settings::YamlListEntry& entry : *entries)
        script.push_back({std::move(entry.json), std::move(entry.place), std::move(entry.places)});
    return exchange::read_fault_script(script);
}

int run(Arguments& arguments) {
    // Blocked before anything else starts, so that they are only ever read from the descriptor.
    sigset_t stop_signals;
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGINT);
    sigaddset(&stop_signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop_signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    if (arguments.faults) {
        auto faults = read_faults(*arguments.faults);
        if (!faults) return complain(exit_data, faults.error().message);
        arguments.server.faults = *std::move(faults);
    }
    const base::SystemClock machine_clock;
    exchange::VirtualClock virtual_clock{base::WallTime{std::chrono::milliseconds{arguments.start_time_ms}}};
    const bool is_virtual = arguments.clock == "virtual";
    if (is_virtual) arguments.server.virtual_clock = &virtual_clock;
    const base::Clock& clock = is_virtual ? static_cast<const base::Clock&>(virtual_clock) : machine_clock;
    net::EventLoop loop;
    auto server = exchange::ExchangeServer::make(loop, clock, std::move(arguments.server));
    if (!server) return complain(exit_of(server.error().kind), server.error().message);
    (*server)->on_notice([](std::string_view line) {
        std::fprintf(stderr, "vigil-exchange: %.*s\n", static_cast<int>(line.size()), line.data());
    });
    (*server)->on_shutdown([&loop] { loop.stop(); });
    const auto feeds = exchange::install_market((*server)->core(), arguments.market, (*server)->now());
    if (!feeds) return complain(exit_data, feeds.error().message);
    if (auto restored = (*server)->restore(); !restored) return complain(exit_data, restored.error().message);
    if (auto listening = (*server)->listen(); !listening)
        return complain(exit_unavailable, listening.error().message);

    const exchange::ReadyInformation ready = (*server)->ready_information();
    std::vector<std::filesystem::path> written;
    if (!arguments.ready_file.empty()) {
        auto files = exchange::write_ready_file(arguments.ready_file, ready);
        if (!files) return complain(exit_cannot_create, files.error().message);
        written = *std::move(files);
    }
    for (const std::string& feed : *feeds) std::printf("market   %s\n", feed.c_str());
    std::printf("REST     %s\nstreams  %s\nWS API   %s\nadmin    %s\n", ready.rest.c_str(),
                ready.stream.c_str(), ready.ws_api.c_str(), ready.admin.c_str());
    for (const auto& path : written) std::printf("wrote    %s\n", path.c_str());
    if (written.empty())
        std::printf("without --ready-file, nobody is told the API keys and the certificate authority\n");
    std::fflush(stdout);

    const base::UniqueFd signals{::signalfd(-1, &stop_signals, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!signals) return complain(exit_unavailable, base::system_error("signalfd", errno).message);
    const auto watch = loop.watch(signals.get(), EPOLLIN, [&loop](std::uint32_t) { loop.stop(); });
    if (!watch) return complain(exit_unavailable, watch.error().message);
    if (arguments.seconds > 0) {
        loop.run_for(nanoseconds_of(arguments.seconds));
    } else {
        loop.run();
    }
    (*server)->begin_shutdown();
    loop.run_until([&server] { return (*server)->idle(); }, goodbye_patience);
    loop.unwatch(*watch);
    const auto saved = (*server)->save();
    // What it wrote describes a server that is no more.
    for (const auto& path : written) {
        std::error_code ignored;
        std::filesystem::remove(path, ignored);
    }
    if (!saved) return complain(exit_cannot_create, saved.error().message);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app;
    Arguments arguments;
    declare(app, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_usage;
    }
    if (const auto understood = interpret(arguments); !understood)
        return complain(exit_usage, understood.error().message);
    return run(arguments);
}
