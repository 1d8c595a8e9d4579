#include "engine/explanation.h"

#include <chrono>
#include <cstdlib>
#include <utility>
#include <variant>

#include "journal/describe.h"

namespace vigil::engine {

namespace {

/// "1.250 ms".
std::string in_ms(base::nanoseconds time) {
    const std::int64_t us = std::chrono::duration_cast<base::microseconds>(time).count();
    const std::string digits = std::to_string(std::abs(us) % 1000);
    return (us < 0 ? "-" : "") + std::to_string(std::abs(us) / 1000) + "." +
           std::string(3 - digits.size(), '0') + digits + " ms";
}

std::string text_of(const domain::BookLevel& level) {
    if (level.price.is_zero()) return "none";
    return level.price.str() + " (" + level.quantity.str() + ")";
}

std::string known(const std::optional<domain::Amount>& amount) {
    return amount ? amount->str() : "unknown";
}

}  // namespace

base::Result<void> Explanation::take(const journal::StoredRecord& stored) {
    const domain::Amount before = realised();
    if (auto taken = replay_.take(stored); !taken) return taken;
    if (const auto* session = std::get_if<journal::SessionStarted>(&stored.record)) {
        if (const orders::OrderRecord* order = record(); order != nullptr && !orders::is_final(order->state))
            say(stored, "the service starts again");
        session_ = {*session, stored.stamp, stored.sequence};
        decided_.reset();  // the monotonic clocks of two sessions cannot be compared
    }
    if (journal::order_of(stored.record) != order_) return {};
    found_ = true;
    profit_ += realised() - before;
    if (const auto* decision = std::get_if<journal::DecisionMade>(&stored.record))
        take_decision(stored, *decision);
    else if (const auto* permitted = std::get_if<journal::IntentPermitted>(&stored.record))
        take_intent(stored, *permitted);
    else if (const auto* outcome = std::get_if<journal::OutcomeReceived>(&stored.record))
        take_outcome(stored, outcome->outcome);
    else
        say(stored, journal::describe(stored.record));
    return {};
}

void Explanation::take_decision(const journal::StoredRecord& stored, const journal::DecisionMade& made) {
    facts_.push_back("session    from record " + std::to_string(session_.sequence) + " on, version " +
                     session_.start.version + ", " + session_.start.environment + ", configuration " +
                     session_.start.config_hash);
    facts_.push_back("strategy   " + made.strategy.str() + " on " + made.symbol.str());
    facts_.push_back("saw        bid " + text_of(made.bid) + ", ask " + text_of(made.ask) + ", book " +
                     (made.book_age.count() < 0 ? std::string{"never known to be current"}
                                                : in_ms(made.book_age) + " old"));
    facts_.push_back("held       " + made.inventory.str() + " bought for " + made.cost.str() + ", " +
                     made.sellable.str() + " of it free to sell; profit so far " + made.realised.str());
    facts_.push_back("means      budget " + made.budget.str() + ", invested " + made.invested.str() +
                     ", in live buys " + made.committed.str() + "; the account has " +
                     known(made.free_quote) + " of the quote asset and " + known(made.free_base) +
                     " of the base asset free");
    facts_.push_back(
        "checks     passed every rule of the risk gate and every filter of the exchange; ladder " +
        made.ladder + ", " + std::to_string(made.open_orders) + " open orders (" +
        std::to_string(made.open_orders_symbol) + " of the symbol), position " + made.position.str() +
        ", profit of all strategies " + known(made.profit));
    say(stored, "decided");
}

void Explanation::take_intent(const journal::StoredRecord& stored,
                              const journal::IntentPermitted& permitted) {
    const domain::Intent& intent = permitted.intent;
    decided_ = intent.decided;
    say(stored, journal::describe(stored.record) + "; waited " + in_ms(permitted.permitted - intent.decided) +
                    " for the exchange's limits");
}

void Explanation::take_outcome(const journal::StoredRecord& stored, const domain::OrderOutcome& outcome) {
    std::string text = journal::describe(stored.record);
    if (outcome.sent != base::MonotonicTime{}) {
        text += "; on the wire";
        if (decided_) text += " " + in_ms(outcome.sent - *decided_) + " after it was decided,";
        text += " answered after " + in_ms(outcome.answered - outcome.sent);
    }
    say(stored, std::move(text));
}

void Explanation::say(const journal::StoredRecord& stored, std::string text) {
    events_.push_back({stored.stamp, stored.sequence, std::move(text)});
}

const orders::OrderRecord* Explanation::record() const {
    return replay_.ledger() != nullptr ? replay_.ledger()->find(order_) : nullptr;
}

domain::Amount Explanation::realised() const {
    const orders::OrderRecord* order = record();
    if (order == nullptr) return {};
    return replay_.ledger()->position(order->strategy, order->order.symbol).realised;
}

std::string Explanation::result() const {
    const orders::OrderRecord* order = record();
    if (order == nullptr) return "result     the ledger does not remember it any more";
    std::string text =
        "result     " + std::string{orders::to_string(order->state)} + ", executed " + order->executed.str();
    if (order->order.quantity) text += " of " + order->order.quantity->str();
    text += " for " + order->executed_quote.str();
    if (const std::size_t count = order->fills.size()) {
        text += " in " + std::to_string(count) + (count == 1 ? " fill" : " fills");
        text += "; profit realised by it " + profit_.str();
    }
    return text;
}

std::vector<ExplanationLine> Explanation::lines() const {
    std::vector<ExplanationLine> all;
    for (const std::string& fact : facts_) all.push_back({std::nullopt, 0, fact});
    all.insert(all.end(), events_.begin(), events_.end());
    all.push_back({std::nullopt, 0, result()});
    return all;
}

}  // namespace vigil::engine
