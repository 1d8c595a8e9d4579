#include "runtime/summary.h"

#include <unistd.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>

namespace vigil::runtime {

namespace {

using Json = nlohmann::ordered_json;

Json amounts(const std::vector<orders::AssetAmount>& list) {
    Json object = Json::object();
    for (const orders::AssetAmount& each : list) object[each.asset.str()] = each.amount.str();
    return object;
}

/// Every detector, those that found nothing too: their silence is a result.
Json findings(const review::Figures& figures) {
    Json object = Json::object();
    for (std::size_t i = 0; i < review::detector_count; ++i)
        object[std::string{review::to_string(static_cast<review::Detector>(i))}] = figures.found[i];
    return object;
}

Json microseconds_or_null(const std::optional<base::microseconds>& value) {
    return value ? Json(value->count()) : Json(nullptr);
}

std::int64_t milliseconds(base::nanoseconds length) {
    return std::chrono::ceil<base::milliseconds>(length).count();
}

}  // namespace

std::string to_json(const SessionFacts& facts) {
    Json strategies = Json::array();
    for (const engine::StrategyReport& each : facts.report.strategies)
        strategies.push_back({{"name", each.name.str()},
                              {"kind", each.kind},
                              {"symbol", each.symbol.str()},
                              {"state", each.state},
                              {"orders", each.orders},
                              {"fills", each.fills},
                              {"quote", each.quote.str()},
                              {"realized", each.realised.str()},
                              {"unrealized", each.unrealised ? Json(each.unrealised->str()) : Json(nullptr)},
                              {"fees", amounts(each.fees)},
                              {"open_orders", each.open_orders}});
    Json balances = Json::object();
    for (const domain::Balance& each : facts.report.balances)
        balances[each.asset.str()] = {{"free", each.free.str()}, {"locked", each.locked.str()}};
    Json waits = Json::object();
    for (const engine::LaneReport& each : facts.report.lanes)
        waits[std::string{each.lane}] = {{"granted", each.waits.granted},
                                         {"waited", each.waits.waited},
                                         {"dropped", each.waits.dropped},
                                         {"total_ms", milliseconds(each.waits.total)},
                                         {"longest_ms", milliseconds(each.waits.longest)}};
    const Json summary = {
        {"orders", facts.report.orders},
        {"fills", facts.report.fills},
        {"fees", amounts(facts.report.fees)},
        {"strategies", strategies},
        {"balances", balances},
        {"balances_agree", facts.report.balances_agree},
        {"reconciled", facts.reconciled},
        {"open_orders", facts.report.open_orders},
        {"unknown_orders", facts.report.unknown_orders},
        {"risk_level", facts.report.risk_level},
        {"weight_peak", facts.report.weight_peak},
        {"weight_budget", facts.report.weight_budget},
        {"waits", waits},
        {"offset_us", microseconds_or_null(facts.offset)},
        {"uncertainty_us", microseconds_or_null(facts.uncertainty)},
        {"anomalies",
         {{"warning", facts.counts.of(log::Severity::warning)},
          {"error", facts.counts.of(log::Severity::error)},
          {"critical", facts.counts.of(log::Severity::critical)}}},
        {"findings", findings(facts.review)},
        {"rss_mib", facts.rss_mib},
        {"journal", facts.journal_path},
        {"events", facts.events_path},
    };
    return summary.dump(2) + "\n";
}

double resident_mib() {
    std::ifstream file{"/proc/self/statm"};
    std::int64_t size_pages = 0;
    std::int64_t resident_pages = 0;
    file >> size_pages >> resident_pages;
    constexpr double bytes_a_mib = 1024.0 * 1024.0;
    return static_cast<double>(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / bytes_a_mib;
}

}  // namespace vigil::runtime
