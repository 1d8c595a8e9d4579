// What a market event costs in the full engine, as a backtest drives it.
#include <benchmark/benchmark.h>

#include <chrono>

#include "backtest.h"
#include "names.h"

namespace vigil::bench {
namespace {

constexpr base::seconds purchase_every{60};

void mixed_events(benchmark::State& state, int strategies) {
    Backtest backtest{strategies, purchase_every};
    for (auto _ : state) {
        const auto before = std::chrono::steady_clock::now();
        backtest.mixed();
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        state.SetIterationTime(took.count() / Backtest::mixed_events);
    }
    // At a virtual millisecond an event the strategies have bought on the way.
    if (state.iterations() > 3 * 60'000 / Backtest::mixed_events && backtest.orders() < 3 * strategies)
        state.SkipWithError("the strategies did not trade");
}

}  // namespace

void add_engine_benches() {
    constexpr int iterations = 10'000;  // 200 s of virtual time
    benchmark::RegisterBenchmark(names::engine_one, [](auto& state) { mixed_events(state, 1); })
        ->UseManualTime()
        ->Iterations(iterations);
    benchmark::RegisterBenchmark(names::engine_ten, [](auto& state) { mixed_events(state, 10); })
        ->UseManualTime()
        ->Iterations(iterations);
}

}  // namespace vigil::bench
