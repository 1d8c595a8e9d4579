// A callable that is called once or more, owned by value and movable only, so that it may capture owners (a
// Responder, a unique_ptr). Small captures live in place: posting or arming a timer allocates nothing for
// them.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace vigil::net {

class Task {
  public:
    /// Captures up to this size are kept without the heap.
    static constexpr std::size_t in_place_bytes = 64;

    Task() = default;

    template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, Task>>>
    Task(F&& callable) {  // NOLINT(google-explicit-constructor): a lambda is a task
        using Fn = std::decay_t<F>;
        if constexpr (sizeof(Fn) <= in_place_bytes && alignof(Fn) <= alignof(std::max_align_t) &&
                      std::is_nothrow_move_constructible_v<Fn>) {
            ::new (static_cast<void*>(place_)) Fn(std::forward<F>(callable));
            operations_ = &in_place<Fn>;
        } else {
            ::new (static_cast<void*>(place_)) Fn*(new Fn(std::forward<F>(callable)));
            operations_ = &on_heap<Fn>;
        }
    }

    Task(Task&& other) noexcept { take(other); }
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            reset();
            take(other);
        }
        return *this;
    }
    Task(const Task&) = delete;
    Task& operator=(const Task&) = delete;
    ~Task() { reset(); }

    void operator()() {
        base::check(operations_ != nullptr, "an empty task is not called");
        operations_->call(place_);
    }
    [[nodiscard]] explicit operator bool() const { return operations_ != nullptr; }

    void reset() {
        if (operations_ != nullptr) std::exchange(operations_, nullptr)->destroy(place_);
    }

  private:
    struct Operations {
        void (*call)(void*);
        void (*move)(void* from, void* to) noexcept;
        void (*destroy)(void*) noexcept;
    };

    template <class Fn>
    static constexpr Operations in_place{
        [](void* at) { (*std::launder(static_cast<Fn*>(at)))(); },
        [](void* from, void* to) noexcept {
            Fn* source = std::launder(static_cast<Fn*>(from));
            ::new (to) Fn(std::move(*source));
            source->~Fn();
        },
        [](void* at) noexcept { std::launder(static_cast<Fn*>(at))->~Fn(); }};

    template <class Fn>
    static constexpr Operations on_heap{
        [](void* at) { (**std::launder(static_cast<Fn**>(at)))(); },
        [](void* from, void* to) noexcept { ::new (to) Fn*(*std::launder(static_cast<Fn**>(from))); },
        [](void* at) noexcept { delete *std::launder(static_cast<Fn**>(at)); }};

    void take(Task& other) noexcept {
        if (other.operations_ == nullptr) return;
        other.operations_->move(other.place_, place_);
        operations_ = std::exchange(other.operations_, nullptr);
    }

    alignas(std::max_align_t) std::byte place_[in_place_bytes];
    const Operations* operations_{nullptr};
};

}  // namespace vigil::net
