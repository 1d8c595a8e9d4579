// Takes the exchange's word about orders and balances into the ledger, and carries what was news to everyone
// whom it concerns: the journal, the governor's counts, the risk gate's breakers, the look-ups, the log, and
// the strategy that owns the order.
#pragma once

#include <deque>

#include "engine/house.h"
#include "engine/read_desk.h"

namespace vigil::engine {

class OrderDesk {
  public:
    OrderDesk(House& house, ReadDesk& reads) : house_{house}, reads_{reads} {}

    void on_sent(const domain::Intent& intent, const Now& now);
    void on_outcome(const domain::OrderOutcome& outcome, const Now& now);
    void on_execution(const domain::ExecutionReport& report, const Now& now);

    /// Digests what the ledger has said since the last call.
    void digest(const Now& now);

  private:
    void digest_one(const orders::OrderChange& change, std::size_t place, const Now& now);
    void log_change(const orders::OrderChange& change, const orders::OrderRecord* record, const Now& now);
    void follow_up(const orders::OrderChange& change, const orders::OrderRecord* record, const Now& now);
    void tell_strategy(const orders::OrderChange& change, const orders::OrderRecord& record,
                       std::size_t place);
    [[nodiscard]] bool ends_with_this_fill(std::size_t place) const;
    [[nodiscard]] bool is_first_word_of(const domain::ClientOrderId& stranger);
    void settle_charge(const domain::OrderOutcome& outcome, const Now& now);

    House& house_;
    ReadDesk& reads_;
    orders::OrderChanges batch_;  // being digested
    /// Orders that are not ours and were told of: each sweep shows them again. The oldest is forgotten first.
    std::deque<domain::ClientOrderId> strangers_;
    static constexpr std::size_t strangers_max = 256;
};

}  // namespace vigil::engine
