// Trades and their money.
#include <algorithm>
#include <limits>

#include "base/check.h"
#include "exchange/commission.h"
#include "exchange/core_impl.h"

namespace vigil::exchange {

using domain::Amount;
using domain::Asset;
using domain::ExecutionType;
using domain::OrderStatus;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Rounding;
using domain::Side;

namespace {

/// A market order, or a stop order that has become one: its reserve lasts from its plan to its end.
bool at_market(const OrderRecord& record) {
    const bool is_market_type = record.type == OrderType::market || record.type == OrderType::stop_loss ||
                                record.type == OrderType::take_profit;
    return is_market_type && record.is_working;
}

}  // namespace

TradeGroupOf ExchangeCore::Impl::group_of_account() {
    return [](const void* self, AccountId id) {
        return static_cast<const Impl*>(self)->account(id).options.trade_group_id;
    };
}

// --- The steps of a taker ---------------------------------------------------------------------------------

void ExchangeCore::Impl::carry_out(SymbolState& symbol, LiveOrder& taker, const TakePlan& plan) {
    const Side side = taker.record.side;
    const Side makers = domain::opposite(side);
    for (const TakeStep& step : plan.steps) {
        switch (step.kind) {
            case TakeKind::outside: {
                symbol.book.take_outside(makers, step.price, step.quantity);
                const TradeEvent done = trade(symbol, step.price, step.quantity, side == Side::sell);
                fill(symbol, taker, done, false);
                outside_flow(symbol, side, done);
                break;
            }
            case TakeKind::own: {
                LiveOrder& maker = *step.maker;
                const TradeEvent done = trade(symbol, step.price, step.quantity, side == Side::sell);
                fill(symbol, taker, done, false);
                fill(symbol, maker, done, true);
                symbol.book.shrink(maker, step.quantity);
                if (!maker.record.is_open()) symbol.book.remove(maker);
                break;
            }
            case TakeKind::expire_maker:
            case TakeKind::expire_taker:
            case TakeKind::expire_both:
            case TakeKind::decrement:
            case TakeKind::transfer: {
                const std::int64_t id = symbol.next_prevented_match_id++;
                LiveOrder& maker = *step.maker;
                PreventedRecord record;
                record.symbol = symbol.spec.rules.symbol;
                record.match_id = id;
                record.taker_order_id = taker.record.order_id;
                record.maker_order_id = maker.record.order_id;
                record.taker = taker.record.account;
                record.maker = maker.record.account;
                record.trade_group_id = account(record.taker).options.trade_group_id;
                const bool both_lose = step.kind == TakeKind::decrement || step.kind == TakeKind::transfer;
                // "If the taker order specifies TRANSFER, but the maker order another mode: DECREMENT."
                record.mode = step.kind == TakeKind::decrement ? StpMode::decrement : taker.record.stp_mode;
                record.price = step.price;
                record.time = now_;
                const bool whole_maker =
                    step.kind == TakeKind::expire_maker || step.kind == TakeKind::expire_both;
                const bool whole_taker =
                    step.kind == TakeKind::expire_taker || step.kind == TakeKind::expire_both;
                if (whole_maker || both_lose)
                    record.maker_prevented = whole_maker ? maker.record.remaining() : step.quantity;
                if (whole_taker || both_lose)
                    record.taker_prevented = whole_taker ? taker.record.remaining() : step.quantity;
                if (record.maker_prevented)
                    prevent(symbol, maker, *record.maker_prevented, taker, step.price, id);
                if (record.taker_prevented)
                    prevent(symbol, taker, *record.taker_prevented, maker, step.price, id);
                if (step.kind == TakeKind::transfer) transfer(symbol, taker, maker, step);
                if (placement_of_call_ != nullptr && &taker == taker_of_call_)
                    placement_of_call_->prevented.push_back(record);
                remember_prevented(symbol, std::move(record));
                break;
            }
        }
    }
}

/// Takes `quantity` from what an order may still trade (faqs/stp_faq.md).
void ExchangeCore::Impl::prevent(SymbolState& symbol, LiveOrder& order, Quantity quantity,
                                 const LiveOrder& counter, Price price, std::int64_t match_id) {
    OrderRecord& record = order.record;
    begin_working(symbol, order);
    record.prevented_quantity += quantity;
    if (order.on_book) {
        symbol.book.shrink(order, quantity);
        if (record.remaining().is_zero()) symbol.book.remove(order);
    }
    record.prevented_match_id = match_id;
    record.updated = now_;
    if (record.remaining().is_zero()) {
        record.status = OrderStatus::expired_in_match;
        close(symbol, order);
    } else if (!at_market(record)) {
        set_lock(symbol, order, needed_lock(record));
    }
    PreventedMatch prevented;
    prevented.match_id = match_id;
    prevented.last_prevented = quantity;
    prevented.trade_group_id = account(record.account).options.trade_group_id;
    prevented.counter_order_id = counter.record.order_id;
    prevented.counter_symbol = counter.record.symbol;
    prevented.execution_quantity = quantity;
    prevented.execution_price = price;
    prevented.execution_quote = domain::notional(price, quantity, Rounding::down).value_or(Amount{});
    ExecutionEvent event;
    event.execution = ExecutionType::trade_prevention;
    event.client_order_id = record.client_order_id;
    event.on_book = order.on_book;
    event.prevented = prevented;
    tell(order, std::move(event));
}

/// STP mode TRANSFER: "the last prevented quantity and its notional are transferred between the two
/// accounts". Both reserves have let go of it by now.
void ExchangeCore::Impl::transfer(SymbolState& symbol, LiveOrder& taker, const LiveOrder& maker,
                                  const TakeStep& step) {
    const bool taker_buys = taker.record.side == Side::buy;
    AccountLedger& buyer = account((taker_buys ? taker : maker).record.account).ledger;
    AccountLedger& seller = account((taker_buys ? maker : taker).record.account).ledger;
    const domain::SymbolRules& rules = symbol.spec.rules;
    const auto quote = domain::notional(step.price, step.quantity, Rounding::down);
    base::check(quote.has_value(), "a transfer was planned within the range of a decimal");
    if (at_market(taker.record) && taker.record.is_open()) {
        const Amount paid = taker_buys ? *quote : domain::as_amount(step.quantity);
        set_lock(symbol, taker, taker.locked - paid);
    }
    seller.debit(rules.base, domain::as_amount(step.quantity));
    buyer.credit(rules.base, domain::as_amount(step.quantity));
    buyer.debit(rules.quote, *quote);
    seller.credit(rules.quote, *quote);
}

void ExchangeCore::Impl::remember_prevented(SymbolState& symbol, PreventedRecord record) {
    symbol.prevented.push_back(std::move(record));
    if (symbol.prevented.size() > options_.closed_orders_max) symbol.prevented.pop_front();
}

// --- One trade --------------------------------------------------------------------------------------------

TradeEvent ExchangeCore::Impl::trade(SymbolState& symbol, Price price, Quantity quantity,
                                     bool buyer_is_maker) {
    start_market(symbol, price);
    TradeEvent event;
    event.symbol = symbol.spec.rules.symbol;
    event.trade_id = domain::TradeId{symbol.next_trade_id++};
    event.price = price;
    event.quantity = quantity;
    // Beyond the range of a decimal only for prints of the outside, which are nobody's money here.
    event.quote_quantity = domain::notional(price, quantity, Rounding::down)
                               .value_or(Amount::from_raw(std::numeric_limits<std::int64_t>::max()));
    event.buyer_is_maker = buyer_is_maker;
    event.time = now_;
    symbol.last_price = price;
    symbol.tape.add(event);
    std::vector<Kline> closed;
    symbol.klines.roll(now_, &closed);
    tell_klines(symbol, closed);
    symbol.klines.add(event);
    symbol.statistics.add(event);
    sink_.on_trade(event);
    if (const auto aggregate = symbol.tape.aggregate(event)) sink_.on_agg_trade(*aggregate);
    if (!symbol.stops.empty()) symbol.stops.take_triggered(price, now_, triggered_);
    return event;
}

void ExchangeCore::Impl::fill_resting(SymbolState& symbol, LiveOrder& order, Quantity quantity) {
    const TradeEvent done = trade(symbol, order.record.price, quantity, order.record.side == Side::buy);
    fill(symbol, order, done, true);
    outside_flow(symbol, order.record.side, done);
    symbol.book.shrink(order, quantity);
    if (!order.record.is_open()) symbol.book.remove(order);
}

void ExchangeCore::Impl::fill(SymbolState& symbol, LiveOrder& order, const TradeEvent& trade, bool is_maker) {
    OrderRecord& record = order.record;
    const bool is_first = record.executed.is_zero();
    begin_working(symbol, order);
    record.executed += trade.quantity;
    record.executed_quote += trade.quote_quantity;
    record.updated = now_;
    const bool is_filled = record.remaining().is_zero() && !order.wants_more;
    record.status = is_filled ? OrderStatus::filled : OrderStatus::partially_filled;
    pay(symbol, order, trade);

    FillRecord own;
    own.trade_id = trade.trade_id;
    own.symbol = record.symbol;
    own.order_id = record.order_id;
    own.order_list_id = record.order_list_id;
    own.price = trade.price;
    own.quantity = trade.quantity;
    own.quote_quantity = trade.quote_quantity;
    own.is_buyer = record.side == Side::buy;
    own.is_maker = is_maker;
    own.time = now_;
    charge(symbol, order, own, is_maker);
    store(symbol, record.account)->add_trade(own);
    if (placement_of_call_ != nullptr && &order == taker_of_call_) placement_of_call_->fills.push_back(own);
    if (is_filled) {
        close(symbol, order);
    } else if (!at_market(record)) {
        set_lock(symbol, order, needed_lock(record));
    }
    ExecutionEvent event;
    event.execution = ExecutionType::trade;
    event.client_order_id = record.client_order_id;
    event.is_first_fill = is_first;
    event.on_book = is_maker && !is_filled;
    event.fill = own;
    tell(order, std::move(event));
}

/// Takes what was sold, or its price, from the reserve, or from the free balance where there is none.
void ExchangeCore::Impl::pay(SymbolState& symbol, LiveOrder& order, const TradeEvent& trade) {
    AccountLedger& ledger = account(order.record.account).ledger;
    const Asset& asset = paid_asset(symbol, order.record);
    const Amount price =
        order.record.side == Side::buy ? trade.quote_quantity : domain::as_amount(trade.quantity);
    const Amount from_lock = std::min(order.locked, price);
    ledger.debit_locked(asset, from_lock);
    order.locked -= from_lock;
    ledger.debit(asset, price - from_lock);
}

/// Credits what was received, less the commission, which may be taken in BNB instead.
void ExchangeCore::Impl::charge(SymbolState& symbol, LiveOrder& order, FillRecord& fill, bool is_maker) {
    const Side side = order.record.side;
    const domain::SymbolRules& rules = symbol.spec.rules;
    const Asset& received_asset = side == Side::buy ? rules.base : rules.quote;
    const Amount received = side == Side::buy ? domain::as_amount(fill.quantity) : fill.quote_quantity;
    AccountState& owner = account(order.record.account);
    const CommissionSchedule schedule = commission(owner, symbol);

    owner.ledger.credit(received_asset, received);
    OrderList* list = list_of(order.record);
    const bool is_reserved =
        list != nullptr && is_opo(list->record.shape) && is_working_order(*list, order.record);
    if (is_reserved) {
        owner.ledger.lock(received_asset, received);
        list->reserved += received;
    }
    Amount due = commission_in_received(schedule, side, is_maker, received);
    Asset asset = received_asset;
    Price rate;
    if (received_asset == discount_asset()) {
        rate = Price::of(1);
    } else if (const auto pair = domain::Symbol::from(discount_asset().str() + received_asset.str())) {
        if (const SymbolState* bnb = find(*pair)) rate = reference_price(*bnb, 0).value_or(Price{});
    }
    const auto in_bnb = commission_in_discount_asset(schedule, side, is_maker, received, rate);
    if (in_bnb && owner.ledger.free(discount_asset()) >= *in_bnb) {
        due = *in_bnb;
        asset = discount_asset();
    }
    // "The commission is taken from the available funds instead if the received asset is not BNB and there
    // are enough available funds" (faqs/opo.md); else from what is reserved for the pending orders.
    if (is_reserved && asset == received_asset &&
        (asset == discount_asset() || owner.ledger.free(asset) < due)) {
        owner.ledger.unlock(asset, due);
        list->reserved -= due;
    }
    owner.ledger.debit(asset, due);
    flows_[asset].fees += due;
    fill.commission = due;
    fill.commission_asset = asset;
}

void ExchangeCore::Impl::outside_flow(const SymbolState& symbol, Side own_side, const TradeEvent& trade) {
    AssetFlow& base_flow = flows_[symbol.spec.rules.base];
    AssetFlow& quote_flow = flows_[symbol.spec.rules.quote];
    const Amount quantity = domain::as_amount(trade.quantity);
    base_flow.outside += own_side == Side::buy ? quantity : -quantity;
    quote_flow.outside += own_side == Side::buy ? -trade.quote_quantity : trade.quote_quantity;
}

// --- Reserves ---------------------------------------------------------------------------------------------

const Asset& ExchangeCore::Impl::paid_asset(const SymbolState& symbol, const OrderRecord& record) const {
    return record.side == Side::buy ? symbol.spec.rules.quote : symbol.spec.rules.base;
}

/// A limit order reserves all it may pay, rounded up (a trade is rounded down, so that the reserve always
/// covers it); a waiting stop order by quantity what it would pay at its stop price; a market order nothing.
Amount ExchangeCore::Impl::needed_lock(const OrderRecord& record) const {
    if (at_market(record)) return {};
    if (record.status == OrderStatus::pending_new) return {};  // its working order comes first
    if (record.side == Side::sell) return domain::as_amount(record.remaining());
    const Price price = record.price.is_zero() ? record.stop_price : record.price;
    const auto value = domain::notional(price, record.remaining(), Rounding::up);
    // Checked at placement for the whole quantity, which is never less than the rest.
    return value.value_or(Amount::from_raw(std::numeric_limits<std::int64_t>::max()));
}

void ExchangeCore::Impl::set_lock(SymbolState& symbol, LiveOrder& order, Amount amount) {
    AccountLedger& ledger = account(order.record.account).ledger;
    const Asset& asset = paid_asset(symbol, order.record);
    if (amount > order.locked) ledger.lock(asset, amount - order.locked);
    if (amount < order.locked) ledger.unlock(asset, order.locked - amount);
    order.locked = amount;
}

void ExchangeCore::Impl::close(SymbolState& symbol, LiveOrder& order) {
    set_lock(symbol, order, Amount{});
    closing_.push_back(&order);
}

// --- The end of an operation ------------------------------------------------------------------------------

std::int64_t ExchangeCore::Impl::tell(const LiveOrder& order, ExecutionEvent event) {
    event.order = order.record;
    event.execution_id = next_execution_id_++;
    event.event_time = event.transact_time = now_;
    const AccountId owner = order.record.account;
    if (std::find(touched_accounts_.begin(), touched_accounts_.end(), owner) == touched_accounts_.end())
        touched_accounts_.push_back(owner);
    sink_.on_execution(owner, event);
    return event.execution_id;
}

void ExchangeCore::Impl::tell_positions() {
    for (const AccountId id : touched_accounts_) {
        AccountState& touched = account(id);
        domain::AccountPosition position;
        for (const Asset& asset : touched.ledger.take_touched())
            position.balances.push_back(touched.ledger.balance(asset));
        if (position.balances.empty()) continue;
        touched.updated = now_;
        position.event_time = position.updated = now_;
        sink_.on_account_position(id, position);
    }
    touched_accounts_.clear();
}

void ExchangeCore::Impl::finish(SymbolState& symbol) {
    // A triggered order may trade and trigger more, and the end of an order may end or place those of its
    // list; each triggers, ends and is placed once, so that this ends.
    std::size_t ended = 0;
    for (std::size_t i = 0; i < triggered_.size() || ended < closing_.size();) {
        if (i < triggered_.size())
            trigger(symbol, *triggered_[i++]);
        else
            follow_end(symbol, *closing_[ended++]);
    }
    triggered_.clear();
    for (LiveOrder* order : closing_) {
        AccountState& owner = account(order->record.account);
        --owner.open_orders;
        if (is_algo_type(order->record.type)) --owner.open_algo_orders;
        if (!order->record.iceberg_quantity.is_zero()) --owner.open_iceberg_orders;
        store(symbol, order->record.account)->closed(*order);
    }
    closing_.clear();
    if (const auto aggregate = symbol.tape.finish_aggregate()) sink_.on_agg_trade(*aggregate);
    const domain::BookLevel bid = symbol.book.best(Side::buy);
    const domain::BookLevel ask = symbol.book.best(Side::sell);
    if (bid != symbol.told_bid || ask != symbol.told_ask) {
        symbol.told_bid = bid;
        symbol.told_ask = ask;
        sink_.on_book_ticker(
            BookTickerEvent{symbol.spec.rules.symbol, symbol.book.update_id(), bid, ask, now_});
    }
    tell_positions();
    note_changes(symbol);
}

}  // namespace vigil::exchange
