#include "simulation/world.h"

#include <utility>

#include "simulation/convert.h"

namespace vigil::simulation {

namespace {

constexpr base::ExchangeTime start_time{base::seconds{1'723'161'600}};  // 2024-08-09 00:00 UTC
constexpr base::milliseconds tick{50};
constexpr base::milliseconds answer_deadline{5'000};

exchange::CoreOptions core_options(const WorldOptions& options) {
    exchange::CoreOptions core;
    core.seed = options.seed;
    core.start = start_time;
    return core;
}

exchange::AccountOptions account_options(const WorldOptions& options) {
    exchange::AccountOptions account;
    account.balances = {{*domain::Asset::from("USDT"), domain::Amount::of(100'000), {}},
                        {*domain::Asset::from("BTC"), domain::Amount::of(2), {}}};
    account.commission.standard = {options.fee, options.fee, {}, {}};
    return account;
}

}  // namespace

World::World(WorldOptions options)
    : options_{std::move(options)},
      random_{options_.seed},
      time_{start_time},
      core_{core_options(options_), *this},
      account_{core_.add_account(account_options(options_))},
      next_tick_{start_time} {
    options_.market.seed = options_.seed;
    const auto installed = exchange::install_market(core_, options_.market, time_);
    base::check(installed.has_value(), "the market of a test can be installed");
}

World::~World() = default;

engine::Now World::now() const {
    engine::Now now;
    now.monotonic = base::MonotonicTime{time_ - start_time + base::seconds{1000}};
    now.exchange = time_;
    now.uncertainty = base::microseconds{500};
    now.wall = base::WallTime{time_.time_since_epoch()};
    now.may_sign = true;
    return now;
}

bool World::chance(int in_thousand) {
    const bool happens = static_cast<int>(random_() % 1000) < in_thousand;
    if (happens) ++faults_;
    return happens;
}

void World::schedule(base::ExchangeTime at, Action action) {
    due_.push({at, order_++, std::move(action)});
}

void World::to_exchange(Action action) {
    const auto spread = static_cast<std::uint64_t>((options_.delay_most - options_.delay_least).count()) + 1;
    schedule(time_ + options_.delay_least + base::milliseconds{static_cast<std::int64_t>(random_() % spread)},
             std::move(action));
}

void World::to_engine(Action action) {
    to_exchange([this, incarnation = incarnation_, action = std::move(action)] {
        if (!engine_ || incarnation != incarnation_) return;
        action();
        empty_outbox();
    });
}

void World::step() {
    base::ExchangeTime next = next_tick_;
    if (!due_.empty()) next = std::min(next, due_.top().at);
    if (const auto market = core_.next_due()) next = std::min(next, *market);
    time_ = std::max(time_, next);
    core_.advance(time_);
    while (!due_.empty() && due_.top().at <= time_) {
        const Action action = due_.top().action;
        due_.pop();
        action();
    }
    if (next_tick_ <= time_) {
        next_tick_ = time_ + tick;
        if (engine_) {
            engine_->on_tick(now());
            empty_outbox();
        }
    }
}

void World::run(base::seconds time) {
    const base::ExchangeTime end = time_ + time;
    while (time_ < end) step();
}

void World::kill() {
    engine_.reset();
    ++incarnation_;
}

bool World::start() {
    engine::Options options;
    options.instance = *orders::instance_tag("test");
    options.strategies = options_.strategies;
    options.risk = options_.risk;
    options.governor.share_percent = 80;
    auto made = engine::Engine::make(options);
    base::check(made.has_value(), "the strategies of a test can be made");
    ++incarnation_;
    engine_ = std::move(*made);
    const auto recovered = engine_->recover(journal_, now());
    base::check(recovered.has_value(), "a journal that we wrote can be read");
    journal::SessionStarted session{"test", "simulator", "0", "test", {}};
    for (const strategy::StrategyOptions& each : options_.strategies) session.strategies.push_back(each.name);
    carry_out(engine::PersistRecord{session, now().stamp()});
    empty_outbox();

    const auto rules = read(engine::ReadRules{});
    const auto learnt = engine_->learn(std::get<domain::ExchangeInfo>(*rules), now());
    base::check(learnt.has_value(), "the symbols of a test exist");
    for (const domain::Connection each :
         {domain::Connection::market, domain::Connection::orders, domain::Connection::user_data})
        engine_->on_connection(each, domain::ConnectionState::connected, now());
    empty_outbox();
    for (int round = 0; round < 60; ++round) {
        auto input = read_everything();
        if (input) {
            const auto report = engine_->reconcile(*input, now());
            empty_outbox();
            if (report.is_sound()) {
                engine_->start_trading(now());
                empty_outbox();
                return true;
            }
        }
        run(base::seconds{1});
    }
    return false;
}

bool World::stop() {
    engine_->begin_stop(true, now());
    empty_outbox();
    for (int second = 0; second < 120; ++second) {
        run(base::seconds{1});
        if (!engine_->is_settled() || engine_->report().open_orders > 0) continue;
        engine_->on_answer({engine::ReadAccount{}, now().moment()}, read(engine::ReadAccount{}), now());
        empty_outbox();
        if (engine_->report().balances_agree) return true;
    }
    return false;
}

void World::empty_outbox() {
    engine::Outbox& outbox = engine_->outbox();
    engine::Outbox batch;
    while (!outbox.empty()) {
        outbox.hand_over(batch);
        for (const log::Record& record : batch.records) {
            ++told_[std::string{log::name(record.event())}];
        }
        for (engine::Command& command : batch.commands)
            std::visit([this](auto& one) { carry_out(std::move(one)); }, command);
    }
}

void World::carry_out(engine::PersistRecord command) {
    const auto* block = std::get_if<journal::CounterBlockReserved>(&command.record);
    const orders::CounterBlock reserved =
        block != nullptr ? orders::CounterBlock{block->first, block->count} : orders::CounterBlock{};
    const bool is_block = block != nullptr;
    const journal::Entry entry{command.stamp, std::move(command.record)};
    const auto written = journal_.append({&entry, 1});
    if (is_block) engine_->on_block_journaled(reserved, written.has_value());
}

void World::carry_out(engine::PersistOrder command) {
    journal::JournalGate gate{journal_};
    std::vector<journal::Submission> group;
    group.push_back({command.stamp, std::move(command.permitted)});
    journal::Commit commit = gate.commit(std::move(group));
    for (const domain::Permitted& failed : commit.failed)
        engine_->on_journal_failed(failed.intent(), commit.error->message, now());
    for (const domain::Journaled& journaled : commit.journaled) {
        engine_->on_sent(journaled.intent(), now());
        send(journaled);
    }
}

void World::send(const domain::Journaled& journaled) {
    domain::OrderOutcome unknown;
    unknown.symbol = journaled.intent().symbol();
    unknown.client_order_id = journaled.intent().client_order_id();
    unknown.is_cancel = journaled.intent().cancellation() != nullptr;
    unknown.result = domain::OutcomeUnknown{"deadline"};
    unknown.sent = now().monotonic;
    const bool request_lost = chance(options_.faults.lose_request);
    const bool answer_lost = request_lost || chance(options_.faults.lose_answer);
    if (answer_lost)
        schedule(time_ + answer_deadline, [this, incarnation = incarnation_, unknown] {
            if (!engine_ || incarnation != incarnation_) return;
            domain::OrderOutcome outcome = unknown;
            outcome.answered = now().monotonic;
            engine_->on_outcome(outcome, now());
            empty_outbox();
        });
    if (request_lost) return;
    to_exchange([this, action = journaled.intent().action, answer_lost] {
        domain::OrderOutcome outcome =
            std::holds_alternative<domain::NewOrder>(action)
                ? place_at(core_, account_, std::get<domain::NewOrder>(action), time_)
                : cancel_at(core_, account_, std::get<domain::CancelOrder>(action), time_);
        if (!outcome.is_cancel && std::holds_alternative<domain::OutcomeAccepted>(outcome.result))
            ++accepted_[outcome.client_order_id.str()];
        if (answer_lost) return;
        to_engine([this, outcome]() mutable {
            outcome.answered = now().monotonic;
            engine_->on_outcome(outcome, now());
        });
    });
}

void World::carry_out(engine::Ask command) {
    to_exchange([this, command = std::move(command), incarnation = incarnation_] {
        if (incarnation != incarnation_) return;
        base::Result<engine::Answer> answer =
            chance(options_.faults.fail_read)
                ? base::Result<engine::Answer>{base::fail(base::ErrorKind::unavailable, "injected")}
                : read(command.read);
        to_engine(
            [this, command, answer = std::move(answer)] { engine_->on_answer(command, answer, now()); });
    });
}

base::Result<engine::Answer> World::read(const engine::Read& read) {
    return answer_from(core_, account_, read, time_);
}

base::Result<orders::ReconcileInput> World::read_everything() {
    orders::ReconcileInput input;
    input.asked = now().moment();
    const auto questions = orders::reconcile_questions(engine_->ledger());
    for (const auto& each : questions.orders) {
        auto view = read(engine::ReadOrder{each.symbol, each.id});
        if (view)
            input.orders.push_back(std::get<domain::OrderView>(*view));
        else
            input.not_found.push_back({each.id, false});
    }
    for (const auto& each : questions.trades) {
        auto open = read(engine::ReadOpenOrders{each.symbol});
        for (const domain::OrderView& view : std::get<std::vector<domain::OrderView>>(*open))
            input.open_orders.push_back(view);
        auto fills = read(engine::ReadTrades{each.symbol, each.order, each.from, std::nullopt});
        input.trades.push_back({each.symbol, std::get<std::vector<domain::Fill>>(*fills)});
    }
    input.account = std::get<domain::AccountSnapshot>(*read(engine::ReadAccount{}));
    return input;
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
        if (engine_->ledger().find(order.client_order_id) == nullptr)
            text += "order " + order.client_order_id.str() + " is not in the ledger; ";
    return text;
}

void World::on_execution(exchange::AccountId, const exchange::ExecutionEvent& event) {
    if (event.fill) ++fills_;
    if (chance(options_.faults.lose_user_event)) return;
    const domain::ExecutionReport report = report_of(event);
    const int times = chance(options_.faults.double_user_event) ? 2 : 1;
    for (int time = 0; time < times; ++time)
        to_engine([this, report] { engine_->on_execution(report, now()); });
}

void World::on_account_position(exchange::AccountId, const domain::AccountPosition& event) {
    to_engine([this, event] { engine_->on_account_position(event, now()); });
}

void World::on_balance_update(exchange::AccountId, const domain::BalanceUpdate& event) {
    to_engine([this, event] { engine_->on_balance_update(event, now()); });
}

// Market data arrive at once: the delays that matter here are those of orders and their answers.
void World::on_trade(const exchange::TradeEvent& event) {
    if (!engine_) return;
    engine_->on_trade({event.symbol, event.trade_id, event.price, event.quantity, event.buyer_is_maker,
                       event.time, now().monotonic},
                      now());
}

void World::on_book_ticker(const exchange::BookTickerEvent& event) {
    schedule(time_, [this, event] {
        if (!engine_) return;
        engine_->on_book_ticker({event.symbol, event.update_id, event.bid, event.ask, now().monotonic},
                                now());
        empty_outbox();
    });
}

void World::on_depth(const exchange::DepthEvent& event) {
    schedule(time_, [this, event, bids = std::vector<domain::BookLevel>{event.bids.begin(), event.bids.end()},
                     asks = std::vector<domain::BookLevel>{event.asks.begin(), event.asks.end()}] {
        if (!engine_) return;
        engine_->on_depth(
            {event.symbol, event.first_id, event.last_id, bids, asks, event.time, now().monotonic}, now());
        empty_outbox();
    });
}

void World::on_kline(const exchange::KlineEvent& event) {
    schedule(time_, [this, candle = candle_of(event.symbol, event.kline)]() mutable {
        if (!engine_) return;
        candle.received = now().monotonic;
        engine_->on_candle(candle, now());
        empty_outbox();
    });
}

}  // namespace vigil::simulation
