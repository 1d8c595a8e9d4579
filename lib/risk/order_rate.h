// How many orders passed the gate in the last minute: of one strategy, on one symbol, and of the account. A
// sliding minute, exact: the last N moments are kept, N being the limit.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/time.h"
#include "domain/names.h"

namespace vigil::risk {

inline constexpr base::seconds rate_window{60};

/// Moments of the last orders, at most as many as are allowed in a minute.
class RecentOrders {
  public:
    explicit RecentOrders(int most) : moments_(static_cast<std::size_t>(most)) {}

    /// When there is room again; nothing: there is.
    [[nodiscard]] std::optional<base::MonotonicTime> full_until(base::MonotonicTime now) const;
    void add(base::MonotonicTime now);
    /// Of the last minute.
    [[nodiscard]] int count(base::MonotonicTime now) const;

  private:
    std::vector<base::MonotonicTime> moments_;  ///< a ring; the oldest is overwritten
    std::size_t next_{0};
    std::size_t size_{0};
};

/// One for each strategy, or each symbol, that has placed something.
template <class Key>
class RecentOrdersBy {
  public:
    /// The one of `key`; made when it is missing, with `most` of then.
    [[nodiscard]] RecentOrders& of(const Key& key, int most) {
        for (auto& [known, recent] : all_)
            if (known == key) return recent;
        return all_.emplace_back(key, RecentOrders{most}).second;
    }
    [[nodiscard]] const RecentOrders* find(const Key& key) const {
        for (const auto& [known, recent] : all_)
            if (known == key) return &recent;
        return nullptr;
    }

  private:
    std::vector<std::pair<Key, RecentOrders>> all_;
};

}  // namespace vigil::risk
