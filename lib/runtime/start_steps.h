// The steps of the start, in their order, for whoever takes them: the service (Session::start) and the
// preflight. Private to the sources of lib/runtime.
//
// Each runs on the main thread, waits within its own patience, and tells what it did through the session's
// logger.
#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "governor/governor.h"
#include "runtime/ask.h"
#include "runtime/key_rules.h"
#include "runtime/session.h"

namespace vigil::runtime {

using Step = base::Result<void>;

inline constexpr base::milliseconds read_patience{15'000};
inline constexpr base::milliseconds clock_patience{15'000};
inline constexpr base::milliseconds poll_every{50};

struct NamedStep {
    std::string_view name;
    std::function<Step()> take;
};
/// vault, journal, threads, ban, clock, permissions, rules, connections, dry run, reconciliation.
/// They refer to the session, whose `interrupted` is asked during waits.
[[nodiscard]] std::vector<NamedStep> start_steps(Session& session);

struct PreflightOptions;
/// A session that does not trade: its state folder locked, its log in events.jsonl. Errors: exhausted (the
/// service runs), denied, io.
[[nodiscard]] base::Result<void> begin_rehearsal(Session& session, settings::Settings settings,
                                                 const PreflightOptions& options);
void end_rehearsal(Session& session, std::string_view reason);

/// Sleeps until then, or until the session is interrupted.
void doze(const Session& session, base::MonotonicTime until);

/// Until when the exchange wants to hear nothing; nothing: it may be asked. Errors: timeout.
[[nodiscard]] base::Result<std::optional<base::MonotonicTime>> banned_until(Session& session);

// Those that ask the exchange (start_checks.cpp).

/// Asks for the key's permissions and judges it (key_rules.h), with an event for what was found.
[[nodiscard]] base::Result<KeyVerdict> check_permissions(Session& session);
[[nodiscard]] Step learn_rules(Session& session);
[[nodiscard]] Step connect(Session& session);
[[nodiscard]] Step reconcile(Session& session);

/// Waits until the governor grants `cost`, at most a window of the budget. Errors: exhausted, timeout, and
/// unavailable when interrupted.
[[nodiscard]] Step await_leave(Session& session, governor::Cost cost);

/// One read on the trading thread, with the governor's leave. Waits for the answer at most `read_patience`.
template <class T>
[[nodiscard]] base::Result<T> governed(
    Session& session, governor::Cost cost,
    const std::function<void(domain::ExchangePort&, domain::Callback<T>)>& start) {
    const auto once = [&]() -> base::Result<T> {
        if (auto leave = await_leave(session, cost); !leave) return base::fail(std::move(leave.error()));
        return ask<T>(
            session.loop, read_patience,
            [&session, start](domain::Callback<T> done) { start(session.trading->port(), std::move(done)); },
            session.interrupted);
    };
    auto answer = once();
    // Refused for its timestamp: asked once more, with exchange time measured anew.
    if (!answer && answer.error().kind == base::ErrorKind::stale) {
        if (auto known = session.clock_thread->wait_until_synchronised(clock_patience, session.interrupted);
            !known)
            return base::fail(std::move(known.error()));
        answer = once();
    }
    if (answer) {
        auto told = on_loop(session.loop, loop_patience, [&session] {
            session.trading->engine().on_read_succeeded(session.trading->now());
            return true;
        });
        if (!told) return base::fail(std::move(told.error()));
    }
    return answer;
}

}  // namespace vigil::runtime
