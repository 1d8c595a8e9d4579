#include "domain/order.h"

#include <array>
#include <utility>

namespace vigil::domain {

namespace {

template <class Enum, std::size_t N>
using Words = std::array<std::pair<Enum, std::string_view>, N>;

constexpr Words<OrderType, 7> order_types{{{OrderType::limit, "LIMIT"},
                                           {OrderType::market, "MARKET"},
                                           {OrderType::limit_maker, "LIMIT_MAKER"},
                                           {OrderType::stop_loss, "STOP_LOSS"},
                                           {OrderType::stop_loss_limit, "STOP_LOSS_LIMIT"},
                                           {OrderType::take_profit, "TAKE_PROFIT"},
                                           {OrderType::take_profit_limit, "TAKE_PROFIT_LIMIT"}}};
constexpr Words<TimeInForce, 3> times_in_force{
    {{TimeInForce::gtc, "GTC"}, {TimeInForce::ioc, "IOC"}, {TimeInForce::fok, "FOK"}}};
constexpr Words<OrderStatus, 9> statuses{{{OrderStatus::new_order, "NEW"},
                                          {OrderStatus::pending_new, "PENDING_NEW"},
                                          {OrderStatus::partially_filled, "PARTIALLY_FILLED"},
                                          {OrderStatus::filled, "FILLED"},
                                          {OrderStatus::canceled, "CANCELED"},
                                          {OrderStatus::pending_cancel, "PENDING_CANCEL"},
                                          {OrderStatus::rejected, "REJECTED"},
                                          {OrderStatus::expired, "EXPIRED"},
                                          {OrderStatus::expired_in_match, "EXPIRED_IN_MATCH"}}};
constexpr Words<ExecutionType, 7> executions{{{ExecutionType::new_order, "NEW"},
                                              {ExecutionType::canceled, "CANCELED"},
                                              {ExecutionType::replaced, "REPLACED"},
                                              {ExecutionType::rejected, "REJECTED"},
                                              {ExecutionType::trade, "TRADE"},
                                              {ExecutionType::expired, "EXPIRED"},
                                              {ExecutionType::trade_prevention, "TRADE_PREVENTION"}}};

template <class Enum, std::size_t N>
std::string_view word_of(const Words<Enum, N>& words, Enum value) noexcept {
    for (const auto& [candidate, word] : words)
        if (candidate == value) return word;
    return "UNKNOWN";
}

template <class Enum, std::size_t N>
Enum value_of(const Words<Enum, N>& words, std::string_view text) noexcept {
    for (const auto& [candidate, word] : words)
        if (word == text) return candidate;
    return Enum::unknown;
}

}  // namespace

std::string_view to_string(Side side) noexcept {
    return side == Side::buy ? "BUY" : "SELL";
}
std::string_view to_string(OrderType type) noexcept {
    return word_of(order_types, type);
}
std::string_view to_string(TimeInForce tif) noexcept {
    return word_of(times_in_force, tif);
}
std::string_view to_string(OrderStatus status) noexcept {
    return word_of(statuses, status);
}
std::string_view to_string(ExecutionType type) noexcept {
    return word_of(executions, type);
}

std::optional<Side> parse_side(std::string_view word) noexcept {
    if (word == "BUY") return Side::buy;
    if (word == "SELL") return Side::sell;
    return std::nullopt;
}
OrderType parse_order_type(std::string_view word) noexcept {
    return value_of(order_types, word);
}
TimeInForce parse_time_in_force(std::string_view word) noexcept {
    return value_of(times_in_force, word);
}
OrderStatus parse_order_status(std::string_view word) noexcept {
    return value_of(statuses, word);
}
ExecutionType parse_execution_type(std::string_view word) noexcept {
    return value_of(executions, word);
}

}  // namespace vigil::domain
