#include "engine/order_desk.h"

#include <algorithm>
#include <utility>

#include "engine/strategy_desk.h"

namespace vigil::engine {

namespace {

using log::Event;
using log::field;
using orders::OrderChangeKind;

bool is_accepted(const domain::OrderOutcome& outcome) {
    return std::holds_alternative<domain::OutcomeAccepted>(outcome.result);
}

}  // namespace

void OrderDesk::on_sent(const domain::Intent& intent, const Now& now) {
    if (const domain::NewOrder* order = intent.placement()) {
        house_.ledger.on_sent(order->client_order_id, now.moment());
        if (Seat* seat = house_.seat(intent.strategy)) ++seat->orders_sent;
        const domain::Amount quote = order->quote_quantity.value_or(domain::Amount{});
        // A market order by amount has no quantity of its own: the amount is shown instead.
        house_.outbox.tell(
            Event::order_placed,
            {field("strategy", house_.strategy_name(intent.strategy)), field("symbol", order->symbol),
             field("client_order_id", order->client_order_id), field("side", domain::to_string(order->side)),
             field("type", domain::to_string(order->type)),
             order->quantity ? field("quantity", *order->quantity) : field("quantity", quote),
             field("price", order->price.value_or(domain::Price{})), field("reason", intent.reason)});
    } else {
        house_.outbox.tell(
            Event::order_cancel_requested,
            {field("strategy", house_.strategy_name(intent.strategy)), field("symbol", intent.symbol()),
             field("client_order_id", intent.client_order_id()), field("reason", intent.reason)});
    }
}

void OrderDesk::on_outcome(const domain::OrderOutcome& outcome, const Now& now) {
    settle_charge(outcome, now);
    house_.persist(journal::OutcomeReceived{outcome}, now);
    house_.ledger.on_outcome(outcome, now.moment(), house_.changes);
    if (outcome.is_cancel) {
        const orders::OrderRecord* record = house_.ledger.find(outcome.client_order_id);
        const std::string_view strategy =
            record != nullptr ? house_.strategy_name(record->strategy) : std::string_view{"none"};
        if (const auto* unsent = std::get_if<domain::OutcomeNeverSent>(&outcome.result))
            house_.outbox.tell(Event::order_not_sent,
                               {field("strategy", strategy), field("symbol", outcome.symbol),
                                field("client_order_id", outcome.client_order_id), field("stage", "cancel"),
                                field("reason", unsent->why)});
        if (const auto* rejected = std::get_if<domain::OutcomeRejected>(&outcome.result))
            house_.outbox.tell(
                Event::order_cancel_rejected,
                {field("symbol", outcome.symbol), field("client_order_id", outcome.client_order_id),
                 field("code", rejected->code), field("reason", rejected->message)});
    } else if (const auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome.result)) {
        house_.outbox.tell(Event::order_accepted, {field("symbol", outcome.symbol),
                                                   field("client_order_id", outcome.client_order_id),
                                                   field("order_id", accepted->order.order_id),
                                                   field("latency_us", outcome.answered - outcome.sent)});
    }
}

void OrderDesk::settle_charge(const domain::OrderOutcome& outcome, const Now& now) {
    auto& in_flight = outcome.is_cancel ? house_.cancelling : house_.placing;
    const auto found = in_flight.find(outcome.client_order_id);
    if (found == in_flight.end()) return;
    const bool answered =
        is_accepted(outcome) || std::holds_alternative<domain::OutcomeRejected>(outcome.result);
    const auto& [permitted, strategy] = found->second;
    if (answered)
        house_.governor.on_order_answered(permitted, is_accepted(outcome), outcome.is_cancel, strategy,
                                          now.for_governor());
    else if (std::holds_alternative<domain::OutcomeNeverSent>(outcome.result))
        house_.governor.on_order_never_sent(permitted, outcome.is_cancel, strategy, now.for_governor());
    else
        house_.governor.on_order_unanswered(outcome.is_cancel);
    in_flight.erase(found);
}

void OrderDesk::on_execution(const domain::ExecutionReport& report, const Now& now) {
    const std::size_t before = house_.changes.size();
    house_.ledger.on_execution(report, now.moment(), house_.changes);
    // What told nothing new needs no record.
    if (house_.changes.size() != before) house_.persist(journal::ExecutionReceived{report}, now);
}

void OrderDesk::digest(const Now& now) {
    batch_.clear();
    std::swap(batch_, house_.changes);
    for (std::size_t place = 0; place < batch_.size(); ++place) digest_one(batch_[place], place, now);
}

void OrderDesk::digest_one(const orders::OrderChange& change, std::size_t place, const Now& now) {
    const orders::OrderRecord* record = house_.ledger.find(change.client_order_id);
    log_change(change, record, now);
    follow_up(change, record, now);
    if (record != nullptr) tell_strategy(change, *record, place);
}

void OrderDesk::log_change(const orders::OrderChange& change, const orders::OrderRecord* record,
                           const Now& now) {
    Outbox& out = house_.outbox;
    const auto symbol = field("symbol", change.symbol);
    const auto id = field("client_order_id", change.client_order_id);
    const auto strategy = field("strategy", house_.strategy_name(change.strategy));
    const domain::Quantity executed = record != nullptr ? record->executed : domain::Quantity{};
    switch (change.kind) {
        case OrderChangeKind::fill:
            out.tell(Event::order_filled,
                     {strategy, symbol, id, field("trade_id", change.fill->trade_id),
                      field("side", domain::to_string(change.side)), field("quantity", change.fill->quantity),
                      field("price", change.fill->price), field("commission", change.fill->commission),
                      field("commission_asset", change.fill->commission_asset),
                      field("complete", change.state == orders::OrderState::filled)});
            break;
        case OrderChangeKind::cancelled:
            out.tell(Event::order_cancelled, {symbol, id, field("executed", executed)});
            break;
        case OrderChangeKind::expired:
            out.tell(Event::order_expired,
                     {symbol, id, field("executed", executed), field("reason", change.detail)});
            break;
        case OrderChangeKind::rejected:
            out.tell(Event::order_rejected,
                     {strategy, symbol, id, field("code", change.code), field("reason", change.detail)});
            break;
        case OrderChangeKind::unknown:
            out.tell(Event::order_unknown, {symbol, id, field("reason", change.detail)});
            break;
        case OrderChangeKind::not_found:
            out.tell(Event::order_resolved,
                     {symbol, id, field("state", "never happened"),
                      field("took_ms", record != nullptr ? now.exchange - record->placed.exchange
                                                         : base::microseconds{0})});
            break;
        case OrderChangeKind::contradiction:
            out.tell(Event::reconcile_mismatch,
                     {field("what", change.client_order_id), field("ours", orders::to_string(change.state)),
                      field("theirs", change.detail)});
            break;
        case OrderChangeKind::foreign:
            if (is_first_word_of(change.client_order_id))
                out.tell(Event::order_foreign_seen, {symbol, id, field("order_id", change.order_id)});
            break;
        case OrderChangeKind::foreign_own:
            if (is_first_word_of(change.client_order_id))
                out.tell(Event::order_unaccounted,
                         {symbol, id, field("order_id", change.order_id), field("state", change.detail)});
            break;
        default:  // told elsewhere (accepted with its latency), or of no interest to a person
            break;
    }
}

bool OrderDesk::is_first_word_of(const domain::ClientOrderId& stranger) {
    if (std::find(strangers_.begin(), strangers_.end(), stranger) != strangers_.end()) return false;
    if (strangers_.size() >= strangers_max) strangers_.pop_front();
    strangers_.push_back(stranger);
    return true;
}

void OrderDesk::follow_up(const orders::OrderChange& change, const orders::OrderRecord* record,
                          const Now& now) {
    switch (change.kind) {
        case OrderChangeKind::accepted:
            house_.lookups.forget(change.client_order_id);
            if (house_.risk.on_accepted(change.symbol))
                house_.outbox.tell(Event::risk_breaker_closed, {field("symbol", change.symbol)});
            break;
        case OrderChangeKind::fill:
            if (record != nullptr && record->fills.size() == 1)
                house_.governor.on_first_fill(change.strategy, change.fill->is_maker, change.fill->time,
                                              now.for_governor());
            if (Seat* seat = house_.seat(change.strategy)) ++seat->fills;
            break;
        case OrderChangeKind::rejected:
            house_.lookups.forget(change.client_order_id);
            if (house_.risk.on_rejection(change.symbol, change.code, change.detail, now.monotonic))
                house_.outbox.tell(
                    Event::risk_breaker_opened,
                    {field("symbol", change.symbol),
                     field("rejections", house_.options.risk.rejections_to_break), field("code", change.code),
                     field("probe_ms", house_.options.risk.breaker_probe_every)});
            break;
        case OrderChangeKind::filled:
        case OrderChangeKind::cancelled:
        case OrderChangeKind::expired:
        case OrderChangeKind::never_sent:
        case OrderChangeKind::not_found:
            house_.lookups.forget(change.client_order_id);
            break;
        case OrderChangeKind::unknown:
            if (record != nullptr)
                house_.lookups.track(change.client_order_id, change.symbol, record->sent_latest,
                                     !record->exchange_id.has_value(), now.moment());
            break;
        case OrderChangeKind::lookup_wanted:
        case OrderChangeKind::cancel_refused:
            if (record != nullptr && !house_.lookups.is_tracking(change.client_order_id))
                house_.lookups.track(change.client_order_id, change.symbol, record->sent_latest,
                                     !record->exchange_id.has_value(), now.moment());
            break;
        case OrderChangeKind::fills_missing:
            if (record != nullptr && record->exchange_id)
                reads_.request(ReadTrades{change.symbol, record->exchange_id, std::nullopt, std::nullopt},
                               domain::Lane::reconcile, now);
            break;
        default:
            break;
    }
}

bool OrderDesk::ends_with_this_fill(std::size_t place) const {
    for (std::size_t next = place + 1; next < batch_.size(); ++next) {
        if (batch_[next].client_order_id != batch_[place].client_order_id) continue;
        return batch_[next].kind == OrderChangeKind::filled;
    }
    return false;
}

void OrderDesk::tell_strategy(const orders::OrderChange& change, const orders::OrderRecord& record,
                              std::size_t place) {
    if (house_.seat(record.strategy) == nullptr)
        return;  // of a strategy that the configuration no longer has
    const auto tell = [&](strategy::Happening what) {
        house_.notices.push_back({record.strategy.value, {own_order(record), std::move(what)}});
    };
    switch (change.kind) {
        case OrderChangeKind::accepted:
            return tell(strategy::Accepted{});
        case OrderChangeKind::fill:
            return tell(strategy::Filled{*change.fill, ends_with_this_fill(place)});
        case OrderChangeKind::filled: {
            // Usually told with its last fill. When the final word came later than the fill, it is told with
            // that.
            for (std::size_t before = place; before-- > 0;)
                if (batch_[before].client_order_id == change.client_order_id &&
                    batch_[before].kind == OrderChangeKind::fill)
                    return;
            if (!record.fills.empty()) tell(strategy::Filled{record.fills.back(), true});
            return;
        }
        case OrderChangeKind::cancel_refused:
            return tell(strategy::CancelFailed{change.code, change.detail});
        case OrderChangeKind::cancelled:
            return tell(strategy::Cancelled{});
        case OrderChangeKind::rejected:
            return tell(strategy::Rejected{change.code, change.detail});
        case OrderChangeKind::expired:
            return tell(strategy::Expired{});
        case OrderChangeKind::never_sent:
        case OrderChangeKind::not_found:
            return tell(strategy::NeverSent{change.detail});
        case OrderChangeKind::unknown:
            return tell(strategy::BecameUnknown{});
        default:
            return;
    }
}

}  // namespace vigil::engine
