// The rule of five incoming messages a second for each connection to the market streams: pings, pongs and
// control messages count (web-socket-streams.md, "WebSocket Limits"). Pongs have to go when a ping asks for
// them, so control messages leave them room.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/time.h"

namespace vigil::binance {

class MessagePace {
  public:
    /// When the next control message may go; `now` or later.
    [[nodiscard]] base::MonotonicTime next_control(base::MonotonicTime now) const {
        return std::max(now, last_[next_] + span);
    }
    /// A message of any kind went out.
    void sent(base::MonotonicTime now) {
        last_[next_] = now;
        next_ = (next_ + 1) % last_.size();
    }

  private:
    /// A little more than the second: what leaves evenly may arrive in a bunch.
    static constexpr base::milliseconds span{1'200};
    /// Of the five, one is kept for a pong.
    static constexpr std::size_t control_messages = 4;

    std::array<base::MonotonicTime, control_messages> last_{never(), never(), never(), never()};
    std::size_t next_{0};

    [[nodiscard]] static constexpr base::MonotonicTime never() { return base::MonotonicTime{-span}; }
};

}  // namespace vigil::binance
