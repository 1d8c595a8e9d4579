#include "binance/stream_connection.h"

#include <algorithm>
#include <utility>

#include "binance/order_answer.h"

namespace vigil::binance {

namespace {

constexpr std::size_t streams_a_message = 100;
constexpr base::milliseconds subscribe_patience{10'000};
// The server pings every 20 s: so long a silence is a dead connection.
constexpr base::milliseconds idle_timeout{45'000};
constexpr std::size_t excerpt_bytes = 120;

}  // namespace

StreamConnection::StreamConnection(Parts parts, Handlers handlers)
    : parts_{std::move(parts)},
      handlers_{std::move(handlers)},
      decoder_{parts_.listener},
      ws_{parts_.loop,
          {.on_open =
               [this] {
                   deadline_.after(subscribe_patience, [this] { down("subscriptions were not answered"); });
                   subscribe_next();
               },
           .on_text = [this](std::string_view text) { on_text(text); },
           .on_closed = [this](const net::WsClosed& closed) { on_closed(closed); },
           .on_ping = [this](std::string_view) { pace_.sent(parts_.loop.now()); },  // and so its pong
           .on_pong = {}},
          {.idle_timeout = idle_timeout, .local_address = parts_.local_address, .headers = {}}},
      next_message_{parts_.loop},
      deadline_{parts_.loop} {}

void StreamConnection::open() {
    opened_ = parts_.loop.now();
    // Not from inside this call: the owner has not stored us yet.
    if (auto begun = ws_.connect(parts_.url, parts_.tls); !begun)
        next_message_.after(base::milliseconds{0}, [this, why = begun.error().message] { down(why); });
}

void StreamConnection::subscribe_next() {
    if (subscribed_ == parts_.streams.size()) return;
    const base::MonotonicTime now = parts_.loop.now();
    base::MonotonicTime at = pace_.next_control(now);
    if (at <= now) at = parts_.leave(domain::OwnRequest::stream_message).value_or(now);
    if (at > now) {
        next_message_.at(at, [this] { subscribe_next(); });
        return deadline_.at(at + subscribe_patience, [this] { down("subscriptions were not answered"); });
    }
    const std::size_t count = std::min(streams_a_message, parts_.streams.size() - subscribed_);
    std::string message = R"({"method":"SUBSCRIBE","params":[)";
    for (std::size_t index = 0; index < count; ++index) {
        if (index > 0) message += ',';
        message += '"';
        message += parts_.streams[subscribed_ + index];
        message += '"';
    }
    message += R"(],"id":)" + std::to_string(next_id_++) + "}";
    if (const auto sent = ws_.send(message); !sent) return down(sent.error().message);
    subscribed_ += count;
    ++answers_due_;
    pace_.sent(now);
    subscribe_next();
}

void StreamConnection::on_text(std::string_view text) {
    switch (decoder_.decode(text, parts_.loop.turn_time())) {
        case StreamMessage::event:
        case StreamMessage::ignored:
            return;
        case StreamMessage::answer:
            if (answers_due_ > 0) --answers_due_;
            if (answers_due_ == 0 && subscribed_ == parts_.streams.size() && !up_) {
                up_ = true;
                deadline_.cancel();
                handlers_.on_up();
            }
            return;
        case StreamMessage::refusal:
            return down("a subscription was refused: " + std::string{text.substr(0, excerpt_bytes)});
        case StreamMessage::shutdown:
            return handlers_.on_shutdown();
        case StreamMessage::malformed:
            parts_.listener.on_malformed("market streams", text.substr(0, excerpt_bytes));
            return;
    }
}

void StreamConnection::on_closed(const net::WsClosed& closed) {
    if (closed.refusal) {
        ApiAnswer answer;
        answer.status = closed.refusal->status;
        answer.retry_after_seconds = parse_retry_after(closed.refusal->headers.find("Retry-After"));
        tell_side_news(answer, "market streams", parts_.loop.turn_time(), parts_.listener);
    }
    down(closed.error.message);
}

void StreamConnection::down(std::string why) {
    next_message_.cancel();
    deadline_.cancel();
    up_ = false;
    // Copied: the owner may destroy this object in the call.
    const auto on_down = handlers_.on_down;
    on_down(std::move(why));
}

}  // namespace vigil::binance
