#include "runtime/service_manager.h"

#include <systemd/sd-daemon.h>

#include <cstdint>
#include <ctime>
#include <string>

namespace vigil::runtime {

namespace {

// A status line is one line: anything else would be read as further assignments.
std::string one_line(std::string_view text) {
    std::string line{text};
    for (char& c : line)
        if (c == '\n' || c == '\r') c = ' ';
    return line;
}

void notify(const std::string& state) {
    // A failure means that systemd does not listen, and there is nobody to tell.
    static_cast<void>(sd_notify(0, state.c_str()));
}

}  // namespace

void ServiceManager::ready(std::string_view status) const {
    notify("READY=1\nSTATUS=" + one_line(status));
}

void ServiceManager::status(std::string_view status) const {
    notify("STATUS=" + one_line(status));
}

void ServiceManager::reloading() const {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const std::int64_t now_us = std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
    notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now_us));
}

void ServiceManager::stopping(std::string_view status) const {
    notify("STOPPING=1\nSTATUS=" + one_line(status));
}

void ServiceManager::extend_timeout(base::seconds more) const {
    notify("EXTEND_TIMEOUT_USEC=" + std::to_string(std::chrono::microseconds{more}.count()));
}

void ServiceManager::waiting(std::string_view status, base::seconds more) const {
    notify("STATUS=" + one_line(status));
    extend_timeout(more);
}

void ServiceManager::watchdog() const {
    notify("WATCHDOG=1");
}

std::optional<base::milliseconds> ServiceManager::watchdog_interval() {
    std::uint64_t interval_us = 0;
    if (sd_watchdog_enabled(0, &interval_us) <= 0 || interval_us == 0) return std::nullopt;
    return base::milliseconds{static_cast<std::int64_t>(interval_us / 2000)};
}

}  // namespace vigil::runtime
