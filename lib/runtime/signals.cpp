#include "runtime/signals.h"

#include <sys/signalfd.h>

#include <ctime>

#include "base/check.h"

namespace vigil::runtime {

Signals::Signals() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    sigaddset(&set_, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    descriptor_.reset(::signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
    base::check(static_cast<bool>(descriptor_), "a process that has just begun has room for a descriptor");
    // A peer that went away is an error of the write, not a signal.
    std::signal(SIGPIPE, SIG_IGN);
}

int Signals::wait(base::milliseconds patience) const {
    const auto whole = std::chrono::duration_cast<base::seconds>(patience);
    const base::nanoseconds rest = patience - whole;
    timespec time{};
    time.tv_sec = static_cast<time_t>(whole.count());
    time.tv_nsec = static_cast<long>(rest.count());
    const int number = sigtimedwait(&set_, nullptr, &time);
    return number > 0 ? number : 0;
}

}  // namespace vigil::runtime
