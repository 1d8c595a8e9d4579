// Time in the world, and the process in it: what the shell of the daemon does around the engine.
#include "simulation/world.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "simulation/convert.h"

namespace vigil::simulation {

namespace {

constexpr base::ExchangeTime start_time{base::seconds{1'723'161'600}};  // 2024-08-09 00:00 UTC
constexpr base::seconds uptime_at_start{1'000};

exchange::CoreOptions core_options(const WorldOptions& options) {
    exchange::CoreOptions core;
    core.seed = options.seed;
    core.start = start_time;
    return core;
}

exchange::AccountOptions account_options(const WorldOptions& options) {
    exchange::AccountOptions account;
    const auto asset = [](std::string_view name) { return *domain::Asset::from(name); };
    account.balances = {{asset("USDT"), domain::Amount::of(100'000), {}},
                        {asset("BTC"), domain::Amount::of(2), {}},
                        {asset("ETH"), domain::Amount::of(20), {}}};
    if (options.pays_fees_in_bnb) account.balances.push_back({asset("BNB"), domain::Amount::of(3), {}});
    account.commission.standard = {options.fee, options.fee, {}, {}};
    account.commission.discount_enabled_for_account = options.pays_fees_in_bnb;
    return account;
}

void install_lean_market(exchange::ExchangeCore& core, const WorldOptions& options,
                         std::shared_ptr<const bool> stands_still) {
    LeanMarketOptions market;
    market.seed = options.seed;
    market.start = exchange::MarketTime{start_time.time_since_epoch()};
    market.gap_mean = options.gap_mean;
    market.move_ppm = options.move_ppm;
    for (exchange::SymbolSpec& spec : exchange::default_symbols()) {
        if (std::find(options.symbols.begin(), options.symbols.end(), spec.rules.symbol) ==
            options.symbols.end())
            continue;
        market.symbols.push_back({spec.rules.symbol, spec.reference_price, spec.rules.tick(),
                                  spec.rules.step(), domain::Price::of(1)});
        core.add_symbol(std::move(spec));
    }
    core.attach(lean_market(market, std::move(stands_still)), domain::Rate::of(1), start_time);
}

}  // namespace

World::World(WorldOptions options)
    : options_{std::move(options)},
      random_{options_.seed},
      time_{start_time},
      disk_{options_.hash},
      core_{core_options(options_), *this},
      account_{core_.add_account(account_options(options_))},
      next_tick_{start_time} {
    options_.market.seed = options_.seed;
    disk_.sync_by_hand(options_.mutant == Mutant::early_acknowledge);
    if (options_.lean) {
        install_lean_market(core_, options_, market_stands_still_);
        return;
    }
    const auto installed = exchange::install_market(core_, options_.market, time_);
    base::check(installed.has_value(), "the market of a test can be installed");
}

World::~World() = default;

engine::Now World::now() const {
    engine::Now now;
    now.monotonic = base::MonotonicTime{time_ - start_time + uptime_at_start};
    now.wall = base::WallTime{time_.time_since_epoch() + wall_offset_};
    now.exchange = base::ExchangeTime{now.wall.time_since_epoch()};
    if (!clock_known_) return now;
    now.exchange = time_ + clock_error_;
    now.uncertainty = base::milliseconds{3};
    now.may_sign = time_ >= clock_unknown_until_;
    if (!now.may_sign) now.uncertainty = base::seconds{2};
    return now;
}

bool World::inject(Fault fault) {
    const int chances = options_.faults[fault];
    if (chances == 0 || !faults_on_ || static_cast<int>(random_() % 10'000) >= chances) return false;
    ++injected_[static_cast<std::size_t>(fault)];
    return true;
}

int World::faults_injected() const {
    return std::accumulate(injected_.begin(), injected_.end(), 0);
}

std::map<std::string, int> World::told() const {
    std::map<std::string, int> named;
    for (std::size_t event = 0; event < told_.size(); ++event)
        if (told_[event] > 0) named[std::string{log::name(static_cast<log::Event>(event))}] = told_[event];
    return named;
}

std::int64_t World::between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(high - low + 1));
}

base::nanoseconds World::latency() {
    return base::microseconds{
        between(options_.delay_least.count() * 1000, options_.delay_most.count() * 1000)};
}

void World::schedule(base::nanoseconds after, Action action) {
    due_.push({time_ + std::chrono::duration_cast<base::microseconds>(after), order_++, std::move(action)});
}

void World::to_engine(base::nanoseconds after, Action action) {
    schedule(after, [this, incarnation = incarnation_, action = std::move(action)] {
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
        after_each_step();
    }
    if (next_tick_ <= time_) {
        next_tick_ = time_ + options_.tick;
        tick();
        after_each_step();
    }
}

void World::after_each_step() {
    ++steps_;
    if (engine_ && inject(Fault::crash)) kill();
}

void World::tick() {
    begin_what_lasts();
    if (!engine_) return;
    if (!is_writing_ && writer_->backlog() > 0) begin_writing();
    engine_->on_tick(now());
    keep_ban();
    empty_outbox();
}

void World::run(base::nanoseconds time) {
    const base::ExchangeTime end = time_ + std::chrono::duration_cast<base::microseconds>(time);
    while (time_ < end && violations_.empty()) step();
}

void World::kill() {
    if (!engine_) return;
    // What was being written at this moment is on the disk or not; nobody was told.
    if (is_writing_ && random_() % 2 == 0)
        static_cast<void>(writer_->write(std::move(group_), now().monotonic.time_since_epoch(), false));
    if (options_.mutant == Mutant::lying_disk) disk_.lose_last_append();
    if (options_.mutant == Mutant::lost_journal) disk_.lose_all();
    engine_.reset();
    writer_.reset();
    ++incarnation_;
    ++user_data_epoch_;
    queue_.clear();
    group_.clear();
    blocks_.clear();
    pending_.clear();
    is_writing_ = false;
    connected_ = {};
    clock_known_ = false;
}

void World::end_faults() {
    faults_on_ = false;
    *market_stands_still_ = true;
    down_until_ = {};
    clock_unknown_until_ = {};
    if (disk_full_until_ == base::ExchangeTime::max()) kill();  // as the operator would
    disk_full_until_ = {};
    for (auto& [symbol, until] : halted_until_) until = {};
    begin_what_lasts();  // and so ends it
}

bool World::stop(bool cancel_open, base::seconds patience) {
    engine_->begin_stop(cancel_open, now());
    empty_outbox();
    const base::ExchangeTime give_up = time_ + patience;
    // An end of which no word came is found by the next sweep (one in two seconds while stopping), and by
    // nothing else: quiet is what is still so after one.
    constexpr base::milliseconds a_sweep{2'500};
    constexpr base::milliseconds a_step{500};
    base::milliseconds quiet{0};
    while (time_ < give_up && violations_.empty()) {
        run(a_step);
        if (!engine_) return false;
        const engine::Report report = engine_->report();
        const bool is_written = queue_.empty() && !is_writing_ && writer_->backlog() == 0;
        if (engine_->is_settled() && (!cancel_open || report.open_orders == 0) && report.balances_agree &&
            difference().empty() && is_written) {
            if (quiet >= a_sweep) return true;
            quiet += a_step;
        } else {
            quiet = base::milliseconds{0};
        }
    }
    return false;
}

void World::violate(std::string what) {
    if (violations_.size() < 10) violations_.push_back(std::move(what));
}

void World::empty_outbox() {
    const std::uint64_t incarnation = incarnation_;
    engine::Outbox batch;
    while (engine_ && incarnation == incarnation_ && !engine_->outbox().empty()) {
        engine_->outbox().hand_over(batch);
        for (const log::Record& record : batch.records) ++told_[static_cast<std::size_t>(record.event())];
        for (engine::Command& command : batch.commands) {
            std::visit([this](auto& one) { carry_out(std::move(one)); }, command);
            if (inject(Fault::crash)) return kill();
        }
    }
}

void World::carry_out(engine::PersistRecord command) {
    if (const auto* block = std::get_if<journal::CounterBlockReserved>(&command.record))
        blocks_.push_back({last_ticket_ + 1, {block->first, block->count}});
    queue_.push_back({{command.stamp, std::move(command.record)}, ++last_ticket_});
    begin_writing();
}

void World::carry_out(engine::PersistOrder command) {
    queue_.push_back({{command.stamp, std::move(command.permitted)}, ++last_ticket_});
    begin_writing();
}

void World::keep_ban() {
    ban_file_ = engine_->ban();
}

}  // namespace vigil::simulation
