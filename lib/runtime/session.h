// All parts of a running daemon and who owns whom: the members below are made from top to bottom, by
// start.cpp, and destroyed from bottom to top. Private to the sources of lib/runtime.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "binance/gateway.h"
#include "binance/rest_client.h"
#include "binance/rest_reads.h"
#include "engine/engine.h"
#include "journal/journal.h"
#include "journal/journal_thread.h"
#include "log/async_logger.h"
#include "net/event_loop.h"
#include "net/tls.h"
#include "review/session_review.h"
#include "runtime/clock_thread.h"
#include "runtime/control_desk.h"
#include "runtime/exit_code.h"
#include "runtime/heartbeats.h"
#include "runtime/key_watch.h"
#include "runtime/service_manager.h"
#include "runtime/state_folder.h"
#include "runtime/trading_loop.h"
#include "runtime/unlock.h"
#include "settings/settings.h"

namespace vigil::runtime {

/// What the log may take at the end to write out what it holds.
inline constexpr base::milliseconds log_patience{2'000};

/// Why a start ended, and with which status.
struct StartFailure {
    std::string step;
    base::Error error;
    ExitCode exit_code;
};

struct Session {
    ~Session();

    base::SystemClock clock;
    ServiceManager manager;
    settings::Settings settings;
    std::string version;
    std::string phase{"starting"};  ///< for status: what the main thread is about
    base::MonotonicTime made{clock.monotonic()};
    base::WallTime made_wall{clock.wall()};
    std::optional<StateFolder> state;
    Heartbeats heartbeats;
    review::SessionReview review;  // fed by the logger's worker
    std::unique_ptr<log::AsyncLogger> logger;
    std::unique_ptr<ControlDesk> control;  // not in a preflight
    std::optional<TradingKey> key;
    std::unique_ptr<journal::Journal> journal;
    std::unique_ptr<engine::Engine> engine;
    net::EventLoop loop;
    std::unique_ptr<TradingLoop> trading;
    std::unique_ptr<journal::JournalThread> journal_thread;
    std::unique_ptr<binance::RestClient> rest;
    std::unique_ptr<binance::RestTimeSource> time_source;
    std::unique_ptr<ClockThread> clock_thread;
    std::unique_ptr<KeyWatch> key_watch;
    std::unique_ptr<binance::ExchangeGateway> gateway;
    std::thread trading_thread;

    /// Starts before this one that did not end in order, within the time that counts.
    int crashes{0};
    /// A preflight: nothing is traded, and what is open is left alone.
    bool is_rehearsal{false};
    bool reconciled{false};
    std::int64_t account_uid{0};  ///< the exchange's number of the account, once it was read
    bool connected{false};
    std::function<bool()> interrupted;  // asked during the waits of the start

    /// During the waits of the main thread: whoever operates the service gets answers.
    void attend() const {
        if (control) control->serve(base::milliseconds{0});
    }

    /// Every step of the start after the log is there. `interrupted_by` is asked during waits.
    [[nodiscard]] std::optional<StartFailure> start(std::function<bool()> interrupted_by);
    /// The mirror image, from wherever the start got to.
    void stop(std::string_view reason);

    [[nodiscard]] std::size_t enabled_strategies() const {
        return static_cast<std::size_t>(std::count_if(settings.strategies.begin(), settings.strategies.end(),
                                                      [](const auto& each) { return each.options.enabled; }));
    }
    [[nodiscard]] bool has_sapi() const {
        return settings.exchange.environment == settings::Environment::production ||
               settings.exchange.environment == settings::Environment::simulator;
    }
    [[nodiscard]] std::string environment() const {
        return std::string{settings::to_string(settings.exchange.environment)};
    }
};

}  // namespace vigil::runtime
