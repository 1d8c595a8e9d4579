// What the main thread does while the service trades: it looks after the other threads, feeds the watchdog
// while all of them live, and answers signals.
//
// SIGHUP checks the configuration on disk and takes the key that it names (key_change.h); the rest of it is
// for the next start. Private to the sources of lib/runtime.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "runtime/key_change.h"
#include "runtime/service.h"
#include "runtime/session.h"
#include "runtime/signals.h"

namespace vigil::runtime {

class Supervision {
  public:
    /// All outlive this. The session trades.
    Supervision(const Arguments& arguments, const Signals& signals, Session& session);
    ~Supervision();
    Supervision(const Supervision&) = delete;
    Supervision& operator=(const Supervision&) = delete;

    /// Until a signal says stop, or nothing can be traded any more. Says why it ended.
    [[nodiscard]] std::string run();

  private:
    void answer(int signal_number);
    [[nodiscard]] std::string reload();
    void look_after_threads();
    void tell_status(base::MonotonicTime now);

    const Arguments& arguments_;
    const Signals& signals_;
    Session& session_;
    KeyChange key_change_;
    Heartbeat& journal_;
    std::uint64_t journal_beats_{0};
    const std::optional<base::milliseconds> watchdog_every_;
    base::MonotonicTime fed_;
    base::MonotonicTime reported_;
    bool told_late_{false};
    bool reloading_{false};
    bool reload_again_{false};  // asked for while one was under way
    std::optional<std::string> ended_;
};

}  // namespace vigil::runtime
