// Ten 100 ms depth differences become the one of a second (`<symbol>@depth`): the last word about each price,
// under the first U and the last u. Levels come out best first. Loop thread only.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/market_events.h"
#include "exchange/core_events.h"

namespace vigil::exchange {

class DepthMerger {
  public:
    void add(const DepthEvent& event);
    /// What was gathered, when it began a second or longer before `now`; the event's spans stay good until
    /// the next call. Nothing otherwise.
    [[nodiscard]] std::optional<DepthEvent> take_due(base::ExchangeTime now);
    void clear();

  private:
    template <class Side>
    static void flatten(Side& side, std::vector<domain::BookLevel>& out);

    bool pending_{false};
    DepthEvent merged_;
    base::ExchangeTime began_;
    std::map<domain::Price, domain::Quantity, std::greater<>> bids_;
    std::map<domain::Price, domain::Quantity> asks_;
    std::vector<domain::BookLevel> bid_levels_;
    std::vector<domain::BookLevel> ask_levels_;
};

}  // namespace vigil::exchange
