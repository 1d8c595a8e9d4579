// The ladder NORMAL -> REDUCE -> CANCEL_ONLY -> HALT. Anything may climb it; only an operator, with a reason,
// comes down. It is part of the state that the journal keeps, so a restart changes nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"

namespace vigil::risk {

enum class Level : std::uint8_t {
    normal,       ///< everything within the limits
    reduce,       ///< only orders that reduce inventory
    cancel_only,  ///< only cancels
    halt,         ///< only cancels; strategies are not asked any more
};
[[nodiscard]] std::string_view to_string(
    Level level) noexcept;  ///< "normal", "reduce", "cancel_only", "halt"
[[nodiscard]] std::optional<Level> parse_level(std::string_view word) noexcept;

struct LadderState {
    Level level{Level::normal};
    std::string reason;  ///< of the last change, one line
    std::string by;      ///< the rule, or the operator's name
    base::ExchangeTime since;
    /// An operator's kill: until the ladder comes down, every own order that is found open is cancelled.
    bool cancels_all{false};

    friend bool operator==(const LadderState&, const LadderState&) = default;
};

class Ladder {
  public:
    explicit Ladder(LadderState state = {}) : state_{std::move(state)} {}

    [[nodiscard]] Level level() const { return state_.level; }
    [[nodiscard]] const LadderState& state() const { return state_; }

    /// Climbs to `level`; true when that was a change (journal the state then). Never goes down.
    bool raise(Level level, std::string_view by, std::string_view reason, base::ExchangeTime now);
    /// Climbs to HALT, from wherever it is, and wants every own order cancelled. Always a change.
    void kill(std::string_view by, std::string_view reason, base::ExchangeTime now);
    /// Comes down, and a kill is over. Fails (invalid) when the level is not lower, or operator or reason is
    /// blank.
    [[nodiscard]] base::Result<void> lower(Level level, std::string_view operator_name,
                                           std::string_view reason, base::ExchangeTime now);

  private:
    LadderState state_;
};

}  // namespace vigil::risk
