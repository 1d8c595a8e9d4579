// Single requests that try out what the exchange makes of us, for the preflight and for the diagnosis of a
// refused signature: order/test, reads whose whole answer is wanted, and requests that are wrong on purpose.
// An order is never placed here.
//
// Each goes over a connection of its own. On the loop's thread; whoever calls has asked the governor first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "binance/rest_answers.h"
#include "binance/signing_key.h"
#include "binance/timestamp_source.h"
#include "domain/exchange_port.h"
#include "domain/order.h"
#include "net/event_loop.h"
#include "net/tls.h"
#include "net/url.h"

namespace vigil::binance {

/// What is wrong with a request on purpose.
enum class Spoilt : std::uint8_t {
    nothing,
    timestamp,  ///< a minute older than recvWindow allows
    signature,  ///< a good signature, but of other bytes
    api_key,    ///< a key that the exchange has never given to anybody
};

struct ProbeRequest {
    std::string path{};  ///< GET of it, unless `order` is there
    std::vector<std::pair<std::string, std::string>> parameters{};
    bool is_signed{false};
    /// Asks `POST /api/v3/order/test` about it (signed): checked like an order, and never placed.
    std::optional<domain::NewOrder> order{};
    Spoilt spoilt{Spoilt::nothing};
};

struct ProbeAnswer {
    int status{0};
    std::optional<ApiError> error;
    std::string body;
    std::vector<domain::RateLimitUsage> usage;  ///< of the headers

    [[nodiscard]] bool is_good() const { return status == 200 && !error; }
    /// "200", "400 (-1021 Timestamp ...)".
    [[nodiscard]] std::string str() const;
    /// The count of a limit, when the answer told it.
    [[nodiscard]] std::optional<std::int64_t> used(domain::RateLimitType type, base::seconds window) const;
};

/// All referred to outlives the answer.
struct ProbeParts {
    net::EventLoop& loop;
    domain::ExchangeListener& listener;  ///< told of limits and their use
    KeyInUse key;
    TimestampSource timestamp;
    base::milliseconds recv_window;
    base::milliseconds deadline{10'000};
    net::Url url;
    net::ClientTls tls;
    std::string local_address;
};

/// `done` is called once, not from inside this call. Errors: as net::HttpClient, and stale when the
/// request was not sent, because exchange time is not known well enough to sign it.
void probe(const ProbeParts& parts, const ProbeRequest& request, domain::Callback<ProbeAnswer> done);

struct PingAnswer {
    base::nanoseconds round_trip{0};  ///< of the ping frame
    /// What the answer to the WebSocket API's own `ping` told; empty for a stream.
    std::vector<domain::RateLimitUsage> usage;
};

/// Opens a WebSocket, sends a ping frame, and, to the WebSocket API, the request `ping`; closes it again.
/// @param parts of it the loop, listener, deadline, TLS and local address are used
/// @param url   wss://host[:port]/ws-api/v3, or wss://host[:port]/ws of the streams
void ping_probe(const ProbeParts& parts, const net::Url& url, bool is_api, domain::Callback<PingAnswer> done);

/// `GET /api/v3/rateLimit/order`: the unfilled orders of the account in each window.
[[nodiscard]] base::Result<std::vector<domain::RateLimitUsage>> parse_order_counts(std::string_view body);

}  // namespace vigil::binance
