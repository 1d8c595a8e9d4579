// The session in figures as JSON, for scripts: `summary.json` in the state folder. Decimals are strings.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "engine/report.h"
#include "log/logger.h"
#include "review/session_review.h"

namespace vigil::runtime {

struct SessionFacts {
    engine::Report report;
    log::Counts counts;
    review::Figures review;
    bool reconciled{false};
    std::optional<base::microseconds> offset;  ///< exchange time minus wall clock
    std::optional<base::microseconds> uncertainty;
    double rss_mib{0};
    std::string journal_path;
    std::string events_path;
};

[[nodiscard]] std::string to_json(const SessionFacts& facts);
/// Resident memory of this process; 0 when /proc cannot be read.
[[nodiscard]] double resident_mib();

}  // namespace vigil::runtime
