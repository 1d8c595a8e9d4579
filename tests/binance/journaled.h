// Journaled intents for the tests of what comes behind the journal. The gates are those that the domain names
// as friends; this program does not link the real ones.
#pragma once

#include <string_view>
#include <utility>

#include "domain/stages.h"

namespace vigil::risk {
class RiskGate {
  public:
    static domain::Approved pass(domain::Intent intent) { return domain::Approved{std::move(intent)}; }
};
}  // namespace vigil::risk
namespace vigil::governor {
class Governor {
  public:
    static domain::Permitted pass(domain::Approved approved) {
        return domain::Permitted{std::move(approved), {}};
    }
};
}  // namespace vigil::governor
namespace vigil::journal {
class JournalGate {
  public:
    static domain::Journaled pass(domain::Permitted permitted) {
        return domain::Journaled{std::move(permitted), 1};
    }
};
}  // namespace vigil::journal

namespace vigil::binance::test {

inline domain::Journaled journaled(std::variant<domain::NewOrder, domain::CancelOrder> action) {
    domain::Intent intent{};
    intent.action = std::move(action);
    return journal::JournalGate::pass(governor::Governor::pass(risk::RiskGate::pass(std::move(intent))));
}

inline domain::NewOrder limit_buy(std::string_view id, std::string_view price = "90",
                                  std::string_view quantity = "0.5") {
    domain::NewOrder order;
    order.symbol = *domain::Symbol::from("BTCUSDT");
    order.side = domain::Side::buy;
    order.type = domain::OrderType::limit;
    order.time_in_force = domain::TimeInForce::gtc;
    order.quantity = domain::Quantity::literal(quantity);
    order.price = domain::Price::literal(price);
    order.client_order_id = *domain::client_order_id(id);
    return order;
}

inline domain::CancelOrder cancel(std::string_view id) {
    return {*domain::Symbol::from("BTCUSDT"), *domain::client_order_id(id)};
}

}  // namespace vigil::binance::test
