// What the daemon tells systemd (sd_notify): ready, status line, reloading, stopping, and the watchdog.
// Outside systemd every call does nothing. Called from the main thread only.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace vigil::runtime {

class ServiceManager {
  public:
    void ready(std::string_view status) const;
    void status(std::string_view status) const;
    void reloading() const;
    void stopping(std::string_view status) const;
    void watchdog() const;
    /// A start or stop that needs longer than its time-out: asks for `more` from now.
    void extend_timeout(base::seconds more) const;
    /// The same with a status line, for long waits of the start.
    void waiting(std::string_view status, base::seconds more) const;
    /// How often to call watchdog(): half of WatchdogSec; nothing when no watchdog is asked for.
    [[nodiscard]] static std::optional<base::milliseconds> watchdog_interval();
};

}  // namespace vigil::runtime
