// What must hold: when a request leaves, and when everything is quiet.
#include <algorithm>
#include <map>
#include <utility>

#include "engine/journal_replay.h"
#include "simulation/convert.h"
#include "simulation/world.h"

namespace vigil::simulation {

namespace {

/// A state that means that the exchange never had the order.
bool says_never_there(orders::OrderState state) {
    return state == orders::OrderState::rejected || state == orders::OrderState::never_sent ||
           state == orders::OrderState::not_found;
}

/// The state that an order of the exchange has in a ledger that knows all of it.
orders::OrderState state_for(const exchange::OrderRecord& order) {
    switch (order.status) {
        case domain::OrderStatus::new_order:
            return orders::OrderState::open;
        case domain::OrderStatus::partially_filled:
            return orders::OrderState::partially_filled;
        case domain::OrderStatus::filled:
            return orders::OrderState::filled;
        case domain::OrderStatus::canceled:
            return orders::OrderState::cancelled;
        case domain::OrderStatus::rejected:
            return orders::OrderState::rejected;
        default:
            return orders::OrderState::expired;
    }
}

bool is_same(const domain::Fill& a, const domain::Fill& b) {
    return a.trade_id == b.trade_id && a.order_id == b.order_id && a.price == b.price &&
           a.quantity == b.quantity && a.quote_quantity == b.quote_quantity && a.commission == b.commission &&
           a.commission_asset == b.commission_asset && a.side == b.side;
}

/// Where two ledgers differ; empty when they say the same of every order, holding and balance.
std::string difference_of(const orders::Ledger& a, const orders::Ledger& b, const Disk& disk) {
    for (const domain::ClientOrderId& id : disk.placements()) {
        const orders::OrderRecord* one = a.find(id);
        const orders::OrderRecord* other = b.find(id);
        if (one == nullptr || other == nullptr) {
            if (one != other) return "order " + id.str() + " is in one of them only";
            continue;
        }
        if (one->state != other->state)
            return "order " + id.str() + " is " + std::string{orders::to_string(one->state)} + " and " +
                   std::string{orders::to_string(other->state)};
        if (one->executed != other->executed || one->filled != other->filled ||
            one->fills.size() != other->fills.size())
            return "order " + id.str() + " was filled " + one->filled.str() + " and " + other->filled.str();
    }
    for (const orders::HoldingView& each : a.holdings())
        if (each.position != b.holding(each.strategy, each.assets.symbol).position)
            return "holding of strategy " + std::to_string(each.strategy.value);
    for (const domain::Balance& each : a.balances().all_stated())
        if (a.balances().expected_now(each.asset) != b.balances().expected_now(each.asset))
            return each.asset.str() + " " + a.balances().expected_now(each.asset).str() + " and " +
                   b.balances().expected_now(each.asset).str();
    return {};
}

}  // namespace

void World::check_sending(const domain::Journaled& journaled) {
    const domain::Intent& intent = journaled.intent();
    const std::string id = intent.client_order_id().str();
    if (told_ban_ && now().monotonic < *told_ban_)
        violate("a request for order " + id + " left during a ban");
    if (intent.placement() == nullptr) return;
    if (!disk_.holds_placement(intent.client_order_id()))
        violate("order " + id + " left before its record was durable");
    if (journal_told_bad_) violate("order " + id + " left while the journal could not be written");
    if (!now().may_sign) violate("order " + id + " left while the exchange's time was not known");
    if (!sent_ids_.insert(intent.client_order_id()).second) violate("id " + id + " was used twice");
}

std::string World::difference() const {
    std::string text;
    const auto view = core_.account(account_);
    for (const domain::Balance& ours : engine_->report().balances)
        for (const domain::Balance& theirs : view.balances)
            if (ours.asset == theirs.asset && ours.free + ours.locked != theirs.free + theirs.locked)
                text += ours.asset.str() + ": ledger " + (ours.free + ours.locked).str() + ", exchange " +
                        (theirs.free + theirs.locked).str() + "; ";
    const auto open = core_.open_orders(account_, std::nullopt);
    for (const exchange::OrderRecord& order : *open)
        if (engine_->ledger().is_own(order.client_order_id) &&
            engine_->ledger().find(order.client_order_id) == nullptr)
            text += "order " + order.client_order_id.str() + " is not in the ledger; ";
    return text;
}

std::string World::unsettled() const {
    if (!engine_) return "the process is gone";
    const engine::Report report = engine_->report();
    std::string text = "unknown " + std::to_string(report.unknown_orders) + ", open " +
                       std::to_string(report.open_orders) + ", fills missing " +
                       std::to_string(engine_->ledger().missing_fills().size()) + ", balances " +
                       (report.balances_agree ? "agree" : "differ") + ", unwritten " +
                       std::to_string(queue_.size() + writer_->backlog()) + ", orders:";
    for (const orders::OrderRecord* each : engine_->ledger().live())
        text += " " + each->id().str() + " " + std::string{orders::to_string(each->state)};
    for (const orders::BalanceDifference& each : engine_->ledger().differences())
        text += "; " + each.asset.str() + " expected " + each.expected.str() + " stated " + each.stated.str();
    return text;
}

/// Every own order of the exchange against the ledger: state, quantity, each fill.
void World::check_orders(const domain::Symbol& symbol) {
    const orders::Ledger& ledger = engine_->ledger();
    const auto all =
        core_.all_orders(account_, symbol, {domain::OrderId{0}, std::nullopt, std::nullopt, 100'000});
    const auto trades = core_.own_trades(
        account_, symbol, {std::nullopt, domain::TradeId{0}, std::nullopt, std::nullopt, 100'000});
    std::map<domain::OrderId, std::vector<domain::Fill>> fills;
    for (const exchange::FillRecord& each : *trades) fills[each.order_id].push_back(fill_of(each));
    std::map<std::uint16_t, orders::PositionHistory> positions;
    for (const exchange::OrderRecord& order : *all) {
        const domain::ClientOrderId& id = order.client_order_id;
        if (!ledger.is_own(id)) continue;
        if (!disk_.holds_placement(id)) violate("order " + id.str() + " was never decided, says the journal");
        const orders::OrderRecord* ours = ledger.find(id);
        if (ours == nullptr) {
            violate("order " + id.str() + " is not in the ledger");
            continue;
        }
        const orders::OrderState expected = state_for(order);
        // A rejected one never was on the book; a refused placement leaves the same.
        if (ours->state != expected)
            violate("order " + id.str() + " is " + std::string{orders::to_string(ours->state)} +
                    " in the ledger and " + std::string{orders::to_string(expected)} + " at the exchange");
        const std::vector<domain::Fill>& theirs = fills[order.order_id];
        if (ours->executed != order.executed || ours->filled != order.executed ||
            !std::equal(theirs.begin(), theirs.end(), ours->fills.begin(), ours->fills.end(), is_same))
            violate("order " + id.str() + ": the ledger's fills are not the exchange's (" +
                    ours->filled.str() + " of " + order.executed.str() + ")");
        const auto parsed = orders::parse_client_order_id(id.view());
        auto& position = positions.try_emplace(parsed->strategy.value, *ledger.assets(symbol)).first->second;
        for (const domain::Fill& each : theirs)
            if (!position.add(each)) violate("the exchange has a fill that makes no sense");
    }
    for (const auto& [strategy, position] : positions)
        if (ledger.holding(domain::StrategyIndex{strategy}, symbol).position != position.position())
            violate("strategy " + std::to_string(strategy) + " holds something else on " + symbol.str() +
                    " than its fills say");
}

/// Every decision that is on the disk has an end that the exchange confirms.
void World::check_placements() {
    for (const domain::ClientOrderId& id : disk_.placements()) {
        const orders::OrderRecord* record = engine_->ledger().find(id);
        if (record == nullptr) {
            violate("order " + id.str() + " is in the journal and not in the ledger");
            continue;
        }
        const bool was_accepted = accepted_.contains(id.str());
        if (was_accepted && says_never_there(record->state))
            violate("order " + id.str() + " is " + std::string{orders::to_string(record->state)} +
                    " in the ledger, but the exchange accepted it");
        if (!was_accepted && !says_never_there(record->state))
            violate("order " + id.str() + " is " + std::string{orders::to_string(record->state)} +
                    " in the ledger, but the exchange never accepted it");
    }
    for (const auto& [id, times] : accepted_)
        if (!disk_.holds_placement(*domain::ClientOrderId::from(id)))
            violate("order " + id + " was accepted, and its decision is not in the journal");
}

void World::check_rebuilt() {
    auto rebuilt = engine::Engine::make(engine_options());
    base::check(rebuilt.has_value(), "it could be made before");
    if (const auto recovered = (*rebuilt)->recover(disk_, now()); !recovered)
        return violate("the journal cannot be replayed: " + recovered.error().message);
    engine::JournalReplay replay;
    if (const auto read = disk_.read(1, [&replay](const auto& stored) { return replay.take(stored); }); !read)
        violate("the journal cannot be replayed: " + read.error().message);
    for (const engine::ReplayFinding& each : replay.summary().findings)
        violate("replay, record " + std::to_string(each.sequence) + ": " + each.what);
    const std::string difference = difference_of(engine_->ledger(), (*rebuilt)->ledger(), disk_);
    if (!difference.empty()) violate("the living ledger and the rebuilt one differ: " + difference);
}

void World::check_everything() {
    if (options_.mutant == Mutant::altered_record)
        disk_.alter(static_cast<std::size_t>(disk_.last_sequence()) / 2);
    if (const std::string text = difference(); !text.empty()) violate(text);
    for (const domain::Symbol& symbol : options_.symbols) check_orders(symbol);
    check_placements();
    if (const auto verified = disk_.verify(); !verified)
        violate("the journal's chain is broken: " + verified.error().message);
    check_rebuilt();
    if (outside_changes_ == 0 && told_[static_cast<std::size_t>(log::Event::account_changed_outside)] > 0)
        violate("a change from outside was told of, and there was none");
    if (outside_changes_ == 0 && told_[static_cast<std::size_t>(log::Event::order_trade_unaccounted)] > 0)
        violate("a trade of somebody else was told of, and there was none");
}

}  // namespace vigil::simulation
