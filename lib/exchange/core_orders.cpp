// Placing and cancelling: the checks in the exchange's order, acceptance, and what becomes of the rest.
#include <algorithm>
#include <limits>
#include <string>

#include "base/check.h"
#include "exchange/core_impl.h"
#include "exchange/order_validation.h"

namespace vigil::exchange {

using domain::Amount;
using domain::ClientOrderId;
using domain::ExecutionType;
using domain::OrderStatus;
using domain::OrderType;
using domain::Quantity;
using domain::Rounding;
using domain::Side;
using domain::Symbol;
using domain::TimeInForce;

namespace {

constexpr int new_order_rejected = -2010;
constexpr int cancel_rejected = -2011;

bool is_market_like(OrderType type) {
    return type == OrderType::market || type == OrderType::stop_loss || type == OrderType::take_profit;
}

/// What a market order by quote amount comes to ask for; nothing when it is beyond a decimal.
std::optional<Quantity> planned_quantity(const TakePlan& plan) {
    std::optional<Quantity> sum{Quantity{}};
    for (const TakeStep& step : plan.steps)
        if (sum && step.kind != TakeKind::expire_maker) sum = sum->checked_add(step.quantity);
    return sum;
}

}  // namespace

std::optional<ApiError> ExchangeCore::Impl::check_counts(const AccountState& account, bool is_algo,
                                                         const Company& company) const {
    if (options_.exchange_orders_max > 0 &&
        account.open_orders + company.orders >= options_.exchange_orders_max)
        return ApiError{-1013, "Filter failure: EXCHANGE_MAX_NUM_ORDERS"};
    if (company.is_iceberg && options_.exchange_iceberg_orders_max > 0 &&
        account.open_iceberg_orders + company.iceberg_orders >= options_.exchange_iceberg_orders_max)
        return ApiError{-1013, "Filter failure: EXCHANGE_MAX_NUM_ICEBERG_ORDERS"};
    if (is_algo && options_.exchange_algo_orders_max > 0 &&
        account.open_algo_orders + company.algo_orders >= options_.exchange_algo_orders_max)
        return ApiError{-1013, "Filter failure: EXCHANGE_MAX_NUM_ALGO_ORDERS"};
    return std::nullopt;
}

domain::CheckContext ExchangeCore::Impl::filter_context(const SymbolState& symbol, AccountId id,
                                                        const OrderRequest& request) const {
    domain::CheckContext context;
    const domain::SymbolRules& rules = symbol.spec.rules;
    int minutes = TradeTape::average_minutes;
    if (rules.percent_price && request.price) minutes = rules.percent_price->average_minutes;
    if (rules.notional && !request.price) minutes = rules.notional->average_minutes;
    context.average_price = reference_price(symbol, minutes);
    const OrderStore* orders = store(symbol, id);
    context.open_orders = orders == nullptr ? 0 : static_cast<std::int64_t>(orders->open().size());
    context.open_algo_orders = orders == nullptr ? 0 : orders->open_algo_orders();
    if (rules.position_max && request.side == Side::buy) {
        const domain::Balance balance = account(id).ledger.balance(rules.base);
        // check_receivable() keeps the sum within a decimal.
        Quantity position = domain::as_quantity(balance.free + balance.locked);
        if (orders != nullptr)
            for (const auto& [order_id, order] : orders->open())
                if (order->record.side == Side::buy) position += order->record.remaining();
        context.position = position;
    }
    return context;
}

Outcome<ExchangeCore::Impl::Prepared> ExchangeCore::Impl::prepare(AccountId id, const OrderRequest& request,
                                                                  Company company) {
    company.is_iceberg = request.iceberg_quantity && request.iceberg_quantity->is_positive();
    Prepared prepared;
    prepared.account = &account(id);
    prepared.symbol = find(request.symbol);
    if (prepared.symbol == nullptr) return refuse(-1121, "Invalid symbol.");
    if (const auto wrong = check_composition(request, company.prefix, company.quantity_pending))
        return tl::unexpected{*wrong};
    if (const auto wrong = check_offered(prepared.symbol->spec, request)) return tl::unexpected{*wrong};
    if (!prepared.account->options.can_trade)
        return refuse(new_order_rejected, "This account may not place or cancel orders.");
    if (prepared.account->options.require_self_trade_prevention &&
        effective_stp_mode(prepared.symbol->spec, request) == StpMode::none)
        return refuse(new_order_rejected, "This action is disabled on this account.");
    domain::CheckContext context = filter_context(*prepared.symbol, id, request);
    context.open_orders = context.open_orders.value_or(0) + company.orders;
    context.open_algo_orders = context.open_algo_orders.value_or(0) + company.algo_orders;
    if (const auto wrong = check_filters(prepared.symbol->spec, request, context))
        return tl::unexpected{*wrong};
    if (const auto wrong = check_assets(*prepared.symbol, *prepared.account, request, context))
        return tl::unexpected{*wrong};
    if (const auto most = prepared.symbol->spec.rules.iceberg_orders_max; company.is_iceberg && most) {
        const OrderStore* orders = store(*prepared.symbol, id);
        const std::int64_t open = orders == nullptr ? 0 : orders->open_iceberg_orders();
        if (open + company.iceberg_orders >= *most)
            return refuse(-1013, "Filter failure: MAX_NUM_ICEBERG_ORDERS");
    }
    if (const auto wrong = check_counts(*prepared.account, is_algo_type(request.type), company))
        return tl::unexpected{*wrong};
    return prepared;
}

/// MAX_ASSET: "the limit applies to the order's quantity" of a base asset, "to the order's notional value" of
/// a quote asset.
std::optional<ApiError> ExchangeCore::Impl::check_assets(const SymbolState& symbol,
                                                         const AccountState& account,
                                                         const OrderRequest& request,
                                                         const domain::CheckContext& context) const {
    const auto limit_of = [&account](const domain::Asset& asset) -> std::optional<Amount> {
        const auto at = account.options.asset_limits.find(asset);
        return at == account.options.asset_limits.end() ? std::nullopt : std::optional{at->second};
    };
    const auto base_limit = limit_of(symbol.spec.rules.base);
    if (base_limit && request.quantity && domain::as_amount(*request.quantity) > *base_limit)
        return ApiError{-1013, "Filter failure: MAX_ASSET"};
    const auto quote_limit = limit_of(symbol.spec.rules.quote);
    if (!quote_limit) return std::nullopt;
    std::optional<Amount> value = request.quote_quantity;
    const auto price = request.price ? request.price : context.average_price;
    if (!value && request.quantity && price)
        value = domain::notional(*price, *request.quantity, Rounding::up);
    if (value && *value > *quote_limit) return ApiError{-1013, "Filter failure: MAX_ASSET"};
    return std::nullopt;
}

ClientOrderId ExchangeCore::Impl::make_client_order_id() {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string text(22, ' ');
    for (char& c : text) c = letters[random_.below(letters.size())];
    return *ClientOrderId::from(text);
}

OrderRecord ExchangeCore::Impl::make_record(SymbolState& symbol, AccountId id, const OrderRequest& request) {
    OrderRecord record;
    record.symbol = symbol.spec.rules.symbol;
    record.order_id = domain::OrderId{symbol.next_order_id++};
    record.client_order_id = request.client_order_id ? *request.client_order_id : make_client_order_id();
    record.account = id;
    record.side = request.side;
    record.type = request.type;
    record.time_in_force = request.time_in_force.value_or(TimeInForce::gtc);
    record.price = request.price.value_or(domain::Price{});
    record.stop_price = request.stop_price.value_or(domain::Price{});
    record.quantity = request.quantity.value_or(Quantity{});
    record.quote_quantity = request.quote_quantity.value_or(Amount{});
    record.iceberg_quantity = request.iceberg_quantity.value_or(Quantity{});
    record.trailing_delta = request.trailing_delta;
    record.strategy_id = request.strategy_id;
    record.strategy_type = request.strategy_type;
    record.stp_mode = effective_stp_mode(symbol.spec, request);
    record.created = record.updated = now_;
    record.is_working = !is_algo_type(request.type);
    if (record.is_working) record.working_time = now_;
    return record;
}

TakerTerms ExchangeCore::Impl::taker_terms(const SymbolState& symbol, const OrderRecord& record) const {
    TakerTerms terms;
    terms.side = record.side;
    if (!is_market_like(record.type)) terms.limit = record.price;
    terms.quantity = record.remaining();
    if (record.quote_quantity.is_positive()) terms.quote_quantity = record.quote_quantity;
    terms.step = symbol.spec.rules.step();
    terms.account = record.account;
    terms.trade_group_id = account(record.account).options.trade_group_id;
    terms.stp_mode = record.stp_mode;
    return terms;
}

/// Whether what the order may bring fits the account's balances, all open orders included: a position must
/// not overflow (filters.md, MAX_POSITION).
std::optional<ApiError> ExchangeCore::Impl::check_receivable(const SymbolState& symbol,
                                                             const OrderRecord& record,
                                                             const TakePlan& plan) const {
    __extension__ using Wide = __int128;
    constexpr Wide most = std::numeric_limits<std::int64_t>::max();
    const domain::SymbolRules& rules = symbol.spec.rules;
    const domain::Balance balance =
        account(record.account).ledger.balance(record.side == Side::buy ? rules.base : rules.quote);
    Wide sum = static_cast<Wide>(balance.free.raw()) + balance.locked.raw() + record.quantity.raw();
    if (record.side == Side::sell) {
        const domain::Price price =
            std::max({record.price, record.stop_price, reference_price(symbol, 0).value_or(domain::Price{})});
        const auto value = domain::notional(price, record.quantity, Rounding::up);
        sum += value ? Wide{value->raw()} : most;
        // Half of the range is left for what other open orders bring.
        if (plan.overflow || sum > most / 2) return ApiError{-1013, "Filter failure: NOTIONAL"};
        return std::nullopt;
    }
    if (const OrderStore* orders = store(symbol, record.account))
        for (const auto& [id, order] : orders->open())
            if (order->record.side == Side::buy) sum += order->record.remaining().raw();
    if (sum > most) return ApiError{-1013, "Filter failure: MAX_POSITION"};
    return std::nullopt;
}

/// What only the matching engine can see. Nothing: the order is accepted.
std::optional<RejectReason> ExchangeCore::Impl::engine_refusal(const SymbolState& symbol,
                                                               const OrderRecord& record,
                                                               const TakePlan& plan,
                                                               std::string& message) const {
    if (is_algo_type(record.type) && !record.is_working && !record.trailing_delta) {
        const bool already = waits_for_rise(record.type, record.side)
                                 ? symbol.last_price >= record.stop_price
                                 : symbol.last_price <= record.stop_price;
        if (symbol.last_price.is_positive() && already) {
            message = "Order would trigger immediately.";
            return RejectReason::stop_price_would_trigger_immediately;
        }
    }
    if (record.type == OrderType::limit_maker) {
        const domain::BookLevel best = symbol.book.best(domain::opposite(record.side));
        if (best.quantity.is_positive() &&
            (record.side == Side::buy ? record.price >= best.price : record.price <= best.price)) {
            message = "Order would immediately match and take.";
            return RejectReason::would_match_immediately;
        }
    }
    const bool waits = !record.is_working;
    const Amount needed =
        !is_market_like(record.type) || waits ? needed_lock(record) : market_need(record, plan);
    const Amount free = account(record.account).ledger.free(paid_asset(symbol, record));
    if (needed > free || plan.overflow) {
        message = "Account has insufficient balance for requested action.";
        return RejectReason::insufficient_balances;
    }
    return std::nullopt;
}

/// What a market order comes to pay.
Amount ExchangeCore::Impl::market_need(const OrderRecord& record, const TakePlan& plan) {
    const bool by_quote = record.quote_quantity.is_positive();
    if (record.side == Side::sell)
        return domain::as_amount(by_quote ? plan.quantity + plan.transfer_quantity : record.remaining());
    return by_quote ? record.quote_quantity : plan.quote + plan.transfer_quote;
}

/// The order never was on the books; its owner hears of it as REJECTED.
Outcome<Placement> ExchangeCore::Impl::reject(const OrderRecord& record, RejectReason reason,
                                              std::string message) {
    LiveOrder rejected;
    rejected.record = record;
    rejected.record.status = OrderStatus::rejected;
    rejected.record.is_working = false;
    rejected.record.working_time.reset();
    ExecutionEvent event;
    event.execution = ExecutionType::rejected;
    event.reject_reason = reason;
    event.client_order_id = record.client_order_id;
    tell(rejected, std::move(event));
    return refuse(new_order_rejected, std::move(message));
}

Outcome<Placement> ExchangeCore::Impl::place(AccountId id, const OrderRequest& request) {
    const auto prepared = prepare(id, request, {});
    if (!prepared) return tl::unexpected{prepared.error()};
    SymbolState& symbol = *prepared->symbol;
    if (request.client_order_id && store_of(symbol, id).find_open(*request.client_order_id) != nullptr)
        return refuse(new_order_rejected, "Duplicate order sent.");

    OrderRecord record = make_record(symbol, id, request);
    TakePlan plan;
    if (record.is_working && record.type != OrderType::limit_maker)
        plan = plan_take(symbol.book, taker_terms(symbol, record), group_of_account(), this);
    if (record.quote_quantity.is_positive()) {
        const auto planned = planned_quantity(plan);
        if (!planned) return refuse(-1013, "Filter failure: MAX_POSITION");
        record.quantity = *planned;
        if (plan.complete && record.quantity.is_zero()) {
            --symbol.next_order_id;
            return refuse(-1013, "Filter failure: LOT_SIZE");
        }
    }
    if (const auto wrong = check_receivable(symbol, record, plan)) {
        --symbol.next_order_id;
        return tl::unexpected{*wrong};
    }
    std::string message;
    if (const auto reason = engine_refusal(symbol, record, plan, message))
        return reject(record, *reason, std::move(message));

    LiveOrder& order = admit(symbol, std::move(record));
    set_lock(symbol, order, needed_lock(order.record));
    tell_new(order);
    Placement placement;
    placement.transact_time = now_;
    placement_of_call_ = &placement;
    taker_of_call_ = &order;
    start(symbol, order, plan);
    placement_of_call_ = nullptr;
    placement.order = order.record;
    finish(symbol);
    return placement;
}

OrderStore& ExchangeCore::Impl::store_of(SymbolState& symbol, AccountId id) {
    if (symbol.stores.size() <= id.value) symbol.stores.resize(accounts_.size());
    auto& store = symbol.stores[id.value];
    if (!store) store = std::make_unique<OrderStore>(options_.closed_orders_max, options_.own_trades_max);
    return *store;
}

LiveOrder& ExchangeCore::Impl::admit(SymbolState& symbol, OrderRecord record) {
    AccountState& owner = account(record.account);
    ++owner.open_orders;
    if (is_algo_type(record.type)) ++owner.open_algo_orders;
    if (!record.iceberg_quantity.is_zero()) ++owner.open_iceberg_orders;
    return store_of(symbol, record.account).add(std::move(record));
}

void ExchangeCore::Impl::tell_new(const LiveOrder& order) {
    ExecutionEvent event;
    event.execution = ExecutionType::new_order;
    event.client_order_id = order.record.client_order_id;
    event.on_book = order.record.is_working;
    tell(order, std::move(event));
}

void ExchangeCore::Impl::start(SymbolState& symbol, LiveOrder& order, const TakePlan& plan) {
    if (order.record.is_working)
        run(symbol, order, plan);
    else
        symbol.stops.add(order, symbol.last_price, now_);
}

/// An order that is at work: takes what it may, then rests or expires.
void ExchangeCore::Impl::run(SymbolState& symbol, LiveOrder& order, const TakePlan& plan) {
    const OrderRecord& record = order.record;
    if (record.type == OrderType::limit_maker) return symbol.book.add(order);
    const bool is_market = is_market_like(record.type);
    if (!is_market && record.time_in_force == TimeInForce::fok && plan.quantity != record.remaining())
        return expire(symbol, order, ExpiryReason::unfilled_fok_order_expired);
    order.wants_more = record.quote_quantity.is_positive() && !plan.complete;
    // Reserved for as long as it takes: a commission in the paid asset must not eat what is still to be paid.
    if (is_market) set_lock(symbol, order, market_need(record, plan));
    carry_out(symbol, order, plan);
    if (!record.is_open()) return;
    if (is_market) return expire(symbol, order, ExpiryReason::insufficient_liquidity);
    if (record.time_in_force == TimeInForce::gtc) return symbol.book.add(order);
    expire(symbol, order, ExpiryReason::unfilled_ioc_quantity_expired);
}

/// A stop order whose price was reached: it is told again as NEW, now at work.
void ExchangeCore::Impl::trigger(SymbolState& symbol, LiveOrder& order) {
    OrderRecord& record = order.record;
    if (!record.is_open()) return;  // the trade that reached its price also ended it
    begin_working(symbol, order);
    record.is_working = true;
    record.working_time = record.updated = now_;
    if (!is_market_like(record.type)) set_lock(symbol, order, needed_lock(record));
    tell_new(order);
    const TakePlan plan = plan_take(symbol.book, taker_terms(symbol, record), group_of_account(), this);
    if (is_market_like(record.type)) {
        // What was reserved at the stop price is free again; the market price decides.
        set_lock(symbol, order, Amount{});
        std::string message;
        if (engine_refusal(symbol, record, plan, message))
            return expire(symbol, order, ExpiryReason::rejected);
    }
    run(symbol, order, plan);
}

void ExchangeCore::Impl::expire(SymbolState& symbol, LiveOrder& order, ExpiryReason reason) {
    order.record.status = OrderStatus::expired;
    order.record.expiry_reason = reason;
    order.record.updated = now_;
    close(symbol, order);
    ExecutionEvent event;
    event.execution = ExecutionType::expired;
    event.client_order_id = order.record.client_order_id;
    tell(order, std::move(event));
}

Outcome<CommissionSchedule> ExchangeCore::Impl::test(AccountId id, const OrderRequest& request) {
    const auto prepared = prepare(id, request, {});
    if (!prepared) return tl::unexpected{prepared.error()};
    return commission(*prepared->account, *prepared->symbol);
}

void ExchangeCore::Impl::withdraw(SymbolState& symbol, LiveOrder& order) {
    if (order.on_book) symbol.book.remove(order);
    if (order.is_waiting_stop) symbol.stops.remove(order);
}

Cancellation ExchangeCore::Impl::cancel_order(SymbolState& symbol, LiveOrder& order,
                                              const ClientOrderId& cancel_id) {
    withdraw(symbol, order);
    order.record.status = OrderStatus::canceled;
    order.record.updated = now_;
    close(symbol, order);
    ExecutionEvent event;
    event.execution = ExecutionType::canceled;
    event.client_order_id = cancel_id;
    event.original_client_order_id = order.record.client_order_id;
    tell(order, std::move(event));
    return Cancellation{order.record, cancel_id, now_};
}

Outcome<CancelledItem> ExchangeCore::Impl::cancel(AccountId id, const Symbol& name, const OrderKey& key,
                                                  std::optional<ClientOrderId> cancel_id,
                                                  CancelRestriction restriction) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return refuse(-1121, "Invalid symbol.");
    if (!key.order_id && !key.client_order_id)
        return refuse(-1102,
                      "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
    if (!account(id).options.can_trade)
        return refuse(cancel_rejected, "This account may not place or cancel orders.");
    const OrderStore* orders = store(*symbol, id);
    LiveOrder* order = orders == nullptr ? nullptr : orders->find(key);
    if (order == nullptr || !order->record.is_open()) return refuse(cancel_rejected, "Unknown order sent.");
    const OrderStatus status = order->record.status;
    if ((restriction == CancelRestriction::only_new && status != OrderStatus::new_order) ||
        (restriction == CancelRestriction::only_partially_filled && status != OrderStatus::partially_filled))
        return refuse(cancel_rejected, "Order was not canceled due to cancel restrictions.");
    const ClientOrderId own_id = cancel_id ? *cancel_id : make_client_order_id();
    OrderList* list = list_of(order->record);
    CancelledItem done = list != nullptr && list->is_open()
                             ? CancelledItem{cancel_whole(*symbol, *list, own_id)}
                             : CancelledItem{cancel_order(*symbol, *order, own_id)};
    finish(*symbol);
    return done;
}

Outcome<std::vector<CancelledItem>> ExchangeCore::Impl::cancel_all(AccountId id, const Symbol& name) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return refuse(-1121, "Invalid symbol.");
    const OrderStore* orders = store(*symbol, id);
    if (orders == nullptr || orders->open().empty()) return refuse(cancel_rejected, "Unknown order sent.");
    const ClientOrderId cancel_id = make_client_order_id();
    std::vector<CancelledItem> done;
    for (const auto& [order_id, order] : orders->open()) {
        if (!order->record.is_open()) continue;  // went with its list
        OrderList* list = list_of(order->record);
        if (list != nullptr && list->is_open())
            done.emplace_back(cancel_whole(*symbol, *list, cancel_id));
        else
            done.emplace_back(cancel_order(*symbol, *order, cancel_id));
    }
    finish(*symbol);
    return done;
}

}  // namespace vigil::exchange
