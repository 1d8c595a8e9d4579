#include "binance/watched_listener.h"

#include <algorithm>

namespace vigil::binance {

namespace {

// "IP bans ... scale in duration for repeat offenders, from 2 minutes to 3 days" (rest-api.md, "IP Limits").
constexpr base::seconds shortest_ban{120};
// The windows of request weight are minutes.
constexpr base::seconds weight_window{60};

}  // namespace

void WatchedListener::on_rate_limited(const domain::RateLimited& limited) {
    if (limited.status == 418 || limited.status == 429) {
        base::MonotonicTime until = limited.received + (limited.status == 418 ? shortest_ban : weight_window);
        if (limited.retry_after) {
            until = limited.received + *limited.retry_after;
        } else if (limited.retry_after_time) {
            if (const auto told = until_of_(*limited.retry_after_time)) until = *told;
        }
        quiet_until_ = std::max(quiet_until_, until);
    }
    if (!silent_) real_.on_rate_limited(limited);
}

}  // namespace vigil::binance
