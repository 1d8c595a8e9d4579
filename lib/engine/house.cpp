#include "engine/house.h"

namespace vigil::engine {

using log::field;

std::string_view name_of(domain::Lane lane) noexcept {
    switch (lane) {
        case domain::Lane::emergency_cancel:
            return "emergency cancel";
        case domain::Lane::cancel:
            return "cancel";
        case domain::Lane::reconcile:
            return "reconcile";
        case domain::Lane::order:
            return "order";
        case domain::Lane::account:
            return "account";
        case domain::Lane::market_data:
            return "market data";
    }
    return "unknown";
}

void House::tell_throttled(domain::Lane lane, governor::Why why, base::MonotonicTime until, const Now& now) {
    // Rests are told by the event that began them.
    if (why != governor::Why::budget) return;
    auto& told = throttled_told[static_cast<std::size_t>(lane)];
    if (told && now.monotonic - *told < told_again_after) return;
    told = now.monotonic;
    for (std::size_t i = 0; i < governor.limit_count(); ++i) {
        const governor::Usage usage = governor.usage(i);
        if (usage.limit.type != domain::RateLimitType::request_weight) continue;
        outbox.tell(log::Event::governor_throttled,
                    {field("lane", name_of(lane)), field("wait_ms", until - now.monotonic),
                     field("used", usage.used), field("budget", usage.budget)});
        return;
    }
}

}  // namespace vigil::engine
