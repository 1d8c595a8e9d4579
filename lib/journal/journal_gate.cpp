#include "journal/journal_gate.h"

namespace vigil::journal {

Commit JournalGate::commit(std::vector<Submission> group, std::vector<Entry> backlog) {
    std::vector<Entry> entries = std::move(backlog);
    const std::size_t backlog_size = entries.size();
    entries.reserve(backlog_size + group.size());
    for (const Submission& each : group) {
        if (const auto* permitted = std::get_if<domain::Permitted>(&each.content))
            entries.push_back({each.stamp, IntentPermitted{permitted->intent(), permitted->permitted()}});
        else
            entries.push_back({each.stamp, std::get<Record>(each.content)});
    }

    Commit result;
    if (entries.empty()) {
        result.last_sequence = store_.last_sequence();
        return result;
    }
    const auto first = store_.append(entries);
    if (first) {
        result.written = entries.size();
        std::int64_t sequence = *first + static_cast<std::int64_t>(backlog_size);
        for (Submission& each : group) {
            if (auto* permitted = std::get_if<domain::Permitted>(&each.content))
                result.journaled.push_back(domain::Journaled{std::move(*permitted), sequence});
            ++sequence;
        }
        result.last_sequence = *first + static_cast<std::int64_t>(entries.size()) - 1;
        return result;
    }

    entries.resize(backlog_size);
    Commit refused = refuse(std::move(group), std::move(entries), first.error());
    refused.last_sequence = store_.last_sequence();
    return refused;
}

Commit JournalGate::refuse(std::vector<Submission> group, std::vector<Entry> backlog, base::Error error) {
    Commit result;
    result.error = std::move(error);
    result.unwritten = std::move(backlog);
    for (Submission& each : group) {
        auto* permitted = std::get_if<domain::Permitted>(&each.content);
        if (permitted == nullptr)
            result.unwritten.push_back({each.stamp, std::move(std::get<Record>(each.content))});
        else if (permitted->intent().cancellation() != nullptr)
            result.journaled.push_back(domain::Journaled{std::move(*permitted), unrecorded});
        else
            result.failed.push_back(std::move(*permitted));
    }
    return result;
}

}  // namespace vigil::journal
