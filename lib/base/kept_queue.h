// First in, first out, in memory that is kept: a queue that empties now and then takes nothing from the heap
// once it has been as long as it gets. (std::deque takes and gives back a block for every few elements.)
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "base/check.h"

namespace vigil::base {

/// Has no bound of its own. Not for sharing between threads (bounded_queue.h).
template <class T>
class KeptQueue {
  public:
    [[nodiscard]] bool empty() const { return first_ == items_.size(); }
    [[nodiscard]] std::size_t size() const { return items_.size() - first_; }

    void push_back(T value) {
        // The places of what has gone are used again before the memory grows, and only when they are the
        // greater part: so each element is moved up once at most, on average.
        if (items_.size() == items_.capacity() && first_ > items_.size() / 2) {
            items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(first_));
            first_ = 0;
        }
        items_.push_back(std::move(value));
    }
    /// The oldest one.
    [[nodiscard]] T pop_front() {
        check(!empty(), "something is in the queue");
        T value = std::move(items_[first_++]);
        if (empty()) clear();
        return value;
    }
    /// All of them, the oldest first.
    [[nodiscard]] std::vector<T> pop_all() {
        std::vector<T> all;
        all.reserve(size());
        for (std::size_t at = first_; at < items_.size(); ++at) all.push_back(std::move(items_[at]));
        clear();
        return all;
    }
    void clear() {
        items_.clear();
        first_ = 0;
    }

  private:
    std::vector<T> items_;
    std::size_t first_{0};  ///< what is before it was taken out
};

}  // namespace vigil::base
