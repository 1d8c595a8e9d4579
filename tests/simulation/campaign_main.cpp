// The campaign: thousands of short sessions, each a world of its own drawn from a seed, on every core. See
// tests/simulation/run.
#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "simulation/plan.h"

namespace {

using namespace vigil::simulation;

struct Options {
    std::int64_t seconds{0};
    std::int64_t sessions{0};
    std::uint64_t base{1};
    std::uint64_t seed{0};  ///< this one only
    bool has_seed{false};
    Mutant mutant{Mutant::none};
    unsigned threads{std::max(1U, std::thread::hardware_concurrency())};
    bool until_found{false};
};

struct Totals {
    std::array<std::int64_t, fault_count> sessions{};
    std::array<std::int64_t, fault_count> injections{};
    std::array<std::int64_t, fault_count> violations{};
    std::int64_t runs{0};
    std::int64_t failed{0};
    std::int64_t orders{0};
    std::int64_t fills{0};
    std::int64_t starts{0};
    std::int64_t records{0};
    std::uint64_t steps{0};
};

void add(Totals& totals, const SessionResult& result) {
    ++totals.runs;
    totals.failed += result.violations.empty() ? 0 : 1;
    totals.orders += result.orders;
    totals.fills += result.fills;
    totals.starts += result.starts;
    totals.records += result.records;
    totals.steps += result.steps;
    for (std::size_t fault = 0; fault < fault_count; ++fault) {
        if (result.faults[static_cast<Fault>(fault)] == 0) continue;
        ++totals.sessions[fault];
        totals.injections[fault] += result.injected[fault];
        totals.violations[fault] += result.violations.empty() ? 0 : 1;
    }
}

void tell(const SessionResult& result, Mutant mutant) {
    for (const std::string& each : result.violations)
        std::printf("seed %llu: %s\n", static_cast<unsigned long long>(result.seed), each.c_str());
    std::string faults;
    for (std::size_t fault = 0; fault < fault_count; ++fault)
        if (result.injected[fault] > 0)
            faults += (faults.empty() ? "" : ", ") + std::string{name_of(static_cast<Fault>(fault))} + " " +
                      std::to_string(result.injected[fault]);
    std::printf("    faults: %s\n", faults.c_str());
    std::string again = "tests/simulation/run --seed " + std::to_string(result.seed);
    if (mutant != Mutant::none) again += " --mutant " + std::string{name_of(mutant)};
    std::printf("    again: %s\n", again.c_str());
    std::fflush(stdout);
}

void print(const Totals& totals, double seconds, unsigned threads) {
    std::printf("%-16s %10s %12s %11s\n", "fault class", "sessions", "injections", "violations");
    for (std::size_t fault = 0; fault < fault_count; ++fault)
        std::printf("%-16s %10lld %12lld %11lld\n", std::string{name_of(static_cast<Fault>(fault))}.c_str(),
                    static_cast<long long>(totals.sessions[fault]),
                    static_cast<long long>(totals.injections[fault]),
                    static_cast<long long>(totals.violations[fault]));
    std::printf("%lld sessions in %.1f s on %u threads (%.0f a minute), %lld with violations\n",
                static_cast<long long>(totals.runs), seconds, threads,
                static_cast<double>(totals.runs) / seconds * 60, static_cast<long long>(totals.failed));
    std::printf("%lld orders, %lld fills, %lld starts, %lld journal records, %llu steps\n",
                static_cast<long long>(totals.orders), static_cast<long long>(totals.fills),
                static_cast<long long>(totals.starts), static_cast<long long>(totals.records),
                static_cast<unsigned long long>(totals.steps));
}

Totals run(const Options& options) {
    Totals totals;
    std::mutex mutex;
    std::atomic<std::int64_t> next{0};
    std::atomic<bool> found{false};
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{options.seconds};
    const auto work = [&] {
        for (;;) {
            const std::int64_t place = next.fetch_add(1);
            if (options.sessions > 0 && place >= options.sessions) return;
            if (options.seconds > 0 && std::chrono::steady_clock::now() >= end) return;
            if (options.until_found && found) return;
            const SessionResult result =
                run_session(options.base + static_cast<std::uint64_t>(place), options.mutant);
            const std::scoped_lock lock{mutex};
            if (options.has_seed)
                for (const auto& [event, times] : result.told) std::printf("%8d %s\n", times, event.c_str());
            add(totals, result);
            if (result.violations.empty()) continue;
            found = true;
            constexpr int told_most = 20;
            if (totals.failed <= told_most) tell(result, options.mutant);
        }
    };
    std::vector<std::thread> threads;
    for (unsigned each = 0; each < options.threads; ++each) threads.emplace_back(work);
    for (std::thread& each : threads) each.join();
    return totals;
}

template <class Number>
bool parse(std::string_view text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && !text.empty();
}

/// False for a command line that makes no sense.
bool parse(int count, char** words, Options& options) {
    for (int at = 1; at < count; ++at) {
        const std::string_view word = words[at];
        if (word == "--until-found") {
            options.until_found = true;
            continue;
        }
        if (at + 1 == count) return false;
        const std::string_view value = words[++at];
        bool good = true;
        if (word == "--seconds")
            good = parse(value, options.seconds) && options.seconds > 0;
        else if (word == "--sessions")
            good = parse(value, options.sessions) && options.sessions > 0;
        else if (word == "--base")
            good = parse(value, options.base);
        else if (word == "--threads")
            good = parse(value, options.threads) && options.threads > 0;
        else if (word == "--seed")
            good = options.has_seed = parse(value, options.seed);
        else if (word == "--mutant" && parse_mutant(value))
            options.mutant = *parse_mutant(value);
        else
            good = false;
        if (!good) return false;
    }
    return options.has_seed || options.sessions > 0 || options.seconds > 0;
}

}  // namespace

int main(int count, char** words) {
    Options options;
    if (!parse(count, words, options)) {
        std::fprintf(
            stderr,
            "usage: simulation_campaign (--seconds N | --sessions N | --seed S) [--base S] [--threads "
            "N] [--mutant NAME] [--until-found]\n");
        return 2;
    }
    if (options.has_seed) {
        options.base = options.seed;
        options.sessions = 1;
        options.threads = 1;
    }
    std::printf("seeds from %llu\n", static_cast<unsigned long long>(options.base));
    const auto began = std::chrono::steady_clock::now();
    const Totals totals = run(options);
    print(totals, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
          options.threads);
    return totals.failed == 0 ? 0 : 1;
}
