#include "counters.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <cstdlib>
#include <new>

namespace {

thread_local vigil::bench::Counters mine;

void* counted(std::size_t size, std::size_t alignment) {
    ++mine.allocations;
    const std::size_t wanted = size == 0 ? 1 : size;
    void* memory = alignment == 0
                       ? std::malloc(wanted)
                       : std::aligned_alloc(alignment, (wanted + alignment - 1) / alignment * alignment);
    if (memory == nullptr) throw std::bad_alloc{};
    return memory;
}

}  // namespace

void* operator new(std::size_t size) {
    return counted(size, 0);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}

// NOLINTBEGIN(bugprone-reserved-identifier): the linker's names for --wrap
extern "C" {
ssize_t __real_send(int fd, const void* bytes, size_t size, int flags);
ssize_t __wrap_send(int fd, const void* bytes, size_t size, int flags);
ssize_t __real_recv(int fd, void* bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void* bytes, size_t size, int flags);
int __real_epoll_wait(int fd, epoll_event* events, int room, int timeout_ms);
int __wrap_epoll_wait(int fd, epoll_event* events, int room, int timeout_ms);
int __real_epoll_pwait2(int fd, epoll_event* events, int room, const timespec* limit,
                        const sigset_t* signals);
int __wrap_epoll_pwait2(int fd, epoll_event* events, int room, const timespec* limit,
                        const sigset_t* signals);
int __real_epoll_ctl(int fd, int what, int of, epoll_event* event);
int __wrap_epoll_ctl(int fd, int what, int of, epoll_event* event);

ssize_t __wrap_send(int fd, const void* bytes, size_t size, int flags) {
    ++mine.sends;
    return __real_send(fd, bytes, size, flags);
}
ssize_t __wrap_recv(int fd, void* bytes, size_t size, int flags) {
    ++mine.receives;
    return __real_recv(fd, bytes, size, flags);
}
int __wrap_epoll_wait(int fd, epoll_event* events, int room, int timeout_ms) {
    ++mine.waits;
    return __real_epoll_wait(fd, events, room, timeout_ms);
}
int __wrap_epoll_pwait2(int fd, epoll_event* events, int room, const timespec* limit,
                        const sigset_t* signals) {
    ++mine.waits;
    return __real_epoll_pwait2(fd, events, room, limit, signals);
}
int __wrap_epoll_ctl(int fd, int what, int of, epoll_event* event) {
    ++mine.others;
    return __real_epoll_ctl(fd, what, of, event);
}
}
// NOLINTEND(bugprone-reserved-identifier)

namespace vigil::bench {

Counters counters_now() {
    rusage usage{};
    if (getrusage(RUSAGE_THREAD, &usage) == 0) mine.voluntary_switches = usage.ru_nvcsw;
    return mine;
}

std::int64_t allocations_now() {
    return mine.allocations;
}

}  // namespace vigil::bench
