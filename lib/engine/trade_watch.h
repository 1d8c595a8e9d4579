// Looks through the account's trades of one symbol for those of no order that the ledger knows: a forgotten
// order that was filled after all, or somebody else's trade on this account. Each is found once in a session.
//
// It keeps the greatest trade id up to which every trade is either the ledger's or was found, and that is
// where the next question begins: the newest own fill would not do, a stranger's trade may lie before it.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "domain/order.h"
#include "orders/ledger.h"

namespace vigil::engine {

/// Owned by the symbol's desk; pure; trading thread.
class TradeWatch {
  public:
    /// Everything up to `through` is known of; nothing: the first answer is history, and looked at no
    /// further. Once, before the first look.
    void begin(std::optional<domain::TradeId> through) { through_ = through; }
    /// The trade id to ask from. Nothing: the most recent trades.
    [[nodiscard]] std::optional<domain::TradeId> from() const;

    /// @param fills an answer to a question without an order, oldest first; what belongs to known orders was
    ///        applied to the ledger before
    /// @return the trades that belong to no order of the ledger. One that might be the fill of an own order
    ///         whose number is not known yet is put off to the next look.
    [[nodiscard]] std::vector<domain::Fill> look(const orders::Ledger& ledger, const domain::Symbol& symbol,
                                                 std::span<const domain::Fill> fills);

  private:
    std::optional<domain::TradeId> through_;
};

}  // namespace vigil::engine
