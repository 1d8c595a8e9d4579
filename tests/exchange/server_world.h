// What the tests of the request layer share: an exchange without sockets, whose clock a test moves, and
// requests in one line.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "credentials/secret.h"
#include "credentials/signer.h"
#include "exchange/core_fixture.h"
#include "exchange/server_dispatch.h"
#include "exchange/server_state.h"

namespace vigil::exchange {

class ManualClock final : public base::Clock {
  public:
    [[nodiscard]] base::MonotonicTime monotonic() const override { return base::MonotonicTime{since_start_}; }
    [[nodiscard]] base::WallTime wall() const override {
        return base::WallTime{std::chrono::milliseconds{CoreWorld::start_ms}};
    }
    void advance(base::nanoseconds time) { since_start_ += time; }

  private:
    base::nanoseconds since_start_{std::chrono::hours{1}};
};

/// The answer to one request.
struct Reply {
    nlohmann::json body;  ///< of a success
    std::optional<RequestError> error;
    Answer answer;

    [[nodiscard]] int code() const { return error ? error->code : 0; }
    [[nodiscard]] std::string message() const { return error ? error->message : std::string{}; }
    [[nodiscard]] int status() const { return error ? error->status : 200; }
};

/// REST requests against a core with BTCUSDT around 100.00 (see CoreWorld::book) and two accounts with an
/// HMAC key each.
class ServerWorld {
  public:
    static constexpr std::string_view secret =
        "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";  // rest-api.md's example
    static inline const std::string alice_key = std::string(64, 'A');
    static inline const std::string bob_key = std::string(64, 'B');

    explicit ServerWorld(RateLimitOptions limits = {}) : state{clock, limits}, dispatcher{state} {
        state.core = core.core.get();
        state.counters.by_method.resize(all_methods().size());
        add_key(alice_key, core.alice);
        add_key(bob_key, core.bob);
        core.play(CoreWorld::book());
    }

    ApiKey& add_key(const std::string& text, AccountId account) {
        ApiKey key;
        key.api_key = text;
        key.account = account;
        key.permissions.reading = true;
        key.permissions.spot_trading = true;
        key.verifier = *credentials::Verifier::from_shared_secret(*credentials::Secret::copy_of(secret));
        return state.keys.add(std::move(key));
    }

    [[nodiscard]] std::int64_t now_ms() const { return base::to_ms(state.clock.shown()); }

    /// "GET", "/api/v3/time", "a=1&b=2": without key.
    Reply open(std::string_view verb, std::string_view path, std::string_view query = {}) {
        return send(verb, path, std::string{query}, {}, {});
    }
    /// The same with timestamp and a right signature of alice's key.
    Reply sign(std::string_view verb, std::string_view path, std::string_view query = {}) {
        return send(verb, path, signed_query(query), {}, alice_key);
    }
    [[nodiscard]] std::string signed_query(std::string_view query, std::int64_t offset_ms = 0) const {
        std::string text{query};
        if (!text.empty()) text += '&';
        text += "timestamp=" + std::to_string(now_ms() + offset_ms);
        return text + "&signature=" + signature(text);
    }
    [[nodiscard]] static std::string signature(std::string_view payload) {
        auto signer = credentials::Signer::make(credentials::KeyType::hmac_sha256,
                                                *credentials::Secret::copy_of(secret));
        std::string text;
        (*signer)->sign(payload, text);
        return text;
    }
    Reply send(std::string_view verb, std::string_view path, const std::string& query,
               const std::string& body, std::string_view key) {
        Request request;
        request.method = find_rest_method(verb, path);
        base::check(request.method != nullptr, "the test names an endpoint");
        ParameterList parameters;
        request.malformed = parameters.parse_form(query, body);
        request.parameters = &parameters;
        request.times = {unit, state.clock.shift()};
        request.credentials.api_key = key;
        request.credentials.address = address;
        std::string payload;
        append_rest_payload(query, body, payload);
        request.credentials.signed_bytes = payload;
        Reply reply;
        std::string text;
        reply.answer = dispatcher.execute(request, text);
        reply.error = reply.answer.error;
        if (!reply.error && reply.answer.disposition == Disposition::answer)
            reply.body = nlohmann::json::parse(text);
        return reply;
    }

    CoreWorld core;
    ManualClock clock;
    ServerState state;
    Dispatcher dispatcher;
    std::string address{"127.0.0.1"};
    TimeUnit unit{TimeUnit::millisecond};
};

}  // namespace vigil::exchange
