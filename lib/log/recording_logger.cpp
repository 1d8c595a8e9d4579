#include "log/recording_logger.h"

#include <algorithm>

namespace vigil::log {

std::vector<Record> RecordingLogger::records() const {
    const std::scoped_lock lock{mutex_};
    return {records_.begin(), records_.end()};
}

std::optional<Record> RecordingLogger::last(Event event) const {
    const std::scoped_lock lock{mutex_};
    const auto found = std::find_if(records_.rbegin(), records_.rend(),
                                    [event](const Record& each) { return each.event() == event; });
    if (found != records_.rend()) return *found;
    return std::nullopt;
}

Counts RecordingLogger::counts() const {
    const std::scoped_lock lock{mutex_};
    return counts_;
}

void RecordingLogger::submit(const Record& record) noexcept {
    const std::scoped_lock lock{mutex_};
    ++counts_.by_event[static_cast<std::size_t>(record.event())];
    ++counts_.by_severity[static_cast<std::size_t>(severity(record.event()))];
    if (records_.size() == capacity_) records_.pop_front();
    records_.push_back(record);
    records_.back().redact_texts();
}

}  // namespace vigil::log
