#include "net/resolver.h"

#include <netdb.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include "net/event_loop.h"

namespace vigil::net {

namespace {

constexpr std::size_t waiting_max = 256;
constexpr std::chrono::milliseconds post_again{5};

base::Result<std::vector<SocketAddress>> look_up(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int outcome = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (outcome != 0)
        return base::fail(base::ErrorKind::unavailable,
                          "cannot resolve " + host + ": " + ::gai_strerror(outcome));
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner{list, &::freeaddrinfo};
    std::vector<SocketAddress> found;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next)
        if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6)
            found.emplace_back(entry->ai_addr, entry->ai_addrlen);
    if (found.empty())
        return base::fail(base::ErrorKind::unavailable, "cannot resolve " + host + ": no address");
    return found;
}

}  // namespace

struct Resolver::Shared {
    struct Question {
        std::string host;
        std::uint16_t port;
        Callback done;
    };

    std::mutex mutex;
    std::condition_variable changed;
    EventLoop* loop{nullptr};  ///< null once the resolver has gone
    std::deque<Question> waiting;
    bool started{false};

    /// The helper thread's life.
    static void serve(const std::shared_ptr<Shared>& self) {
        std::unique_lock lock{self->mutex};
        for (;;) {
            self->changed.wait(lock, [&] { return self->loop == nullptr || !self->waiting.empty(); });
            if (self->loop == nullptr) return;
            Question question = std::move(self->waiting.front());
            self->waiting.pop_front();
            lock.unlock();
            auto answer = look_up(question.host, question.port);
            lock.lock();
            Task task{[done = std::move(question.done), answer = std::move(answer)] { done(answer); }};
            // A full queue of the loop only delays the answer.
            while (self->loop != nullptr && !self->loop->post(std::move(task)))
                self->changed.wait_for(lock, post_again);
        }
    }
};

Resolver::Resolver(EventLoop& loop) : loop_{loop}, shared_{std::make_shared<Shared>()} {
    shared_->loop = &loop;
}

Resolver::~Resolver() {
    std::deque<Shared::Question> gone;
    const std::scoped_lock lock{shared_->mutex};
    shared_->loop = nullptr;
    gone.swap(shared_->waiting);
    shared_->changed.notify_all();
}

void Resolver::resolve(const std::string& host, std::uint16_t port, Callback done) {
    if (const auto literal = SocketAddress::parse(host, port)) {
        loop_.call_after(base::nanoseconds{0},
                         [done = std::move(done), literal = *literal] { done(std::vector{literal}); });
        return;
    }
    {
        const std::scoped_lock lock{shared_->mutex};
        if (shared_->waiting.size() < waiting_max) {
            shared_->waiting.push_back({host, port, std::move(done)});
            if (!std::exchange(shared_->started, true))
                std::thread{[shared = shared_] { Shared::serve(shared); }}.detach();
            shared_->changed.notify_all();
            return;
        }
    }
    loop_.call_after(base::nanoseconds{0}, [done = std::move(done)] {
        done(base::fail(base::ErrorKind::exhausted, "too many names wait to be resolved"));
    });
}

}  // namespace vigil::net
