// Who of the strategies may take how much of the unfilled orders that one window allows.
//
// Every strategy has a weight. In proportion to the weights, each one that places orders has a share of the
// window that the others cannot take from it; what it does not need of its share they may have. What it needs
// is judged by the orders that it has wanted in this window and in the one before: a strategy that has been
// silent has nothing kept for it, and waits at most one window.
//
// No heap; a check that finds its strategy within its share costs a few comparisons, any other a walk over
// the strategies. Owned by the governor.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace vigil::governor {

class FairShare {
  public:
    /// More strategies than that share places.
    static constexpr std::size_t seats_max = 64;
    static constexpr std::int32_t weight_max = 1000;

    /// @param weight clamped to 1 .. weight_max; 1 when never set
    void set_weight(std::size_t seat, std::int32_t weight);
    void begin_window();

    /// The strategy wants one more order; once for each order.
    void wants(std::size_t seat);
    /// Whether the strategy may have one more order. @param room orders that the window still allows to all
    /// of them together @param capacity orders that it allows in all
    [[nodiscard]] bool allows(std::size_t seat, std::int64_t room, std::int64_t capacity) const;
    void took(std::size_t seat);
    /// An order that did not happen, or that does not count any more because it has been filled.
    void gave_back(std::size_t seat, std::int64_t orders);

    /// How far ahead of the others the strategy is: orders taken in this window for each unit of weight,
    /// scaled. Who is behind goes first.
    [[nodiscard]] std::int64_t lead(std::size_t seat) const;

  private:
    struct Seat {
        std::int32_t weight{1};
        std::int64_t used{0};
        std::int64_t wanted{0};
        std::int64_t wanted_before{0};

        [[nodiscard]] std::int64_t expected() const { return std::max(wanted, wanted_before); }
    };
    [[nodiscard]] static std::size_t place(std::size_t seat) { return seat % seats_max; }
    [[nodiscard]] std::int64_t share(const Seat& seat, std::int64_t capacity) const {
        return active_weight_ <= 0 ? capacity : capacity * seat.weight / active_weight_;
    }

    std::array<Seat, seats_max> seats_{};
    std::size_t in_use_{0};          // places at the front that may be active
    std::int64_t active_weight_{0};  // of the seats with something expected
};

}  // namespace vigil::governor
