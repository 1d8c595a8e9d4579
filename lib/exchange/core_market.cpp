// What feeds say of the outside market, and what it does to own resting orders.
#include <algorithm>

#include "exchange/core_impl.h"

namespace vigil::exchange {

using domain::BookLevel;
using domain::Price;
using domain::Quantity;
using domain::Side;
using domain::Symbol;

void ExchangeCore::Impl::start_market(SymbolState& symbol, Price price) {
    if (symbol.klines.started()) return;
    const domain::SymbolRules& rules = symbol.spec.rules;
    std::uint64_t seed = options_.seed;
    for (const char c : rules.symbol.view()) seed = mix64(seed ^ static_cast<unsigned char>(c));
    symbol.klines.start(PriceHistory{seed, now_, price, rules.tick(), rules.step()}, now_);
    if (symbol.last_price.is_zero()) symbol.last_price = price;
    if (started_.empty()) next_minute_ = next_boundary(std::chrono::minutes{1});
    started_.push_back(&symbol);
}

void ExchangeCore::Impl::replace_book(const Symbol& name, std::span<const BookLevel> bids,
                                      std::span<const BookLevel> asks) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return;
    symbol->book.replace_outside(Side::buy, bids);
    symbol->book.replace_outside(Side::sell, asks);
    after_book_change(*symbol, false);
}

void ExchangeCore::Impl::update_levels(const Symbol& name, std::span<const BookLevel> bids,
                                       std::span<const BookLevel> asks) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return;
    for (const BookLevel& level : bids) symbol->book.set_outside(Side::buy, level.price, level.quantity);
    for (const BookLevel& level : asks) symbol->book.set_outside(Side::sell, level.price, level.quantity);
    after_book_change(*symbol, !asks.empty());
}

void ExchangeCore::Impl::update_top(const Symbol& name, const BookLevel& bid, const BookLevel& ask) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return;
    // Out of the way first: the new best prices may lie where the other side was.
    symbol->book.remove_outside_better_than(Side::buy, bid.price);
    symbol->book.remove_outside_better_than(Side::sell, ask.price);
    symbol->book.set_outside(Side::buy, bid.price, bid.quantity);
    symbol->book.set_outside(Side::sell, ask.price, ask.quantity);
    after_book_change(*symbol, true);
}

/// A feed that shows a crossed book is behind with one side: what contradicts the newer side is gone.
void ExchangeCore::Impl::after_book_change(SymbolState& symbol, bool asks_are_newer) {
    for (;;) {
        const BookLevel* bid = symbol.book.outside(Side::buy).best();
        const BookLevel* ask = symbol.book.outside(Side::sell).best();
        if (bid == nullptr || ask == nullptr || bid->price < ask->price) break;
        if (asks_are_newer)
            symbol.book.set_outside(Side::buy, bid->price, Quantity{});
        else
            symbol.book.set_outside(Side::sell, ask->price, Quantity{});
    }
    match_crossed(symbol);
    finish(symbol);
}

/// An own resting order that the outside book now crosses trades at its own price, as maker, with what the
/// outside offers there.
void ExchangeCore::Impl::match_crossed(SymbolState& symbol) {
    for (const Side side : {Side::buy, Side::sell}) {
        const Side other = domain::opposite(side);
        for (;;) {
            LiveOrder* order = symbol.book.best_own(side);
            const BookLevel* level = symbol.book.outside(other).best();
            if (order == nullptr || level == nullptr) break;
            const Price price = order->record.price;
            if (side == Side::buy ? price < level->price : price > level->price) break;
            const Quantity quantity = std::min(order->shown, level->quantity);
            symbol.book.take_outside(other, level->price, quantity);
            fill_resting(symbol, *order, quantity);
        }
    }
}

void ExchangeCore::Impl::print(const Symbol& name, Price price, Quantity quantity, bool buyer_is_maker) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr || !price.is_positive() || !quantity.is_positive()) return;
    Quantity left = quantity;

    // Through the price of own orders: whoever traded at `price` would have met them first.
    for (const Side side : {Side::buy, Side::sell}) {
        while (left.is_positive()) {
            LiveOrder* order = symbol->book.best_own(side);
            if (order == nullptr) break;
            const Price own = order->record.price;
            if (side == Side::buy ? own <= price : own >= price) break;
            const Quantity part = std::min(left, order->shown);
            fill_resting(*symbol, *order, part);
            left -= part;
        }
    }

    // At their price: first what stood before them.
    const Side hit = buyer_is_maker ? Side::buy : Side::sell;
    while (left.is_positive()) {
        LiveOrder* order = symbol->book.best_own(hit);
        if (order == nullptr || order->record.price != price) break;
        if (order->queue_ahead.is_positive()) {
            const Quantity part = std::min(left, order->queue_ahead);
            symbol->book.advance_queue(hit, price, part);
            trade(*symbol, price, part, buyer_is_maker);
            left -= part;
            continue;
        }
        const Quantity part = std::min(left, order->shown);
        fill_resting(*symbol, *order, part);
        left -= part;
    }
    if (left.is_positive()) trade(*symbol, price, left, buyer_is_maker);
    finish(*symbol);
}

}  // namespace vigil::exchange
