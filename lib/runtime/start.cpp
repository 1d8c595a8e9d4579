// The steps of the start up to the first words with the exchange, one function each, and their order.
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "credentials/sha256.h"
#include "governor/weights.h"
#include "runtime/ban_file.h"
#include "runtime/dry_run.h"
#include "runtime/plan.h"
#include "runtime/start_steps.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using log::Event;
using log::field;

constexpr base::milliseconds clock_sample_deadline{3'000};
constexpr base::seconds prompt_patience{300};

Step open_vault(Session& session) {
    const std::string path = session.settings.credentials.vault.string();
    credentials::SecretInput terminal{STDIN_FILENO, prompt_patience};
    if (session.settings.credentials.unlock_with == settings::UnlockWith::passphrase_prompt)
        session.manager.waiting("waiting for the passphrase at the terminal", prompt_patience);
    auto key = unlock(session.settings.credentials, session.settings.exchange.environment, *session.state,
                      &terminal);
    if (!key && terminal.is_interrupted()) {
        // Ctrl-C comes as a character while a terminal is asked; here it is the signal that it is elsewhere.
        if (!session.interrupted()) std::raise(SIGINT);
        static_cast<void>(session.interrupted());
        return base::fail(ErrorKind::unavailable, "stopped while the passphrase was asked for");
    }
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
    if (session.is_rehearsal) started.strategies.push_back(engine::probe_strategy());
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
         .key = session.key->signing,
         .snapshot = [&clock_thread = *session.clock_thread] { return clock_thread.snapshot(); },
         .leave = [&trading](domain::OwnRequest request) { return trading.leave(request); },
         .options = {.rest_url = exchange.rest_url,
                     .stream_url = exchange.stream_url,
                     .ws_api_url = exchange.ws_api_url,
                     .ca_file = exchange.ca_file.string(),
                     .local_address = exchange.bind_address,
                     .recv_window = exchange.recv_window,
                     .has_sapi = session.has_sapi()}});
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
        const auto until = banned_until(session);
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

}  // namespace

base::Result<std::optional<base::MonotonicTime>> banned_until(Session& session) {
    return on_loop(session.loop, loop_patience, [&session]() -> std::optional<base::MonotonicTime> {
        const engine::Now now = session.trading->now();
        const auto decision = session.engine->permit(domain::Lane::emergency_cancel, {0, 0}, now);
        const auto* wait = std::get_if<governor::WaitUntil>(&decision);
        if (wait == nullptr || wait->why != governor::Why::banned) return std::nullopt;
        return wait->until;
    });
}

std::vector<NamedStep> start_steps(Session& session) {
    return {
        {"vault", [&session] { return open_vault(session); }},
        {"journal", [&session] { return replay_journal(session); }},
        {"threads", [&session] { return start_threads(session); }},
        {"ban", [&session] { return wait_for_ban(session); }},
        {"clock", [&session] { return synchronise_clock(session); }},
        {"permissions",
         [&session]() -> Step {
             auto found = check_permissions(session);
             if (!found) return base::fail(std::move(found.error()));
             return {};
         }},
        {"rules", [&session] { return learn_rules(session); }},
        {"connections", [&session] { return connect(session); }},
        {"dry run", [&session] { return dry_run_at_start(session); }},
        {"reconciliation", [&session] { return reconcile(session); }},
    };
}

std::optional<StartFailure> Session::start(std::function<bool()> interrupted_by) {
    interrupted = std::move(interrupted_by);
    const auto run = [&](std::string_view name,
                         const std::function<Step()>& step) -> std::optional<StartFailure> {
        const base::MonotonicTime began = clock.monotonic();
        phase = "starting: " + std::string{name};
        manager.status(phase);
        attend();
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
    for (const NamedStep& step : start_steps(*this))
        if (auto failure = run(step.name, step.take)) return failure;
    reconciled = true;
    key_watch = std::make_unique<KeyWatch>(KeyWatch::Parts{
        loop, *trading, *logger, settings.exchange.environment == settings::Environment::production});
    auto started = on_loop(loop, loop_patience, [this] {
        key_watch->start(key->label, key->created, settings.credentials);
        if (settings.crash_loop.starts > 0 && crashes >= settings.crash_loop.starts) {
            logger->emit(Event::daemon_crash_loop,
                         {field("starts", crashes), field("within_s", settings.crash_loop.within)});
            engine->raise_ladder(risk::Level::cancel_only, "crash loop",
                                 std::to_string(crashes) + " starts did not end in order", trading->now());
        }
        engine->start_trading(trading->now());
        trading->flush();
        return true;
    });
    if (!started) return StartFailure{"strategies", std::move(started.error()), ExitCode::software};
    return std::nullopt;
}

}  // namespace vigil::runtime
