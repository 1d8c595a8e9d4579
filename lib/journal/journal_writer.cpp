#include "journal/journal_writer.h"

#include <string>
#include <utility>

#include "base/check.h"

namespace vigil::journal {

JournalWriter::JournalWriter(RecordStore& store, JournalWriterOptions options)
    : gate_{store}, options_{options} {
    base::check(options_.backlog_max > 0, "the journal's backlog has room");
}

std::optional<JournalReport> JournalWriter::write(std::vector<Numbered> group, base::nanoseconds now,
                                                  bool is_last) {
    std::vector<Submission> submissions;
    submissions.reserve(group.size());
    for (Numbered& each : group) {
        handled_ = each.ticket;
        if (std::holds_alternative<Record>(each.submission.content)) backlog_tickets_.push_back(each.ticket);
        submissions.push_back(std::move(each.submission));
    }
    // While writing fails it is tried at intervals, not with every record: the backlog may be long.
    const bool may_try = !has_given_up_ && (!failing_ || is_last || now >= next_attempt_);
    if (!may_try && submissions.empty()) return std::nullopt;
    Commit commit = may_try ? gate_.commit(std::move(submissions), std::move(backlog_))
                            : JournalGate::refuse(std::move(submissions), std::move(backlog_), *failing_);
    backlog_ = std::move(commit.unwritten);
    if (!commit.error) backlog_tickets_.clear();
    base::check(backlog_.size() == backlog_tickets_.size(), "each record that waits has its ticket");
    failing_ = commit.error;
    if (may_try) next_attempt_ = now + options_.retry_every;
    if (failing_ && !has_given_up_ && backlog_.size() > options_.backlog_max) {
        has_given_up_ = true;
        failing_ = base::Error{base::ErrorKind::exhausted, "the journal gave up with " +
                                                               std::to_string(backlog_.size()) +
                                                               " records unwritten: " + failing_->message};
    }
    if (has_given_up_ && backlog_.size() > options_.backlog_max) {
        // There is a hole from here on, and nothing is written behind it. The first ticket stays, so that
        // nothing later is ever called durable.
        backlog_.resize(options_.backlog_max);
        backlog_tickets_.resize(options_.backlog_max);
    }
    JournalReport report;
    report.journaled = std::move(commit.journaled);
    report.failed = std::move(commit.failed);
    report.durable_through = backlog_tickets_.empty() ? handled_ : backlog_tickets_.front() - 1;
    report.error = failing_;
    report.backlog = backlog_.size();
    return report;
}

}  // namespace vigil::journal
