// Whether the engine's memory is bounded: ten million events, and an order with its fill each second of the
// virtual time in which they come. The heap is looked at after a tenth of them, when every list has reached
// its bound, and at the end.
#include <malloc.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "backtest.h"

namespace vigil::bench {
namespace {

constexpr int strategies = 3;
constexpr base::seconds purchase_every{1};
/// A list that doubles once more is no leak; one that grows with the events is far beyond.
constexpr std::int64_t growth_max_kib = 256;

std::int64_t heap_kib() {
    return static_cast<std::int64_t>(::mallinfo2().uordblks) / 1024;
}

void run(Backtest& backtest, std::int64_t events) {
    for (std::int64_t done = 0; done < events; done += Backtest::mixed_events) backtest.mixed();
}

int measure(std::int64_t events) {
    Backtest backtest{strategies, purchase_every};
    const std::int64_t first = heap_kib();
    run(backtest, events / 10);
    const std::int64_t settled = heap_kib();
    const std::int64_t orders = backtest.orders();
    run(backtest, events - events / 10);
    const std::int64_t last = heap_kib();
    std::printf(
        "heap of the engine: %lld KiB at the start, %lld KiB after %lld events and %lld orders, %lld KiB "
        "after "
        "%lld and %lld: %+lld KiB\n",
        static_cast<long long>(first), static_cast<long long>(settled), static_cast<long long>(events / 10),
        static_cast<long long>(orders), static_cast<long long>(last), static_cast<long long>(events),
        static_cast<long long>(backtest.orders()), static_cast<long long>(last - settled));
    const bool has_traded = backtest.orders() >= events / 1'000;  // of about 1.2 milliseconds an event
    if (!has_traded) std::printf("the strategies did not trade: this says nothing\n");
    if (last - settled > growth_max_kib) std::printf("memory GROWS\n");
    return has_traded && last - settled <= growth_max_kib ? 0 : 1;
}

}  // namespace
}  // namespace vigil::bench

int main(int argc, char** argv) {
    std::int64_t events = 10'000'000;
    if (argc == 3 && std::string_view{argv[1]} == "--events") {
        const char* const end = argv[2] + std::strlen(argv[2]);
        const auto read = std::from_chars(argv[2], end, events);
        if (read.ec != std::errc{} || read.ptr != end || events < 10'000) events = 0;
    } else if (argc != 1) {
        events = 0;
    }
    if (events == 0) {
        std::fprintf(stderr, "memory_bench [--events N]   (at least 10000)\n");
        return 64;
    }
    return vigil::bench::measure(events);
}
