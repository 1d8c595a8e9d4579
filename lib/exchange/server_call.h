// One request on its way through the exchange, and the description of a method that may be asked for. REST
// and the WebSocket API share every method: they differ in how parameters arrive and how the answer is
// framed.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "exchange/auth.h"
#include "exchange/server_error.h"
#include "exchange/server_json.h"
#include "exchange/server_params.h"
#include "exchange/server_state.h"
#include "exchange/ws_session.h"

namespace vigil::exchange {

struct MethodSpec;

/// What a method's handler is given. It writes the result to `out`, or returns an error (and what it has
/// written by then is thrown away).
struct Call {
    ServerState& server;
    const MethodSpec& method;
    const Arguments& arguments;
    const ApiKey* key;       ///< set unless the method's security is `none`
    ApiSession* session;     ///< set on the WebSocket API
    base::ExchangeTime now;  ///< the core's time
    JsonWriter& out;
    bool shows_order_count{false};  ///< set by a handler that places orders, before it may fail
};

using Handler = std::optional<RequestError> (*)(Call&);
using WeightRule = std::int64_t (*)(const ParameterList&);

struct MethodSpec {
    std::string_view name;  ///< on the WebSocket API, and in the admin port's status and faults
    std::string_view verb;  ///< REST; empty when there is no such endpoint
    std::string_view path;
    bool on_websocket{true};
    Security security{Security::none};
    bool wants_explicit_key{false};  ///< apiKey and signature in the request, whoever is logged on
    WeightPool pool{WeightPool::api};
    std::int64_t weight{1};
    WeightRule weight_rule{nullptr};  ///< when the weight depends on the parameters
    bool free_when_successful{false};
    std::span<const ParamSpec> parameters{};
    Handler handler{nullptr};
};

/// Every method, in a fixed order.
[[nodiscard]] std::span<const MethodSpec> all_methods();
/// Place of `method` in all_methods().
[[nodiscard]] std::size_t index_of(const MethodSpec& method);
/// By verb and path ("GET", "/api/v3/time"); nothing when there is none.
[[nodiscard]] const MethodSpec* find_rest_method(std::string_view verb, std::string_view path);
/// Whether any verb has that path.
[[nodiscard]] bool is_rest_path(std::string_view path);
/// By name, with or without "v3/" in front.
[[nodiscard]] const MethodSpec* find_websocket_method(std::string_view name);

}  // namespace vigil::exchange
