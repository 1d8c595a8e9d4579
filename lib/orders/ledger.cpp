#include "orders/ledger.h"

#include <algorithm>

#include "base/check.h"

namespace vigil::orders {

namespace {

using domain::Amount;
using domain::ClientOrderId;
using domain::Fill;
using domain::OrderView;
using domain::Quantity;

/// Facts grow, never shrink.
template <class Fact>
void grow(Fact& fact, Fact to) {
    fact = std::max(fact, to);
}

ExchangeFact fact_of_report(const domain::ExecutionReport& report) {
    using domain::ExecutionType;
    const ExchangeFact by_status = fact_of(report.status);
    if (report.status != domain::OrderStatus::unknown) return by_status;
    // A status unheard of, but the event says what happened.
    if (report.execution == ExecutionType::canceled) return ExchangeFact::cancelled;
    if (report.execution == ExecutionType::rejected) return ExchangeFact::rejected;
    if (report.execution == ExecutionType::expired || report.execution == ExecutionType::trade_prevention)
        return ExchangeFact::expired;
    return by_status;
}

/// Words of a rejected cancel that leave open what became of the order ("Unknown order sent.": filled,
/// cancelled, or never there).
bool leaves_order_open(const domain::OutcomeRejected& rejection) {
    return rejection.code == -2011 || rejection.code == -2013 || !is_certain(rejection);
}

}  // namespace

Ledger::Ledger(LedgerOptions options)
    : options_{options}, orders_{&memory_}, finished_{&memory_}, slots_{&memory_}, by_exchange_id_{&memory_} {
    base::check(options_.instance.view().size() == InstanceTag::capacity, "the ledger knows its own prefix");
    base::check(options_.finished_max > 0, "some finished orders are remembered");
}

bool Ledger::learn(const domain::SymbolRules& rules) {
    return learn(SymbolAssets{rules.symbol, rules.base, rules.quote, rules.step()});
}

bool Ledger::learn(const SymbolAssets& assets) {
    const auto known = symbol_index(assets.symbol);
    if (!known) {
        symbols_.push_back(SymbolEntry{assets, 0, std::nullopt, std::nullopt});
        return true;
    }
    SymbolEntry& entry = symbols_[*known];
    if (entry.assets.base != assets.base || entry.assets.quote != assets.quote) return false;
    entry.assets.step = assets.step;
    return true;
}

base::Result<void> Ledger::placing(const domain::Intent& intent, Moment now,
                                   std::optional<domain::Price> reference, OrderChanges& out) {
    if (const domain::CancelOrder* cancel = intent.cancellation()) {
        placing_cancel(*cancel, now, out);
        return {};
    }
    const domain::NewOrder& order = *intent.placement();
    const auto refused = [&order](std::string_view why) {
        return base::fail(base::ErrorKind::invalid,
                          "client order id " + order.client_order_id.str() + std::string{why});
    };
    if (!is_own(order.client_order_id)) return refused(" has not the own form");
    if (orders_.contains(order.client_order_id)) return refused(" was used before");
    if (!symbol_index(order.symbol))
        return base::fail(base::ErrorKind::invalid, "symbol " + order.symbol.str() + " is not known");
    OrderRecord& record = insert(order, intent.strategy, intent.slot, now);
    record.reason = intent.reason;
    record.reference = reference;
    recount(record);
    return {};
}

void Ledger::placing_cancel(const domain::CancelOrder& cancel, Moment now, OrderChanges& out) {
    OrderRecord* record = find_mutable(cancel.client_order_id);
    if (record == nullptr || is_final(record->state)) return;
    record->facts.cancel = CancelFact::asked;
    record->cancel_asked = now.monotonic;
    conclude(*record, out);
}

void Ledger::on_sent(const ClientOrderId& id, Moment now) {
    OrderRecord* record = find_mutable(id);
    if (record == nullptr || record->facts.sent) return;
    record->facts.sent = true;
    record->sent_latest = now.exchange;
    OrderChanges none;
    conclude(*record, none);
}

void Ledger::on_outcome(const domain::OrderOutcome& outcome, Moment now, OrderChanges& out) {
    OrderRecord* record = find_mutable(outcome.client_order_id);
    if (record == nullptr) {
        if (const auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome.result))
            tell_stranger(accepted->order, out);
        return;
    }
    if (outcome.is_cancel)
        on_cancel_outcome(*record, outcome, now, out);
    else
        on_place_outcome(*record, outcome, now, out);
}

void Ledger::on_place_outcome(OrderRecord& record, const domain::OrderOutcome& outcome, Moment now,
                              OrderChanges& out) {
    Words words;
    if (const auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome.result)) {
        if (!is_same_order(record, accepted->order.symbol, accepted->order.side, out)) return;
        grow(record.facts.answer, AnswerFact::accepted);
        record.facts.sent = true;
        record.last_evidence = now.monotonic;
        take_view(record, accepted->order, out);
        restate(record, out);
        for (const Fill& fill : accepted->fills) take_fill(record, fill, out);
    } else if (const auto* rejected = std::get_if<domain::OutcomeRejected>(&outcome.result)) {
        words = {rejected->code, rejected->message};
        record.facts.sent = true;
        if (is_certain(*rejected)) {
            grow(record.facts.answer, AnswerFact::rejected);
            record.reject_code = rejected->code;
        } else {
            grow(record.facts.answer, AnswerFact::unknown);
        }
    } else if (const auto* unknown = std::get_if<domain::OutcomeUnknown>(&outcome.result)) {
        words.text = unknown->why;
        record.facts.sent = true;
        grow(record.facts.answer, AnswerFact::unknown);
    } else {
        words.text = std::get<domain::OutcomeNeverSent>(outcome.result).why;
        grow(record.facts.answer, AnswerFact::never_sent);
    }
    if (record.sent_latest == base::ExchangeTime{}) record.sent_latest = now.exchange;
    conclude(record, out, words);
}

void Ledger::on_cancel_outcome(OrderRecord& record, const domain::OrderOutcome& outcome, Moment now,
                               OrderChanges& out) {
    // An answer to an earlier cancel of the same order says nothing of the latest one.
    const bool is_latest = outcome.answered >= record.cancel_asked;
    const auto refused = [&](Words words) {
        if (!is_latest || is_final(record.state) || record.facts.cancel == CancelFact::none) return;
        record.facts.cancel = CancelFact::refused;
        restate(record, out);
        tell(record, OrderChangeKind::cancel_refused, out, words);
    };
    const auto look_up = [&](Words words) {
        if (is_final(record.state) || record.lookup_wanted) return;
        record.lookup_wanted = true;
        tell(record, OrderChangeKind::lookup_wanted, out, words);
    };
    if (const auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome.result)) {
        if (!is_same_order(record, accepted->order.symbol, accepted->order.side, out)) return;
        record.last_evidence = now.monotonic;
        take_view(record, accepted->order, out);
        restate(record, out);
        for (const Fill& fill : accepted->fills) take_fill(record, fill, out);
    } else if (const auto* rejected = std::get_if<domain::OutcomeRejected>(&outcome.result)) {
        const Words words{rejected->code, rejected->message};
        if (is_certain(*rejected)) {
            refused(words);
        } else if (is_latest && record.facts.cancel == CancelFact::asked) {
            record.facts.cancel = CancelFact::unclear;
        }
        if (leaves_order_open(*rejected)) look_up(words);
    } else if (const auto* unknown = std::get_if<domain::OutcomeUnknown>(&outcome.result)) {
        if (is_latest && record.facts.cancel == CancelFact::asked) record.facts.cancel = CancelFact::unclear;
        look_up({0, unknown->why});
    } else {
        refused({0, std::get<domain::OutcomeNeverSent>(outcome.result).why});
    }
    conclude(record, out);
}

void Ledger::on_execution(const domain::ExecutionReport& report, Moment now, OrderChanges& out) {
    OrderRecord* record = find_mutable(report.client_order_id);
    if (record == nullptr) {
        domain::OrderView view;
        view.symbol = report.symbol;
        view.order_id = report.order_id;
        view.client_order_id = report.client_order_id;
        view.side = report.side;
        view.status = report.status;
        tell_stranger(view, out);
        return;
    }
    if (!is_same_order(*record, report.symbol, report.side, out)) return;
    record->facts.sent = true;
    record->last_evidence = now.monotonic;
    if (report.order_id.value > 0) know_as(*record, report.order_id);
    grow(record->facts.exchange, fact_of_report(report));
    take_executed(*record, report.executed, report.executed_quote, out);
    restate(*record, out);
    if (report.fill) take_fill(*record, *report.fill, out);
    conclude(
        *record, out,
        {0, report.execution == domain::ExecutionType::rejected ? report.reject_reason : std::string_view{}});
}

void Ledger::on_fills(const ClientOrderId& id, std::span<const Fill> fills, Moment now, OrderChanges& out) {
    OrderRecord* record = find_mutable(id);
    if (record == nullptr) return;
    for (const Fill& fill : fills) {
        const bool is_its =
            !record->exchange_id || fill.order_id.value == 0 || fill.order_id == *record->exchange_id;
        if (!is_its) continue;
        record->last_evidence = now.monotonic;
        take_fill(*record, fill, out);
    }
    conclude(*record, out);
}

void Ledger::on_order_view(const OrderView& view, Moment asked, Moment now, OrderChanges& out) {
    OrderRecord* record = find_mutable(view.client_order_id);
    if (record == nullptr) {
        tell_stranger(view, out);
        return;
    }
    if (!is_same_order(*record, view.symbol, view.side, out)) return;
    record->facts.sent = true;
    record->last_evidence = now.monotonic;
    take_view(*record, view, out);
    if (asked.monotonic >= record->cancel_asked) {
        record->lookup_wanted = false;
        // Still open after a cancel whose answer was lost: it had no effect so far.
        if (record->facts.cancel == CancelFact::unclear && domain::is_open(view.status)) {
            record->facts.cancel = CancelFact::refused;
            restate(*record, out);
            // News: whoever waits for the cancel must hear, and a replay of the journal must come by here.
            if (!is_final(record->state))
                tell(*record, OrderChangeKind::cancel_refused, out, {0, "it is open still"});
        }
    }
    conclude(*record, out);
}

void Ledger::on_open_orders(const std::optional<domain::Symbol>& symbol, std::span<const OrderView> views,
                            Moment asked, Moment now, OrderChanges& out) {
    for (const OrderView& view : views) on_order_view(view, asked, now, out);
    for (const OrderRecord* each : live_) {
        if (symbol && each->order.symbol != *symbol) continue;
        const bool is_at_exchange = each->state == OrderState::open ||
                                    each->state == OrderState::cancelling ||
                                    each->state == OrderState::partially_filled;
        // News that is younger than the question may have come too late for the list.
        if (!is_at_exchange || each->lookup_wanted || each->last_evidence >= asked.monotonic) continue;
        const bool is_named = std::any_of(views.begin(), views.end(), [each](const OrderView& view) {
            return view.client_order_id == each->id();
        });
        if (is_named) continue;
        find_mutable(each->id())->lookup_wanted = true;
        tell(*each, OrderChangeKind::lookup_wanted, out, {0, "not among the open orders"});
    }
}

void Ledger::on_not_found(const ClientOrderId& id, Moment, OrderChanges& out) {
    OrderRecord* record = find_mutable(id);
    if (record == nullptr) return;
    record->facts.proven_absent = true;
    if (record->facts.exchange != ExchangeFact::none || record->facts.any_executed)
        tell(*record, OrderChangeKind::contradiction, out,
             {-2013, "the exchange does not find an order that it told of before"});
    conclude(*record, out);
}

void Ledger::assume_sent(const ClientOrderId& id, Moment now, OrderChanges& out) {
    OrderRecord* record = find_mutable(id);
    if (record == nullptr || is_final(record->state)) return;
    const bool is_heard_of =
        record->facts.exchange != ExchangeFact::none || record->facts.answer == AnswerFact::accepted;
    if (!is_heard_of && !record->facts.sent) {
        record->facts.sent = true;
        record->sent_latest = now.exchange;
    }
    if (!is_heard_of) grow(record->facts.answer, AnswerFact::unknown);
    if (record->facts.cancel == CancelFact::asked) record->facts.cancel = CancelFact::unclear;
    record->lookup_wanted = true;
    conclude(*record, out, {0, "the last session ended before there was word of it"});
}

base::Result<void> Ledger::adopt(const OrderView& view, Moment now, OrderChanges& out,
                                 std::optional<domain::StrategyIndex> strategy) {
    const auto parsed = parse_client_order_id(view.client_order_id.view());
    const std::string id = view.client_order_id.str();
    if (!parsed || parsed->instance != options_.instance)
        return base::fail(base::ErrorKind::invalid, "order " + id + " is not own");
    if (orders_.contains(view.client_order_id))
        return base::fail(base::ErrorKind::invalid, "order " + id + " is known");
    if (!symbol_index(view.symbol))
        return base::fail(base::ErrorKind::invalid, "symbol " + view.symbol.str() + " is not known");
    domain::NewOrder order;
    order.symbol = view.symbol;
    order.side = view.side;
    order.type = view.type;
    order.time_in_force = view.time_in_force;
    order.quantity = view.quantity;
    if (view.price.is_positive()) order.price = view.price;
    if (view.stop_price.is_positive()) order.stop_price = view.stop_price;
    order.client_order_id = view.client_order_id;
    OrderRecord& record = insert(order, strategy.value_or(parsed->strategy), parsed->slot, now);
    record.is_orphan = true;
    record.facts.sent = true;
    record.last_evidence = now.monotonic;
    take_view(record, view, out);
    conclude(record, out);
    return {};
}

bool Ledger::is_same_order(const OrderRecord& record, const domain::Symbol& symbol, domain::Side side,
                           OrderChanges& out) const {
    if (record.order.symbol == symbol && record.order.side == side) return true;
    tell(record, OrderChangeKind::contradiction, out, {0, "news of this id tells another symbol or side"});
    return false;
}

void Ledger::take_view(OrderRecord& record, const OrderView& view, OrderChanges& out) {
    if (view.order_id.value > 0) know_as(record, view.order_id);
    grow(record.facts.exchange, fact_of(view.status));
    take_executed(record, view.executed, view.executed_quote, out);
}

void Ledger::take_executed(OrderRecord& record, Quantity executed, Amount executed_quote, OrderChanges& out) {
    if (executed <= record.executed) return;
    const bool is_too_much = (record.order.quantity && executed > *record.order.quantity) ||
                             executed.raw() > believable_raw_max || executed_quote.raw() > believable_raw_max;
    if (is_too_much) {
        tell(record, OrderChangeKind::contradiction, out, {0, "more executed than was ordered"});
        return;
    }
    record.executed = executed;
    // Negative: not available (rest-api.md, cummulativeQuoteQty of old orders).
    if (executed_quote > record.executed_quote) record.executed_quote = executed_quote;
}

void Ledger::take_fill(OrderRecord& record, const Fill& fill, OrderChanges& out) {
    const auto place = std::lower_bound(record.fills.begin(), record.fills.end(), fill,
                                        [](const Fill& a, const Fill& b) { return a.trade_id < b.trade_id; });
    if (place != record.fills.end() && place->trade_id == fill.trade_id) return;
    if (fill.side != record.order.side) {
        tell(record, OrderChangeKind::contradiction, out, {0, "a fill on the other side"});
        return;
    }
    const auto filled = record.filled.checked_add(fill.quantity);
    const auto filled_quote = record.filled_quote.checked_add(fill.quote_quantity);
    if (!filled || !filled_quote || (record.order.quantity && *filled > *record.order.quantity)) {
        tell(record, OrderChangeKind::contradiction, out, {0, "fills exceed what was ordered"});
        return;
    }
    SymbolEntry& symbol = symbol_of(record);
    // An adopted order may be one that was known, finished and forgotten: its fills were counted then.
    const bool was_counted =
        record.is_orphan && symbol.forgotten_trade && fill.trade_id <= *symbol.forgotten_trade;
    if (was_counted) {
        tell(record, OrderChangeKind::contradiction, out,
             {0, "a fill older than the ledger remembers is not counted"});
    } else if (!holdings_[record.holding].history.add(fill)) {
        tell(record, OrderChangeKind::contradiction, out, {0, "a fill that makes no sense"});
        return;
    } else {
        balances_.on_fill(fill, symbol.assets);
    }
    record.fills.insert(place, fill);
    record.filled = *filled;
    record.filled_quote = *filled_quote;
    if (record.filled > record.executed) record.executed = record.filled;
    if (record.filled_quote > record.executed_quote) record.executed_quote = record.filled_quote;
    if (!symbol.last_trade || fill.trade_id > *symbol.last_trade) symbol.last_trade = fill.trade_id;
    if (was_counted) return;
    restate(record, out);
    tell(record, OrderChangeKind::fill, out);
    out.back().fill = fill;
}

}  // namespace vigil::orders
