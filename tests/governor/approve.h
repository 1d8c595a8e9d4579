// A stand-in for the risk gate, so that the governor can be tested alone: it approves everything.
#pragma once

#include <string>
#include <utility>

#include "domain/stages.h"

namespace vigil::risk {

class RiskGate {
  public:
    [[nodiscard]] static domain::Approved approve(domain::Intent intent) {
        return domain::Approved{std::move(intent)};
    }
};

}  // namespace vigil::risk

namespace vigil::governor {

inline constexpr domain::StrategyIndex somebody{0};

[[nodiscard]] inline domain::Approved placement(base::MonotonicTime expires,
                                                domain::Lane lane = domain::Lane::order,
                                                domain::StrategyIndex strategy = somebody,
                                                base::MonotonicTime decided = {}) {
    domain::NewOrder order;
    order.symbol = *domain::Symbol::from("BTCUSDT");
    order.client_order_id = *domain::client_order_id("v-1");
    domain::Intent intent{};
    intent.strategy = strategy;
    intent.lane = lane;
    intent.action = order;
    intent.decided = decided;
    intent.expires = expires;
    return risk::RiskGate::approve(std::move(intent));
}

[[nodiscard]] inline domain::Approved cancellation(base::MonotonicTime expires,
                                                   domain::Lane lane = domain::Lane::cancel,
                                                   base::MonotonicTime decided = {}) {
    domain::CancelOrder order;
    order.symbol = *domain::Symbol::from("BTCUSDT");
    order.client_order_id = *domain::client_order_id("v-1");
    domain::Intent intent{};
    intent.lane = lane;
    intent.action = order;
    intent.decided = decided;
    intent.expires = expires;
    return risk::RiskGate::approve(std::move(intent));
}

}  // namespace vigil::governor
