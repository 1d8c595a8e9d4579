#include "binance/api_connection.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "binance/order_answer.h"
#include "binance/order_request.h"

namespace vigil::binance {

namespace {

constexpr base::milliseconds set_up_patience{10'000};
constexpr base::milliseconds time_poll{100};
// The server pings every 20 s: so long a silence is a dead connection.
constexpr base::milliseconds idle_timeout{45'000};
constexpr base::milliseconds goodbye_patience{1'000};

/// Entries that are moved up at a time while older requests are without an answer.
constexpr std::size_t forget_at_least = 256;

constexpr std::string_view source = "WebSocket API";

}  // namespace

ApiConnection::ApiConnection(Parts parts, Handlers handlers)
    : parts_{std::move(parts)},
      handlers_{std::move(handlers)},
      ws_{parts_.loop,
          {.on_open = [this] { begin(); },
           .on_text = [this](std::string_view text) { on_text(text); },
           .on_closed = [this](const net::WsClosed& closed) { on_closed(closed); },
           .on_ping = {},
           .on_pong = {}},
          {.idle_timeout = idle_timeout, .local_address = parts_.local_address, .headers = {}}},
      set_up_{parts_.loop},
      patience_{parts_.loop},
      deadline_{parts_.loop} {}

void ApiConnection::open() {
    opened_ = parts_.loop.now();
    // Not from inside this call: the owner has not stored us yet.
    if (const auto begun = ws_.connect(parts_.url, parts_.tls); !begun)
        set_up_.after(base::milliseconds{0}, [this, why = begun.error().message] { down(why, 0); });
    patience_.after(set_up_patience * 2, [this] { give_up("logon and subscription took too long"); });
}

void ApiConnection::begin() {
    if (!logs_on()) {
        orders_up_ = true;
        // Copied, as everywhere below: the owner may destroy this object in the call, and the function with
        // it.
        const auto on_orders_up = handlers_.on_orders_up;
        on_orders_up();
        return subscribe();
    }
    if (is_held(domain::OwnRequest::logon, true, &ApiConnection::begin)) return;
    form_.clear();
    form_.add("apiKey", parts_.key->api_key);
    if (const auto asked = ask(Kind::logon, "session.logon", true, {}); !asked)
        give_up(asked.error().message);
}

/// Whether it cannot be sent yet: `again` is called when it may be tried once more. Exchange time comes
/// first: leave that cannot be used would be charged for nothing.
bool ApiConnection::is_held(domain::OwnRequest request, bool signs, void (ApiConnection::*again)()) {
    if (signs && !parts_.timestamp()) {
        set_up_.after(time_poll, [this, again] { (this->*again)(); });
        return true;
    }
    const auto until = parts_.leave(request);
    if (!until) return false;
    set_up_.at(*until, [this, again] { (this->*again)(); });
    // The wait is the house's own, not the exchange's: the patience with it begins when it is over.
    patience_.at(*until + set_up_patience * 2, [this] { give_up("logon and subscription took too long"); });
    return true;
}

void ApiConnection::subscribe() {
    const bool sign = !logs_on();
    if (is_held(domain::OwnRequest::user_data, sign, &ApiConnection::subscribe)) return;
    form_.clear();
    if (sign) form_.add("apiKey", parts_.key->api_key);
    const auto asked =
        ask(Kind::subscription, sign ? "userDataStream.subscribe.signature" : "userDataStream.subscribe",
            sign, {});
    if (!asked) give_up(asked.error().message);
}

/// Completes what is in form_ with time and signature, at the last moment, and queues it for this callback's
/// write.
base::Result<void> ApiConnection::ask(Kind kind, std::string_view method, bool sign,
                                      domain::OrderOutcome outcome) {
    signature_.clear();
    // userDataStream.subscribe takes no parameters at all.
    if (sign || kind == Kind::order) {
        const auto timestamp = parts_.timestamp();
        if (!timestamp) return base::fail(timestamp.error());
        form_.add("recvWindow", parts_.recv_window.count());
        form_.add("timestamp", base::to_ms(*timestamp));
    }
    if (sign) {
        parts_.key->signer->sign(form_.websocket_payload(), signature_);
    }
    text_.clear();
    append_api_request(text_, first_id_ + static_cast<std::int64_t>(pending_.size()), method, form_,
                       signature_);
    const auto seq = ws_.send(text_);
    if (!seq) return base::fail(base::ErrorKind::exhausted, seq.error().message);
    outcome.sent = parts_.loop.now();
    pending_.push_back({kind, *seq, std::move(outcome)});
    return {};
}

void ApiConnection::send(const domain::Intent& intent) {
    base::check(can_order(), "orders are sent when the connection is ready for them");
    form_.clear();
    std::visit([this](const auto& action) { add_order(action, form_); }, intent.action);
    const bool sign = !logs_on();
    if (sign) form_.add("apiKey", parts_.key->api_key);
    domain::OrderOutcome outcome = outcome_for(intent);
    const std::string_view method = outcome.is_cancel ? "order.cancel" : "order.place";
    if (const auto asked = ask(Kind::order, method, sign, outcome); !asked)
        return tell_never_sent(std::move(outcome), asked.error().message);
    arm_deadline();
}

void ApiConnection::tell_never_sent(domain::OrderOutcome outcome, const std::string& why) {
    outcome.result = domain::OutcomeNeverSent{why};
    parts_.loop.call_after(base::milliseconds{0}, [&listener = parts_.listener, &loop = parts_.loop,
                                                   outcome = std::move(outcome)]() mutable {
        outcome.answered = loop.now();
        listener.on_order_outcome(outcome);
    });
}

void ApiConnection::on_text(std::string_view text) {
    const ApiNote note = decoder_.decode(text, parts_.listener);
    switch (note.kind) {
        case ApiNote::Kind::answer:
            return on_answer(decoder_.answer());
        case ApiNote::Kind::event:
        case ApiNote::Kind::ignored:
            return;
        case ApiNote::Kind::shutdown: {
            const auto on_shutdown = handlers_.on_shutdown;
            return on_shutdown();
        }
        case ApiNote::Kind::terminated: {
            if (!std::exchange(user_data_up_, false)) return;
            patience_.after(set_up_patience, [this] { give_up("the new subscription took too long"); });
            subscribe();
            const auto on_lost = handlers_.on_user_data_lost;
            return on_lost("the exchange ended the subscription");
        }
        case ApiNote::Kind::malformed:
            return parts_.listener.on_malformed(source, note.message);
    }
}

void ApiConnection::on_answer(ApiAnswer& answer) {
    const base::MonotonicTime received = parts_.loop.turn_time();
    if (!answer.id) {
        tell_side_news(answer, source, received, parts_.listener);
        // "Regarding API key revocation": the session is of no use any more.
        if (answer.status == 401)
            give_up("the session was revoked: " + (answer.error ? answer.error->message : ""));
        return;
    }
    const std::int64_t index = *answer.id - first_id_;
    if (index < 0 || index >= static_cast<std::int64_t>(pending_.size()))
        return;  // answered too late, or never asked
    Pending& pending = pending_[static_cast<std::size_t>(index)];
    if (std::exchange(pending.answered, true)) return;
    const Kind kind = pending.kind;
    domain::OrderOutcome outcome = std::move(pending.outcome);
    forget_answered();
    if (kind != Kind::order) return on_set_up(kind, answer);
    outcome.result = order_result(answer);
    outcome.answered = received;
    tell_side_news(answer, outcome.is_cancel ? "order.cancel" : "order.place", received, parts_.listener);
    parts_.listener.on_order_outcome(outcome);
}

/// The memory is kept: in a steady flow of orders nothing is allocated here.
void ApiConnection::forget_answered() {
    while (answered_ < pending_.size() && pending_[answered_].answered) ++answered_;
    if (answered_ < pending_.size() && answered_ < forget_at_least) return;
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(answered_));
    first_id_ += static_cast<std::int64_t>(std::exchange(answered_, 0));
}

void ApiConnection::on_set_up(Kind kind, ApiAnswer& answer) {
    tell_side_news(answer, source, parts_.loop.turn_time(), parts_.listener);
    if (answer.status != 200) {
        std::string why = kind == Kind::logon ? "logon refused: " : "user data refused: ";
        why += "status " + std::to_string(answer.status);
        if (answer.error) why += ", " + std::to_string(answer.error->code) + " " + answer.error->message;
        return give_up(std::move(why));
    }
    if (kind == Kind::logon) {
        orders_up_ = true;
        const auto on_orders_up = handlers_.on_orders_up;
        subscribe();
        return on_orders_up();
    }
    patience_.cancel();
    user_data_up_ = true;
    const auto on_user_data_up = handlers_.on_user_data_up;
    on_user_data_up();
}

// All orders have the same patience, so the oldest is due first. The timer is armed for one at a time, and
// not anew for each order: it is often late to a deadline that was met, never to one that was missed.
void ApiConnection::arm_deadline() {
    if (deadline_armed_) return;
    const auto oldest = std::find_if(pending_.begin(), pending_.end(), [](const Pending& pending) {
        return pending.kind == Kind::order && !pending.answered;
    });
    if (oldest == pending_.end()) return;
    deadline_armed_ = true;
    deadline_.at(oldest->outcome.sent + parts_.order_deadline, [this] { on_deadline(); });
}

void ApiConnection::on_deadline() {
    deadline_armed_ = false;
    const base::MonotonicTime now = parts_.loop.now();
    std::vector<domain::OrderOutcome> late;
    const net::SendSeq handed = ws_.last_handed();
    for (Pending& pending : pending_) {
        if (pending.kind != Kind::order || pending.answered) continue;
        if (pending.outcome.sent + parts_.order_deadline > now) break;
        // What still waits for the socket may leave later: that is unknown, too.
        pending.answered = true;
        pending.outcome.result = domain::OutcomeUnknown{
            pending.seq <= handed ? "no answer in time" : "no answer in time; the connection takes nothing"};
        pending.outcome.answered = now;
        late.push_back(std::move(pending.outcome));
    }
    forget_answered();
    arm_deadline();
    for (const domain::OrderOutcome& outcome : late) parts_.listener.on_order_outcome(outcome);
}

void ApiConnection::give_up(std::string why) {
    if (why_closing_.empty()) why_closing_ = std::move(why);
    orders_up_ = false;
    ws_.close(goodbye_patience);
}

void ApiConnection::on_closed(const net::WsClosed& closed) {
    orders_up_ = false;
    user_data_up_ = false;
    std::string why = why_closing_.empty() ? closed.error.message : why_closing_;
    if (closed.refusal) {
        ApiAnswer answer;
        answer.status = closed.refusal->status;
        answer.error = parse_api_error(closed.refusal->body);
        answer.retry_after_seconds = parse_retry_after(closed.refusal->headers.find("Retry-After"));
        tell_side_news(answer, source, parts_.loop.turn_time(), parts_.listener);
    }
    std::size_t in_flight = 0;
    const auto lost = std::exchange(pending_, {});
    const base::MonotonicTime now = parts_.loop.now();
    for (const Pending& pending : lost) {
        if (pending.kind != Kind::order || pending.answered) continue;
        domain::OrderOutcome outcome = pending.outcome;
        outcome.answered = now;
        if (pending.seq <= closed.last_handed) {
            ++in_flight;
            outcome.result = domain::OutcomeUnknown{"connection lost: " + why};
        } else {
            outcome.sent = {};
            outcome.result = domain::OutcomeNeverSent{"connection lost: " + why};
        }
        parts_.listener.on_order_outcome(outcome);
    }
    down(std::move(why), in_flight);
}

void ApiConnection::down(std::string why, std::size_t in_flight) {
    set_up_.cancel();
    patience_.cancel();
    deadline_.cancel();
    const auto on_down = handlers_.on_down;
    on_down(std::move(why), in_flight);
}

}  // namespace vigil::binance
