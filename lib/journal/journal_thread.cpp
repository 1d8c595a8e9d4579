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

struct JournalThread::Impl {
    Impl(RecordStore& record_store, JournalThreadOptions thread_options,
         std::function<void(JournalReport)> report_to)
        : writer{record_store, thread_options.writer},
          options{thread_options},
          report{std::move(report_to)},
          queue{thread_options.queue_max} {}

    [[nodiscard]] Ticket put(Numbered& waiting);
    void run();
    void write(std::vector<Numbered> group, bool is_last);

    JournalWriter writer;  // the thread's own
    const JournalThreadOptions options;
    const std::function<void(JournalReport)> report;
    base::BoundedQueue<Numbered> queue;
    std::atomic<std::uint64_t> beat{0};

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

Ticket JournalThread::Impl::put(Numbered& waiting) {
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
        std::vector<Numbered> waiting = queue.pop_all(options.beat_every);
        if (waiting.empty() && is_closing) break;
        if (waiting.empty() && writer.backlog() > 0) write({}, false);
        auto from = waiting.begin();
        while (from != waiting.end()) {
            const auto size = std::min<std::ptrdiff_t>(waiting.end() - from,
                                                       static_cast<std::ptrdiff_t>(options.group_max));
            write({std::make_move_iterator(from), std::make_move_iterator(from + size)}, false);
            from += size;
            beat.fetch_add(1, std::memory_order_relaxed);
        }
    }
    if (writer.backlog() > 0) write({}, true);
    {
        const std::scoped_lock lock{state_mutex};
        is_done = true;
    }
    changed.notify_all();
}

void JournalThread::Impl::write(std::vector<Numbered> group, bool is_last) {
    auto told = writer.write(std::move(group), std::chrono::steady_clock::now().time_since_epoch(), is_last);
    if (!told) return;
    const Ticket durable = told->durable_through;
    if (report) report(std::move(*told));
    {
        const std::scoped_lock lock{state_mutex};
        handled_through = writer.handled();
        durable_through = durable;
        error = writer.failing();
    }
    changed.notify_all();
}

JournalThread::JournalThread(RecordStore& store, JournalThreadOptions options,
                             std::function<void(JournalReport)> report)
    : impl_{std::make_unique<Impl>(store, options, std::move(report))} {
    base::check(options.group_max > 0 && options.beat_every.count() > 0,
                "the journal thread's bounds are positive");
    impl_->thread = std::thread{[impl = impl_.get()] { impl->run(); }};
}

JournalThread::~JournalThread() {
    impl_->queue.close();
    if (impl_->thread.joinable()) impl_->thread.join();
}

bool JournalThread::submit(domain::Permitted&& permitted, const Stamp& stamp) {
    Numbered waiting{Submission{stamp, std::move(permitted)}};
    if (impl_->put(waiting) != 0) return true;
    permitted = std::move(std::get<domain::Permitted>(waiting.submission.content));
    return false;
}

std::optional<Ticket> JournalThread::submit(Record record, const Stamp& stamp) {
    Numbered waiting{Submission{stamp, std::move(record)}};
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
    if (const std::size_t lost = impl_->writer.backlog(); lost > 0)
        return base::fail(
            impl_->writer.failing()->within(std::to_string(lost) + " journal records were lost"));
    return {};
}

const std::atomic<std::uint64_t>& JournalThread::heartbeat() const {
    return impl_->beat;
}

}  // namespace vigil::journal
