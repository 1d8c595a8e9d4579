#include "review/detectors.h"

#include <utility>

namespace vigil::review {

namespace {

using log::Event;

/// Names come from the exchange and from configuration; there are few of them, and this keeps it so.
constexpr std::size_t most_subjects = 1024;

std::string text_of(const log::Record& record, std::string_view field_name) {
    const auto found = record.find(field_name);
    return found ? std::string{found->text} : std::string{};
}

std::optional<std::int64_t> microseconds_of(const log::Record& record, std::string_view field_name) {
    const auto found = record.find(field_name);
    if (!found) return std::nullopt;
    return found->number / 1000;
}

template <class Map>
typename Map::mapped_type* subject(Map& map, const std::string& name) {
    if (map.size() >= most_subjects && !map.contains(name)) return nullptr;
    return &map[name];
}

}  // namespace

std::string_view to_string(Detector detector) noexcept {
    switch (detector) {
        case Detector::rejection_rate:
            return "rejection rate";
        case Detector::order_latency:
            return "order latency";
        case Detector::clock_uncertainty:
            return "clock uncertainty";
        case Detector::connection_flapping:
            return "connection flapping";
    }
    return "unknown";
}

std::optional<Finding> RejectionRate::on(const log::Record& record) {
    const bool rejected = record.event() == Event::order_rejected;
    if (!rejected && record.event() != Event::order_accepted) return std::nullopt;
    const std::string symbol = text_of(record, "symbol");
    Answers* answers = subject(by_symbol_, symbol);
    if (answers == nullptr) return std::nullopt;
    answers->rejected.push_back(rejected);
    if (answers->rejected.size() > window) answers->rejected.pop_front();
    if (answers->rejected.size() < window) return std::nullopt;
    const auto count = std::count(answers->rejected.begin(), answers->rejected.end(), true);
    const std::int64_t percent = count * 100 / static_cast<std::int64_t>(window);
    if (percent < limit_percent) {
        answers->told = false;
        return std::nullopt;
    }
    if (std::exchange(answers->told, true)) return std::nullopt;
    return Finding{Detector::rejection_rate,
                   symbol,
                   percent,
                   limit_percent,
                   "percent of the last 20 orders were rejected",
                   record.time()};
}

std::optional<Finding> OrderLatency::on(const log::Record& record) {
    if (record.event() != Event::order_accepted) return std::nullopt;
    const auto latency_us = microseconds_of(record, "latency_us");
    if (!latency_us || *latency_us < 0) return std::nullopt;
    worst_us_ = std::max(worst_us_, *latency_us);
    const bool enough = latencies_us_.size() >= least;
    const std::int64_t median_us = latencies_us_.median();
    const std::int64_t limit_us = std::max(3 * median_us, median_us + 10 * latencies_us_.deviation());
    latencies_us_.add(*latency_us);
    if (!enough || *latency_us <= limit_us) return std::nullopt;
    return Finding{Detector::order_latency,
                   text_of(record, "client_order_id"),
                   *latency_us,
                   limit_us,
                   "microseconds to the answer, far above the other orders",
                   record.time()};
}

std::optional<Finding> ClockUncertainty::on(const log::Record& record) {
    if (record.event() != Event::clock_sampled && record.event() != Event::clock_synchronised &&
        record.event() != Event::clock_uncertain)
        return std::nullopt;
    const auto uncertainty_us = microseconds_of(record, "uncertainty_us");
    if (!uncertainty_us) return std::nullopt;
    worst_us_ = std::max(worst_us_, *uncertainty_us);
    const bool enough = uncertainties_us_.size() >= least;
    const std::int64_t limit_us = std::max(floor_us, 4 * uncertainties_us_.median());
    uncertainties_us_.add(*uncertainty_us);
    const bool unusual = enough && *uncertainty_us > limit_us;
    const bool told_before = std::exchange(told_, unusual);
    if (!unusual || told_before) return std::nullopt;
    return Finding{Detector::clock_uncertainty,
                   "exchange time",
                   *uncertainty_us,
                   limit_us,
                   "microseconds of uncertainty, far above the usual",
                   record.time()};
}

std::optional<Finding> ConnectionFlapping::on(const log::Record& record) {
    if (record.event() != Event::market_stream_disconnected && record.event() != Event::exchange_session_lost)
        return std::nullopt;
    const std::string endpoint = text_of(record, "endpoint");
    std::deque<base::WallTime>* losses = subject(losses_, endpoint);
    if (losses == nullptr) return std::nullopt;
    losses->push_back(record.time());
    while (record.time() - losses->front() > within) losses->pop_front();
    if (losses->size() < times) return std::nullopt;
    losses->clear();
    return Finding{Detector::connection_flapping,    endpoint,
                   static_cast<std::int64_t>(times), static_cast<std::int64_t>(times),
                   "times lost within ten minutes",  record.time()};
}

}  // namespace vigil::review
