// What clients may ask.
#include <algorithm>
#include <iterator>

#include "exchange/core_impl.h"
#include "exchange/kline_calendar.h"

namespace vigil::exchange {

using base::ExchangeTime;
using domain::Price;
using domain::Side;
using domain::Symbol;

namespace {

tl::unexpected<ApiError> invalid_symbol() {
    return refuse(-1121, "Invalid symbol.");
}

}  // namespace

OrderStore* ExchangeCore::Impl::store(const SymbolState& symbol, AccountId id) const {
    return id.value < symbol.stores.size() ? symbol.stores[id.value].get() : nullptr;
}

CommissionSchedule ExchangeCore::Impl::commission(const AccountState& account,
                                                  const SymbolState& symbol) const {
    const auto& exceptions = account.options.commission_by_symbol;
    const auto at = exceptions.find(symbol.spec.rules.symbol);
    return at == exceptions.end() ? account.options.commission : at->second;
}

std::optional<Price> ExchangeCore::Impl::reference_price(const SymbolState& symbol, int minutes) const {
    if (minutes > 0)
        if (const auto average = symbol.tape.average(now_)) return average;
    if (symbol.last_price.is_positive()) return symbol.last_price;
    if (symbol.spec.reference_price.is_positive()) return symbol.spec.reference_price;
    return std::nullopt;
}

// --- Of an account ----------------------------------------------------------------------------------------

Outcome<OrderRecord> ExchangeCore::order(AccountId account, const Symbol& symbol, const OrderKey& key) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    if (!key.order_id && !key.client_order_id)
        return refuse(-1102,
                      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
    const OrderStore* orders = impl_->store(*state, account);
    const LiveOrder* order = orders == nullptr ? nullptr : orders->find(key);
    if (order == nullptr) return refuse(-2013, "Order does not exist.");
    return order->record;
}

Outcome<std::vector<OrderRecord>> ExchangeCore::open_orders(AccountId account,
                                                            const std::optional<Symbol>& symbol) const {
    std::vector<OrderRecord> found;
    const auto collect = [&](const SymbolState& state) {
        if (const OrderStore* orders = impl_->store(state, account))
            for (const auto& [id, order] : orders->open()) found.push_back(order->record);
    };
    if (symbol) {
        const SymbolState* state = impl_->find(*symbol);
        if (state == nullptr) return invalid_symbol();
        collect(*state);
    } else {
        for (const auto& state : impl_->symbols())
            if (state->listed) collect(*state);
    }
    return found;
}

Outcome<std::vector<OrderRecord>> ExchangeCore::all_orders(AccountId account, const Symbol& symbol,
                                                           const OrdersQuery& query) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    const OrderStore* orders = impl_->store(*state, account);
    return orders == nullptr ? std::vector<OrderRecord>{} : orders->query(query);
}

Outcome<std::vector<FillRecord>> ExchangeCore::own_trades(AccountId account, const Symbol& symbol,
                                                          const TradesQuery& query) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    const OrderStore* orders = impl_->store(*state, account);
    return orders == nullptr ? std::vector<FillRecord>{} : orders->query(query);
}

Outcome<std::vector<AmendmentRecord>> ExchangeCore::amendments(AccountId account, const Symbol& symbol,
                                                               domain::OrderId id,
                                                               std::int64_t from_execution_id,
                                                               std::size_t limit) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    const OrderStore* orders = impl_->store(*state, account);
    const LiveOrder* order = orders == nullptr ? nullptr : orders->find(id);
    if (order == nullptr) return refuse(-2013, "Order does not exist.");
    std::vector<AmendmentRecord> found;
    for (const AmendmentRecord& amendment : order->amendments)
        if (amendment.execution_id >= from_execution_id && found.size() < limit) found.push_back(amendment);
    return found;
}

Outcome<std::vector<PreventedRecord>> ExchangeCore::prevented_matches(AccountId account, const Symbol& symbol,
                                                                      const PreventedQuery& query) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    std::vector<PreventedRecord> found;
    for (const PreventedRecord& match : state->prevented) {
        if (found.size() == query.limit) break;
        const bool own_taker = match.taker == account;
        const bool own_maker = match.maker == account;
        if (!own_taker && !own_maker) continue;
        if (query.match_id && match.match_id != *query.match_id) continue;
        if (query.order_id && !(own_taker && match.taker_order_id == *query.order_id) &&
            !(own_maker && match.maker_order_id == *query.order_id))
            continue;
        if (match.match_id >= query.from_id) found.push_back(match);
    }
    return found;
}

Outcome<OrderListRecord> ExchangeCore::order_list(AccountId account, const ListKey& key) const {
    const OrderList* list = impl_->account(account).lists.find(key);
    if (list == nullptr) return refuse(-2013, "Order does not exist.");
    return list->record;
}

std::vector<OrderListRecord> ExchangeCore::open_order_lists(AccountId account) const {
    return impl_->account(account).lists.open();
}

std::vector<OrderListRecord> ExchangeCore::all_order_lists(AccountId account, const ListsQuery& query) const {
    return impl_->account(account).lists.query(query);
}

AccountView ExchangeCore::account(AccountId id) const {
    const AccountState& state = impl_->account(id);
    AccountView view;
    view.label = state.options.label;
    view.uid = state.options.uid;
    view.trade_group_id = state.options.trade_group_id;
    view.can_trade = state.options.can_trade;
    view.require_self_trade_prevention = state.options.require_self_trade_prevention;
    view.commission = state.options.commission;
    for (const auto& [asset, balance] : state.ledger.all()) view.balances.push_back(balance);
    view.asset_limits = state.options.asset_limits;
    view.updated = state.updated;
    return view;
}

Outcome<CommissionSchedule> ExchangeCore::commission(AccountId account, const Symbol& symbol) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    return impl_->commission(impl_->account(account), *state);
}

// --- Of the market ----------------------------------------------------------------------------------------

const SymbolSpec* ExchangeCore::symbol(const Symbol& symbol) const {
    const SymbolState* state = impl_->find(symbol);
    return state == nullptr ? nullptr : &state->spec;
}

std::vector<const SymbolSpec*> ExchangeCore::symbols() const {
    std::vector<const SymbolSpec*> specs;
    for (const auto& state : impl_->symbols())
        if (state->listed) specs.push_back(&state->spec);
    return specs;
}

Outcome<DepthView> ExchangeCore::depth(const Symbol& symbol, std::size_t limit) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    return DepthView{state->book.update_id(), state->book.visible(Side::buy, limit),
                     state->book.visible(Side::sell, limit)};
}

Outcome<BookTickerEvent> ExchangeCore::book_ticker(const Symbol& symbol) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    return BookTickerEvent{symbol, state->book.update_id(), state->book.best(Side::buy),
                           state->book.best(Side::sell), impl_->now()};
}

Outcome<std::vector<TradeEvent>> ExchangeCore::recent_trades(const Symbol& symbol, std::size_t limit) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    return state->tape.recent(limit);
}

Outcome<std::vector<TradeEvent>> ExchangeCore::trades_since(const Symbol& symbol, domain::TradeId first_id,
                                                            std::size_t limit) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    return state->tape.since(first_id, limit);
}

Outcome<std::vector<AggTradeEvent>> ExchangeCore::agg_trades(const Symbol& symbol,
                                                             const AggTradesQuery& query) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    return state->tape.aggregates(query);
}

Outcome<PriceStatistics> ExchangeCore::statistics(const Symbol& symbol, ExchangeTime open_time) const {
    SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    return state->statistics.since(open_time, impl_->now(), state->klines.history());
}

Outcome<std::vector<Kline>> ExchangeCore::klines(const Symbol& symbol, const KlinesQuery& query) const {
    SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    const auto known = kline_intervals();
    if (std::find(known.begin(), known.end(), query.interval) == known.end())
        return refuse(-1120, "Invalid interval.");
    return state->klines.query(query);
}

Outcome<AveragePrice> ExchangeCore::average_price(const Symbol& symbol) const {
    const SymbolState* state = impl_->find(symbol);
    if (state == nullptr) return invalid_symbol();
    AveragePrice average;
    average.price = impl_->reference_price(*state, average.minutes).value_or(Price{});
    if (const TradeEvent* last = state->tape.last()) average.last_trade_time = last->time;
    return average;
}

}  // namespace vigil::exchange
