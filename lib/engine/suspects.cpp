#include "engine/suspects.h"

#include <algorithm>
#include <utility>

namespace vigil::engine {

void Suspects::begin(const domain::ClientOrderId& wanted, const domain::Symbol& symbol, orders::Moment asked,
                     std::vector<domain::OrderId> orders) {
    drop(wanted);
    std::erase_if(orders, [&](domain::OrderId order) {
        return std::find(strangers_.begin(), strangers_.end(), Stranger{symbol, order}) != strangers_.end();
    });
    if (!orders.empty()) rounds_.push_back({wanted, asked, std::move(orders)});
}

std::optional<domain::OrderId> Suspects::next(const domain::ClientOrderId& wanted) const {
    for (const Round& round : rounds_)
        if (round.wanted == wanted) return round.left.back();
    return std::nullopt;
}

std::optional<orders::Moment> Suspects::clear(const domain::ClientOrderId& wanted,
                                              const domain::Symbol& symbol, domain::OrderId order) {
    strangers_.push_back({symbol, order});
    if (strangers_.size() > strangers_max) strangers_.pop_front();
    const auto round = std::find_if(rounds_.begin(), rounds_.end(),
                                    [&wanted](const Round& each) { return each.wanted == wanted; });
    if (round == rounds_.end()) return std::nullopt;
    std::erase(round->left, order);
    if (!round->left.empty()) return std::nullopt;
    const orders::Moment asked = round->asked;
    rounds_.erase(round);
    return asked;
}

void Suspects::drop(const domain::ClientOrderId& wanted) {
    std::erase_if(rounds_, [&wanted](const Round& each) { return each.wanted == wanted; });
}

}  // namespace vigil::engine
