// Calls the strategies: makes what each one sees, hands it every event that concerns it, keeps its state
// durable, and passes its wishes on to the corridor, in order.
#pragma once

#include <optional>
#include <vector>

#include "engine/corridor.h"
#include "engine/house.h"

namespace vigil::engine {

class StrategyDesk {
  public:
    StrategyDesk(House& house, Corridor& corridor) : house_{house}, corridor_{corridor} {}

    /// Checks every seat that waits, as far as its market is known; tells who started and who is refused.
    void start_waiting(const Now& now);
    [[nodiscard]] bool all_decided() const;

    void on_market(SymbolDesk& desk, const Now& now);
    void on_candle(SymbolDesk& desk, const domain::Candle& candle, const Now& now);
    /// Timers that are due, and changes of permission.
    void on_tick(const Now& now);
    /// One piece of order news.
    void tell(const Notice& notice, const Now& now);
    [[nodiscard]] std::optional<base::MonotonicTime> next_due() const;

    /// The view of a seat now; valid until the next change of the house.
    [[nodiscard]] strategy::View view_of(const Seat& seat, const Now& now);

  private:
    template <class Call>
    void ask(Seat& seat, const Now& now, Call&& call);
    void carry_out(Seat& seat, const Now& now);
    void save(Seat& seat, const Now& now);
    /// @param obstacle what keeps it from placing; empty: nothing does any more
    void tell_pause(Seat& seat, std::string_view obstacle, const Now& now);

    House& house_;
    Corridor& corridor_;
    strategy::Wishes wishes_;
    std::vector<strategy::OwnOrder> own_orders_;  // scratch of view_of
};

/// An order of the ledger as its strategy sees it.
[[nodiscard]] strategy::OwnOrder own_order(const orders::OrderRecord& record);

}  // namespace vigil::engine
