#include "review/session_review.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "log/format.h"

namespace vigil::review {

namespace {

using log::Event;
using log::Severity;

constexpr std::size_t findings_kept = 100;

}  // namespace

std::vector<Finding> SessionReview::on(const log::Record& record) {
    const std::scoped_lock lock{mutex_};
    const Severity severity = log::severity(record.event());
    ++counts_.by_event[static_cast<std::size_t>(record.event())];
    ++counts_.by_severity[static_cast<std::size_t>(severity)];
    if (severity >= Severity::warning) {
        auto known = std::find_if(anomalies_.begin(), anomalies_.end(),
                                  [&](const Anomaly& each) { return each.event == record.event(); });
        if (known == anomalies_.end())
            known = anomalies_.insert(anomalies_.end(), Anomaly{record.event(), 0, {}});
        ++known->count;
        known->newest = log::message(record);
    }
    std::vector<Finding> found;
    const auto take = [&](std::optional<Finding> finding) {
        if (!finding) return;
        ++found_[static_cast<std::size_t>(finding->detector)];
        if (findings_.size() == findings_kept) findings_.erase(findings_.begin());
        findings_.push_back(*finding);
        found.push_back(std::move(*finding));
    };
    take(rejection_rate_.on(record));
    take(order_latency_.on(record));
    take(clock_uncertainty_.on(record));
    take(connection_flapping_.on(record));
    return found;
}

Figures SessionReview::figures() const {
    const std::scoped_lock lock{mutex_};
    Figures figures;
    figures.orders_placed = counts_.of(Event::order_placed);
    figures.orders_accepted = counts_.of(Event::order_accepted);
    figures.orders_rejected = counts_.of(Event::order_rejected);
    figures.orders_unknown = counts_.of(Event::order_unknown);
    figures.orders_resolved = counts_.of(Event::order_resolved);
    figures.cancels = counts_.of(Event::order_cancelled);
    figures.fills = counts_.of(Event::order_filled);
    figures.warnings = counts_.of(Severity::warning);
    figures.errors = counts_.of(Severity::error);
    figures.criticals = counts_.of(Severity::critical);
    figures.latency_median_us = order_latency_.median_us();
    figures.latency_worst_us = order_latency_.worst_us();
    figures.uncertainty_worst_us = clock_uncertainty_.worst_us();
    figures.anomalies = anomalies_;
    figures.found = found_;
    std::sort(figures.anomalies.begin(), figures.anomalies.end(), [](const Anomaly& a, const Anomaly& b) {
        const Severity grave_a = log::severity(a.event);
        const Severity grave_b = log::severity(b.event);
        if (grave_a != grave_b) return grave_a > grave_b;
        if (a.count != b.count) return a.count > b.count;
        return a.event < b.event;
    });
    figures.findings = findings_;
    return figures;
}

void emit(const Finding& finding, log::Logger& logger) {
    const std::string value = std::to_string(finding.value);
    const std::string limit = std::to_string(finding.limit);
    logger.emit(Event::review_finding, {log::field("detector", to_string(finding.detector)),
                                        log::field("subject", finding.subject), log::decimal("value", value),
                                        log::decimal("limit", limit), log::field("reason", finding.reason)});
}

}  // namespace vigil::review
