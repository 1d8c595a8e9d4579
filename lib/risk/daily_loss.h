// Profit and loss of the running day (00:00 UTC of exchange time) against the limit, one quote asset each.
// Once the limit is reached, the day stays closed even if the market comes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "risk/options.h"

namespace vigil::risk {

/// Persisted.
struct DayState {
    domain::Asset quote;
    std::int64_t day{0};     ///< days since 1970-01-01 UTC
    domain::Amount opening;  ///< cumulative profit when the day began
    domain::Amount latest;   ///< cumulative profit at the last observation
    bool tripped{false};

    friend bool operator==(const DayState&, const DayState&) = default;
};

class DailyLoss {
  public:
    DailyLoss(std::vector<DailyLossLimit> limits, std::vector<DayState> state);

    /// @param profit cumulative realised + unrealised of all own strategies in `quote`, from own fills alone
    /// Returns true when this observation reached the limit (once a day).
    bool observe(const domain::Asset& quote, domain::Amount profit, base::ExchangeTime now);
    /// The day's state when orders in `quote` are refused today, else null.
    [[nodiscard]] const DayState* tripped(const domain::Asset& quote, base::ExchangeTime now) const;
    [[nodiscard]] std::optional<domain::Amount> limit(const domain::Asset& quote) const;
    /// Grows whenever a day opens or trips: `state()` is then worth journaling.
    [[nodiscard]] std::uint64_t version() const { return version_; }
    /// Profit of the day so far; nothing before the first observation.
    [[nodiscard]] std::optional<domain::Amount> profit_today(const domain::Asset& quote,
                                                             base::ExchangeTime now) const;
    [[nodiscard]] const std::vector<DayState>& state() const { return days_; }

  private:
    std::vector<DailyLossLimit> limits_;
    std::vector<DayState> days_;
    std::uint64_t version_{0};
};

}  // namespace vigil::risk
