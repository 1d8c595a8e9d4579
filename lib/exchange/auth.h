// Who is asking, and may they: API keys, signatures, timestamps and permissions (rest-api.md and
// web-socket-api.md, "Request Security", "Timing security"). Transport neutral: each front end brings the
// key's text, the parameters and the exact bytes that must have been signed.
//
// Loop thread only: verifiers keep state.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "credentials/key_type.h"
#include "credentials/verifier.h"
#include "domain/account.h"
#include "exchange/core_types.h"
#include "exchange/server_error.h"
#include "exchange/server_params.h"

namespace vigil::exchange {

/// Security type of an endpoint. Everything but `none` is SIGNED.
enum class Security : std::uint8_t { none, user_data, trade, user_stream };

/// One key of one account.
struct ApiKey {
    std::string api_key;
    AccountId account;
    domain::KeyPermissions permissions;
    std::vector<std::string> allowed_addresses;  ///< looked at when permissions.ip_restricted
    std::unique_ptr<credentials::Verifier> verifier;
    bool revoked{false};
};

/// The keys that the exchange knows. Keys are never moved or removed, so that pointers to them stay good.
class KeyRing {
  public:
    ApiKey& add(ApiKey key);
    [[nodiscard]] ApiKey* find(std::string_view api_key);
    [[nodiscard]] const std::vector<std::unique_ptr<ApiKey>>& keys() const { return keys_; }

  private:
    std::vector<std::unique_ptr<ApiKey>> keys_;
    std::unordered_map<std::string_view, ApiKey*> by_text_;
};

/// `timestamp` and `recvWindow` of a request.
struct RequestTiming {
    base::ExchangeTime timestamp;
    base::microseconds window{5'000'000};
};

/// Milliseconds or microseconds, told apart by size (rest-api.md, "General API Information").
[[nodiscard]] base::ExchangeTime time_of_parameter(std::int64_t value);

/// Reads both parameters. -1102 without a timestamp, -1100, -1108, -1131 above 60000 ms.
[[nodiscard]] RequestResult<RequestTiming> read_timing(const ParameterList& parameters);

/// The rule of "Timing security", with its two texts (-1021).
[[nodiscard]] std::optional<RequestError> check_timing(const RequestTiming& timing,
                                                       base::ExchangeTime server_time);

/// 64 letters and digits; anything else is -2014.
[[nodiscard]] bool is_api_key_text(std::string_view text);

/// Whether `key` may be used from `address` for an endpoint of `security` (-2015).
[[nodiscard]] std::optional<RequestError> check_permission(const ApiKey& key, Security security,
                                                           std::string_view address);

/// What a front end knows of a SIGNED request.
struct Credentials {
    std::string_view api_key;            ///< header or parameter; empty when none was sent
    bool key_is_parameter{false};        ///< the WebSocket API's way: a missing one is -1102
    const ApiKey* session_key{nullptr};  ///< of session.logon; used when api_key is empty
    std::string_view signed_bytes;       ///< what the signature must belong to
    std::string_view address;            ///< numeric, of the client
};

/// All checks in the exchange's order: key format, mandatory parameters, recvWindow, timestamp, key and
/// permission, signature.
[[nodiscard]] RequestResult<const ApiKey*> authenticate(KeyRing& ring, const Credentials& credentials,
                                                        const ParameterList& parameters, Security security,
                                                        base::ExchangeTime server_time);

/// The bytes a REST signature is made of: `query` and `body` as received, without separator, less the
/// `signature` parameter. Percent-encoding is left as it came (CHANGELOG.md, 2025-12-17).
void append_rest_payload(std::string_view query, std::string_view body, std::string& out);

/// The bytes a WebSocket API signature is made of: all parameters but `signature`, sorted by name, raw
/// values.
void append_websocket_payload(const ParameterList& parameters, std::string& out);

}  // namespace vigil::exchange
