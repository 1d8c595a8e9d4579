// Rejection loops: the same rejection N times without an acceptance in between opens the symbol's breaker.
// While it is open, at most one order each probe interval passes; an acceptance closes it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "domain/names.h"

namespace vigil::risk {

class Breakers {
  public:
    Breakers(int rejections_to_break, base::milliseconds probe_every);

    /// The exchange rejected an order. True when this opened the breaker. An order that the market has
    /// overtaken is no sign of a loop, and does not count.
    bool on_rejection(const domain::Symbol& symbol, int code, std::string_view message,
                      base::MonotonicTime now);
    /// The exchange accepted an order. True when this closed the breaker.
    bool on_accepted(const domain::Symbol& symbol);

    struct Open {
        int count{0};  ///< of the same rejection
        int code{0};
        std::string_view message;
        base::MonotonicTime next_probe;
    };
    /// Set when the breaker is open and no probe is due.
    [[nodiscard]] std::optional<Open> refuses(const domain::Symbol& symbol, base::MonotonicTime now) const;
    /// An order passed the gate: when the breaker is open, it is the probe.
    void on_passed(const domain::Symbol& symbol, base::MonotonicTime now);
    [[nodiscard]] bool is_open(const domain::Symbol& symbol) const;

  private:
    struct Kind {
        int code{0};
        std::string message;
        int count{0};
    };
    struct Entry {
        domain::Symbol symbol;
        std::vector<Kind> kinds;  ///< at most kinds_max, the oldest is forgotten first
        std::optional<std::size_t> broken_by;
        base::MonotonicTime next_probe;
    };
    static constexpr std::size_t kinds_max = 8;
    [[nodiscard]] const Entry* find(const domain::Symbol& symbol) const;

    int rejections_to_break_;
    base::milliseconds probe_every_;
    std::vector<Entry> entries_;  ///< symbols that ever had a rejection
};

}  // namespace vigil::risk
