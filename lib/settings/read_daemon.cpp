// vigild.yaml. Every key that is read here is in config/vigild.schema.json, and a test says so.
#include <algorithm>
#include <array>

#include "settings/environment.h"
#include "settings/readers.h"

namespace vigil::settings {

using base::milliseconds;
using base::Result;

namespace {

void read_exchange(Section section, ExchangeSettings& out) {
    section.choice("environment", out.environment,
                   {{"simulator", Environment::simulator},
                    {"testnet", Environment::testnet},
                    {"demo", Environment::demo},
                    {"production", Environment::production}});
    section.boolean("live", out.live);
    const bool production = out.environment == Environment::production;
    if (production && !out.live)
        section.wrong(section.has("live") ? "live" : "environment",
                      "production trades with real money: it also wants \"live: true\" beside it");
    if (!production && out.live)
        section.wrong("live", "is true, but the environment is " + std::string{to_string(out.environment)} +
                                  "; only production is live");

    const EnvironmentUrls urls = urls_of(out.environment);
    const auto url = [&section](std::string_view key, std::string& to, std::string_view scheme,
                                std::string_view usual) {
        to = usual;
        section.value(key, [&](const Node& node) -> Result<void> {
            auto parsed = parse_url(node.text, scheme);
            if (!parsed) return base::fail(parsed.error());
            to = std::move(*parsed);
            return {};
        });
    };
    url("rest_url", out.rest_url, "https", urls.rest);
    url("stream_url", out.stream_url, "wss", urls.stream);
    url("ws_api_url", out.ws_api_url, "wss", urls.ws_api);
    section.path("ca_file", out.ca_file);
    section.duration("recv_window", out.recv_window, {milliseconds{1}, milliseconds{60'000}});
    section.value("bind_address", [&out](const Node& node) -> Result<void> {
        auto parsed = parse_address(node.text);
        if (!parsed) return base::fail(parsed.error());
        out.bind_address = std::move(*parsed);
        return {};
    });
    section.finish();
}

/// The name of a systemd credential is a file name (systemd.exec(5)).
Result<void> read_credential_name(const Node& node, std::string& out) {
    const bool good = !node.text.empty() && node.text.size() <= 255 && node.text.front() != '.' &&
                      std::all_of(node.text.begin(), node.text.end(),
                                  [](char c) { return c > 0x20 && c < 0x7f && c != '/' && c != ':'; });
    if (!good)
        return base::fail(base::ErrorKind::invalid, "\"" + node.text + "\" is no name of a credential");
    out = node.text;
    return {};
}

void read_credentials(Section section, CredentialSettings& out) {
    section.require("vault", "the file that `vigilctl vault create` made");
    section.path("vault", out.vault);
    section.require("label", "which key of the vault to use");
    section.text("label", out.label);
    section.duration("check_interval", out.check_interval, {base::seconds{1}, std::chrono::days{1}});
    section.duration("min_validity", out.min_validity, {base::seconds{0}, std::chrono::days{90}});
    constexpr base::seconds oldest = std::chrono::days{3'650};
    section.duration("rotate_after", out.rotate_after, {std::chrono::days{1}, oldest});
    if (base::seconds age{}; section.duration("refuse_after", age, {std::chrono::days{1}, oldest})) {
        out.refuse_after = age;
        if (age < out.rotate_after)
            section.wrong("refuse_after", "is " + format_duration(age) +
                                              ", before credentials.rotate_after (" +
                                              format_duration(out.rotate_after) + "), which warns");
    }

    constexpr std::array<std::pair<std::string_view, UnlockWith>, 5> ways{
        {{"machine_key_file", UnlockWith::machine_key_file},
         {"machine_key_credential", UnlockWith::machine_key_credential},
         {"passphrase_file", UnlockWith::passphrase_file},
         {"passphrase_credential", UnlockWith::passphrase_credential},
         {"passphrase_prompt", UnlockWith::passphrase_prompt}}};
    std::string_view first;
    for (const auto& [key, way] : ways) {
        const bool is_file = way == UnlockWith::machine_key_file || way == UnlockWith::passphrase_file;
        if (is_file) {
            section.path(key, out.unlock_file);
        } else if (way == UnlockWith::passphrase_prompt) {
            if (bool asks = true; section.boolean(key, asks) && !asks)
                section.wrong(key, "is true or left out: name another way to open the vault instead");
        } else {
            section.value(
                key, [&out](const Node& node) { return read_credential_name(node, out.unlock_credential); });
        }
        if (!section.has(key)) continue;
        if (first.empty()) {
            first = key;
            out.unlock_with = way;
        } else {
            section.wrong(key, "is given beside " + std::string{first} + "; the vault is opened in one way");
        }
    }
    if (first.empty())
        section.require(
            "machine_key_file",
            "give one of machine_key_file, machine_key_credential, passphrase_file, passphrase_credential, "
            "passphrase_prompt");
    section.finish();
}

void read_log(Section section, LogSettings& out) {
    section.choice("level", out.level,
                   {{"debug", LogLevel::debug},
                    {"info", LogLevel::info},
                    {"notice", LogLevel::notice},
                    {"warning", LogLevel::warning},
                    {"error", LogLevel::error}});
    section.choice("format", out.format,
                   {{"auto", LogFormat::automatic},
                    {"journald", LogFormat::journald},
                    {"json", LogFormat::json},
                    {"console", LogFormat::console}});
    section.finish();
}

constexpr int orders_most = 10'000;

void read_count(Section& section, std::string_view key, std::optional<int>& out) {
    int count = 0;
    if (section.integer(key, count, {1, orders_most})) out = count;
}

void read_limits(Section& section, risk::SymbolLimits& out) {
    section.decimal("max_order_notional", out.order_notional_max);
    section.decimal("max_position", out.position_max);
    int open_orders = 0;
    if (section.integer("max_open_orders", open_orders, {1, orders_most})) out.open_orders_max = open_orders;
    read_count(section, "max_orders_per_minute", out.orders_a_minute);
    const bool both = section.has("max_order_notional") && section.has("max_position");
    if (both && out.order_notional_max && out.position_max && *out.order_notional_max > *out.position_max)
        section.wrong("max_order_notional", "is " + out.order_notional_max->str() +
                                                ", more than max_position (" + out.position_max->str() +
                                                ") allows altogether");
}

void read_symbol_limits(Section& risk, risk::Options& out, Report& report) {
    // What a reader asks for must not depend on which symbols a file lists.
    Report keys_only;
    risk::SymbolLimits ignored;
    Section any{nullptr, "risk.symbols.*", {}, keys_only};
    read_limits(any, ignored);
    report.asked.merge(keys_only.asked);

    const Node* const symbols = risk.raw("symbols");
    if (symbols == nullptr || symbols->kind == Node::Kind::null) return;
    if (symbols->kind != Node::Kind::map)
        return risk.wrong("symbols", "must be a section with one entry for each symbol");
    for (const Node::Entry& entry : symbols->entries) {
        risk::SymbolLimits found = out.defaults;
        Section limits{&entry.value, "risk.symbols." + entry.key, entry.place, report};
        read_limits(limits, found);
        limits.finish();
        if (const auto symbol = parse_symbol(entry.key)) {
            found.symbol = *symbol;
            out.symbols.push_back(found);
        } else {
            report.add(entry.place, "risk.symbols: " + symbol.error().message);
        }
    }
}

void read_losses(Section& section, Settings& settings) {
    risk::LossLimit limit;
    limit.quote = settings.quote_asset;
    const auto one = [&](std::string_view key, std::string_view level_key,
                         std::optional<domain::Amount>& most, risk::Level& level) {
        if (section.decimal(key, most) && settings.quote_asset.empty())
            section.wrong(key, "needs quote_asset, the asset it is counted in");
        const bool has_level = section.choice(level_key, level,
                                              {{"reduce", risk::Level::reduce},
                                               {"cancel_only", risk::Level::cancel_only},
                                               {"halt", risk::Level::halt}});
        if (has_level && !section.has(key))
            section.wrong(level_key, "has no effect without " + std::string{key});
    };
    one("total_loss", "total_loss_level", limit.realised_max, limit.realised_level);
    one("max_drawdown", "max_drawdown_level", limit.drawdown_max, limit.drawdown_level);
    if (limit.realised_max || limit.drawdown_max) settings.risk.losses.push_back(limit);
}

void read_risk(Section section, Settings& settings, Report& report) {
    risk::Options& out = settings.risk;
    section.value("quote_asset", [&settings](const Node& node) -> Result<void> {
        const auto parsed = parse_asset(node.text);
        if (!parsed) return base::fail(parsed.error());
        settings.quote_asset = *parsed;
        return {};
    });
    read_limits(section, out.defaults);
    section.integer("max_open_orders_total", out.open_orders_max, {1, orders_most});
    if (out.defaults.open_orders_max && *out.defaults.open_orders_max > out.open_orders_max)
        section.wrong("max_open_orders", "is " + std::to_string(*out.defaults.open_orders_max) +
                                             ", more than max_open_orders_total (" +
                                             std::to_string(out.open_orders_max) + ")");
    const domain::Rate least = domain::Rate::from_raw(1'000);  // 0.001 %
    section.percent("price_collar", out.price_collar, {least, domain::Rate::of(1)});
    section.percent("max_slippage", out.slippage_max, {least, domain::Rate::of(1)});
    section.duration("max_book_age", out.book_age_max, {milliseconds{100}, milliseconds{60'000}});
    domain::Amount daily_loss;
    if (section.decimal("daily_loss", daily_loss)) {
        if (settings.quote_asset.empty())
            section.wrong("daily_loss", "needs quote_asset, the asset it is counted in");
        out.daily_loss.push_back({settings.quote_asset, daily_loss});
    }
    const bool level = section.choice("daily_loss_level", out.daily_loss_level,
                                      {{"normal", risk::Level::normal},
                                       {"reduce", risk::Level::reduce},
                                       {"cancel_only", risk::Level::cancel_only},
                                       {"halt", risk::Level::halt}});
    if (level && !section.has("daily_loss"))
        section.wrong("daily_loss_level", "has no effect without daily_loss");
    read_losses(section, settings);
    read_count(section, "max_orders_per_minute_total", out.orders_a_minute);
    read_count(section, "max_orders_per_minute_strategy", out.orders_a_minute_strategy);
    section.integer("crash_loop_starts", settings.crash_loop.starts, {0, 50});
    section.duration("crash_loop_within", settings.crash_loop.within,
                     {base::seconds{60}, base::seconds{86'400}});
    section.integer("rejections_to_break", out.rejections_to_break, {1, 100});
    section.duration("breaker_probe", out.breaker_probe_every,
                     {milliseconds{1'000}, milliseconds{86'400'000}});
    read_symbol_limits(section, out, report);
    section.finish();
}

void read_governor(Section section, GovernorSettings& out) {
    const auto share = [&section](std::string_view key, int& to, int least, int most) {
        domain::Rate rate;
        if (!section.percent(
                key, rate,
                {domain::Rate::from_raw(least * 1'000'000), domain::Rate::from_raw(most * 1'000'000)}))
            return;
        if (rate.raw() % 1'000'000 != 0) return section.wrong(key, "must be whole percents");
        to = static_cast<int>(rate.raw() / 1'000'000);
    };
    share("share", out.share_percent, 1, 100);
    share("cancel_reserve", out.reserve_percent, 0, 50);
    if (out.share_percent + out.reserve_percent > 100)
        section.wrong("cancel_reserve", "and share come to " +
                                            std::to_string(out.share_percent + out.reserve_percent) +
                                            "%, more than the exchange gives");
    section.finish();
}

void read_clock(Section section, ClockSettings& out, milliseconds recv_window) {
    section.duration("interval", out.interval, {milliseconds{1'000}, milliseconds{300'000}});
    section.integer("burst", out.burst, {3, 20});
    // Ahead of the exchange by a second or more is refused (rest-api.md, "Timing security").
    out.max_uncertainty = std::min(recv_window / 20, milliseconds{900});
    section.duration("max_uncertainty", out.max_uncertainty, {milliseconds{1}, milliseconds{900}});
    if (out.max_uncertainty >= recv_window)
        section.wrong("max_uncertainty",
                      "is " + format_duration(out.max_uncertainty) + ", not below exchange.recv_window (" +
                          format_duration(recv_window) + "): requests could arrive outside their window");
    section.finish();
}

void read_strategies(const Node* node, Section& top, StrategyList& out) {
    if (!top.require("strategies", "a folder, or a list of files")) return;
    out.place = node->place;
    const auto resolved = [](const Node& scalar) {
        const std::filesystem::path given{scalar.text};
        const bool from_file = scalar.place.line > 0 && given.is_relative();
        return from_file
                   ? (std::filesystem::path{scalar.place.source}.parent_path() / given).lexically_normal()
                   : given;
    };
    if (node->kind == Node::Kind::scalar && !node->text.empty()) {
        out.folder = resolved(*node);
    } else if (node->kind == Node::Kind::sequence) {
        for (const Node& item : node->items) {
            if (item.kind == Node::Kind::scalar && !item.text.empty()) {
                out.files.emplace_back(resolved(item), item.place);
            } else {
                top.wrong("strategies", "every entry of the list must be the name of a file");
            }
        }
    } else {
        top.wrong("strategies", "must be a folder, or a list of files");
    }
}

}  // namespace

void read_daemon(const Node& document, const Place& top_place, Settings& settings, StrategyList& strategies,
                 Report& report) {
    Section top{&document, "", top_place, report};
    read_exchange(top.section("exchange"), settings.exchange);
    if (top.require("credentials", "where the keys are"))
        read_credentials(top.section("credentials"), settings.credentials);
    top.path("state_dir", settings.state_dir);
    read_log(top.section("log"), settings.log);
    read_risk(top.section("risk"), settings, report);
    top.choice("on_stop", settings.cancels_on_stop, {{"cancel_orders", true}, {"keep_orders", false}});
    Section control = top.section("control");
    control.path("socket", settings.control.socket);
    control.text("group", settings.control.group);
    control.finish();
    read_governor(top.section("governor"), settings.governor);
    read_clock(top.section("clock"), settings.clock, settings.exchange.recv_window);

    Section journal = top.section("journal");
    journal.duration("busy_timeout", settings.journal.busy_timeout, {milliseconds{0}, milliseconds{60'000}});
    journal.integer("group_max", settings.journal.group_max, {1, 4'096});
    journal.finish();

    Section reconcile = top.section("reconcile");
    // An order that Vigil does not know is reported within a minute.
    reconcile.duration("sweep_interval", settings.reconcile.sweep_interval,
                       {milliseconds{5'000}, milliseconds{60'000}});
    reconcile.finish();

    read_strategies(top.raw("strategies"), top, strategies);
    top.finish();
}

}  // namespace vigil::settings
