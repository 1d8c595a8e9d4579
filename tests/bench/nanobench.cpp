// Single steps by Google Benchmark, printed beside their gates and aims. Options are Google Benchmark's own
// (--benchmark_filter=...); by default each bench is repeated twelve times for at least 0.02 s, and the
// processor time of the fastest repetition counts: what slows one down on a shared machine is not the code.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "names.h"
#include "table.h"

namespace vigil::bench {
namespace {

struct Wanted {
    const char* name;
    std::optional<double> gate_ns;
    std::optional<double> aim_ns;
    const char* reference;
    const char* reference_name;
};

constexpr std::optional<double> none;
const std::array wanted{
    Wanted{names::ticker_decode, none, none, names::ticker_nlohmann, "nlohmann"},
    Wanted{names::ticker_view, 500, 250, nullptr, ""},
    Wanted{names::ticker_nlohmann, none, none, nullptr, ""},
    Wanted{names::depth_decode, none, none, nullptr, ""},
    Wanted{names::depth_apply, none, none, nullptr, ""},
    Wanted{names::depth_view, 3000, 2000, nullptr, ""},
    Wanted{names::sign, 1000, 400, names::sign_openssl, "one-shot HMAC"},
    Wanted{names::sign_only, none, none, names::sign_openssl, "one-shot HMAC"},
    Wanted{names::sign_openssl, none, none, nullptr, ""},
    Wanted{names::risk, 200, 100, nullptr, ""},
    Wanted{names::governor_decide, 200, 100, nullptr, ""},
    Wanted{names::governor_admit, 200, 100, nullptr, ""},
    Wanted{names::journal_encode, none, none, nullptr, ""},
    Wanted{names::engine_one, 1000, 333, nullptr, ""},
    Wanted{names::engine_ten, none, none, nullptr, ""},
    Wanted{names::decimal_parse, none, none, names::decimal_stod, "stod"},
    Wanted{names::decimal_stod, none, none, nullptr, ""},
    Wanted{names::decimal_format, none, none, names::decimal_snprintf, "snprintf"},
    Wanted{names::decimal_snprintf, none, none, nullptr, ""},
};

/// Keeps the fastest repetition of each bench.
class Fastest final : public benchmark::BenchmarkReporter {
  public:
    bool ReportContext(const Context&) override { return true; }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            if (run.run_type != Run::RT_Iteration) continue;
            if (run.error_occurred) {
                std::fprintf(stderr, "%s: %s\n", run.run_name.function_name.c_str(),
                             run.error_message.c_str());
                failed = true;
                continue;
            }
            const bool manual = run.run_name.time_type == "manual_time";
            const double ns = manual ? run.GetAdjustedRealTime() : run.GetAdjustedCPUTime();
            const auto [place, fresh] = best_ns.try_emplace(run.run_name.function_name, ns);
            if (!fresh && ns < place->second) place->second = ns;
        }
    }
    std::map<std::string, double> best_ns;
    bool failed{false};
};

std::vector<Row> rows_of(const std::map<std::string, double>& best_ns) {
    std::vector<Row> rows;
    for (const Wanted& each : wanted) {
        const auto found = best_ns.find(each.name);
        if (found == best_ns.end()) continue;
        Row row{each.name, found->second, "ns", {}, each.reference_name, each.gate_ns, each.aim_ns};
        if (each.reference != nullptr)
            if (const auto reference = best_ns.find(each.reference); reference != best_ns.end())
                row.ratio = found->second / reference->second;
        rows.push_back(std::move(row));
    }
    return rows;
}

}  // namespace
}  // namespace vigil::bench

int main(int argc, char** argv) {
    std::string program = argv[0];
    std::string time = "--benchmark_min_time=0.02";
    std::string repetitions = "--benchmark_repetitions=12";
    std::vector<char*> arguments{program.data(), time.data(), repetitions.data()};
    arguments.insert(arguments.end(), argv + 1, argv + argc);
    int count = static_cast<int>(arguments.size());
    arguments.push_back(nullptr);
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data())) return EXIT_FAILURE;
    vigil::bench::add_decode_benches();
    vigil::bench::add_order_benches();
    vigil::bench::add_engine_benches();
    vigil::bench::Fastest fastest;
    benchmark::RunSpecifiedBenchmarks(&fastest);
    std::printf("%s\n", vigil::bench::machine().c_str());
    vigil::bench::print_table("Single steps, processor time of the fastest repetition",
                              vigil::bench::rows_of(fastest.best_ns));
    return fastest.failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
