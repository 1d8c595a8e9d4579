// A journal gone through from its beginning: the ledger is rebuilt from the records alone and compared with
// what the journal says of it on the way.
//
//   a statement of the ledger    the rebuilt one says the same, to the last digit
//   a decision                   what the strategy held then, and how many orders it had, is what was rebuilt
//
// So an altered record shows even when the chain of hashes was made anew. Whoever reads the journal checks
// the chain; this is about what the records mean. Pure; one owner.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "journal/record.h"
#include "orders/ledger.h"
#include "orders/recovery.h"

namespace vigil::engine {

struct ReplayFinding {
    std::int64_t sequence{0};  ///< of the record that says something else
    std::string what;          ///< a line for a person; text from outside as it came
};

struct ReplaySummary {
    std::int64_t records{0};
    std::int64_t sessions{0};
    std::int64_t orders{0};
    std::int64_t statements{0};  ///< compared
    std::int64_t decisions{0};   ///< compared
    std::int64_t finding_count{0};
    std::vector<ReplayFinding> findings;  ///< the first ones, at most findings_max

    static constexpr std::size_t findings_max = 100;
};

class JournalReplay {
  public:
    /// The next record, in the journal's order. Errors: corrupt, when the journal does not begin with a
    /// session, or changes to another installation's orders.
    [[nodiscard]] base::Result<void> take(const journal::StoredRecord& stored);

    [[nodiscard]] const ReplaySummary& summary() const { return summary_; }
    /// Null before the first session.
    [[nodiscard]] const orders::Ledger* ledger() const { return ledger_.get(); }
    /// Names behind the ledger's StrategyIndex.
    [[nodiscard]] const std::vector<domain::StrategyName>& strategies() const;
    /// What the rebuilt ledger says now.
    [[nodiscard]] std::string statement() const;

  private:
    [[nodiscard]] base::Result<void> begin(const journal::SessionStarted& session);
    void compare(const journal::LedgerStated& stated, std::int64_t sequence);
    void compare(const journal::DecisionMade& decision, std::int64_t sequence);
    void find(std::int64_t sequence, std::string what);

    std::string instance_;
    std::unique_ptr<orders::Ledger> ledger_;
    std::optional<orders::Recovery> recovery_;
    ReplaySummary summary_;
};

}  // namespace vigil::engine
