// The half of the ledger that follows from facts: states, sums, and what is told.
#include <algorithm>

#include "base/check.h"
#include "orders/ledger.h"

namespace vigil::orders {

namespace {

using domain::Amount;
using domain::Quantity;
using domain::Rounding;

std::uint64_t slot_key(domain::StrategyIndex strategy, domain::Slot slot) {
    return (std::uint64_t{strategy.value} << 32) | slot.value;
}

bool was_accepted(OrderState state) {
    return state == OrderState::open || state == OrderState::partially_filled ||
           state == OrderState::cancelling || state == OrderState::filled || state == OrderState::cancelled ||
           state == OrderState::expired;
}

OrderChangeKind final_kind(OrderState state) {
    switch (state) {
        case OrderState::filled:
            return OrderChangeKind::filled;
        case OrderState::cancelled:
            return OrderChangeKind::cancelled;
        case OrderState::rejected:
            return OrderChangeKind::rejected;
        case OrderState::expired:
            return OrderChangeKind::expired;
        case OrderState::never_sent:
            return OrderChangeKind::never_sent;
        default:
            base::check(state == OrderState::not_found, "only final states are told as final");
            return OrderChangeKind::not_found;
    }
}

/// What an order may still cost and take. Until its fills are known, what was executed counts as not yet
/// booked, so that money is never thought free twice.
OrderRecord::Share share_of(const OrderRecord& record) {
    OrderRecord::Share share;
    if (record.is_settled) return share;
    share.is_open = !is_final(record.state);
    const std::optional<domain::Price> price = record.order.price ? record.order.price : record.reference;
    Quantity quantity;
    if (record.order.quantity)
        quantity = (share.is_open ? *record.order.quantity : record.executed) - record.filled;
    Amount quote;
    if (record.order.quote_quantity) {
        quote = (share.is_open ? *record.order.quote_quantity : record.executed_quote) - record.filled_quote;
        if (quote.is_negative()) quote = Amount{};
        if (price) quantity = domain::quantity_for(quote, *price, Rounding::up).value_or(Quantity{});
    } else if (price) {
        // The risk gate has refused what does not fit a decimal.
        quote = domain::notional(*price, quantity, Rounding::up).value_or(Amount{});
    }
    if (record.order.side == domain::Side::buy) {
        share.committed_quote = quote;
        share.open_buys = quantity;
    } else {
        share.reserved_base = quantity;
    }
    return share;
}

}  // namespace

std::string_view to_string(OrderChangeKind kind) noexcept {
    switch (kind) {
        case OrderChangeKind::accepted:
            return "accepted";
        case OrderChangeKind::fill:
            return "fill";
        case OrderChangeKind::filled:
            return "filled";
        case OrderChangeKind::cancelling:
            return "cancelling";
        case OrderChangeKind::cancel_refused:
            return "cancel_refused";
        case OrderChangeKind::cancelled:
            return "cancelled";
        case OrderChangeKind::rejected:
            return "rejected";
        case OrderChangeKind::expired:
            return "expired";
        case OrderChangeKind::never_sent:
            return "never_sent";
        case OrderChangeKind::not_found:
            return "not_found";
        case OrderChangeKind::unknown:
            return "unknown";
        case OrderChangeKind::fills_missing:
            return "fills_missing";
        case OrderChangeKind::lookup_wanted:
            return "lookup_wanted";
        case OrderChangeKind::contradiction:
            return "contradiction";
        case OrderChangeKind::foreign_own:
            return "foreign_own";
        case OrderChangeKind::foreign:
            return "foreign";
    }
    return "invalid";
}

Quantity OrderRecord::remaining() const {
    if (is_final(state) || !order.quantity) return Quantity{};
    return *order.quantity - executed;
}

OrderRecord& Ledger::insert(const domain::NewOrder& order, domain::StrategyIndex strategy, domain::Slot slot,
                            Moment now) {
    const auto symbol = symbol_index(order.symbol);
    base::check(symbol.has_value(), "orders are kept of known symbols");
    const auto [place, is_new] = orders_.try_emplace(order.client_order_id, &memory_);
    base::check(is_new, "an order is kept once");
    OrderRecord& record = place->second;
    record.order = order;
    record.strategy = strategy;
    record.slot = slot;
    record.placed = now;
    record.holding = holding_index(strategy, *symbol);
    record.traded_before = symbols_[*symbol].last_trade;
    make_live(record);  // a new one cannot be among the finished ones
    return record;
}

void Ledger::restate(OrderRecord& record, OrderChanges& out, Words words) {
    record.facts.any_executed = record.executed.is_positive();
    record.facts.all_executed =
        record.order.quantity && record.executed.is_positive() && record.executed >= *record.order.quantity;
    const OrderState before = record.state;
    const OrderState after = state_of(record.facts);
    if (after == before) return;
    const Transition* transition = find_transition(before, after);
    base::check(transition != nullptr, "an order moves by the table");
    record.state = after;
    if (transition->surprising) {
        std::string text{"was "};
        text += to_string(before);
        text += ", is ";
        text += to_string(after);
        tell(record, OrderChangeKind::contradiction, out, {0, text});
    }
    if (is_final(before) && !is_final(after)) {
        record.final_told = false;
        if (record.is_settled) revive(record);
    }
    if (was_accepted(after)) {
        record.lookup_wanted = record.lookup_wanted && !is_final(after) && was_accepted(before);
        if (!record.accepted_told) {
            record.accepted_told = true;
            tell(record, OrderChangeKind::accepted, out);
        }
    }
    if (after == OrderState::cancelling) tell(record, OrderChangeKind::cancelling, out);
    if (after == OrderState::unknown) {
        record.lookup_wanted = true;
        tell(record, OrderChangeKind::unknown, out, words);
    }
}

void Ledger::conclude(OrderRecord& record, OrderChanges& out, Words words) {
    restate(record, out, words);
    if (record.fills_missing()) {
        if (record.is_settled) revive(record);
        if (record.executed > record.missing_told) {
            record.missing_told = record.executed;
            tell(record, OrderChangeKind::fills_missing, out);
        }
    } else if (is_final(record.state) && !record.is_settled) {
        record.lookup_wanted = false;
        record.is_settled = true;
        leave_live(record);
        if (!record.final_told) {
            record.final_told = true;
            tell(record, final_kind(record.state), out, words);
        }
    }
    recount(record);
    forget_oldest();
}

void Ledger::make_live(OrderRecord& record) {
    record.live_index = live_.size();
    live_.push_back(&record);
    ++holdings_[record.holding].live_orders;
    slots_.try_emplace(slot_key(record.strategy, record.slot), &record);
}

void Ledger::revive(OrderRecord& record) {
    base::check(record.is_settled, "a live order is made live once");
    record.is_settled = false;
    // Seldom, and mostly soon after it settled: a search from the newest one will do.
    const auto finished = std::find(finished_.rbegin(), finished_.rend(), record.id());
    base::check(finished != finished_.rend(), "a settled order is among the finished ones");
    finished_.erase(std::next(finished).base());
    make_live(record);
}

std::size_t Ledger::ExchangeKeyHash::operator()(const ExchangeKey& key) const noexcept {
    return std::hash<domain::OrderId>{}(key.id) ^ (key.symbol << 48U);
}

void Ledger::know_as(OrderRecord& record, domain::OrderId id) {
    if (record.exchange_id == id) return;
    forget_exchange_id(record);
    record.exchange_id = id;
    // Two orders with one number would be the exchange's error; the first keeps it.
    by_exchange_id_.try_emplace(ExchangeKey{holdings_[record.holding].symbol, id}, &record);
}

void Ledger::forget_exchange_id(const OrderRecord& record) {
    if (!record.exchange_id) return;
    const auto known = by_exchange_id_.find({holdings_[record.holding].symbol, *record.exchange_id});
    if (known != by_exchange_id_.end() && known->second == &record) by_exchange_id_.erase(known);
}

void Ledger::leave_live(OrderRecord& record) {
    const OrderRecord* const last = live_.back();
    live_[record.live_index] = last;
    find_mutable(last->id())->live_index = record.live_index;
    live_.pop_back();
    --holdings_[record.holding].live_orders;
    const auto slot = slots_.find(slot_key(record.strategy, record.slot));
    if (slot != slots_.end() && slot->second == &record) {
        slots_.erase(slot);
        // An adopted order may have shared the slot.
        for (const OrderRecord* other : live_)
            if (other->strategy == record.strategy && other->slot == record.slot)
                slots_.try_emplace(slot_key(record.strategy, record.slot), other);
    }
    finished_.push_back(record.id());
}

void Ledger::recount(OrderRecord& record) {
    const OrderRecord::Share share = share_of(record);
    Holding& holding = holdings_[record.holding];
    holding.committed_quote += share.committed_quote - record.share.committed_quote;
    holding.reserved_base += share.reserved_base - record.share.reserved_base;
    holding.open_buys += share.open_buys - record.share.open_buys;
    const int opened = static_cast<int>(share.is_open) - static_cast<int>(record.share.is_open);
    open_total_ += opened;
    symbols_[holding.symbol].open_orders += opened;
    record.share = share;
}

void Ledger::forget_oldest() {
    while (finished_.size() > options_.finished_max) {
        const auto oldest = orders_.find(finished_.front());
        base::check(oldest != orders_.end(), "finished orders are known");
        OrderRecord& record = oldest->second;
        if (!record.fills.empty()) {
            auto& forgotten = symbol_of(record).forgotten_trade;
            const domain::TradeId last = record.fills.back().trade_id;
            if (!forgotten || last > *forgotten) forgotten = last;
        }
        forget_exchange_id(record);
        orders_.erase(oldest);
        finished_.pop_front();
    }
}

void Ledger::tell(const OrderRecord& record, OrderChangeKind kind, OrderChanges& out, Words words) const {
    OrderChange& change = out.emplace_back();
    change.kind = kind;
    change.client_order_id = record.id();
    change.symbol = record.order.symbol;
    change.strategy = record.strategy;
    change.slot = record.slot;
    change.side = record.order.side;
    change.state = record.state;
    change.code = words.code;
    change.detail = words.text;
}

void Ledger::tell_stranger(const domain::OrderView& view, OrderChanges& out) const {
    const auto parsed = parse_client_order_id(view.client_order_id.view());
    const bool own = parsed && parsed->instance == options_.instance;
    OrderChange& change = out.emplace_back();
    change.kind = own ? OrderChangeKind::foreign_own : OrderChangeKind::foreign;
    change.client_order_id = view.client_order_id;
    change.symbol = view.symbol;
    change.side = view.side;
    change.state = OrderState::unknown;
    change.order_id = view.order_id;
    change.detail = domain::to_string(view.status);
    if (own) {
        change.strategy = parsed->strategy;
        change.slot = parsed->slot;
    }
}

OrderRecord* Ledger::find_mutable(const domain::ClientOrderId& id) {
    const auto found = orders_.find(id);
    return found == orders_.end() ? nullptr : &found->second;
}

const OrderRecord* Ledger::find(const domain::ClientOrderId& id) const {
    const auto found = orders_.find(id);
    return found == orders_.end() ? nullptr : &found->second;
}

const OrderRecord* Ledger::find(const domain::Symbol& symbol, domain::OrderId id) const {
    const auto index = symbol_index(symbol);
    if (!index) return nullptr;
    const auto found = by_exchange_id_.find({*index, id});
    return found == by_exchange_id_.end() ? nullptr : found->second;
}

const OrderRecord* Ledger::in_slot(domain::StrategyIndex strategy, domain::Slot slot) const {
    const auto found = slots_.find(slot_key(strategy, slot));
    return found == slots_.end() ? nullptr : found->second;
}

}  // namespace vigil::orders
