#include <array>
#include <string>

#include "exchange/server_methods.h"

namespace vigil::exchange::methods {

namespace {

std::optional<RequestError> write_session(Call& call) {
    const ApiSession& session = *call.session;
    JsonWriter& out = call.out;
    out.begin_object();
    if (const ApiKey* key = session.logged_on()) {
        out.key("apiKey").word(key->api_key);
        out.key("authorizedSince").boundary(session.authorized_since());
    } else {
        out.key("apiKey").null();
        out.key("authorizedSince").null();
    }
    out.key("connectedSince").boundary(session.connected_since());
    out.key("returnRateLimits").boolean(session.returns_rate_limits());
    out.key("serverTime").time(call.now);
    out.key("userDataStream").boolean(!session.subscriptions().empty());
    out.end_object();
    return std::nullopt;
}

std::optional<RequestError> do_logon(Call& call) {
    if (call.key->verifier->type() != credentials::KeyType::ed25519) {
        // "Only Ed25519 keys are supported for this feature."
        const bool hmac = call.key->verifier->type() == credentials::KeyType::hmac_sha256;
        return RequestError{-4056, std::string{hmac ? "HMAC_SHA256" : "RSA"} + " API key is not supported."};
    }
    call.session->log_on(*call.key);
    return write_session(call);
}

std::optional<RequestError> do_status(Call& call) {
    return write_session(call);
}

std::optional<RequestError> do_logout(Call& call) {
    call.session->log_out();
    return write_session(call);
}

std::optional<RequestError> do_subscriptions(Call& call) {
    call.out.begin_array();
    for (const std::int64_t id : call.session->subscriptions())
        call.out.begin_object().key("subscriptionId").integer(id).end_object();
    call.out.end_array();
    return std::nullopt;
}

std::optional<RequestError> subscribe(Call& call, const ApiKey& key, bool by_logon) {
    const auto id = call.session->subscribe(key.account, by_logon);
    if (!id) return id.error();
    call.out.begin_object().key("subscriptionId").integer(*id).end_object();
    return std::nullopt;
}

std::optional<RequestError> do_subscribe(Call& call) {
    const ApiKey* key = call.session->logged_on();
    if (key == nullptr) return errors::rejected_key();
    return subscribe(call, *key, true);
}

std::optional<RequestError> do_subscribe_signature(Call& call) {
    return subscribe(call, *call.key, false);
}

namespace unsubscribe {
enum Index : std::size_t { id };
constexpr std::array<ParamSpec, 1> parameters{{{"subscriptionId", ParamKind::whole, false}}};
}  // namespace unsubscribe

std::optional<RequestError> do_unsubscribe(Call& call) {
    std::optional<std::int64_t> id;
    if (call.arguments.has(unsubscribe::id)) id = call.arguments.number(unsubscribe::id);
    if (auto error = call.session->unsubscribe(id)) return error;
    call.out.begin_object().end_object();
    return std::nullopt;
}

}  // namespace

Body session_logon() {
    return {{}, do_logon};
}
Body session_status() {
    return {{}, do_status};
}
Body session_logout() {
    return {{}, do_logout};
}
Body session_subscriptions() {
    return {{}, do_subscriptions};
}
Body user_stream_subscribe() {
    return {{}, do_subscribe};
}
Body user_stream_subscribe_signature() {
    return {{}, do_subscribe_signature};
}
Body user_stream_unsubscribe() {
    return {unsubscribe::parameters, do_unsubscribe};
}

}  // namespace vigil::exchange::methods
