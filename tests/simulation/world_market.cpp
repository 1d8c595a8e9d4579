// Market data on their way to the engine. They arrive at once: the delays that matter here are those of
// orders and their answers.
#include "simulation/convert.h"
#include "simulation/world.h"

namespace vigil::simulation {

void World::market_news(Action action) {
    if (!engine_ || !connected_[static_cast<std::size_t>(domain::Connection::market)]) return;
    to_engine(base::nanoseconds{0}, [this, action = std::move(action)] {
        if (connected_[static_cast<std::size_t>(domain::Connection::market)]) action();
    });
}

void World::on_trade(const exchange::TradeEvent& event) {
    market_news([this, trade = domain::PublicTrade{event.symbol, event.trade_id, event.price, event.quantity,
                                                   event.buyer_is_maker, event.time, now().monotonic}] {
        engine_->on_trade(trade, now());
    });
}

void World::on_book_ticker(const exchange::BookTickerEvent& event) {
    market_news([this, event] {
        engine_->on_book_ticker({event.symbol, event.update_id, event.bid, event.ask, now().monotonic},
                                now());
    });
}

void World::on_depth(const exchange::DepthEvent& event) {
    market_news([this, event, bids = std::vector<domain::BookLevel>{event.bids.begin(), event.bids.end()},
                 asks = std::vector<domain::BookLevel>{event.asks.begin(), event.asks.end()}] {
        engine_->on_depth(
            {event.symbol, event.first_id, event.last_id, bids, asks, event.time, now().monotonic}, now());
    });
}

void World::on_kline(const exchange::KlineEvent& event) {
    market_news([this, candle = candle_of(event.symbol, event.kline)]() mutable {
        candle.received = now().monotonic;
        engine_->on_candle(candle, now());
    });
}

}  // namespace vigil::simulation
