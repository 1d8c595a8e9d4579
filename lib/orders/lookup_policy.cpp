#include "orders/lookup_policy.h"

#include <algorithm>

#include "base/check.h"

namespace vigil::orders {

Lookups::Lookups(LookupOptions options) : options_{options} {
    base::check(options_.first_delay.count() > 0 && options_.delay_max >= options_.first_delay,
                "look-up delays are positive and bounded");
    base::check(options_.not_found_needed >= 1, "absence is proven by at least one answer");
    base::check(options_.recv_window.count() > 0 && options_.margin.count() >= 0, "the proof waits");
}

Lookups::Entry* Lookups::find(const domain::ClientOrderId& id) {
    const auto at =
        std::find_if(entries_.begin(), entries_.end(), [&id](const Entry& entry) { return entry.id == id; });
    return at == entries_.end() ? nullptr : &*at;
}

bool Lookups::is_tracking(const domain::ClientOrderId& id) const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [&id](const Entry& entry) { return entry.id == id; });
}

void Lookups::track(const domain::ClientOrderId& id, const domain::Symbol& symbol,
                    base::ExchangeTime sent_latest, bool may_be_absent, Moment now) {
    const base::ExchangeTime settled_after = sent_latest + options_.recv_window + options_.margin;
    if (Entry* known = find(id)) {
        known->may_be_absent = known->may_be_absent && may_be_absent;
        if (settled_after > known->settled_after) {
            known->settled_after = settled_after;
            known->not_found = 0;
            known->absent_from_open = false;
            known->absent_from_trades = false;
        }
        return;
    }
    Entry entry;
    entry.id = id;
    entry.symbol = symbol;
    entry.settled_after = settled_after;
    entry.may_be_absent = may_be_absent;
    entry.delay = options_.first_delay;
    entry.next = now.monotonic + options_.first_delay;
    entries_.push_back(entry);
}

void Lookups::forget(const domain::ClientOrderId& id) {
    std::erase_if(entries_, [&id](const Entry& entry) { return entry.id == id; });
}

LookupActionKind Lookups::next_kind(const Entry& entry) const {
    if (!entry.may_be_absent || entry.not_found < options_.not_found_needed) return LookupActionKind::order;
    if (!entry.absent_from_open) return LookupActionKind::open_orders;
    if (!entry.absent_from_trades) return LookupActionKind::trades;
    return LookupActionKind::proven;
}

void Lookups::schedule(Entry& entry, Moment now) const {
    entry.in_flight = false;
    entry.delay = std::min(entry.delay * 2, options_.delay_max);
    entry.next = now.monotonic + entry.delay;
}

std::vector<LookupAction> Lookups::due(Moment now) {
    std::vector<LookupAction> actions;
    for (Entry& entry : entries_) {
        if (entry.next > now.monotonic) continue;
        if (entry.in_flight) {
            schedule(entry, now);  // no answer at all
            continue;
        }
        entry.asked = next_kind(entry);
        entry.in_flight = true;
        entry.next = now.monotonic + options_.answer_max;
        actions.push_back({entry.asked, entry.id, entry.symbol});
    }
    for (const LookupAction& action : actions)
        if (action.kind == LookupActionKind::proven) forget(action.id);
    return actions;
}

std::optional<base::MonotonicTime> Lookups::next_due() const {
    std::optional<base::MonotonicTime> earliest;
    for (const Entry& entry : entries_)
        if (!earliest || entry.next < *earliest) earliest = entry.next;
    return earliest;
}

void Lookups::on_not_found(const domain::ClientOrderId& id, Moment asked, Moment now) {
    Entry* entry = find(id);
    if (entry == nullptr) return;
    // From the first answer that counts on, patience is over: the delays begin anew.
    if (asked.exchange > entry->settled_after && entry->not_found++ == 0) entry->delay = options_.first_delay;
    schedule(*entry, now);
}

void Lookups::on_failed(const domain::ClientOrderId& id, Moment now) {
    if (Entry* entry = find(id)) schedule(*entry, now);
}

void Lookups::on_open_orders(const std::optional<domain::Symbol>& symbol,
                             std::span<const domain::OrderView> views, Moment asked, Moment now) {
    const auto is_named = [views](const Entry& entry) {
        return std::any_of(views.begin(), views.end(), [&entry](const domain::OrderView& view) {
            return view.client_order_id == entry.id;
        });
    };
    std::erase_if(entries_, is_named);
    for (Entry& entry : entries_) {
        if (symbol && entry.symbol != *symbol) continue;
        if (asked.exchange > entry.settled_after) {
            if (entry.in_flight && entry.asked == LookupActionKind::open_orders)
                entry.delay = options_.first_delay;
            entry.absent_from_open = true;
        }
        if (entry.in_flight && entry.asked == LookupActionKind::open_orders) schedule(entry, now);
    }
}

void Lookups::on_trades(const domain::ClientOrderId& id, bool might_be_its, Moment asked, Moment now) {
    Entry* entry = find(id);
    if (entry == nullptr) return;
    if (might_be_its) {
        // Somebody's trade fits it: nothing is proven, everything is asked again.
        entry->not_found = 0;
        entry->absent_from_open = false;
    } else if (asked.exchange > entry->settled_after) {
        entry->absent_from_trades = true;
        entry->delay = options_.first_delay;
    }
    schedule(*entry, now);
}

bool could_be_fill_of(const domain::Fill& fill, const domain::NewOrder& order) {
    if (fill.side != order.side) return false;
    if (order.quantity && fill.quantity > *order.quantity) return false;
    if (order.quote_quantity && fill.quote_quantity > *order.quote_quantity) return false;
    if (!order.price) return true;
    return order.side == domain::Side::buy ? fill.price <= *order.price : fill.price >= *order.price;
}

}  // namespace vigil::orders
