// The trades of our orders, gathered from the journal, each once: what an operator's tax adviser wants.
//
// A trade is told up to three times: in the answer to its order, by the user data stream, and by a question.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "domain/names.h"
#include "domain/order.h"
#include "journal/record.h"

namespace vigil::journal {

struct OwnTrade {
    domain::Symbol symbol;
    domain::Fill fill;
    domain::ClientOrderId client_order_id;
    std::string strategy;  ///< empty: of an order that was taken over
};

class OwnTrades {
  public:
    /// Records in the order of the journal, from its beginning.
    void take(const StoredRecord& stored);
    /// By symbol and trade id.
    [[nodiscard]] std::vector<OwnTrade> all() const;

  private:
    void add(const domain::Symbol& symbol, const domain::ClientOrderId& id, const domain::Fill& fill);

    std::vector<domain::StrategyName> strategies_;              // of the session under way
    std::map<domain::ClientOrderId, std::string> strategy_of_;  // by order
    std::map<std::pair<domain::Symbol, std::int64_t>, OwnTrade> trades_;
};

}  // namespace vigil::journal
