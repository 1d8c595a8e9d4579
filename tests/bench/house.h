// The client's side of an order, as the daemon runs it on its trading thread: Session is the WebSocket API
// session alone, House the whole corridor in front of it.
//
// A tick is given as the text of a bookTicker message. An order's time runs from before the tick is decoded
// until its parsed answer has been taken in; the next tick follows when the callback has returned. Time is
// virtual where a strategy looks at it: each tick is two seconds after the one before, so that a recurring
// purchase of every two seconds makes one order a tick.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "binance/api_connection.h"
#include "counters.h"
#include "net/event_loop.h"

namespace vigil::bench {

struct Wire {
    std::uint16_t port{0};
    std::string ca_pem;
};

/// What came out of a number of ticks.
struct Run {
    std::vector<double> us;                  ///< for each tick, to its last answer
    Counters counters;                       ///< of the ticks together
    std::int64_t gate_allocations{0};        ///< of them, in the journal's gate
    std::vector<std::int64_t> sends;         ///< for each tick
    std::vector<std::int64_t> system_calls;  ///< for each tick
    std::vector<std::int64_t> allocations;   ///< for each tick, those of the journal's gate left out
};

/// Makes ticks and takes the time; the two clients below differ in what they do at a tick.
class Client {
  public:
    virtual ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    /// Aborts when an answer does not come within 20 s.
    [[nodiscard]] Run run(int ticks);
    /// Orders that were handed to the connection.
    [[nodiscard]] std::int64_t decided() const { return decided_; }
    [[nodiscard]] std::int64_t accepted() const { return accepted_; }

  protected:
    explicit Client(int orders_a_tick) : orders_a_tick_{orders_a_tick} {}
    [[nodiscard]] virtual net::EventLoop& loop() = 0;
    virtual void tick() = 0;
    /// An answer was taken in.
    void answered(const domain::OrderOutcome& outcome);

    std::int64_t decided_{0};
    std::int64_t gate_allocations_{0};

  private:
    void begin_tick();

    const int orders_a_tick_;
    std::int64_t accepted_{0};
    int waiting_{0};
    int left_{0};
    base::MonotonicTime started_;
    Counters before_run_;
    Counters before_tick_;
    std::int64_t gate_before_tick_{0};
    Run run_;
};

/// Tick decoded, one order signed and sent over the session, answer parsed.
[[nodiscard]] std::unique_ptr<Client> make_session(const Wire& wire);
/// The same through engine (book, strategy, risk, governor), journal gate and session, with so many
/// strategies that each make one order a tick.
[[nodiscard]] std::unique_ptr<Client> make_house(const Wire& wire, int strategies);

/// The text of one such order, signed, for the floor to send.
[[nodiscard]] std::string sample_request();

}  // namespace vigil::bench
