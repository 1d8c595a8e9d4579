#include "exchange/fault_plan.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace vigil::exchange {

namespace {

using base::ErrorKind;

base::Result<void> done_or(const Outcome<void>& outcome, ErrorKind kind) {
    if (!outcome) return base::fail(kind, outcome.error().message);
    return {};
}

}  // namespace

base::Result<std::optional<std::int64_t>> FaultPlan::submit(FaultRequest request) {
    ServerState& state = targets_.state;
    if (request.action == FaultAction::arm) {
        const auto id = state.faults.add(request.fault);
        if (!id) return base::fail(id.error());
        return *id;
    }
    const base::nanoseconds now = state.faults.elapsed(request.window.in_market_time);
    const bool waits = request.window.start > now;
    if (request.window.end && *request.window.end <= now)
        return base::fail(ErrorKind::invalid, "'end_ms' has passed already");
    if ((waits || request.window.end) && entries_.size() >= count_max)
        return base::fail(ErrorKind::exhausted,
                          std::to_string(count_max) + " faults wait or last already; clear some");
    Entry entry{0, std::move(request), !waits, {}};
    if (!waits) {
        if (auto begun = begin(entry); !begun) return base::fail(begun.error());
        // What lasts without an end is kept all the same: so that it is listed, and can be undone.
        if (!lasts(entry.request.action) || entries_.size() >= count_max) return std::nullopt;
    }
    entry.id = state.faults.take_id();
    entries_.push_back(std::move(entry));
    return entries_.back().id;
}

void FaultPlan::tick() {
    if (entries_.empty()) return;
    std::vector<std::int64_t> over;
    for (Entry& entry : entries_) {
        const FaultWindow& window = entry.request.window;
        const base::nanoseconds now = targets_.state.faults.elapsed(window.in_market_time);
        if (!entry.begun && now >= window.start) {
            entry.begun = true;
            const auto begun = begin(entry);
            if (!begun) targets_.notice("the fault " + entry.request.kind + ": " + begun.error().message);
            if (!begun || !lasts(entry.request.action)) {
                entry.before.reset();
                over.push_back(-entry.id);
                continue;
            }
        }
        if (window.end && now >= *window.end) over.push_back(entry.id);
    }
    for (const std::int64_t id : over) {
        if (id > 0)
            remove(id);
        else
            std::erase_if(entries_, [id](const Entry& entry) { return entry.id == -id; });
    }
}

bool FaultPlan::remove(std::int64_t id) {
    if (targets_.state.faults.remove(id)) return true;
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [id](const Entry& entry) { return entry.id == id; });
    if (found == entries_.end()) return false;
    const Entry entry = std::move(*found);
    entries_.erase(found);
    if (entry.begun) end(entry);
    return true;
}

void FaultPlan::clear() {
    ServerState& state = targets_.state;
    state.faults.clear();
    // The latest first: of two changes of one symbol, the first knows what it was.
    while (!entries_.empty()) {
        const Entry entry = std::move(entries_.back());
        entries_.pop_back();
        if (entry.begun) end(entry);
    }
    state.limits.lift_bans();
    state.clock.set_fault(base::microseconds{0}, 0);
    targets_.streams.mute_all(false);
    targets_.api.mute_all(false);
    if (net::Server* server = targets_.public_server()) server->set_accept_mode(net::AcceptMode::normal);
}

base::Result<void> FaultPlan::begin(Entry& entry) {
    const FaultRequest& request = entry.request;
    ServerState& state = targets_.state;
    net::Server* server = targets_.public_server();
    switch (request.action) {
        case FaultAction::arm:
            base::unreachable("the table has it");
        case FaultAction::disconnect:
            if (request.streams) targets_.streams.kill_all(request.reset);
            if (request.api) targets_.api.kill_all(request.reset);
            if (request.rest && server != nullptr) server->drop_all(request.reset);
            return {};
        case FaultAction::mute:
            if (request.streams) targets_.streams.mute_all(true);
            if (request.api) targets_.api.mute_all(true);
            if (request.new_connections && server != nullptr) server->set_accept_mode(net::AcceptMode::mute);
            return {};
        case FaultAction::ban:
            state.limits.ban(request.address, request.length, state.clock.shown());
            return {};
        case FaultAction::foreign_weight:
            state.limits.add_foreign_weight(request.address, request.weight, state.clock.shown());
            return {};
        case FaultAction::clock:
            state.clock.set_fault(request.offset, request.drift_ppm);
            return {};
        case FaultAction::refuse_connections:
            if (server != nullptr) server->set_accept_mode(net::AcceptMode::refuse);
            return {};
        case FaultAction::announce_shutdown:
            targets_.streams.announce_shutdown();
            targets_.api.announce_shutdown();
            return {};
        case FaultAction::certificate:
            return targets_.show_certificate(request.certificate);
        case FaultAction::symbol_status:
        case FaultAction::filter:
        case FaultAction::delist:
            return begin_on_symbol(entry);
        case FaultAction::balance:
        case FaultAction::foreign_order:
        case FaultAction::foreign_cancel:
            return begin_on_account(request);
    }
    return {};
}

base::Result<void> FaultPlan::begin_on_symbol(Entry& entry) {
    const FaultRequest& request = entry.request;
    ExchangeCore& core = *targets_.state.core;
    const SymbolSpec* spec = core.symbol(request.symbol);
    if (spec == nullptr)
        return base::fail(ErrorKind::not_found, "there is no symbol " + request.symbol.str());
    entry.before = *spec;
    switch (request.action) {
        case FaultAction::symbol_status:
            return done_or(core.set_status(request.symbol, request.status), ErrorKind::rejected);
        case FaultAction::filter: {
            SymbolSpec changed = *spec;
            if (auto wrong = change_filter(changed, request.filter); !wrong) return wrong;
            return done_or(core.change_symbol(std::move(changed)), ErrorKind::rejected);
        }
        default:
            return done_or(core.set_listed(request.symbol, false, targets_.state.clock.core_now()),
                           ErrorKind::rejected);
    }
}

base::Result<void> FaultPlan::begin_on_account(const FaultRequest& request) {
    ServerState& state = targets_.state;
    const auto found =
        std::find_if(targets_.accounts.begin(), targets_.accounts.end(),
                     [&request](const OpenedAccount& one) { return one.label == request.account; });
    if (found == targets_.accounts.end())
        return base::fail(ErrorKind::not_found, "there is no account '" + request.account + "'");
    const AccountId account = found->account;
    const base::ExchangeTime now = state.clock.core_now();
    if (request.action == FaultAction::balance)
        return done_or(state.core->deposit(account, request.asset, request.delta, now), ErrorKind::rejected);
    if (request.action == FaultAction::foreign_order) {
        const auto placed = state.core->place(account, request.order, now);
        if (!placed) return base::fail(ErrorKind::rejected, placed.error().message);
        return {};
    }
    const auto cancelled = state.core->cancel_all(account, request.symbol, now);
    if (!cancelled) return base::fail(ErrorKind::rejected, cancelled.error().message);
    return {};
}

void FaultPlan::end(const Entry& entry) {
    const FaultRequest& request = entry.request;
    ServerState& state = targets_.state;
    net::Server* server = targets_.public_server();
    switch (request.action) {
        case FaultAction::mute:
            if (request.streams) targets_.streams.mute_all(false);
            if (request.api) targets_.api.mute_all(false);
            if (request.new_connections && server != nullptr)
                server->set_accept_mode(net::AcceptMode::normal);
            return;
        case FaultAction::ban:
            state.limits.lift_ban(request.address);
            return;
        case FaultAction::clock:
            state.clock.set_fault(base::microseconds{0}, 0);
            return;
        case FaultAction::refuse_connections:
            if (server != nullptr) server->set_accept_mode(net::AcceptMode::normal);
            return;
        case FaultAction::certificate:
            if (auto done = targets_.show_certificate(std::nullopt); !done)
                targets_.notice("the right certificate again: " + done.error().message);
            return;
        case FaultAction::symbol_status:
            if (entry.before) (void)state.core->set_status(request.symbol, entry.before->rules.status);
            return;
        case FaultAction::filter:
            if (entry.before) (void)state.core->change_symbol(*entry.before);
            return;
        case FaultAction::delist:
            (void)state.core->set_listed(request.symbol, true, state.clock.core_now());
            return;
        default:
            return;
    }
}

}  // namespace vigil::exchange
