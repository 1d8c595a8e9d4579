// The story of one order, from the journal alone: what its strategy saw and held, what it was checked
// against, how long it waited, when it was on the wire, what the exchange said, and what came of it. For
// `vigilctl explain`. Pure; one owner. Text from outside is as it came: whoever prints it makes it safe for a
// terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/journal_replay.h"
#include "journal/record.h"

namespace vigil::engine {

struct ExplanationLine {
    std::optional<journal::Stamp> when;  ///< of an event; nothing: a fact that stands above or below them
    std::int64_t sequence{0};            ///< of the event's record
    std::string text;
};

class Explanation {
  public:
    explicit Explanation(domain::ClientOrderId order) : order_{order} {}

    /// The next record, from the journal's beginning. Errors: see JournalReplay::take.
    [[nodiscard]] base::Result<void> take(const journal::StoredRecord& stored);

    /// Whether the journal knows the order.
    [[nodiscard]] bool is_found() const { return found_; }
    /// Facts, then events in their order, then what came of it.
    [[nodiscard]] std::vector<ExplanationLine> lines() const;

  private:
    void take_decision(const journal::StoredRecord& stored, const journal::DecisionMade& made);
    void take_intent(const journal::StoredRecord& stored, const journal::IntentPermitted& permitted);
    void take_outcome(const journal::StoredRecord& stored, const domain::OrderOutcome& outcome);
    void say(const journal::StoredRecord& stored, std::string text);
    /// As the rebuilt ledger has it; null: not (any more).
    [[nodiscard]] const orders::OrderRecord* record() const;
    /// Profit of its strategy on its symbol, so far.
    [[nodiscard]] domain::Amount realised() const;
    [[nodiscard]] std::string result() const;

    struct Session {
        journal::SessionStarted start;
        journal::Stamp began;
        std::int64_t sequence{0};
    };

    domain::ClientOrderId order_;
    JournalReplay replay_;
    bool found_{false};
    Session session_;  ///< under way
    std::optional<base::MonotonicTime> decided_;
    std::vector<std::string> facts_;
    std::vector<ExplanationLine> events_;
    domain::Amount profit_;  ///< what its fills have realised
};

}  // namespace vigil::engine
