// The steps of the start, one function each, in the order of Session::start.
#include <pthread.h>

#include <algorithm>
#include <utility>

#include "binance/error_codes.h"
#include "credentials/sha256.h"
#include "governor/weights.h"
#include "runtime/ask.h"
#include "runtime/ban_file.h"
#include "runtime/plan.h"
#include "runtime/session.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using log::Event;
using log::field;
using Step = base::Result<void>;

constexpr base::milliseconds loop_patience{5'000};
constexpr base::milliseconds read_patience{15'000};
// A whole window of request weight and a little: what others on this address used up is free again after it.
constexpr base::milliseconds budget_patience{65'000};
constexpr base::milliseconds clock_patience{15'000};
constexpr base::milliseconds clock_sample_deadline{3'000};
constexpr base::milliseconds connect_patience{20'000};
constexpr base::milliseconds reconcile_patience{90'000};
constexpr base::milliseconds first_pause{1'000};
constexpr base::milliseconds longest_pause{8'000};
constexpr base::milliseconds poll_every{50};

/// Waits at most so long that the process stays answerable to a signal.
void doze(const Session& session, base::MonotonicTime until) {
    while (!session.interrupted()) {
        const base::nanoseconds left = until - session.clock.monotonic();
        if (left <= base::nanoseconds{0}) return;
        std::this_thread::sleep_for(std::min<base::nanoseconds>(left, poll_every));
    }
}

/// One read on the trading thread, with the governor's leave. Waits for the budget at most `budget_patience`,
/// for the answer at most `read_patience`.
template <class T>
base::Result<T> governed(Session& session, governor::Cost cost,
                         const std::function<void(domain::ExchangePort&, domain::Callback<T>)>& start) {
    const base::MonotonicTime give_up = session.clock.monotonic() + budget_patience;
    for (;;) {
        if (session.interrupted()) return base::fail(ErrorKind::unavailable, "stopped");
        auto decision = on_loop(session.loop, loop_patience, [&session, cost] {
            return session.trading->engine().permit(domain::Lane::reconcile, cost, session.trading->now());
        });
        if (!decision) return base::fail(std::move(decision.error()));
        if (std::holds_alternative<governor::Granted>(*decision)) break;
        const auto* wait = std::get_if<governor::WaitUntil>(&*decision);
        if (wait == nullptr || wait->until > give_up)
            return base::fail(ErrorKind::exhausted, "the request budget does not allow it now");
        session.manager.waiting("waiting: " + std::string{to_string(wait->why)}, base::seconds{75});
        doze(session, std::max(wait->until, session.clock.monotonic() + poll_every));
    }
    auto answer = ask<T>(
        session.loop, read_patience,
        [&session, start](domain::Callback<T> done) { start(session.trading->port(), std::move(done)); },
        session.interrupted);
    if (answer) {
        auto told = on_loop(session.loop, loop_patience, [&session] {
            session.trading->engine().on_read_succeeded(session.trading->now());
            return true;
        });
        if (!told) return base::fail(std::move(told.error()));
    }
    return answer;
}

Step open_vault(Session& session) {
    const std::string path = session.settings.credentials.vault.string();
    auto key = unlock(session.settings.credentials, session.settings.exchange.environment, *session.state);
    if (!key) {
        session.logger->emit(Event::credentials_vault_refused,
                             {field("path", path), field("reason", key.error().message)});
        return base::fail(key.error().within("vault " + path));
    }
    session.logger->emit(Event::credentials_vault_opened,
                         {field("path", path), field("generation", key->generation),
                          field("label", key->label), field("algorithm", credentials::to_string(key->type))});
    session.key = std::move(*key);
    return {};
}

Step replay_journal(Session& session) {
    const base::MonotonicTime began = session.clock.monotonic();
    auto journal = journal::Journal::open(
        {.state_folder = session.state->path(), .busy_timeout = session.settings.journal.busy_timeout},
        credentials::sha256);
    if (!journal) return base::fail(std::move(journal.error()));
    session.journal = std::move(*journal);

    const auto tag = installation_tag(*session.state);
    if (!tag) return base::fail(tag.error());
    auto engine = engine::Engine::make(engine_options(session.settings, *tag));
    if (!engine) return base::fail(std::move(engine.error()));
    session.engine = std::move(*engine);
    session.engine->set_boot_id(read_boot_id());

    session.trading = std::make_unique<TradingLoop>(
        TradingLoop::Parts{session.loop, session.clock, *session.engine, *session.logger, *session.state,
                           session.heartbeats.add("trading", base::seconds{2}, session.clock.monotonic())});
    const engine::Now now = session.trading->now();
    const auto recovered = session.engine->recover(*session.journal, now);
    if (!recovered) return base::fail(recovered.error().within(session.journal->path().string()));
    session.logger->emit(Event::journal_opened, {field("path", session.journal->path().string()),
                                                 field("records", session.journal->last_sequence())});
    session.logger->emit(
        Event::journal_recovered,
        {field("records", recovered->inputs), field("open_orders", recovered->live),
         field("unknown_orders", recovered->unknown), field("took_ms", session.clock.monotonic() - began)});

    journal::SessionStarted started{
        session.version, session.environment(), config_hash(session.settings), tag->str(), {}};
    for (const settings::StrategySettings& each : session.settings.strategies)
        if (each.options.enabled) started.strategies.push_back(each.options.name);
    const journal::Entry entry{now.stamp(), std::move(started)};
    if (const auto written = session.journal->append({&entry, 1}); !written)
        return base::fail(written.error());
    session.journal_thread = std::make_unique<journal::JournalThread>(
        *session.journal,
        journal::JournalThreadOptions{.group_max =
                                          static_cast<std::size_t>(session.settings.journal.group_max)},
        [&trading = *session.trading](journal::JournalReport report) {
            trading.on_journal_report(std::move(report));
        });

    if (const auto text = session.state->read(ban_file_name)) {
        const auto ban = parse_ban(*text);
        if (!ban) return base::fail(ban.error().within(session.state->file(ban_file_name).string()));
        if (const auto rest = session.engine->restore_ban(*ban, now)) {
            session.logger->emit(
                Event::governor_ban_restored,
                {field("status", rest->status), field("wait_ms", rest->until - now.monotonic)});
            session.trading->keep_ban();  // with what this boot makes of it
        } else if (const auto removed = session.state->remove(ban_file_name); !removed) {
            return base::fail(removed.error());
        }
    }
    return {};
}

/// The trading thread begins to run; nothing has been sent yet.
Step start_threads(Session& session) {
    const settings::ExchangeSettings& exchange = session.settings.exchange;
    auto rest = binance::RestClient::make({.base_url = exchange.rest_url,
                                           .ca_file = exchange.ca_file.string(),
                                           .local_address = exchange.bind_address},
                                          session.clock);
    if (!rest) return base::fail(std::move(rest.error()));
    session.rest = std::move(*rest);
    TradingLoop& trading = *session.trading;
    net::EventLoop& loop = session.loop;
    // News of the clock thread's requests; a loop that takes no more work is noticed by its heartbeat.
    session.time_source = std::make_unique<binance::RestTimeSource>(
        *session.rest,
        binance::RestTimeSource::News{
            [&](domain::RateLimitReport report) {
                static_cast<void>(
                    loop.post([&trading, report = std::move(report)] { trading.on_rate_limits(report); }));
            },
            [&](domain::RateLimited limited) {
                static_cast<void>(loop.post([&trading, limited] { trading.on_rate_limited(limited); }));
            }});
    session.clock_thread = std::make_unique<ClockThread>(
        ClockThread::Parts{session.clock, *session.time_source, *session.logger, session.heartbeats,
                           [&]() -> base::Result<void> {
                               auto decision = on_loop(loop, loop_patience, [&trading] {
                                   return trading.engine().permit(domain::Lane::reconcile,
                                                                  governor::weights::time, trading.now());
                               });
                               if (!decision) return base::fail(std::move(decision.error()));
                               if (std::holds_alternative<governor::Granted>(*decision)) return {};
                               return base::fail(ErrorKind::exhausted,
                                                 "the request budget does not allow it now");
                           }},
        clock_options(session.settings), clock_sample_deadline);

    auto gateway = binance::make_gateway(
        {.loop = session.loop,
         .clock = session.clock,
         .logger = *session.logger,
         .listener = *session.trading,
         .rest = *session.rest,
         .signer = *session.key->signer,
         .api_key = session.key->api_key,
         .snapshot = [&clock_thread = *session.clock_thread] { return clock_thread.snapshot(); },
         .leave = [&trading](domain::OwnRequest request) { return trading.leave(request); },
         .options = {.rest_url = exchange.rest_url,
                     .stream_url = exchange.stream_url,
                     .ws_api_url = exchange.ws_api_url,
                     .ca_file = exchange.ca_file.string(),
                     .local_address = exchange.bind_address,
                     .recv_window = exchange.recv_window,
                     .has_sapi = exchange.environment == settings::Environment::production ||
                                 exchange.environment == settings::Environment::simulator}});
    if (!gateway) return base::fail(std::move(gateway.error()));
    session.gateway = std::move(*gateway);
    session.trading->connect(*session.gateway, *session.journal_thread, *session.clock_thread);
    session.trading_thread = std::thread{[&session] {
        session.trading->start();
        session.loop.run();
    }};
    pthread_setname_np(session.trading_thread.native_handle(), "vigil-trading");
    return {};
}

/// A ban that an earlier session met: not one byte leaves before it is over.
Step wait_for_ban(Session& session) {
    for (;;) {
        const auto until =
            on_loop(session.loop, loop_patience, [&session]() -> std::optional<base::MonotonicTime> {
                const engine::Now now = session.trading->now();
                const auto decision = session.engine->permit(domain::Lane::emergency_cancel, {0, 0}, now);
                const auto* wait = std::get_if<governor::WaitUntil>(&decision);
                if (wait == nullptr || wait->why != governor::Why::banned) return std::nullopt;
                return wait->until;
            });
        if (!until) return base::fail(until.error());
        if (!until->has_value()) return {};
        if (session.interrupted())
            return base::fail(ErrorKind::unavailable, "stopped while waiting for a ban to end");
        session.manager.waiting("banned by the exchange; waiting for the ban to end", base::seconds{10});
        doze(session, std::min(std::max(**until, session.clock.monotonic() + poll_every),
                               session.clock.monotonic() + base::seconds{1}));
    }
}

Step synchronise_clock(Session& session) {
    session.clock_thread->start();
    if (auto synchronised =
            session.clock_thread->wait_until_synchronised(clock_patience, session.interrupted);
        !synchronised)
        return base::fail(synchronised.error().within(session.settings.exchange.rest_url));
    return {};
}

/// Behaviour of an unattended bot's key: it reads and trades, cannot withdraw, and is bound to this address.
Step check_permissions(Session& session) {
    const std::string& label = session.key->label;
    auto permissions = governed<domain::KeyPermissions>(
        session, governor::weights::key_permissions,
        [](domain::ExchangePort& port, domain::Callback<domain::KeyPermissions> done) {
            port.key_permissions(std::move(done));
        });
    if (!permissions && permissions.error().kind == ErrorKind::unsupported &&
        session.settings.exchange.environment != settings::Environment::production) {
        session.logger->emit(Event::credentials_permission_unavailable,
                             {field("label", label), field("reason", permissions.error().message)});
        return {};
    }
    if (!permissions) return base::fail(std::move(permissions.error()));
    std::string wrong;
    const auto want = [&wrong](bool holds, std::string_view what) {
        if (holds) return;
        if (!wrong.empty()) wrong += "; ";
        wrong += what;
    };
    want(permissions->reading, "reading is not enabled: enable it");
    want(permissions->spot_trading, "spot trading is not enabled: enable it");
    want(!permissions->withdrawals, "withdrawals are enabled: disable them");
    want(permissions->ip_restricted, "access is open to every address: restrict it to this machine's");
    if (!wrong.empty()) {
        session.logger->emit(Event::credentials_permission_refused,
                             {field("label", label), field("reason", wrong)});
        return base::fail(ErrorKind::denied,
                          "key " + label + " is not fit for an unattended service: " + wrong);
    }
    session.logger->emit(
        Event::credentials_permission_granted,
        {field("label", label), field("permissions", "reading, spot trading, bound to an address")});
    return {};
}

base::Result<domain::ExchangeInfo> read_rules(Session& session, const std::vector<domain::Symbol>& symbols) {
    return governed<domain::ExchangeInfo>(
        session, governor::weights::exchange_info,
        [symbols](domain::ExchangePort& port, domain::Callback<domain::ExchangeInfo> done) {
            port.exchange_info(symbols, std::move(done));
        });
}

/// What the exchange allows in one window; 0 when it names no such limit.
std::int64_t limit_of(const domain::ExchangeInfo& info, domain::RateLimitType type, base::seconds window) {
    for (const domain::RateLimit& each : info.rate_limits)
        if (each.type == type && each.window == window) return each.limit;
    return 0;
}

Step learn_rules(Session& session) {
    std::vector<domain::Symbol> symbols;
    for (const domain::MarketSubscription& each : session.engine->subscriptions())
        symbols.push_back(each.symbol);
    auto info = read_rules(session, symbols);
    if (!info && info.error().kind == ErrorKind::rejected) {
        // One symbol that is not known fails the whole question, unnamed: find out which.
        for (const settings::StrategySettings& each : session.settings.strategies) {
            if (!each.options.enabled) continue;
            const auto one = read_rules(session, {each.options.symbol});
            if (!one && one.error().kind == ErrorKind::rejected)
                return base::fail(ErrorKind::invalid, each.symbol_place.str() +
                                                          ": the exchange does not know symbol " +
                                                          each.options.symbol.str());
        }
    }
    if (!info) return base::fail(std::move(info.error()));
    auto learnt = on_loop(session.loop, loop_patience,
                          [&session, shared = std::make_shared<const domain::ExchangeInfo>(*info)] {
                              auto result = session.engine->learn(*shared, session.trading->now());
                              session.trading->flush();
                              return result;
                          });
    if (!learnt) return base::fail(std::move(learnt.error()));
    if (!*learnt) return base::fail(ErrorKind::invalid, learnt->error().message);
    session.logger->emit(Event::market_rules_loaded, {field("symbols", info->symbols.size())});
    const auto budget =
        on_loop(session.loop, loop_patience, [&session] { return session.engine->report().weight_budget; });
    if (!budget) return base::fail(budget.error());
    session.logger->emit(
        Event::governor_budgets_loaded,
        {field("weight_limit", limit_of(*info, domain::RateLimitType::request_weight, base::seconds{60})),
         field("weight_budget", *budget),
         field("orders_10s", limit_of(*info, domain::RateLimitType::orders, base::seconds{10})),
         field("orders_1d", limit_of(*info, domain::RateLimitType::orders, std::chrono::days{1}))});
    return {};
}

Step connect(Session& session) {
    auto opened = on_loop(session.loop, loop_patience, [&session] {
        session.gateway->open(session.engine->subscriptions());
        return true;
    });
    if (!opened) return base::fail(std::move(opened.error()));
    session.connected = true;
    const base::MonotonicTime give_up = session.clock.monotonic() + connect_patience;
    for (;;) {
        auto missing = on_loop(session.loop, loop_patience, [&session] {
            std::string text;
            if (!session.trading->is_connected(domain::Connection::market)) text += " market data";
            if (!session.trading->is_connected(domain::Connection::orders)) text += " order session";
            if (!session.trading->is_connected(domain::Connection::user_data)) text += " user data";
            return text;
        });
        if (!missing) return base::fail(std::move(missing.error()));
        if (missing->empty()) return {};
        if (session.interrupted()) return base::fail(ErrorKind::unavailable, "stopped while connecting");
        if (session.clock.monotonic() > give_up)
            return base::fail(ErrorKind::unavailable,
                              "not connected after " + std::to_string(connect_patience.count()) +
                                  " ms:" + *missing + "; " + session.settings.exchange.ws_api_url);
        std::this_thread::sleep_for(poll_every);
    }
}

base::Result<orders::ReconcileInput> read_everything(Session& session) {
    struct Questions {
        orders::ReconcileQuestions questions;
        orders::Moment asked;
    };
    auto questions = on_loop(session.loop, loop_patience, [&session] {
        return Questions{orders::reconcile_questions(session.engine->ledger()),
                         session.trading->now().moment()};
    });
    if (!questions) return base::fail(std::move(questions.error()));
    orders::ReconcileInput input;
    input.asked = questions->asked;

    // Orders before the account: a fill in between is then known before the balance that contains it.
    for (const auto& each : questions->questions.orders) {
        auto view = governed<domain::OrderView>(
            session, governor::weights::query_order,
            [each](domain::ExchangePort& port, domain::Callback<domain::OrderView> done) {
                port.order(each.symbol, each.id, std::move(done));
            });
        if (view)
            input.orders.push_back(std::move(*view));
        else if (view.error().kind == ErrorKind::not_found)
            input.not_found.push_back({each.id, false});
        else
            return base::fail(std::move(view.error()));
    }
    using Views = std::vector<domain::OrderView>;
    auto open = governed<Views>(session, governor::weights::open_orders(false),
                                [](domain::ExchangePort& port, domain::Callback<Views> done) {
                                    port.open_orders(std::nullopt, std::move(done));
                                });
    if (!open) return base::fail(std::move(open.error()));
    input.open_orders = std::move(*open);
    using Fills = std::vector<domain::Fill>;
    for (const auto& each : questions->questions.trades) {
        auto fills = governed<Fills>(session, governor::weights::my_trades(false),
                                     [each](domain::ExchangePort& port, domain::Callback<Fills> done) {
                                         port.trades(each.symbol, each.order, each.from, std::move(done));
                                     });
        if (!fills) return base::fail(std::move(fills.error()));
        input.trades.push_back({each.symbol, std::move(*fills)});
    }
    auto account = governed<domain::AccountSnapshot>(
        session, governor::weights::account,
        [](domain::ExchangePort& port, domain::Callback<domain::AccountSnapshot> done) {
            port.account(std::move(done));
        });
    if (!account) return base::fail(std::move(account.error()));
    input.account = std::move(*account);
    return input;
}

Step reconcile(Session& session) {
    const base::MonotonicTime began = session.clock.monotonic();
    session.logger->emit(
        Event::reconcile_started,
        {field("reason", "start"), field("symbols", session.engine->subscriptions().size())});
    base::milliseconds pause = first_pause;
    for (;;) {
        auto input = read_everything(session);
        if (!input) return base::fail(std::move(input.error()));
        if (!input->account.can_trade)
            return base::fail(ErrorKind::denied, "the exchange says that this account may not trade");
        // By value: should the loop not come round in time, it finds what it needs all the same.
        const auto answers = std::make_shared<const orders::ReconcileInput>(*input);
        auto report = on_loop(session.loop, reconcile_patience, [&session, answers] {
            auto found = session.engine->reconcile(*answers, session.trading->now());
            session.trading->flush();
            return found;
        });
        if (!report) return base::fail(std::move(report.error()));
        if (report->is_sound()) {
            session.logger->emit(Event::account_loaded, {field("assets", input->account.balances.size()),
                                                         field("can_trade", input->account.can_trade)});
            session.logger->emit(
                Event::reconcile_done,
                {field("orders", input->orders.size() + input->open_orders.size()),
                 field("fills", report->fills_applied), field("corrections", report->resolved.size()),
                 field("took_ms", session.clock.monotonic() - began)});
            return {};
        }
        if (session.interrupted()) return base::fail(ErrorKind::unavailable, "stopped while reconciling");
        if (session.clock.monotonic() - began > reconcile_patience) {
            session.logger->emit(Event::reconcile_failed, {field("reason", report->summary())});
            return base::fail(ErrorKind::exhausted, "not sound after " +
                                                        std::to_string(reconcile_patience.count()) +
                                                        " ms: " + report->summary());
        }
        // Unknown orders are being looked up meanwhile: what is proven takes recvWindow and some seconds. The
        // pauses grow, since each round costs the weight of everything that is asked.
        session.logger->emit(Event::reconcile_repeated,
                             {field("reason", report->summary()), field("wait_ms", pause)});
        session.manager.waiting("reconciling: " + report->summary(), base::seconds{30});
        doze(session, session.clock.monotonic() + pause);
        pause = std::min(pause * 2, longest_pause);
    }
}

}  // namespace

std::optional<StartFailure> Session::start(std::function<bool()> interrupted_by) {
    interrupted = std::move(interrupted_by);
    const auto run = [&](std::string_view name,
                         const std::function<Step()>& step) -> std::optional<StartFailure> {
        const base::MonotonicTime began = clock.monotonic();
        manager.status("starting: " + std::string{name});
        if (interrupted())
            return StartFailure{std::string{name}, {ErrorKind::unavailable, "stopped"}, ExitCode::ok};
        auto done = step();
        if (!done) {
            const ExitCode code = exit_code_for(done.error().kind);
            return StartFailure{std::string{name}, std::move(done.error()), code};
        }
        logger->emit(Event::daemon_step_done,
                     {field("step", name), field("took_ms", clock.monotonic() - began)});
        return std::nullopt;
    };
    const std::pair<std::string_view, std::function<Step()>> steps[] = {
        {"vault", [this] { return open_vault(*this); }},
        {"journal", [this] { return replay_journal(*this); }},
        {"threads", [this] { return start_threads(*this); }},
        {"ban", [this] { return wait_for_ban(*this); }},
        {"clock", [this] { return synchronise_clock(*this); }},
        {"permissions", [this] { return check_permissions(*this); }},
        {"rules", [this] { return learn_rules(*this); }},
        {"connections", [this] { return connect(*this); }},
        {"reconciliation", [this] { return reconcile(*this); }},
    };
    for (const auto& [name, step] : steps)
        if (auto failure = run(name, step)) return failure;
    reconciled = true;
    auto started = on_loop(loop, loop_patience, [this] {
        engine->start_trading(trading->now());
        trading->flush();
        return true;
    });
    if (!started) return StartFailure{"strategies", std::move(started.error()), ExitCode::software};
    return std::nullopt;
}

}  // namespace vigil::runtime
