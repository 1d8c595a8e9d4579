#include "simulation/convert.h"

#include <type_traits>
#include <utility>

namespace vigil::simulation {

namespace {

base::Error error_of(const exchange::ApiError& error) {
    constexpr int no_such_order = -2013;
    return {error.code == no_such_order ? base::ErrorKind::not_found : base::ErrorKind::rejected,
            std::to_string(error.code) + " " + error.message};
}

template <class T>
base::Result<engine::Answer> failed(const exchange::Outcome<T>& outcome) {
    return base::fail(error_of(outcome.error()));
}

}  // namespace

domain::OrderView view_of(const exchange::OrderRecord& order) {
    return {.symbol = order.symbol,
            .order_id = order.order_id,
            .client_order_id = order.client_order_id,
            .side = order.side,
            .type = order.type,
            .time_in_force = order.time_in_force,
            .status = order.status,
            .price = order.price,
            .stop_price = order.stop_price,
            .quantity = order.quantity,
            .executed = order.executed,
            .executed_quote = order.executed_quote,
            .created = order.created,
            .updated = order.updated};
}

domain::Fill fill_of(const exchange::FillRecord& fill) {
    return {.trade_id = fill.trade_id,
            .order_id = fill.order_id,
            .price = fill.price,
            .quantity = fill.quantity,
            .quote_quantity = fill.quote_quantity,
            .commission = fill.commission,
            .commission_asset = fill.commission_asset,
            .is_maker = fill.is_maker,
            .side = fill.is_buyer ? domain::Side::buy : domain::Side::sell,
            .time = fill.time};
}

domain::ExecutionReport report_of(const exchange::ExecutionEvent& event) {
    const bool is_cancel = !event.original_client_order_id.empty();
    return {.symbol = event.order.symbol,
            .order_id = event.order.order_id,
            .client_order_id = is_cancel ? event.original_client_order_id : event.client_order_id,
            .side = event.order.side,
            .type = event.order.type,
            .time_in_force = event.order.time_in_force,
            .execution = event.execution,
            .status = event.order.status,
            .reject_reason = std::string{exchange::to_string(event.reject_reason)},
            .price = event.order.price,
            .stop_price = event.order.stop_price,
            .quantity = event.order.quantity,
            .executed = event.order.executed,
            .executed_quote = event.order.executed_quote,
            .fill = event.fill ? std::optional{fill_of(*event.fill)} : std::nullopt,
            .event_time = event.event_time,
            .transact_time = event.transact_time};
}

domain::Candle candle_of(const domain::Symbol& symbol, const exchange::Kline& kline) {
    return {.symbol = symbol,
            .interval = kline.interval,
            .open_time = kline.open_time,
            .close_time = kline.close_time,
            .open = kline.open,
            .high = kline.high,
            .low = kline.low,
            .close = kline.close,
            .volume = kline.volume,
            .quote_volume = kline.quote_volume,
            .trade_count = kline.trade_count,
            .taker_buy_volume = kline.taker_buy_volume,
            .taker_buy_quote_volume = kline.taker_buy_quote_volume,
            .closed = kline.closed,
            .received = {}};
}

domain::OrderOutcome place_at(exchange::ExchangeCore& core, exchange::AccountId account,
                              const domain::NewOrder& order, base::ExchangeTime now) {
    domain::OrderOutcome outcome;
    outcome.symbol = order.symbol;
    outcome.client_order_id = order.client_order_id;
    exchange::OrderRequest request;
    request.symbol = order.symbol;
    request.side = order.side;
    request.type = order.type;
    request.time_in_force = order.time_in_force;
    request.quantity = order.quantity;
    request.quote_quantity = order.quote_quantity;
    request.price = order.price;
    request.stop_price = order.stop_price;
    request.client_order_id = order.client_order_id;
    const auto placed = core.place(account, request, now);
    if (!placed) {
        outcome.result = domain::OutcomeRejected{placed.error().code, placed.error().message, 400};
        return outcome;
    }
    domain::OutcomeAccepted accepted{view_of(placed->order), {}};
    for (const exchange::FillRecord& fill : placed->fills) accepted.fills.push_back(fill_of(fill));
    outcome.result = std::move(accepted);
    return outcome;
}

domain::OrderOutcome cancel_at(exchange::ExchangeCore& core, exchange::AccountId account,
                               const domain::CancelOrder& order, base::ExchangeTime now) {
    domain::OrderOutcome outcome;
    outcome.symbol = order.symbol;
    outcome.client_order_id = order.client_order_id;
    outcome.is_cancel = true;
    const auto cancelled = core.cancel(account, order.symbol, {std::nullopt, order.client_order_id},
                                       std::nullopt, exchange::CancelRestriction::none, now);
    // The engine places no order lists, so that no cancel is one of a list.
    if (cancelled)
        outcome.result =
            domain::OutcomeAccepted{view_of(std::get<exchange::Cancellation>(*cancelled).order), {}};
    else
        outcome.result = domain::OutcomeRejected{cancelled.error().code, cancelled.error().message, 400};
    return outcome;
}

base::Result<engine::Answer> answer_from(const exchange::ExchangeCore& core, exchange::AccountId account,
                                         const engine::Read& read, base::ExchangeTime now) {
    using Answer = base::Result<engine::Answer>;
    if (const auto* depth = std::get_if<engine::ReadDepth>(&read)) {
        const auto view = core.depth(depth->symbol, static_cast<std::size_t>(depth->limit));
        if (!view) return failed(view);
        return engine::Answer{
            domain::DepthSnapshot{depth->symbol, view->last_update_id, view->bids, view->asks, {}}};
    }
    if (const auto* candles = std::get_if<engine::ReadCandles>(&read)) {
        const auto klines = core.klines(candles->symbol, {candles->interval, std::nullopt, std::nullopt,
                                                          static_cast<std::size_t>(candles->limit)});
        if (!klines) return failed(klines);
        std::vector<domain::Candle> list;
        for (const exchange::Kline& kline : *klines) {
            list.push_back(candle_of(candles->symbol, kline));
            list.back().closed = kline.close_time < now;
        }
        return engine::Answer{std::move(list)};
    }
    if (const auto* order = std::get_if<engine::ReadOrder>(&read)) {
        const auto found = core.order(account, order->symbol, {std::nullopt, order->id});
        return found ? Answer{view_of(*found)} : failed(found);
    }
    if (const auto* suspect = std::get_if<engine::ReadSuspect>(&read)) {
        const auto found = core.order(account, suspect->symbol, {suspect->order, std::nullopt});
        return found ? Answer{view_of(*found)} : failed(found);
    }
    if (const auto* open = std::get_if<engine::ReadOpenOrders>(&read)) {
        const auto found = core.open_orders(account, open->symbol);
        if (!found) return failed(found);
        std::vector<domain::OrderView> views;
        for (const exchange::OrderRecord& each : *found) views.push_back(view_of(each));
        return engine::Answer{std::move(views)};
    }
    if (const auto* trades = std::get_if<engine::ReadTrades>(&read)) {
        const auto found = core.own_trades(
            account, trades->symbol, {trades->order_id, trades->from, std::nullopt, std::nullopt, 1000});
        if (!found) return failed(found);
        std::vector<domain::Fill> fills;
        for (const exchange::FillRecord& each : *found) fills.push_back(fill_of(each));
        return engine::Answer{std::move(fills)};
    }
    if (std::holds_alternative<engine::ReadAccount>(read)) {
        const exchange::AccountView view = core.account(account);
        domain::AccountSnapshot snapshot;
        snapshot.balances = view.balances;
        snapshot.maker_commission = view.commission.standard.maker;
        snapshot.taker_commission = view.commission.standard.taker;
        snapshot.can_trade = view.can_trade;
        snapshot.uid = view.uid;
        snapshot.updated = view.updated;
        return engine::Answer{std::move(snapshot)};
    }
    domain::ExchangeInfo info;
    info.server_time = now;
    info.rate_limits = {{domain::RateLimitType::request_weight, base::seconds{60}, 6000},
                        {domain::RateLimitType::orders, base::seconds{10}, 100},
                        {domain::RateLimitType::orders, base::seconds{86400}, 200'000}};
    for (const exchange::SymbolSpec* spec : core.symbols()) info.symbols.push_back(spec->rules);
    return engine::Answer{std::move(info)};
}

}  // namespace vigil::simulation
