#include "exchange/ws_api_session.h"

#include <algorithm>
#include <utility>

#include "exchange/ws_api_request.h"
#include "exchange/ws_render.h"

namespace vigil::exchange {

namespace {

// web-socket-api.md, "User Data Stream subscription", Limits.
constexpr std::size_t active_subscriptions_max = 1000;
constexpr std::int64_t subscriptions_of_a_lifetime = 65'535;
constexpr std::uint16_t policy_violation = 1008;

}  // namespace

WsApi::Session::Session(WsApi& owner, std::uint64_t id, std::shared_ptr<net::WsPeer> peer, Settings settings)
    : owner_{owner},
      id_{id},
      peer_{std::move(peer)},
      settings_{std::move(settings)},
      keep_alive_{owner.loop_, peer_, owner.keep_alive_},
      connected_since_{owner.server_.clock.shown()} {
    peer_->set_handlers({[this](std::string_view text) { on_text(text); },
                         {},
                         [this](std::string_view payload) { keep_alive_.on_pong(payload); },
                         [this](const base::Error&) {
                             peer_gone_ = true;
                             owner_.forget(id_);
                         }});
}

WsApi::Session::~Session() {
    if (!peer_gone_) peer_->set_handlers({});
    for (const Subscription& subscription : subscriptions_)
        std::erase(owner_.subscribers_[subscription.account], this);
}

TimeFormat WsApi::Session::times() const {
    return {settings_.unit, owner_.server_.clock.shift()};
}

void WsApi::Session::on_text(std::string_view frame) {
    WsApiRequest request;
    auto malformed = owner_.reader_->read(frame, request, owner_.parameters_);
    if (malformed && malformed->code == errors::bad_json().code) ++owner_.server_.counters.invalid_json;
    const MethodSpec* method = request.method.empty() ? nullptr : find_websocket_method(request.method);

    std::string& out = owner_.frame_;
    out.clear();
    out += R"({"id":)";
    out += request.id;
    const std::size_t behind_id = out.size();
    out += R"(,"status":200,"result":)";
    const Answer answer = serve(request, std::move(malformed), method);
    if (answer.disposition != Disposition::answer) {
        if (answer.disposition == Disposition::disconnect) peer_->kill();
        return;
    }
    if (answer.error) {
        out.resize(behind_id);
        if (revokes_session(*answer.error, method)) {
            // "Regarding API key revocation": the session is revoked, under no id.
            log_out();
            out = R"({"id":null)";
        }
        write_error(*answer.error);
    }
    bool with_limits = settings_.return_rate_limits;
    const std::string_view wanted = owner_.parameters_.value("returnRateLimits");
    if (!wanted.empty()) with_limits = wanted != "false";
    if (with_limits) {
        out += R"(,"rateLimits":)";
        JsonWriter writer{out, times()};
        std::optional<AccountId> account;
        if (answer.shows_order_count) account = answer.account;
        const base::ExchangeTime moment = answer.counted.value_or(owner_.server_.clock.shown());
        write_rate_limits(owner_.server_, settings_.address, account, true, moment, writer);
    }
    out += '}';
    deliver(answer);
}

bool WsApi::Session::revokes_session(const RequestError& error, const MethodSpec* method) const {
    return error.code == errors::rejected_key().code && key_ != nullptr && method != nullptr &&
           method->security != Security::none && !method->wants_explicit_key &&
           owner_.parameters_.value("apiKey").empty() && (key_->revoked || !key_->permissions.reading);
}

Answer WsApi::Session::serve(const WsApiRequest& request, std::optional<RequestError> malformed,
                             const MethodSpec* method) {
    ServerState& server = owner_.server_;
    if (method == nullptr) {
        Answer answer;
        answer.error = server.limits.charge(settings_.address, 1, server.clock.shown());
        if (!answer.error) answer.error = malformed ? std::move(malformed) : errors::unsupported();
        if (!request.method.empty()) ++server.counters.unknown_routes;
        ++server.counters.errors[answer.error->code];
        return answer;
    }
    Request call;
    call.method = method;
    call.parameters = &owner_.parameters_;
    call.malformed = std::move(malformed);
    call.session = this;
    call.times = times();
    call.credentials.api_key = owner_.parameters_.value("apiKey");
    call.credentials.key_is_parameter = true;
    call.credentials.session_key = method->wants_explicit_key ? nullptr : key_;
    call.credentials.address = settings_.address;
    if (method->security != Security::none && owner_.parameters_.find("signature") != nullptr) {
        owner_.payload_.clear();
        append_websocket_payload(owner_.parameters_, owner_.payload_);
        call.credentials.signed_bytes = owner_.payload_;
    }
    return owner_.dispatcher_.execute(call, owner_.frame_);
}

void WsApi::Session::write_error(const RequestError& error) {
    std::string& out = owner_.frame_;
    out += R"(,"status":)";
    out += std::to_string(error.status);
    out += R"(,"error":)";
    JsonWriter writer{out, times()};
    writer.begin_object();
    writer.key("code").integer(error.code);
    writer.key("msg").text(error.message);
    if (!error.data.empty()) {
        writer.key("data").raw(error.data);
    } else if (error.retry_after) {
        writer.key("data").begin_object();
        writer.key("serverTime").boundary(owner_.server_.clock.shown());
        writer.key("retryAfter").boundary(*error.retry_after);
        writer.end_object();
    }
    writer.end_object();
}

void WsApi::Session::deliver(const Answer& answer) {
    const bool banned = answer.error && answer.error->status == 418;
    owner_.delivery_.send(peer_, owner_.frame_, answer.delivery);
    if (answer.delivery != nullptr && answer.delivery->kind == FaultKind::truncate &&
        answer.delivery->disconnect)
        peer_->kill();
    // "... an automated IP ban and you will be disconnected."
    if (banned) peer_->close(policy_violation, "IP banned");
}

void WsApi::Session::log_on(const ApiKey& key) {
    key_ = &key;
    authorized_since_ = owner_.server_.clock.shown();
}

void WsApi::Session::log_out() {
    key_ = nullptr;
    const auto found = std::find_if(subscriptions_.begin(), subscriptions_.end(),
                                    [](const Subscription& one) { return one.by_logon; });
    if (found == subscriptions_.end()) return;
    const Subscription ended = *found;
    subscriptions_.erase(found);
    end(ended);
}

std::optional<std::int64_t> WsApi::Session::subscription_of(AccountId account) const {
    for (const Subscription& subscription : subscriptions_) {
        if (subscription.account == account) return subscription.id;
    }
    return std::nullopt;
}

RequestResult<std::int64_t> WsApi::Session::subscribe(AccountId account, bool by_logon) {
    if (subscription_of(account)) return tl::unexpected(errors::subscription_active());
    if (next_subscription_ >= subscriptions_of_a_lifetime ||
        subscriptions_.size() >= active_subscriptions_max)
        return tl::unexpected(errors::subscription_ids_used_up());
    subscriptions_.push_back({next_subscription_, account, by_logon});
    owner_.subscribers_[account].push_back(this);
    return next_subscription_++;
}

std::optional<RequestError> WsApi::Session::unsubscribe(std::optional<std::int64_t> id) {
    const auto ended_begin =
        std::stable_partition(subscriptions_.begin(), subscriptions_.end(),
                              [id](const Subscription& one) { return id && one.id != *id; });
    const std::vector<Subscription> ended{ended_begin, subscriptions_.end()};
    if (ended.empty()) return errors::subscription_inactive();
    subscriptions_.erase(ended_begin, subscriptions_.end());
    for (const Subscription& subscription : ended) end(subscription);
    return std::nullopt;
}

std::vector<std::int64_t> WsApi::Session::subscriptions() const {
    std::vector<std::int64_t> ids;
    ids.reserve(subscriptions_.size());
    for (const Subscription& subscription : subscriptions_) ids.push_back(subscription.id);
    return ids;
}

void WsApi::Session::end(const Subscription& subscription) {
    std::erase(owner_.subscribers_[subscription.account], this);
    std::string text = R"({"subscriptionId":)" + std::to_string(subscription.id) + R"(,"event":)";
    JsonWriter writer{text, times()};
    write_stream_terminated(owner_.server_.clock.core_now(), writer);
    text += '}';
    peer_->send(text);
}

}  // namespace vigil::exchange
