#include "exchange/ws_api.h"

#include <array>
#include <utility>

#include "exchange/ws_api_request.h"
#include "exchange/ws_api_session.h"
#include "exchange/ws_render.h"

namespace vigil::exchange {

WsApi::WsApi(net::EventLoop& loop, ServerState& server, Dispatcher& dispatcher, KeepAliveOptions keep_alive)
    : loop_{loop},
      server_{server},
      dispatcher_{dispatcher},
      keep_alive_{keep_alive},
      delivery_{loop},
      reader_{std::make_unique<WsApiReader>()} {}

WsApi::~WsApi() {
    sessions_.clear();  // before the lists of subscribers that they leave
}

void WsApi::accept(const net::ServerRequest& request, std::shared_ptr<net::WsPeer> peer, TimeUnit unit,
                   bool return_rate_limits) {
    const std::uint64_t id = next_id_++;
    sessions_.emplace(
        id, std::make_unique<Session>(*this, id, std::move(peer),
                                      Session::Settings{request.remote_address, unit, return_rate_limits}));
}

void WsApi::forget(std::uint64_t id) {
    sessions_.erase(id);
}

void WsApi::publish(AccountId account, const std::function<void(JsonWriter&)>& write) {
    const auto found = subscribers_.find(account);
    if (found == subscribers_.end() || found->second.empty()) return;
    const Fault* fault = nullptr;
    // Rendered once for each time unit that somebody wants.
    for (std::string& text : event_texts_) text.clear();
    for (Session* const& session : found->second) {
        std::string& text = event_texts_[static_cast<std::size_t>(session->unit())];
        if (text.empty()) {
            JsonWriter writer{text, TimeFormat{session->unit(), server_.clock.shift()}};
            write(writer);
            if (&session == &found->second.front() && server_.faults.watches(FaultScope::user_events))
                fault = server_.faults.strike_event(FaultScope::user_events, member_text(text, "e"),
                                                    member_text(text, "s"));
        }
        event_frame_.clear();
        event_frame_ += R"({"subscriptionId":)";
        event_frame_ += std::to_string(*session->subscription_of(account));
        event_frame_ += R"(,"event":)";
        event_frame_ += text;
        event_frame_ += '}';
        delivery_.send(session->shared_peer(), event_frame_, fault);
        if (fault == nullptr || fault->kind != FaultKind::missing) ++server_.counters.user_events;
    }
}

void WsApi::announce_shutdown() {
    for (auto& [id, session] : sessions_) {
        std::string text = R"({"event":)";
        JsonWriter writer{text, TimeFormat{session->unit(), server_.clock.shift()}};
        write_server_shutdown(server_.clock.core_now(), writer);
        text += '}';
        session->peer().send(text);
    }
}

void WsApi::close_all(std::uint16_t code, std::string_view reason) {
    for (auto& [id, session] : sessions_) session->peer().close(code, reason);
}

void WsApi::kill_all(bool reset) {
    for (auto& [id, session] : sessions_) session->peer().kill(reset);
}

void WsApi::mute_all(bool on) {
    for (auto& [id, session] : sessions_) session->peer().mute(on);
}

std::size_t WsApi::subscriptions() const {
    std::size_t count = 0;
    for (const auto& [id, session] : sessions_) count += session->subscriptions().size();
    return count;
}

}  // namespace vigil::exchange
