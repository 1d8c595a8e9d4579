#include "runtime/supervision.h"

#include <csignal>
#include <utility>

#include "runtime/ask.h"
#include "runtime/plan.h"
#include "settings/load.h"

namespace vigil::runtime {

namespace {

using log::Event;
using log::field;

constexpr base::milliseconds look_every{250};

}  // namespace

Supervision::Supervision(const Arguments& arguments, const Signals& signals, Session& session)
    : arguments_{arguments},
      signals_{signals},
      session_{session},
      key_change_{session},
      journal_{session.heartbeats.add("journal", base::seconds{10}, session.clock.monotonic())},
      watchdog_every_{ServiceManager::watchdog_interval()},
      fed_{session.clock.monotonic()},
      reported_{fed_} {
    // Asked every few milliseconds while a reload waits for the exchange.
    session_.interrupted = [this] {
        answer(signals_.wait(base::milliseconds{0}));
        look_after_threads();
        session_.attend();
        return ended_.has_value();
    };
}

Supervision::~Supervision() {
    session_.interrupted = [] { return true; };
}

std::string Supervision::run() {
    while (!ended_) {
        session_.control->serve(look_every, signals_.descriptor());
        answer(signals_.wait(base::milliseconds{0}));
        look_after_threads();
        key_change_.look();
        if (session_.trading->has_failed()) ended_ = "the journal takes no more records";
    }
    return *ended_;
}

void Supervision::answer(int signal_number) {
    if (signal_number == SIGTERM) ended_ = "SIGTERM";
    if (signal_number == SIGINT) ended_ = "SIGINT";
    if (signal_number != SIGHUP) return;
    reload_again_ = true;
    if (std::exchange(reloading_, true)) return;
    while (std::exchange(reload_again_, false) && !ended_) {
        session_.manager.reloading();
        session_.manager.ready(reload());
    }
    reloading_ = false;
}

std::string Supervision::reload() {
    const auto loaded = settings::load(arguments_.config, arguments_.overrides);
    if (!loaded) {
        for (const settings::Problem& each : loaded.error())
            session_.logger->emit(Event::config_error,
                                  {field("file", each.place.source), field("line", each.place.line),
                                   field("column", each.place.column), field("reason", each.message)});
        session_.logger->emit(Event::daemon_reload_refused, {field("errors", loaded.error().size()),
                                                             field("reason", loaded.error().front().str())});
        return "configuration refused: " + loaded.error().front().str();
    }
    const std::string before = config_hash(session_.settings);
    const std::string now = config_hash(*loaded);
    session_.logger->emit(Event::daemon_reload_checked,
                          {field("changes", before == now ? 0 : 1), field("config_hash", now)});
    return "configuration checked, " + key_change_.take(loaded->credentials);
}

void Supervision::look_after_threads() {
    const base::MonotonicTime now = session_.clock.monotonic();
    const std::uint64_t beats = session_.journal_thread->heartbeat().load();
    if (std::exchange(journal_beats_, beats) != beats) journal_.beat(now);
    const auto late = session_.heartbeats.late(now);
    if (!late.empty()) {
        if (!std::exchange(told_late_, true))
            session_.logger->emit(Event::daemon_thread_stalled, {field("thread", late.front().name),
                                                                 field("silent_ms", late.front().silence)});
        return;
    }
    told_late_ = false;
    if (watchdog_every_ && now - fed_ >= *watchdog_every_) {
        session_.manager.watchdog();
        fed_ = now;
    }
    if (!reloading_) tell_status(now);
}

void Supervision::tell_status(base::MonotonicTime now) {
    if (now - reported_ < base::seconds{5}) return;
    reported_ = now;
    const auto report =
        on_loop(session_.loop, base::milliseconds{200}, [this] { return session_.engine->report(); });
    if (report)
        session_.manager.status(std::to_string(report->open_orders) + " open orders, " +
                                std::to_string(report->fills) + " fills, risk " + report->risk_level);
}

}  // namespace vigil::runtime
