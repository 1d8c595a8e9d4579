#include "binance/order_session.h"

#include <algorithm>
#include <utility>

namespace vigil::binance {

namespace {

using log::Event;
using log::field;

constexpr base::milliseconds first_wait{500};
constexpr base::milliseconds longest_wait{30'000};
/// A connection that lived so long has proved itself. One that is dropped sooner, however often it comes up,
/// is not made anew in a rush: the exchange allows 300 attempts in 5 minutes.
constexpr base::seconds proof{60};
constexpr base::milliseconds old_one_patience{2'000};
constexpr std::string_view other_key = "it has another key than before";

}  // namespace

OrderSession::OrderSession(Parts parts)
    : parts_{std::move(parts)},
      backoff_{first_wait, longest_wait},
      again_{parts_.connection.loop},
      renewal_{parts_.connection.loop},
      old_one_{parts_.connection.loop} {}

OrderSession::~OrderSession() = default;

void OrderSession::open() {
    connect();
}

void OrderSession::send(const domain::Journaled& journaled) {
    if (current_ && current_->can_order()) return current_->send(journaled.intent());
    if (!std::exchange(fallback_told_, true))
        parts_.logger.emit(Event::exchange_fallback_used, {field("endpoint", "/api/v3/order"),
                                                           field("reason", "the order session is not up")});
    parts_.fallback.send(journaled.intent());
}

void OrderSession::change_key(KeyInUse key) {
    parts_.connection.key = std::move(key);
    if (closing_) return;
    // One that is being made has the key before, and carries nothing yet.
    next_.reset();
    renew(other_key);
}

void OrderSession::connect() {
    if (const auto until = parts_.connection.leave(domain::OwnRequest::order_connection)) {
        if (!current_) return again_.at(*until, [this] { connect(); });
        return renewal_.at(*until, [this] {
            if (!closing_ && !next_ && current_) connect();
        });
    }
    // The handlers know their connection by address: it is the only thing that tells the old one from the
    // new.
    const auto self = std::make_shared<ApiConnection*>(nullptr);
    auto connection = std::make_unique<ApiConnection>(
        parts_.connection,
        ApiConnection::Handlers{
            .on_orders_up = [this, self] { on_orders_up(*self); },
            .on_user_data_up = [this, self] { on_user_data_up(*self); },
            .on_user_data_lost = [this, self](std::string_view why) { on_user_data_lost(*self, why); },
            .on_shutdown =
                [this, self] {
                    if (current_.get() == *self) renew("the server announced its shutdown");
                },
            .on_down = [this, self](const std::string& why,
                                    std::size_t in_flight) { on_down(*self, why, in_flight); }});
    *self = connection.get();
    (current_ ? next_ : current_) = std::move(connection);
    (*self)->open();
}

void OrderSession::renew(std::string_view why) {
    if (closing_ || next_ || !current_) return;
    // The one before still owes answers: it is not given up for a third.
    if (old_) {
        renewal_.after(base::seconds{1}, [this, reason = std::string{why}] { renew(reason); });
        return;
    }
    parts_.logger.emit(Event::exchange_session_renewed,
                       {field("endpoint", endpoint()), field("reason", why)});
    connect();
}

void OrderSession::on_orders_up(ApiConnection* which) {
    if (closing_) return;
    const base::nanoseconds took = parts_.connection.loop.now() - which->opened();
    parts_.logger.emit(
        Event::exchange_session_connected,
        {field("endpoint", endpoint()), field("logged_on", which->logs_on()), field("took_ms", took)});
    if (which == current_.get()) tell_state("");
}

void OrderSession::on_user_data_up(ApiConnection* which) {
    if (closing_) return;
    parts_.logger.emit(Event::exchange_user_data_subscribed,
                       {field("endpoint", endpoint()),
                        field("method", which->logs_on() ? "userDataStream.subscribe"
                                                         : "userDataStream.subscribe.signature")});
    if (which == next_.get()) take_over();
    // A subscription that is made anew does not make its connection younger.
    if (which == current_.get()) {
        const base::nanoseconds age = parts_.connection.loop.now() - which->opened();
        if (has_old_key(*which))
            renewal_.after(base::seconds{1}, [this] { renew(other_key); });
        else
            renewal_.after(std::max<base::nanoseconds>(parts_.renew_after - age, base::seconds{1}),
                           [this] { renew("it nears the limit of 24 hours"); });
    }
    tell_state("");
}

/// From here on orders go over the new connection. The old one stays for the answers that it owes, and for
/// events that are on their way; both deliver the same ones meanwhile, which does no harm.
void OrderSession::take_over() {
    old_ = std::exchange(current_, std::exchange(next_, nullptr));
    old_one_.after(parts_.connection.order_deadline, [this] {
        if (old_) old_->close(old_one_patience);
    });
}

void OrderSession::on_user_data_lost(ApiConnection* which, std::string_view why) {
    if (closing_ || which != current_.get()) return;
    parts_.logger.emit(Event::exchange_user_data_lost, {field("reason", why)});
    tell_state(why);
}

void OrderSession::on_down(ApiConnection* which, const std::string& why, std::size_t in_flight) {
    if (which == old_.get()) {
        old_.reset();
        return finish_closing();
    }
    const bool is_next = which == next_.get();
    const base::nanoseconds lived = parts_.connection.loop.now() - which->opened();
    (is_next ? next_ : current_).reset();
    if (closing_) return finish_closing();
    if (lived >= proof) backoff_.reset();
    parts_.logger.emit(Event::exchange_session_lost,
                       {field("endpoint", endpoint()), field("reason", why), field("lived_s", lived),
                        field("in_flight", in_flight)});
    // A replacement that was on its way becomes the connection itself.
    if (!is_next && next_) current_ = std::exchange(next_, nullptr);
    tell_state(why);
    if (!current_) {
        renewal_.cancel();
        again_.after(backoff_.next(), [this] { connect(); });
    } else if (is_next) {
        renewal_.after(backoff_.next(), [this] { renew("the first attempt failed"); });
    }
}

void OrderSession::tell_state(std::string_view why) {
    const auto tell = [&](domain::Connection which, bool up, bool& told) {
        if (std::exchange(told, up) == up) return;
        parts_.connection.listener.on_connection(
            which, up ? domain::ConnectionState::connected : domain::ConnectionState::disconnected, why);
    };
    const bool orders = current_ && current_->can_order();
    const bool user_data = current_ && current_->has_user_data();
    if (orders) fallback_told_ = false;
    tell(domain::Connection::orders, orders, told_orders_);
    tell(domain::Connection::user_data, user_data, told_user_data_);
}

void OrderSession::close(base::milliseconds patience, std::function<void()> closed) {
    closing_ = true;
    closed_ = std::move(closed);
    again_.cancel();
    renewal_.cancel();
    old_one_.cancel();
    for (ApiConnection* each : {current_.get(), next_.get(), old_.get()})
        if (each != nullptr) each->close(patience);
    // Not from inside this call.
    again_.after(base::milliseconds{0}, [this] { finish_closing(); });
}

void OrderSession::finish_closing() {
    if (!closing_ || current_ || next_ || old_ || !closed_) return;
    const auto closed = std::exchange(closed_, nullptr);
    closed();
}

}  // namespace vigil::binance
