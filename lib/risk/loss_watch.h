// Two limits without a day's end, one quote asset each: what was lost for good (realised) since the
// strategies began or an operator last resumed, and how far realised and unrealised profit together have come
// down from their highest (drawdown). Reaching one is told once, until an operator resumes: from there both
// count anew.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "domain/decimal.h"
#include "domain/names.h"
#include "risk/options.h"

namespace vigil::risk {

/// Persisted.
struct LossState {
    domain::Asset quote;
    domain::Amount baseline;  ///< realised profit from which the total loss counts
    domain::Amount realised;  ///< at the last observation
    domain::Amount peak;      ///< highest total profit, to within a hundredth of the limit
    domain::Amount total;     ///< at the last observation
    bool loss_tripped{false};
    bool drawdown_tripped{false};

    friend bool operator==(const LossState&, const LossState&) = default;
};

class LossWatch {
  public:
    struct Trip {
        std::string_view rule;  ///< "total_loss", "drawdown"
        domain::Amount loss;
        domain::Amount limit;
        Level level{Level::normal};  ///< where the ladder has to go
    };
    LossWatch(std::vector<LossLimit> limits, std::vector<LossState> states);

    /// @param realised cumulative, of all own strategies in `quote`, from own fills alone
    /// @param total the same with what is not realised; nothing: a price is missing, no judgement
    /// Returns what was reached now, at most one a call: the other follows with the next.
    [[nodiscard]] std::optional<Trip> observe(const domain::Asset& quote, domain::Amount realised,
                                              std::optional<domain::Amount> total);
    /// An operator has come down the ladder: all counts begin anew where they are.
    void begin_anew();
    /// What `rule` has used up; nothing before the first observation.
    [[nodiscard]] std::optional<domain::Amount> loss(const domain::Asset& quote) const;
    [[nodiscard]] std::optional<domain::Amount> drawdown(const domain::Asset& quote) const;
    [[nodiscard]] const std::vector<LossLimit>& limits() const { return limits_; }
    [[nodiscard]] const std::vector<LossState>& states() const { return states_; }
    /// Grows whenever `states()` is worth journaling.
    [[nodiscard]] std::uint64_t version() const { return version_; }

  private:
    [[nodiscard]] const LossState* find(const domain::Asset& quote) const;

    std::vector<LossLimit> limits_;
    std::vector<LossState> states_;
    std::vector<domain::Amount> kept_peaks_;  ///< as they were when the version last grew
    std::uint64_t version_{0};
};

}  // namespace vigil::risk
