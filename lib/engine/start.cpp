// The engine's start: made from options, rebuilt from the journal, taught the exchange's rules, reconciled;
// and its report.
#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "engine/parts.h"
#include "engine/rebuild.h"

namespace vigil::engine {

namespace {

using log::Event;
using log::field;

domain::Amount budget_of(const strategy::StrategyOptions& options) {
    if (const auto* grid = std::get_if<strategy::GridOptions>(&options.parameters)) return grid->investment;
    if (const auto* dca = std::get_if<strategy::DcaOptions>(&options.parameters)) return dca->total_budget;
    // Entries of a trend are market orders, which may cost a little more than they were meant to.
    constexpr domain::Rate with_slippage = domain::Rate::from_raw(101'000'000);
    const auto& trend = std::get<strategy::TrendOptions>(options.parameters);
    const domain::Amount wanted = trend.max_position.value_or(trend.size);
    return domain::scaled_by(wanted, with_slippage, domain::Rounding::up).value_or(wanted);
}

std::string_view to_string(Seat::State state) {
    switch (state) {
        case Seat::State::waiting:
            return "waiting";
        case Seat::State::running:
            return "running";
        case Seat::State::refused:
            return "refused";
        case Seat::State::stopped:
            return "stopped";
    }
    return "unknown";
}

/// Adds `amount` of `asset` to a short list.
void add_to(std::vector<orders::AssetAmount>& list, const domain::Asset& asset, domain::Amount amount) {
    if (amount.is_zero()) return;
    for (orders::AssetAmount& each : list)
        if (each.asset == asset) {
            each.amount += amount;
            return;
        }
    list.push_back({asset, amount});
}

/// What a journal record says of strategies and risk.
struct Restore {
    House& house;
    std::optional<base::Error>& error;

    void operator()(const journal::StrategyStateSaved& r) const {
        for (Seat& seat : house.seats) {
            if (seat.strategy->name() != r.strategy) continue;
            if (const auto restored = seat.strategy->restore(r.text.view()); !restored)
                error = restored.error().within("state of strategy " + r.strategy.str());
            seat.saved_revision = seat.strategy->revision();
        }
    }
    void operator()(const journal::LadderStateSaved& r) const {
        auto state = risk::parse_risk_state(r.text);
        if (state)
            house.risk = risk::RiskGate{house.options.risk, std::move(*state)};
        else
            error = state.error();
    }
    /// The ledger's business, or nobody's (bans are kept in a file of their own).
    template <class Other>
    void operator()(const Other&) const {}
};

}  // namespace

base::Result<std::unique_ptr<Engine>> Engine::make(const Options& options) {
    auto parts = std::make_unique<Parts>(options);
    House& house = parts->house;
    for (const strategy::StrategyOptions& each : options.strategies) {
        auto made = strategy::make_strategy(each);
        if (!made) return base::fail(made.error().within("strategy " + each.name.str()));
        if (house.desk(each.symbol) == nullptr) house.symbols.emplace_back(each.symbol, options.market);
        SymbolDesk& desk = *house.desk(each.symbol);
        if (const auto need = (*made)->candle_need()) desk.view.follow(need->interval);
        Seat seat;
        seat.index = domain::StrategyIndex{static_cast<std::uint16_t>(house.seats.size())};
        seat.desk = static_cast<std::size_t>(&desk - house.symbols.data());
        seat.budget = budget_of(each);
        seat.strategy = std::move(*made);
        desk.seats.push_back(house.seats.size());
        parts->names.push_back(each.name);
        house.governor.set_weight(seat.index, each.weight);
        house.seats.push_back(std::move(seat));
    }
    return std::unique_ptr<Engine>{new Engine{std::move(parts)}};
}

base::Result<orders::RecoverySummary> Engine::recover(const journal::RecordStore& store, const Now& now) {
    House& house = parts_->house;
    orders::Recovery recovery{house.ledger, parts_->names};
    std::optional<base::Error> error;
    base::ExchangeTime last_intent{};
    const auto read = store.read(1, [&](const journal::StoredRecord& stored) -> base::Result<void> {
        if (std::holds_alternative<journal::IntentPermitted>(stored.record))
            last_intent = std::max(last_intent, stored.stamp.exchange);
        rebuild(stored, house.ledger, recovery);
        std::visit(Restore{house, error}, stored.record);
        if (error) return base::fail(error->within("journal record " + std::to_string(stored.sequence)));
        return {};
    });
    if (!read) return base::fail(read.error());
    // No order was sent (and signed: its timestamp is made then) later than its patience after it was
    // permitted; and those stamps are the exchange's time, while this machine's clock may be anything before
    // it is synchronised. Cancels may leave later, but no order comes into being by one.
    const orders::RecoverySummary summary = recovery.finish(
        {now.monotonic, std::max(last_intent + house.options.order_patience, base::ExchangeTime{})});
    parts_->names = recovery.strategies();
    parts_->saved_risk_version = house.risk.state_version();
    const risk::RiskState state = house.risk.state();
    parts_->told_level = state.ladder.level;
    for (const risk::DayState& day : state.days)
        if (day.tripped) parts_->told_losses[day.quote.str()] = day.day;
    house.ids.emplace(house.options.instance, recovery.reserved_end(), now.exchange, house.options.ids);
    for (SymbolDesk& desk : house.symbols) desk.trades.begin(house.ledger.last_trade(desk.view.symbol()));
    for (const orders::OrderRecord* record : house.ledger.live())
        if (record->state == orders::OrderState::unknown || record->lookup_wanted)
            house.lookups.track(record->id(), record->order.symbol, record->sent_latest,
                                !record->exchange_id.has_value(), now.moment());
    keep_ids(now);
    return summary;
}

std::optional<governor::Rest> Engine::restore_ban(const governor::BanRecord& ban, const Now& now) {
    return parts_->house.governor.restore_ban(ban, now.for_governor(), now.wall);
}

base::Result<void> Engine::learn(const domain::ExchangeInfo& info, const Now& now) {
    House& house = parts_->house;
    parts_->reads.on_answer({ReadRules{}, now.moment()}, Answer{info}, now);
    std::string missing;
    for (const SymbolDesk& desk : house.symbols)
        if (desk.rules.symbol.empty()) missing += (missing.empty() ? "" : ", ") + desk.view.symbol().str();
    if (!missing.empty())
        return base::fail(base::ErrorKind::not_found, "the exchange does not know symbol " + missing);
    return {};
}

orders::ReconcileReport Engine::reconcile(const orders::ReconcileInput& input, const Now& now) {
    House& house = parts_->house;
    const bool first = !house.ledger.balances().is_open();
    house.maker_fee = input.account.maker_commission;
    house.taker_fee = input.account.taker_commission;
    orders::ReconcileReport report = orders::reconcile(house.ledger, input, now.moment(), house.changes);
    // Between two questions of one round a fill may come that the balances contain and the trades do not.
    report.differences_unconfirmed =
        !report.differences.empty() && parts_->reconciled_differences != report.differences;
    parts_->reconciled_differences = report.differences;
    // Only a sound picture is written down as the new starting point, and only its differences are facts.
    const bool is_opening = first || !report.differences.empty();
    if (report.is_sound() && is_opening)
        report.balances_overtaken = !house.ledger.accept_balances(input.account);
    if (report.is_sound()) {
        for (const orders::BalanceDifference& each : report.differences)
            house.outbox.tell(Event::account_changed_outside,
                              {field("asset", each.asset), field("change", each.stated - each.expected),
                               field("total", each.stated)});
        house.persist(journal::AccountRead{input.account, is_opening}, now);
    }
    // An adopted order before its fills, or a replay would not know whose they are.
    for (const domain::OrderView& view : input.open_orders)
        if (const orders::OrderRecord* record = house.ledger.find(view.client_order_id))
            house.persist(journal::OrderViewRead{view, record->is_orphan}, now);
    for (const auto& trades : input.trades) {
        for (const domain::Fill& fill : trades.fills)
            if (const orders::OrderRecord* record = house.ledger.find(trades.symbol, fill.order_id))
                house.persist(journal::FillsRead{trades.symbol, record->id(), {fill}}, now);
    }
    // The first answer for a symbol is all that was new; a later one is about a single order.
    for (SymbolDesk& desk : house.symbols) {
        const auto trades = std::find_if(input.trades.begin(), input.trades.end(), [&desk](const auto& each) {
            return each.symbol == desk.view.symbol();
        });
        if (trades != input.trades.end()) house.watch_trades(trades->symbol, trades->fills);
    }
    for (const domain::OrderView& view : input.orders)
        if (house.ledger.find(view.client_order_id) != nullptr)
            house.persist(journal::OrderViewRead{view, false}, now);
    house.persist(journal::ReconcileDone{report.is_sound(), report.summary()}, now);
    pump(now);
    return report;
}

std::vector<domain::MarketSubscription> Engine::subscriptions() const {
    std::vector<domain::MarketSubscription> all;
    for (const SymbolDesk& desk : parts_->house.symbols) {
        domain::MarketSubscription one;
        one.symbol = desk.view.symbol();
        for (const market::CandleSeries& series : desk.view.all_candles())
            one.candles.push_back(series.interval());
        all.push_back(std::move(one));
    }
    return all;
}

Report Engine::report() const {
    const House& house = parts_->house;
    Report report;
    for (const Seat& seat : house.seats) {
        const SymbolDesk& desk = house.symbols[seat.desk];
        const orders::HoldingView holding = house.ledger.holding(seat.index, desk.view.symbol());
        StrategyReport one;
        one.name = seat.strategy->name();
        one.kind = strategy::to_string(seat.strategy->kind());
        one.symbol = desk.view.symbol();
        one.state = to_string(seat.state);
        one.orders = seat.orders_sent;
        one.fills = seat.fills;
        one.quote = desk.rules.quote;
        one.realised = holding.position.realised;
        if (holding.position.inventory.is_zero())
            one.unrealised = domain::Amount{};
        else if (const auto mark = desk.view.mid())
            one.unrealised = holding.position.unrealised(*mark);
        add_to(one.fees, desk.rules.quote, holding.position.fees_quote);
        add_to(one.fees, desk.rules.base, holding.position.fees_base);
        for (const orders::AssetAmount& fee : holding.other_fees) add_to(one.fees, fee.asset, fee.amount);
        one.open_orders = holding.live_orders;
        one.inventory = holding.position.inventory;
        one.average_cost = holding.position.average_cost();
        for (const orders::AssetAmount& fee : one.fees) add_to(report.fees, fee.asset, fee.amount);
        report.orders += one.orders;
        report.fills += one.fills;
        report.strategies.push_back(std::move(one));
    }
    for (domain::Balance balance : house.ledger.balances().all_stated()) {
        balance.free = house.ledger.balances().expected_now(balance.asset) - balance.locked;
        report.balances.push_back(balance);
    }
    report.balances_agree = house.ledger.balances().is_open() && house.ledger.differences().empty();
    report.open_orders = house.ledger.open_orders();
    report.unknown_orders = house.lookups.size();
    report.risk_level = risk::to_string(house.risk.level());
    for (std::size_t index = 0; index < house.governor.limit_count(); ++index) {
        const governor::Usage usage = house.governor.usage(index);
        if (usage.limit.type != domain::RateLimitType::request_weight) continue;
        report.weight_used = usage.used;
        report.weight_peak = std::max(report.weight_peak, usage.peak);
        report.weight_budget = usage.budget;
    }
    for (std::size_t index = 0; index < governor::lane_count; ++index) {
        const auto lane = static_cast<domain::Lane>(index);
        report.lanes.push_back({name_of(lane), house.governor.waits().of(lane)});
    }
    return report;
}

}  // namespace vigil::engine
