// REST housekeeping over cpprestsdk: idempotent GETs and nothing else, because that library silently sends a
// request again when a kept connection drops. Orders never come this way.
//
// Answers come on the given event loop, exactly one callback for each request, at the deadline at the latest.
// Made once, after any fork; destroyed before the loop, with nothing under way (stop() sees to that).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/rate_limit.h"
#include "net/event_loop.h"

namespace vigil::binance {

struct RestClientOptions {
    std::string base_url;       ///< https://api.binance.com
    std::string ca_file;        ///< PEM; empty: the system's store. Chain and host name are always verified
    std::string local_address;  ///< numeric address to connect from; empty: the system's choice
};

/// A GET. `target` is sent as it is: percent-encoded, and signed where it must be.
struct RestRequest {
    std::string target;   ///< "/api/v3/depth?limit=100&symbol=BTCUSDT"
    std::string api_key;  ///< X-MBX-APIKEY; empty: none
};

struct RestAnswer {
    int status{0};
    std::string body;
    std::vector<domain::RateLimitUsage> usage;  ///< X-MBX-USED-WEIGHT-*, X-MBX-ORDER-COUNT-*
    std::optional<base::seconds> retry_after;
    base::MonotonicTime sent;
    base::MonotonicTime received;
};

class RestClient {
  public:
    /// Errors: invalid (URL, CA file, address).
    [[nodiscard]] static base::Result<std::unique_ptr<RestClient>> make(RestClientOptions options,
                                                                        const base::Clock& clock);
    ~RestClient();
    RestClient(const RestClient&) = delete;
    RestClient& operator=(const RestClient&) = delete;

    using Done = std::function<void(base::Result<RestAnswer>)>;
    /// Call on the loop's thread. Errors: timeout (the deadline), unavailable (no connection, dropped),
    /// corrupt (no HTTP).
    void get(net::EventLoop& loop, const RestRequest& request, base::milliseconds deadline, Done done);

    /// For a thread of its own (the clock): waits for the answer, at most until the deadline. Any thread.
    [[nodiscard]] base::Result<RestAnswer> get_and_wait(const RestRequest& request,
                                                        base::milliseconds deadline);

    /// Cancels what is under way; no callback comes any more. Any thread; get() must not be called again.
    void stop();

  private:
    class Impl;
    explicit RestClient(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

/// "X-MBX-USED-WEIGHT-1M: 12" and the like; nothing for other headers or counts that make no sense
/// (rest-api.md, "IP Limits", "Unfilled order count").
[[nodiscard]] std::optional<domain::RateLimitUsage> parse_usage_header(std::string_view name,
                                                                       std::string_view value);

}  // namespace vigil::binance
