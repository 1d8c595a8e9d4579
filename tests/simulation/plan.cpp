#include "simulation/plan.h"

#include <algorithm>

#include "credentials/sha256.h"
#include "exchange/random.h"

namespace vigil::simulation {

namespace {

using domain::Amount;
using domain::Price;
using domain::Rate;

struct Likelihood {
    Fault fault;
    int most;  ///< in 10,000 chances
};
/// The likeliest each class is drawn: a request in ten may be lost, a step in a thousand is the last.
constexpr std::array<Likelihood, fault_count> likelihoods{
    {{Fault::lost_request, 1'000}, {Fault::lost_answer, 1'500},    {Fault::late_request, 1'500},
     {Fault::late_answer, 1'500},  {Fault::unknown_answer, 1'000}, {Fault::rejection, 1'000},
     {Fault::rate_limit, 300},     {Fault::lost_event, 2'000},     {Fault::doubled_event, 3'000},
     {Fault::late_event, 2'000},   {Fault::failed_read, 1'000},    {Fault::late_read, 2'000},
     {Fault::lagging_read, 3'000}, {Fault::orders_down, 100},      {Fault::user_data_down, 150},
     {Fault::market_down, 150},    {Fault::foreign_order, 100},    {Fault::balance_change, 100},
     {Fault::symbol_status, 100},  {Fault::clock_uncertain, 100},  {Fault::clock_reset, 10'000},
     {Fault::journal_failed, 100}, {Fault::journal_late, 500},     {Fault::crash, 15}}};

Price scaled(Price price, std::int64_t parts_in_10000) {
    return domain::scaled_by(price, Rate::from_raw(parts_in_10000 * 10'000), domain::Rounding::down)
        ->floor_to(Price::literal("0.01"));
}

strategy::StrategyParameters grid(Price reference, exchange::Random& random) {
    strategy::GridOptions grid;
    grid.lower = scaled(reference, 10'000 - random.between(30, 120));
    grid.upper = scaled(reference, 10'000 + random.between(30, 120));
    grid.levels = static_cast<int>(random.between(4, 12));
    grid.investment = Amount::of(random.between(400, 4'000));
    if (random.chance_ppm(300'000)) grid.order_type = domain::OrderType::limit;
    if (random.chance_ppm(300'000)) grid.start_with = strategy::GridStart::quote_only;
    if (random.chance_ppm(300'000)) grid.stop_loss = scaled(grid.lower, 9'990);
    if (random.chance_ppm(200'000)) grid.take_profit = scaled(grid.upper, 10'010);
    return grid;
}

strategy::StrategyParameters dca(exchange::Random& random) {
    strategy::DcaOptions dca;
    dca.every = base::seconds{random.between(1, 5)};
    dca.amount = Amount::of(random.between(10, 200));
    dca.total_budget = Amount::of(random.between(200, 3'000));
    if (random.chance_ppm(500'000)) {
        dca.order = strategy::DcaOrder::limit;
        dca.limit_offset = Rate::from_raw(random.between(0, 50'000));
    }
    if (random.chance_ppm(300'000)) dca.take_profit = Rate::from_raw(random.between(30'000, 200'000));
    return dca;
}

strategy::StrategyParameters trend(exchange::Random& random) {
    strategy::TrendOptions trend;
    trend.fast = static_cast<int>(random.between(2, 3));
    trend.slow = static_cast<int>(random.between(4, 7));
    trend.interval = domain::CandleInterval{1'000};
    trend.size = Amount::of(random.between(20, 400));
    if (random.chance_ppm(300'000)) trend.stop = Rate::from_raw(random.between(50'000, 300'000));
    if (random.chance_ppm(300'000)) trend.take_profit = Rate::from_raw(random.between(50'000, 300'000));
    return trend;
}

void draw_strategies(WorldOptions& options, exchange::Random& random) {
    const std::array<domain::Symbol, 2> symbols{*domain::Symbol::from("BTCUSDT"),
                                                *domain::Symbol::from("ETHUSDT")};
    static const std::vector<exchange::SymbolSpec> specs = exchange::default_symbols();
    const std::int64_t count = random.between(1, 3);
    for (std::int64_t place = 0; place < count; ++place) {
        strategy::StrategyOptions one;
        one.name = *domain::StrategyName::from("s" + std::to_string(place));
        one.symbol = symbols[random.chance_ppm(750'000) ? 0 : 1];
        const auto spec = std::find_if(specs.begin(), specs.end(), [&one](const exchange::SymbolSpec& each) {
            return each.rules.symbol == one.symbol;
        });
        switch (random.below(3)) {
            case 0:
                one.parameters = grid(spec->reference_price, random);
                break;
            case 1:
                one.parameters = dca(random);
                break;
            default:
                one.parameters = trend(random);
                break;
        }
        if (std::find(options.symbols.begin(), options.symbols.end(), one.symbol) == options.symbols.end())
            options.symbols.push_back(one.symbol);
        options.strategies.push_back(std::move(one));
    }
}

std::uint64_t fingerprint_of(World& world) {
    std::string text = std::to_string(world.steps());
    for (const auto& [event, times] : world.told()) text += event + std::to_string(times);
    for (const auto& [id, times] : world.accepted()) text += id + std::to_string(times);
    text += world.disk().head_text();
    const journal::Digest digest = cheap_hash(std::as_bytes(std::span{text}));
    std::uint64_t first = 0;
    for (std::size_t at = 0; at < sizeof first; ++at)
        first = first << 8U | static_cast<std::uint64_t>(digest[at]);
    return first;
}

/// Starts until it trades; a start that fails is tried again some time later, as systemd does.
bool start_again(World& world, exchange::Random& random, SessionResult& result) {
    constexpr int most = 40;
    for (int tries = 0; tries < most && world.violations().empty(); ++tries) {
        ++result.starts;
        if (world.start()) return true;
        world.run(base::milliseconds{random.between(50, 3'000)});
    }
    return false;
}

}  // namespace

WorldOptions options_for(std::uint64_t seed, Mutant mutant) {
    exchange::Random random{exchange::mix64(seed) ^ 0xca3ba167U};
    WorldOptions options;
    options.seed = seed;
    options.mutant = mutant;
    options.lean = true;
    options.gap_mean = base::milliseconds{random.between(100, 500)};
    options.move_ppm = random.between(100, 1'500);
    options.fee = Rate::from_raw(random.between(0, 10) * 10'000);
    options.pays_fees_in_bnb = random.chance_ppm(200'000);
    options.delay_most = base::milliseconds{random.between(2, 60)};
    options.tick = base::milliseconds{random.between(20, 100)};
    options.order_deadline = base::milliseconds{random.between(500, 5'000)};
    options.recv_window = base::milliseconds{random.between(500, 5'000)};
    options.sweep_every = base::milliseconds{random.between(1'000, 30'000)};
    // In some sessions a sweep has room for the trades of one symbol only.
    options.sweep_percent = random.below(3) == 0 ? 0 : 5;
    options.orders_in_10s = random.between(5, 100);
    options.ids = {static_cast<std::uint64_t>(random.between(4, 40)), 2};
    if (random.chance_ppm(200'000)) options.risk.open_orders_max = static_cast<int>(random.between(1, 10));
    if (seed % 16 == 0) options.hash = credentials::sha256;
    draw_strategies(options, random);
    // One class in four is on, in one session of eight none.
    if (random.below(8) != 0)
        for (const Likelihood& each : likelihoods)
            if (random.below(4) == 0)
                options.faults[each.fault] =
                    each.fault == Fault::clock_reset
                        ? each.most
                        : static_cast<int>(random.between(std::max(1, each.most / 20), each.most));
    // This one shows only beside a request that is still on its way.
    if (mutant == Mutant::absent_at_once) options.faults[Fault::late_request] = 3'000;
    return options;
}

SessionResult run_session(std::uint64_t seed, Mutant mutant) {
    exchange::Random random{exchange::mix64(seed) ^ 0x5e5510U};
    SessionResult result;
    result.seed = seed;
    const WorldOptions options = options_for(seed, mutant);
    result.faults = options.faults;
    World world{options};
    const std::int64_t length_ms = random.between(3'000, 15'000);
    const bool restarts_at_end = random.below(4) == 0;
    const bool cancels_at_end = random.below(4) != 0;

    bool trades = start_again(world, random, result);
    std::vector<std::string>& violations = result.violations;
    for (std::int64_t at_ms = 0; at_ms < length_ms && world.violations().empty(); at_ms += 250) {
        world.run(base::milliseconds{250});
        if (!world.is_alive()) trades = start_again(world, random, result);
    }
    world.end_faults();
    if (restarts_at_end) world.kill();
    if (!world.is_alive()) trades = start_again(world, random, result);
    if (world.violations().empty() && !trades)
        violations.push_back("it does not start, with no fault any more: " + world.why_not_started());
    if (world.violations().empty() && trades) {
        if (world.stop(cancels_at_end))
            world.check_everything();
        else if (world.violations().empty())
            violations.push_back("not settled: " + world.difference() + world.unsettled());
    }
    violations.insert(violations.end(), world.violations().begin(), world.violations().end());
    result.injected = world.injected();
    result.orders = static_cast<int>(world.accepted().size());
    result.fills = world.fills_at_exchange();
    result.records = world.disk().last_sequence();
    result.steps = world.steps();
    result.told = world.told();
    result.fingerprint = fingerprint_of(world);
    return result;
}

}  // namespace vigil::simulation
