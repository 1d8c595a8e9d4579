#include "log/record_queue.h"

#include "base/check.h"

namespace vigil::log {

RecordQueue::RecordQueue(std::size_t capacity) : nodes_(capacity) {
    base::check(capacity >= 2 && capacity < none, "a log queue holds at least two records");
    for (Index i = 0; i < capacity; ++i) append(free_, i);
}

void RecordQueue::append(List& list, Index node) {
    nodes_[node].next = none;
    if (list.tail == none) {
        list.head = node;
    } else {
        nodes_[list.tail].next = node;
    }
    list.tail = node;
}

RecordQueue::Index RecordQueue::detach_head(List& list) {
    const Index node = list.head;
    list.head = nodes_[node].next;
    if (list.head == none) list.tail = none;
    return node;
}

RecordQueue::Index RecordQueue::take_free_or_evict(RecordClass incoming) {
    if (free_.head != none) {
        ++in_use_;
        return detach_head(free_);
    }
    for (std::size_t lower = 0; lower < static_cast<std::size_t>(incoming); ++lower) {
        if (queued_[lower].head == none) continue;
        ++losses_[lower];
        return detach_head(queued_[lower]);
    }
    ++losses_[static_cast<std::size_t>(incoming)];
    return none;
}

void RecordQueue::push(const Record& record, base::WallTime now) {
    const RecordClass incoming = class_of(severity(record.event()));
    Index node = none;
    {
        const std::scoped_lock lock{mutex_};
        if (closed_) {
            ++losses_[static_cast<std::size_t>(incoming)];
            return;
        }
        node = take_free_or_evict(incoming);
    }
    if (node == none) return;
    // The node is in no list now: it is filled without the lock, which nobody holds for longer than a few
    // pointers.
    nodes_[node].record = record;
    nodes_[node].record->stamp(now);
    bool wake = false;
    {
        const std::scoped_lock lock{mutex_};
        if (closed_) {
            ++losses_[static_cast<std::size_t>(incoming)];
            append(free_, node);
            --in_use_;
            return;
        }
        nodes_[node].number = ++queued_count_;
        append(queued_[static_cast<std::size_t>(incoming)], node);
        const bool pressing = incoming != RecordClass::quiet || in_use_ >= nodes_.size() / 2;
        wake = pressing && !urgent_;
        urgent_ = urgent_ || pressing;
    }
    if (wake) work_.notify_one();
}

RecordQueue::List* RecordQueue::oldest() {
    List* first = nullptr;
    for (List& list : queued_) {
        if (list.head == none) continue;
        if (first == nullptr || nodes_[list.head].number < nodes_[first->head].number) first = &list;
    }
    return first;
}

RecordQueue::Batch RecordQueue::pop(std::vector<Record>& out, std::size_t most,
                                    std::chrono::nanoseconds patience) {
    out.clear();
    Batch batch;
    List taken;
    {
        std::unique_lock lock{mutex_};
        work_.wait_for(lock, patience, [this] { return urgent_ || nudged_ || closed_; });
        List* list = oldest();
        for (std::size_t count = 0; list != nullptr && count < most; ++count) {
            append(taken, detach_head(*list));
            list = oldest();
        }
        batch.wanted = nudged_;
        batch.closed = closed_;
        // When records remain, the next look must not wait, and what was asked for is not yet reached.
        batch.reached = list == nullptr ? queued_count_ : nodes_[list->head].number - 1;
        urgent_ = list != nullptr;
        nudged_ = false;
    }
    for (Index node = taken.head; node != none; node = nodes_[node].next) out.push_back(*nodes_[node].record);
    const std::scoped_lock lock{mutex_};
    while (taken.head != none) {
        append(free_, detach_head(taken));
        --in_use_;
    }
    return batch;
}

std::uint64_t RecordQueue::nudge() {
    std::uint64_t newest = 0;
    {
        const std::scoped_lock lock{mutex_};
        nudged_ = true;
        newest = queued_count_;
    }
    work_.notify_one();
    return newest;
}

void RecordQueue::close() {
    {
        const std::scoped_lock lock{mutex_};
        closed_ = true;
    }
    work_.notify_one();
}

Losses RecordQueue::losses() const {
    const std::scoped_lock lock{mutex_};
    return losses_;
}

}  // namespace vigil::log
