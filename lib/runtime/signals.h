// Signals that end or reload a program, waited for by the main thread alone.
#pragma once

#include <csignal>

#include "base/time.h"
#include "base/unique_fd.h"

namespace vigil::runtime {

/// Blocks SIGTERM, SIGINT and SIGHUP for this thread and all that it makes later, and ignores SIGPIPE. Made
/// before the first other thread.
class Signals {
  public:
    Signals();
    /// The number of one that came, within `patience`; 0: none did.
    [[nodiscard]] int wait(base::milliseconds patience) const;
    /// Becomes readable when one has come; for poll(2) only, it is taken by `wait`.
    [[nodiscard]] int descriptor() const { return descriptor_.get(); }

  private:
    sigset_t set_{};
    base::UniqueFd descriptor_;
};

}  // namespace vigil::runtime
