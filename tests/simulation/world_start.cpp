// The start of the process, step by step as lib/runtime takes it. Every wait lets the world go on, so that
// the process may end in the middle.
#include <algorithm>

#include "governor/weights.h"
#include "simulation/world.h"

namespace vigil::simulation {

namespace {

constexpr base::seconds reconcile_patience{90};

}  // namespace

engine::Options World::engine_options() const {
    engine::Options options;
    options.instance = *orders::instance_tag("test");
    options.strategies = options_.strategies;
    options.risk = options_.risk;
    options.ids = options_.ids;
    options.governor.share_percent = 80;
    options.sweep_every = options_.sweep_every;
    options.sweep_percent = options_.sweep_percent;
    options.statement_every = base::milliseconds{1'000};
    options.lookups.recv_window = options_.recv_window;
    options.market.candles_kept = 60;
    if (options_.lean) options.depth_limit = 20;
    if (options_.mutant == Mutant::absent_at_once) {
        options.lookups.not_found_needed = 1;
        options.lookups.recv_window = base::milliseconds{1};
        options.lookups.margin = base::milliseconds{0};
    }
    return options;
}

bool World::rest(base::nanoseconds time) {
    const std::uint64_t incarnation = incarnation_;
    const base::ExchangeTime end = time_ + std::chrono::duration_cast<base::microseconds>(time);
    while (time_ < end && incarnation == incarnation_ && violations_.empty()) step();
    return incarnation == incarnation_ && violations_.empty();
}

bool World::await_leave(governor::Cost cost) {
    const base::MonotonicTime give_up = now().monotonic + base::seconds{65};
    for (;;) {
        const auto decision = engine_->permit(domain::Lane::reconcile, cost, now());
        if (std::holds_alternative<governor::Granted>(decision)) return true;
        const auto* wait = std::get_if<governor::WaitUntil>(&decision);
        if (wait == nullptr || wait->until > give_up) return false;
        if (!rest(std::max<base::nanoseconds>(wait->until - now().monotonic, base::milliseconds{10})))
            return false;
    }
}

std::optional<base::Result<engine::Answer>> World::ask_at_start(const engine::Read& read,
                                                                governor::Cost cost) {
    if (!await_leave(cost)) return std::nullopt;
    if (told_ban_ && now().monotonic < *told_ban_) violate("a question of the start left during a ban");
    const bool fails = inject(Fault::failed_read);
    if (!rest(latency() +
              (inject(Fault::late_read) ? base::milliseconds{between(10, 1'500)} : base::milliseconds{0})))
        return std::nullopt;
    base::Result<engine::Answer> answer = base::fail(base::ErrorKind::unavailable, "no answer");
    if (const auto limited = limit_read()) {
        engine_->on_rate_limited(*limited, now());
        note_ban(*limited);
        empty_outbox();
    } else if (!fails) {
        answer = read_at_exchange(read);
    }
    if (!engine_ || !rest(latency())) return std::nullopt;
    if (answer) engine_->on_read_succeeded(now());
    return answer;
}

std::optional<orders::ReconcileInput> World::read_everything() {
    namespace weights = governor::weights;
    orders::ReconcileInput input;
    input.asked = now().moment();
    const auto questions = orders::reconcile_questions(engine_->ledger());
    for (const auto& each : questions.orders) {
        auto view = ask_at_start(engine::ReadOrder{each.symbol, each.id}, weights::query_order);
        if (!view) return std::nullopt;
        if (*view)
            input.orders.push_back(std::get<domain::OrderView>(**view));
        else if (view->error().kind == base::ErrorKind::not_found)
            input.not_found.push_back({each.id, false});
        else
            return std::nullopt;
    }
    for (const domain::MarketSubscription& each : engine_->subscriptions()) {
        auto open = ask_at_start(engine::ReadOpenOrders{each.symbol}, weights::open_orders(true));
        if (!open || !*open) return std::nullopt;
        for (const domain::OrderView& view : std::get<std::vector<domain::OrderView>>(**open))
            input.open_orders.push_back(view);
    }
    for (const auto& each : questions.trades) {
        auto fills = ask_at_start(engine::ReadTrades{each.symbol, each.order, each.from, std::nullopt},
                                  weights::my_trades(false));
        if (!fills || !*fills) return std::nullopt;
        input.trades.push_back({each.symbol, std::get<std::vector<domain::Fill>>(**fills)});
    }
    auto account = ask_at_start(engine::ReadAccount{}, weights::account);
    if (!account || !*account) return std::nullopt;
    input.account = std::get<domain::AccountSnapshot>(**account);
    return input;
}

bool World::reconcile_at_start() {
    const base::ExchangeTime give_up = time_ + reconcile_patience;
    base::milliseconds pause{1'000};
    for (;;) {
        auto input = read_everything();
        if (!input || !engine_) return false;
        const orders::ReconcileReport report = engine_->reconcile(*input, now());
        last_reconciliation_ = report.summary();
        empty_outbox();
        if (!engine_) return false;
        if (report.is_sound()) return true;
        if (time_ > give_up) return false;
        // Unknown orders are being looked up meanwhile; what is proven ends the pause.
        const base::milliseconds wait = report.unresolved.empty() ? pause : base::milliseconds{8'000};
        std::size_t before = 0;
        for (base::milliseconds waited{0}; waited < wait; waited += base::milliseconds{250}) {
            const std::size_t unknown = engine_->report().unknown_orders;
            if (unknown == 0 && before > 0) break;
            before = unknown;
            if (!rest(base::milliseconds{250})) return false;
        }
        pause = std::min(pause * 2, base::milliseconds{8'000});
    }
}

bool World::start() {
    if (inject(Fault::clock_reset) || options_.mutant == Mutant::lost_journal) {
        // Each start of the machine begins on the same date.
        constexpr base::seconds date{1'700'000'000};
        wall_offset_ = date - time_.time_since_epoch();
    }
    // A file that failed is opened anew.
    if (disk_full_until_ == base::ExchangeTime::max()) {
        disk_full_until_ = {};
        disk_.fail_with(std::nullopt);
    }
    auto made = engine::Engine::make(engine_options());
    base::check(made.has_value(), "the strategies of a test can be made");
    ++incarnation_;
    engine_ = std::move(*made);
    writer_.emplace(disk_, journal::JournalWriterOptions{});
    last_ticket_ = 0;
    journal_told_bad_ = false;
    last_event_at_ = time_;
    last_reconciliation_.clear();
    // A process that ends during its start is started again by whoever calls.
    const auto ended = [this](const char* step) {
        why_not_started_ = step;
        if (!last_reconciliation_.empty()) why_not_started_ += ", " + last_reconciliation_;
        kill();
        return false;
    };

    if (const auto recovered = engine_->recover(disk_, now()); !recovered) {
        violate("the journal cannot be replayed: " + recovered.error().message);
        return ended("journal");
    }
    journal::SessionStarted session{"test", "simulator", "0", "test", {}};
    for (const strategy::StrategyOptions& each : options_.strategies) session.strategies.push_back(each.name);
    const journal::Entry entry{now().stamp(), std::move(session)};
    if (!disk_.append({&entry, 1})) return ended("session record");
    if (ban_file_) static_cast<void>(engine_->restore_ban(*ban_file_, now()));
    empty_outbox();
    if (!engine_ || !rest(base::milliseconds{between(20, 80)})) return ended("first wait");

    for (;;) {  // until a ban is over
        const auto decision = engine_->permit(domain::Lane::emergency_cancel, {0, 0}, now());
        const auto* wait = std::get_if<governor::WaitUntil>(&decision);
        if (wait == nullptr || wait->why != governor::Why::banned) break;
        if (!rest(base::milliseconds{200})) return ended("ban");
    }
    clock_known_ = true;
    auto rules = ask_at_start(engine::ReadRules{}, governor::weights::exchange_info);
    if (!rules || !*rules || !engine_) return ended("rules");
    const auto learnt = engine_->learn(std::get<domain::ExchangeInfo>(**rules), now());
    base::check(learnt.has_value(), "the symbols of a test exist");
    empty_outbox();
    if (!engine_ || !rest(latency() * 3)) return ended("wait for connections");
    begin_what_lasts();  // connects what is not down
    for (int tries = 0; std::find(connected_.begin(), connected_.end(), false) != connected_.end(); ++tries)
        if (tries > 100 || !rest(base::milliseconds{200})) return ended("connections");
    if (!reconcile_at_start()) return ended("reconciliation");
    engine_->start_trading(now());
    empty_outbox();
    return is_alive();
}

}  // namespace vigil::simulation
