#include "journal/journal_thread.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "base/check.h"

namespace vigil::journal {

namespace {

/// What waits in the queue. A Permitted has no ticket of its own: it comes back as itself.
struct Waiting {
    Submission submission;
    Ticket ticket{0};
};

}  // namespace

struct JournalThread::Impl {
    Impl(RecordStore& record_store, JournalThreadOptions thread_options,
         std::function<void(JournalReport)> report_to)
        : gate{record_store},
          options{thread_options},
          report{std::move(report_to)},
          queue{thread_options.queue_max} {}

    [[nodiscard]] Ticket put(Waiting& waiting);
    void run();
    void write(std::vector<Waiting> group, bool is_last);
    void tell(Commit commit);

    JournalGate gate;
    const JournalThreadOptions options;
    const std::function<void(JournalReport)> report;
    base::BoundedQueue<Waiting> queue;
    std::atomic<std::uint64_t> beat{0};

    // The thread's own.
    std::vector<Entry> backlog;
    std::vector<Ticket> backlog_tickets;
    std::optional<base::Error> failing;  ///< of the last attempt
    bool has_given_up{false};
    std::chrono::steady_clock::time_point next_attempt;
    Ticket handled{0};

    // Submitters number what they put into the queue under this lock, so that tickets come in queue order.
    std::mutex submit_mutex;
    Ticket last_ticket{0};

    std::mutex state_mutex;
    std::condition_variable changed;
    Ticket handled_through{0};  ///< every ticket up to here was tried at least once
    Ticket durable_through{0};
    std::optional<base::Error> error;
    bool is_done{false};

    std::thread thread;
};

Ticket JournalThread::Impl::put(Waiting& waiting) {
    const std::scoped_lock lock{submit_mutex};
    waiting.ticket = last_ticket + 1;
    if (!queue.try_push(std::move(waiting))) return 0;
    return ++last_ticket;
}

void JournalThread::Impl::run() {
    pthread_setname_np(pthread_self(), "journal");
    for (;;) {
        beat.fetch_add(1, std::memory_order_relaxed);
        const bool is_closing = queue.closed();
        std::vector<Waiting> waiting = queue.pop_all(options.beat_every);
        if (waiting.empty() && is_closing) break;
        if (waiting.empty() && !backlog.empty()) write({}, false);
        auto from = waiting.begin();
        while (from != waiting.end()) {
            const auto size = std::min<std::ptrdiff_t>(waiting.end() - from,
                                                       static_cast<std::ptrdiff_t>(options.group_max));
            write({std::make_move_iterator(from), std::make_move_iterator(from + size)}, false);
            from += size;
            beat.fetch_add(1, std::memory_order_relaxed);
        }
    }
    if (!backlog.empty()) write({}, true);
    {
        const std::scoped_lock lock{state_mutex};
        is_done = true;
    }
    changed.notify_all();
}

void JournalThread::Impl::write(std::vector<Waiting> group, bool is_last) {
    std::vector<Submission> submissions;
    submissions.reserve(group.size());
    for (Waiting& each : group) {
        handled = each.ticket;
        if (std::holds_alternative<Record>(each.submission.content)) backlog_tickets.push_back(each.ticket);
        submissions.push_back(std::move(each.submission));
    }
    // While writing fails it is tried at intervals, not with every record: the backlog may be long.
    const auto now = std::chrono::steady_clock::now();
    const bool may_try = !has_given_up && (!failing || is_last || now >= next_attempt);
    if (!may_try && submissions.empty()) return;
    Commit commit = may_try ? gate.commit(std::move(submissions), std::move(backlog))
                            : JournalGate::refuse(std::move(submissions), std::move(backlog), *failing);
    backlog = std::move(commit.unwritten);
    commit.unwritten.clear();
    if (!commit.error) backlog_tickets.clear();
    base::check(backlog.size() == backlog_tickets.size(), "each record that waits has its ticket");
    failing = commit.error;
    if (may_try) next_attempt = now + options.retry_every;
    if (failing && !has_given_up && backlog.size() > options.backlog_max) {
        has_given_up = true;
        failing = base::Error{base::ErrorKind::exhausted, "the journal gave up with " +
                                                              std::to_string(backlog.size()) +
                                                              " records unwritten: " + failing->message};
    }
    if (has_given_up && backlog.size() > options.backlog_max) {
        // There is a hole from here on, and nothing is written behind it. The first ticket stays, so that
        // nothing later is ever called durable.
        backlog.resize(options.backlog_max);
        backlog_tickets.resize(options.backlog_max);
    }
    tell(std::move(commit));
}

void JournalThread::Impl::tell(Commit commit) {
    JournalReport told;
    told.journaled = std::move(commit.journaled);
    told.failed = std::move(commit.failed);
    told.durable_through = backlog_tickets.empty() ? handled : backlog_tickets.front() - 1;
    told.error = failing;
    told.backlog = backlog.size();
    const Ticket durable = told.durable_through;
    if (report) report(std::move(told));
    {
        const std::scoped_lock lock{state_mutex};
        handled_through = handled;
        durable_through = durable;
        error = failing;
    }
    changed.notify_all();
}

JournalThread::JournalThread(RecordStore& store, JournalThreadOptions options,
                             std::function<void(JournalReport)> report)
    : impl_{std::make_unique<Impl>(store, options, std::move(report))} {
    base::check(options.group_max > 0 && options.backlog_max > 0 && options.beat_every.count() > 0,
                "the journal thread's bounds are positive");
    impl_->thread = std::thread{[impl = impl_.get()] { impl->run(); }};
}

JournalThread::~JournalThread() {
    impl_->queue.close();
    if (impl_->thread.joinable()) impl_->thread.join();
}

bool JournalThread::submit(domain::Permitted&& permitted, const Stamp& stamp) {
    Waiting waiting{Submission{stamp, std::move(permitted)}};
    if (impl_->put(waiting) != 0) return true;
    permitted = std::move(std::get<domain::Permitted>(waiting.submission.content));
    return false;
}

std::optional<Ticket> JournalThread::submit(Record record, const Stamp& stamp) {
    Waiting waiting{Submission{stamp, std::move(record)}};
    const Ticket ticket = impl_->put(waiting);
    if (ticket == 0) return std::nullopt;
    return ticket;
}

base::Result<void> JournalThread::flush(base::milliseconds deadline) {
    Ticket target = 0;
    {
        const std::scoped_lock lock{impl_->submit_mutex};
        target = impl_->last_ticket;
    }
    std::unique_lock lock{impl_->state_mutex};
    const bool was_handled = impl_->changed.wait_for(lock, deadline, [this, target] {
        return impl_->durable_through >= target || (impl_->handled_through >= target && impl_->error);
    });
    if (impl_->durable_through >= target) return {};
    if (was_handled) return base::fail(*impl_->error);
    return base::fail(base::ErrorKind::timeout,
                      "the journal was not written within " + std::to_string(deadline.count()) + " ms");
}

base::Result<void> JournalThread::stop(base::milliseconds deadline) {
    impl_->queue.close();
    {
        std::unique_lock lock{impl_->state_mutex};
        if (!impl_->changed.wait_for(lock, deadline, [this] { return impl_->is_done; }))
            return base::fail(base::ErrorKind::timeout, "the journal thread did not end within " +
                                                            std::to_string(deadline.count()) + " ms");
    }
    if (impl_->thread.joinable()) impl_->thread.join();
    if (!impl_->backlog.empty())
        return base::fail(
            impl_->failing->within(std::to_string(impl_->backlog.size()) + " journal records were lost"));
    return {};
}

const std::atomic<std::uint64_t>& JournalThread::heartbeat() const {
    return impl_->beat;
}

}  // namespace vigil::journal
