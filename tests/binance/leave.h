// A stand-in for the governor: gives leave, or none before a moment, and keeps what it was asked.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "domain/own_request.h"

namespace vigil::binance::test {

struct Leave {
    base::MonotonicTime not_before{};
    const base::Clock* clock{nullptr};  ///< none: always granted
    std::vector<domain::OwnRequest> granted;
    int held{0};

    [[nodiscard]] domain::AskLeave asker() {
        return [this](domain::OwnRequest request) -> std::optional<base::MonotonicTime> {
            if (clock != nullptr && clock->monotonic() < not_before) {
                ++held;
                return not_before;
            }
            granted.push_back(request);
            return std::nullopt;
        };
    }
    [[nodiscard]] auto count(domain::OwnRequest request) const {
        return std::count(granted.begin(), granted.end(), request);
    }
};

}  // namespace vigil::binance::test
