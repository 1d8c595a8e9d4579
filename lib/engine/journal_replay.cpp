#include "engine/journal_replay.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/rebuild.h"
#include "orders/statement.h"

namespace vigil::engine {

namespace {

std::string or_nothing(std::string_view line) {
    return line.empty() ? std::string{"nothing"} : "\"" + std::string{line} + "\"";
}

}  // namespace

base::Result<void> JournalReplay::take(const journal::StoredRecord& stored) {
    ++summary_.records;
    if (const auto* session = std::get_if<journal::SessionStarted>(&stored.record)) {
        if (auto begun = begin(*session); !begun)
            return base::fail(begun.error().within("record " + std::to_string(stored.sequence)));
    }
    if (!ledger_)
        return base::fail(base::ErrorKind::corrupt,
                          "record " + std::to_string(stored.sequence) + " comes before any session");
    if (const auto* decision = std::get_if<journal::DecisionMade>(&stored.record))
        compare(*decision, stored.sequence);
    else if (const auto* stated = std::get_if<journal::LedgerStated>(&stored.record))
        compare(*stated, stored.sequence);
    else if (const auto* intent = std::get_if<journal::IntentPermitted>(&stored.record))
        summary_.orders += intent->intent.placement() != nullptr ? 1 : 0;
    rebuild(stored, *ledger_, *recovery_);
    return {};
}

const std::vector<domain::StrategyName>& JournalReplay::strategies() const {
    static const std::vector<domain::StrategyName> none;
    return recovery_ ? recovery_->strategies() : none;
}

std::string JournalReplay::statement() const {
    return ledger_ ? orders::statement(*ledger_, strategies()) : std::string{};
}

base::Result<void> JournalReplay::begin(const journal::SessionStarted& session) {
    ++summary_.sessions;
    if (!ledger_) {
        const auto tag = orders::instance_tag(session.instance);
        if (!tag)
            return base::fail(base::ErrorKind::corrupt,
                              "the session's instance \"" + session.instance + "\" is none");
        instance_ = session.instance;
        ledger_ = std::make_unique<orders::Ledger>(orders::LedgerOptions{.instance = *tag});
        recovery_.emplace(*ledger_, std::vector<domain::StrategyName>{});
    }
    if (session.instance != instance_)
        return base::fail(base::ErrorKind::corrupt, "a session of instance \"" + session.instance +
                                                        "\" follows one of \"" + instance_ + "\"");
    return {};
}

void JournalReplay::compare(const journal::LedgerStated& stated, std::int64_t sequence) {
    ++summary_.statements;
    const std::string rebuilt = statement();
    if (const auto differing = orders::difference(rebuilt, stated.text))
        find(sequence,
             "rebuilt " + or_nothing(differing->first) + ", stated " + or_nothing(differing->second));
}

void JournalReplay::compare(const journal::DecisionMade& decision, std::int64_t sequence) {
    ++summary_.decisions;
    const auto& names = strategies();
    const auto name = std::find(names.begin(), names.end(), decision.strategy);
    if (name == names.end())
        return find(sequence, "a decision of strategy " + decision.strategy.str() + ", which no session has");
    const domain::StrategyIndex strategy{static_cast<std::uint16_t>(name - names.begin())};
    const orders::HoldingView holding = ledger_->holding(strategy, decision.symbol);
    const auto check = [&](std::string_view what, const std::string& rebuilt, const std::string& decided_on) {
        if (rebuilt != decided_on)
            find(sequence, "order " + decision.client_order_id.str() + " was decided on " +
                               std::string{what} + " " + decided_on + ", rebuilt is " + rebuilt);
    };
    check("an inventory of", holding.position.inventory.str(), decision.inventory.str());
    check("a cost of", holding.position.cost.str(), decision.cost.str());
    check("a realised profit of", holding.position.realised.str(), decision.realised.str());
    check("a position of", ledger_->inventory(decision.symbol).str(), decision.position.str());
    if (decision.waiting > 0) return;  // whether those are in the journal is not known
    check("a sellable quantity of", holding.sellable.str(), decision.sellable.str());
    check("open orders:", std::to_string(ledger_->open_orders()), std::to_string(decision.open_orders));
    check("open orders of the symbol:", std::to_string(ledger_->open_orders(decision.symbol)),
          std::to_string(decision.open_orders_symbol));
}

void JournalReplay::find(std::int64_t sequence, std::string what) {
    ++summary_.finding_count;
    if (summary_.findings.size() < ReplaySummary::findings_max)
        summary_.findings.push_back({sequence, std::move(what)});
}

}  // namespace vigil::engine
