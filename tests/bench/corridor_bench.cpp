// What an order costs over loopback TLS 1.3, against the floor of the same run: the session alone, the whole
// corridor, ten orders of one tick. Server and client are two threads of this program, on a core each.
//
//   corridor_bench [--quick] [--realtime] [--rounds N]
//
//   --quick     exact counts only, no times: exit status 1 when one is above its bound
//   --realtime  both threads under SCHED_FIFO, for a machine that does other things too
//   --rounds N  so many rounds, the default is 5; the median of the best round counts
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/time.h"
#include "counters.h"
#include "floor.h"
#include "house.h"
#include "table.h"
#include "wire_server.h"

namespace vigil::bench {
namespace {

constexpr int orders_a_round = 1500;
constexpr int tens_a_round = 300;
constexpr int warm_up = 500;
/// Before anything is counted the ledger must remember as many finished orders as it ever does: until then
/// its memory grows.
constexpr int warm_up_counts = 2'600;

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

double median_of(const std::vector<std::int64_t>& counts) {
    return median({counts.begin(), counts.end()});
}

double median_of(Floor& floor, int exchanges) {
    const base::SystemClock clock;
    std::vector<double> us;
    us.reserve(static_cast<std::size_t>(exchanges));
    for (int each = 0; each < exchanges; ++each) {
        const base::MonotonicTime before = clock.monotonic();
        floor.exchange();
        us.push_back(static_cast<double>((clock.monotonic() - before).count()) / 1000.0);
    }
    return median(std::move(us));
}

double a_tick(std::int64_t count, int ticks) {
    return static_cast<double>(count) / ticks;
}

/// What is counted for one order and for ten, without a look at the time.
struct Counts {
    Run one;
    Run ten;
    std::int64_t decided{0};
    std::int64_t arrived{0};
    std::int64_t sends_most{0};  ///< of any tick of ten orders
    int ticks{0};
};

Counts count(const Wire& wire, const WireServer& server, int ticks) {
    Counts counts;
    counts.ticks = ticks;
    const std::int64_t before = server.orders();
    {
        const auto house = make_house(wire, 1);
        static_cast<void>(house->run(warm_up_counts));
        counts.one = house->run(ticks);
        counts.decided += house->decided();
        base::check(house->accepted() == house->decided(), "each order has its answer");
    }
    {
        const auto house = make_house(wire, 10);
        static_cast<void>(house->run(warm_up / 10));
        counts.ten = house->run(ticks);
        counts.decided += house->decided();
    }
    counts.sends_most = *std::max_element(counts.ten.sends.begin(), counts.ten.sends.end());
    counts.arrived = server.orders() - before;
    return counts;
}

// Allocations of one order in the corridor, the journal's gate left out, which the daemon runs on another
// thread: the gate of docs/speed.md, and what is measured. Both are copies of the list of the answer's fills,
// one for the outcome, one for its record in the journal. This bound follows the figure down.
constexpr double allocations_bound = 2;

std::vector<Row> count_rows(const Counts& counts) {
    const Counters& one = counts.one.counters;
    const int ticks = counts.ticks;
    return {
        {"orders at the exchange for each order decided",
         a_tick(counts.arrived, static_cast<int>(counts.decided)),
         "",
         {},
         "",
         1,
         1},
        {"ten orders of one tick: writes on the wire, most of any tick",
         static_cast<double>(counts.sends_most),
         "",
         {},
         "",
         1,
         1},
        {"one order: heap allocations, tick to answer taken in, median",
         median_of(counts.one.allocations),
         "",
         {},
         "",
         2,
         0},
        {"  and their mean (lists that grow now and then)",
         a_tick(one.allocations - counts.one.gate_allocations, ticks),
         "",
         {},
         "",
         {},
         {}},
        {"  and in the journal's gate (another thread in the daemon)",
         a_tick(counts.one.gate_allocations, ticks),
         "",
         {},
         "",
         {},
         {}},
        {"one order: system calls (send, recv, epoll), median",
         median_of(counts.one.system_calls),
         "",
         {},
         "",
         3,
         2},
        {"  and their mean", a_tick(one.system_calls(), ticks), "", {}, "", {}, {}},
    };
}

int quick(const Wire& wire, const WireServer& server) {
    const Counts counts = count(wire, server, 500);
    print_table("Exact counts", count_rows(counts));
    std::vector<std::string> wrong;
    const auto expect = [&wrong](bool holds, const char* what) {
        if (!holds) wrong.emplace_back(what);
    };
    expect(counts.arrived == counts.decided, "as many orders arrived as were decided");
    expect(counts.sends_most == 1, "ten orders of one tick are one write");
    expect(
        std::all_of(counts.one.sends.begin(), counts.one.sends.end(), [](auto sends) { return sends == 1; }),
        "one order is one write");
    // On average there is room for one list that grows in fifty orders.
    expect(median_of(counts.one.allocations) <= allocations_bound &&
               a_tick(counts.one.counters.allocations - counts.one.gate_allocations, counts.ticks) <=
                   allocations_bound + 0.02,
           "allocations for one order are within their bound");
    // A count of nothing would be a wrapper that is by-passed.
    expect(counts.one.counters.receives > 0 && counts.one.counters.waits > 0, "recv and epoll are counted");
    // One wait, one recv, one send, and room for a turn of the loop more in one order of fifty.
    expect(a_tick(counts.one.counters.system_calls(), counts.ticks) <= 3.02,
           "one order is one send, one recv and one wait");
    for (const std::string& what : wrong) std::printf("does not hold: %s\n", what.c_str());
    return wrong.empty() ? EXIT_SUCCESS : EXIT_FAILURE;
}

void measure(const Wire& wire, const WireServer& server, int rounds) {
    const std::string request = sample_request();
    constexpr double never = std::numeric_limits<double>::max();
    double floor = never, floor_epoll = never, session = never, house = never, floor_ten = never,
           house_ten = never;
    std::vector<double> ratios_session, ratios_house;
    Run run_one;
    std::size_t request_bytes = 0;
    for (int round = 0; round < rounds; ++round) {
        // Fresh connections each round, so that no round inherits a good or bad place from the one before.
        Floor raw{wire.port, wire.ca_pem, request, 1, false};
        Floor raw_epoll{wire.port, wire.ca_pem, request, 1, true};
        Floor raw_ten{wire.port, wire.ca_pem, request, 10, false};
        const auto session_client = make_session(wire);
        const auto house_client = make_house(wire, 1);
        const auto house_ten_client = make_house(wire, 10);
        static_cast<void>(median_of(raw, warm_up));
        static_cast<void>(median_of(raw_epoll, warm_up));
        static_cast<void>(median_of(raw_ten, warm_up / 10));
        static_cast<void>(session_client->run(warm_up));
        static_cast<void>(house_client->run(warm_up));
        static_cast<void>(house_ten_client->run(warm_up / 10));

        const double floor_now = median_of(raw, orders_a_round);
        const double session_now = median(session_client->run(orders_a_round).us);
        run_one = house_client->run(orders_a_round);
        const double house_now = median(run_one.us);
        floor = std::min(floor, floor_now);
        session = std::min(session, session_now);
        house = std::min(house, house_now);
        ratios_session.push_back(session_now / floor_now);
        ratios_house.push_back(house_now / floor_now);
        floor_epoll = std::min(floor_epoll, median_of(raw_epoll, orders_a_round));
        floor_ten = std::min(floor_ten, median_of(raw_ten, tens_a_round));
        house_ten = std::min(house_ten, median(house_ten_client->run(tens_a_round).us));
        request_bytes = raw.request_bytes();
    }
    std::printf("request %zu bytes, answer %lld bytes, %d rounds of %d orders, lowest medians\n",
                request_bytes, static_cast<long long>(server.answer_bytes()), rounds, orders_a_round);
    print_table("One order over loopback TLS 1.3, tick decoded to answer parsed",
                {
                    {"floor: raw OpenSSL, prebuilt bytes, blocking", floor, "us", 1.0, "floor", {}, {}},
                    {"floor with epoll_wait before each read",
                     floor_epoll,
                     "us",
                     floor_epoll / floor,
                     "floor",
                     {},
                     {}},
                    {"WebSocket API session: decode, sign, send, parse", session, "us", session / floor,
                     "floor", 1.25, 1.10, true},
                    {"whole corridor: book, strategy, risk, governor, journal gate", house, "us",
                     house / floor, "floor", 1.5, 1.2, true},
                    {"ten orders at once, floor", floor_ten, "us", floor_ten / floor, "floor", {}, {}},
                    {"ten orders of one tick, whole corridor, to the last answer",
                     house_ten,
                     "us",
                     house_ten / floor_ten,
                     "floor of ten",
                     {},
                     {}},
                });
    std::printf("  (medians of the rounds' own ratios: session %.2f, corridor %.2f)\n",
                median(std::move(ratios_session)), median(std::move(ratios_house)));

    std::vector<Row> rows = count_rows(count(wire, server, 1000));
    rows.push_back({"one order: waits that gave the processor away",
                    a_tick(run_one.counters.voluntary_switches, orders_a_round),
                    "",
                    {},
                    "",
                    1,
                    1});
    print_table("Exact counts, whole corridor", rows);
}

int main_of(const std::vector<std::string_view>& arguments) {
    bool is_quick = false;
    bool realtime = false;
    int rounds = 5;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (arguments[i] == "--quick")
            is_quick = true;
        else if (arguments[i] == "--realtime")
            realtime = true;
        else if (arguments[i] == "--rounds" && i + 1 < arguments.size())
            rounds = std::clamp(std::atoi(std::string{arguments[++i]}.c_str()), 1, 100);
        else {
            std::fprintf(stderr, "usage: corridor_bench [--quick] [--realtime] [--rounds N]\n");
            return EXIT_FAILURE;
        }
    }
    const bool pinned = std::thread::hardware_concurrency() > 1 && !is_quick;
    WireServer server{pinned ? std::optional{1} : std::nullopt, realtime};
    const Wire wire{server.port(), server.ca_pem()};
    if (is_quick) return quick(wire, server);
    const bool settled = settle_thread(pinned ? std::optional{0} : std::nullopt, realtime);
    std::printf("%s\n%s%s%s\n", machine().c_str(),
                pinned ? "client on core 0, server on core 1" : "one core for client and server",
                realtime ? ", SCHED_FIFO" : ", ordinary scheduling",
                settled ? "" : " (refused by the system: figures are less steady)");
    measure(wire, server, rounds);
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace vigil::bench

int main(int argc, char** argv) {
    return vigil::bench::main_of({argv + 1, argv + argc});
}
