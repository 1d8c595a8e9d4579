#include "risk/order_rate.h"

#include <algorithm>

namespace vigil::risk {

std::optional<base::MonotonicTime> RecentOrders::full_until(base::MonotonicTime now) const {
    if (size_ < moments_.size()) return std::nullopt;
    // Of a full ring the next to be overwritten is the oldest.
    const base::MonotonicTime room = moments_[next_] + rate_window;
    if (room <= now) return std::nullopt;
    return room;
}

void RecentOrders::add(base::MonotonicTime now) {
    moments_[next_] = now;
    next_ = (next_ + 1) % moments_.size();
    size_ = std::min(size_ + 1, moments_.size());
}

int RecentOrders::count(base::MonotonicTime now) const {
    return static_cast<int>(std::count_if(moments_.begin(),
                                          moments_.begin() + static_cast<std::ptrdiff_t>(size_),
                                          [now](base::MonotonicTime at) { return at + rate_window > now; }));
}

}  // namespace vigil::risk
