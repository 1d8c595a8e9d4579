#include "runtime/service.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include "credentials/secret.h"
#include "log/escape.h"
#include "log/sink.h"
#include "runtime/crash_loop.h"
#include "runtime/plan.h"
#include "runtime/session.h"
#include "runtime/signals.h"
#include "runtime/supervision.h"
#include "settings/load.h"

namespace vigil::runtime {

namespace {

using log::Event;
using log::field;

log::Severity severity_of(settings::LogLevel level) {
    switch (level) {
        case settings::LogLevel::debug:
            return log::Severity::debug;
        case settings::LogLevel::info:
            return log::Severity::info;
        case settings::LogLevel::notice:
            return log::Severity::notice;
        case settings::LogLevel::warning:
            return log::Severity::warning;
        case settings::LogLevel::error:
            return log::Severity::error;
    }
    return log::Severity::info;
}

log::SinkKind sink_of(settings::LogFormat format) {
    switch (format) {
        case settings::LogFormat::journald:
            return log::SinkKind::journal;
        case settings::LogFormat::json:
            return log::SinkKind::json;
        case settings::LogFormat::console:
            return log::SinkKind::console;
        case settings::LogFormat::automatic:
            break;
    }
    const char* stream = std::getenv("JOURNAL_STREAM");  // NOLINT(concurrency-mt-unsafe): before threads
    return log::choose_sink(STDERR_FILENO, stream != nullptr ? stream : "");
}

void complain(const std::string& line) {
    std::fprintf(stderr, "vigild: %s\n", log::with_controls_escaped(line).c_str());
}

ExitCode complain_about(const settings::Problems& problems) {
    bool only_missing = true;
    for (const settings::Problem& each : problems) {
        complain(each.str());
        only_missing = only_missing && each.kind == base::ErrorKind::not_found;
    }
    return only_missing ? ExitCode::no_input : ExitCode::config;
}

base::Result<void> open_log(Session& session) {
    std::vector<std::unique_ptr<log::Sink>> sinks;
    sinks.push_back(log::make_sink(sink_of(session.settings.log.format), "vigild"));
    auto file = log::make_file_sink(session.state->file("events.jsonl").string());
    if (!file) return base::fail(std::move(file.error()));
    sinks.push_back(std::move(*file));
    Heartbeat& heartbeat = session.heartbeats.add("log", base::seconds{30}, session.clock.monotonic());
    log::AsyncLogger::Options options;
    options.minimum = severity_of(session.settings.log.level);
    options.heartbeat = [&heartbeat, &clock = session.clock] { heartbeat.beat(clock.monotonic()); };
    session.logger = std::make_unique<log::AsyncLogger>(std::move(sinks), session.clock, std::move(options));
    return {};
}

ExitCode run_session(const Arguments& arguments, const Signals& signals, Session& session) {
    const base::MonotonicTime began = session.clock.monotonic();
    log::Logger& logger = *session.logger;
    const auto subscription = session.logger->subscribe([&logger, &session](const log::Record& record) {
        for (const review::Finding& finding : session.review.on(record)) review::emit(finding, logger);
    });
    logger.emit(Event::daemon_starting,
                {field("version", session.version), field("environment", session.environment()),
                 field("state_folder", session.state->path().string()),
                 field("config_hash", config_hash(session.settings))});
    logger.emit(Event::config_loaded, {field("file", arguments.config.string()),
                                       field("config_hash", config_hash(session.settings))});
    const auto refuse = [&](std::string_view step, const base::Error& error, ExitCode code) {
        logger.emit(Event::daemon_start_failed, {field("step", step), field("reason", error.message),
                                                 field("exit_status", to_int(code))});
        static_cast<void>(session.logger->stop(log_patience));
        return code;
    };
    // Without it nobody could halt what runs.
    auto control = ControlDesk::open(session);
    if (!control) return refuse("control socket", control.error(), ExitCode::cannot_create);
    session.control = std::move(*control);
    const auto crashes = note_start(*session.state, session.made_wall, session.settings.crash_loop.within);
    if (!crashes) return refuse("state folder", crashes.error(), ExitCode::io_error);
    session.crashes = *crashes;
    bool interrupted = false;
    const auto failure = session.start([&] {
        session.attend();
        const int number = signals.wait(base::milliseconds{0});
        interrupted = interrupted || number == SIGTERM || number == SIGINT;
        return interrupted;
    });
    ExitCode code = ExitCode::ok;
    std::string reason = "stopped while starting";
    if (!failure) {
        logger.emit(Event::daemon_ready, {field("took_ms", session.clock.monotonic() - began),
                                          field("environment", session.environment()),
                                          field("strategies", session.enabled_strategies())});
        session.phase = "trading";
        session.manager.ready(session.phase);
        reason = Supervision{arguments, signals, session}.run();
        if (session.trading->has_failed()) code = ExitCode::io_error;
    } else if (!interrupted) {
        code = failure->exit_code;
        reason = failure->error.message;
        logger.emit(Event::daemon_start_failed,
                    {field("step", failure->step), field("reason", failure->error.message),
                     field("exit_status", to_int(code))});
    }
    const base::MonotonicTime stopping = session.clock.monotonic();
    session.phase = "stopping: " + reason;
    session.manager.stopping(reason);
    if (!failure) logger.emit(Event::daemon_stopping, {field("reason", reason)});
    session.stop(reason);
    session.control.reset();
    if (const auto noted = note_end(*session.state); !noted)
        logger.emit(Event::log_sink_failed,
                    {field("sink", "starts"), field("reason", noted.error().message)});
    logger.emit(Event::daemon_stopped, {field("reason", reason), field("exit_status", to_int(code)),
                                        field("took_ms", session.clock.monotonic() - stopping)});
    static_cast<void>(
        session.logger->stop(log_patience));  // what could not be written by then is lost with the process
    return code;
}

}  // namespace

ExitCode run_service(const Arguments& arguments) {
    const Signals signals;
    // No core file and no debugger may show the keys (prctl(2)); LimitCORE alone does not bind piped core
    // handlers.
    prctl(PR_SET_DUMPABLE, 0);

    auto loaded = settings::load(arguments.config, arguments.overrides);
    if (!loaded) return complain_about(loaded.error());
    Session session;
    session.settings = std::move(*loaded);
    session.version = arguments.version;

    auto arena = credentials::SecureArena::make();
    if (!arena) {
        complain(arena.error().message);
        return ExitCode::os_error;
    }
    if (!arena->locked())
        complain("memory for secrets cannot be locked (RLIMIT_MEMLOCK): keys could reach the swap device");
    auto state = StateFolder::open(arguments.state.value_or(session.settings.state_dir));
    if (!state) {
        complain(state.error().message);
        return exit_code_for(state.error().kind);
    }
    session.state = std::move(*state);
    if (auto opened = open_log(session); !opened) {
        complain(opened.error().message);
        return ExitCode::cannot_create;
    }
    return run_session(arguments, signals, session);
}

}  // namespace vigil::runtime
