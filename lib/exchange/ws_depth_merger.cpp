#include "exchange/ws_depth_merger.h"

namespace vigil::exchange {

void DepthMerger::add(const DepthEvent& event) {
    if (!pending_) {
        pending_ = true;
        merged_ = event;
        began_ = event.time;
    }
    merged_.last_id = event.last_id;
    merged_.time = event.time;
    for (const domain::BookLevel& level : event.bids) bids_[level.price] = level.quantity;
    for (const domain::BookLevel& level : event.asks) asks_[level.price] = level.quantity;
}

template <class Side>
void DepthMerger::flatten(Side& side, std::vector<domain::BookLevel>& out) {
    out.clear();
    for (const auto& [price, quantity] : side) out.push_back({price, quantity});
    side.clear();
}

std::optional<DepthEvent> DepthMerger::take_due(base::ExchangeTime now) {
    // The first of ten differences is 100 ms old when it comes.
    constexpr base::milliseconds span{900};
    if (!pending_ || now - began_ < span) return std::nullopt;
    flatten(bids_, bid_levels_);
    flatten(asks_, ask_levels_);
    merged_.bids = bid_levels_;
    merged_.asks = ask_levels_;
    pending_ = false;
    return merged_;
}

void DepthMerger::clear() {
    pending_ = false;
    bids_.clear();
    asks_.clear();
}

}  // namespace vigil::exchange
