// Order lists: placing them whole, and what one order's fate does to the others of its list.
#include <algorithm>

#include "base/check.h"
#include "exchange/core_impl.h"
#include "exchange/order_validation.h"

namespace vigil::exchange {

using domain::Amount;
using domain::ClientOrderId;
using domain::ExecutionType;
using domain::OrderStatus;
using domain::OrderType;
using domain::Price;
using domain::Quantity;
using domain::Side;
using domain::Symbol;

namespace {

constexpr int new_order_rejected = -2010;
constexpr int cancel_rejected = -2011;

/// Where an OCO leg begins to work: its limit price, or its stop price when it has none.
Price working_price(const OrderRecord& record) {
    return record.price.is_zero() ? record.stop_price : record.price;
}

std::vector<std::size_t> answer_order(const OrderListRequest& request) {
    std::vector<std::size_t> order;
    if (has_pending(request.shape)) order.push_back(0);
    if (!has_pair(request.shape)) {
        order.push_back(1);
        return order;
    }
    const std::size_t above = request.legs.size() - 2;
    const std::size_t stop = stop_loss_of_pair(request);
    order.push_back(stop);
    order.push_back(stop == above ? above + 1 : above);
    return order;
}

}  // namespace

// --- Finding one's way ------------------------------------------------------------------------------------

OrderList* ExchangeCore::Impl::list_of(const OrderRecord& record) const {
    if (record.order_list_id < 0) return nullptr;
    return account(record.account).lists.find(record.order_list_id);
}

LiveOrder* ExchangeCore::Impl::member(const SymbolState& symbol, const OrderList& list,
                                      std::size_t place) const {
    return store(symbol, list.record.account)->find(list.record.orders[place].order_id);
}

std::vector<LiveOrder*> ExchangeCore::Impl::open_members(const SymbolState& symbol,
                                                         const OrderList& list) const {
    std::vector<LiveOrder*> open;
    for (std::size_t i = 0; i < list.record.orders.size(); ++i) {
        LiveOrder* order = member(symbol, list, i);
        if (order != nullptr && order->record.is_open()) open.push_back(order);
    }
    return open;
}

bool ExchangeCore::Impl::is_working_order(const OrderList& list, const OrderRecord& record) const {
    return has_pending(list.record.shape) && list.record.orders.front().order_id == record.order_id;
}

LiveOrder* ExchangeCore::Impl::sibling(const SymbolState& symbol, const LiveOrder& order) const {
    const OrderList* list = list_of(order.record);
    if (list == nullptr || !has_pair(list->record.shape) || is_working_order(*list, order.record))
        return nullptr;
    if (has_pending(list->record.shape) && !list->pending_placed) return nullptr;
    const std::size_t count = list->record.orders.size();
    const std::size_t other =
        list->record.orders[count - 1].order_id == order.record.order_id ? count - 2 : count - 1;
    LiveOrder* found = member(symbol, *list, other);
    return found != nullptr && found->record.is_open() ? found : nullptr;
}

// --- Placing ----------------------------------------------------------------------------------------------

std::optional<ApiError> ExchangeCore::Impl::check_list(const SymbolState& symbol, AccountState& account,
                                                       const OrderListRequest& request) const {
    const SymbolSpec& spec = symbol.spec;
    if (has_pair(request.shape) && !spec.oco_allowed)
        return ApiError{new_order_rejected, "OCO orders are not supported for this symbol"};
    if (has_pending(request.shape) && !spec.oto_allowed)
        return ApiError{new_order_rejected, "OTO orders are not supported for this symbol."};
    if (is_opo(request.shape) && !spec.opo_allowed)
        return ApiError{new_order_rejected, "OPO orders are not supported for this symbol."};
    const std::int64_t on_symbol = account.lists.open_count(spec.rules.symbol);
    if (spec.rules.order_lists_max && on_symbol >= *spec.rules.order_lists_max)
        return ApiError{-1013, "Filter failure: MAX_NUM_ORDER_LISTS"};
    const auto on_exchange = static_cast<std::int64_t>(account.lists.open_count());
    if (options_.exchange_order_lists_max > 0 && on_exchange >= options_.exchange_order_lists_max)
        return ApiError{-1013, "Filter failure: EXCHANGE_MAX_NUM_ORDER_LISTS"};
    if (request.list_client_id && account.lists.find_open(*request.list_client_id) != nullptr)
        return ApiError{new_order_rejected, "Duplicate order sent."};
    return std::nullopt;
}

std::optional<RejectReason> ExchangeCore::Impl::pair_refusal(const SymbolState& symbol,
                                                             const OrderRecord& stop_loss,
                                                             const OrderRecord& other,
                                                             std::string& message) const {
    const bool is_sell = stop_loss.side == Side::sell;
    const auto follows = [is_sell](Price outer, Price inner) {
        return is_sell ? outer > inner : outer < inner;
    };
    const Price limit = working_price(other);
    const Price stop = stop_loss.stop_price;
    const Price last = symbol.last_price;
    // A trailing leg without a stop price has no price yet.
    bool fits = limit.is_zero() || stop.is_zero() || follows(limit, stop);
    if (!last.is_zero()) {
        fits = fits && (limit.is_zero() || follows(limit, last));
        fits = fits && (stop.is_zero() || follows(last, stop));
    }
    if (fits) return std::nullopt;
    message = "The relationship of the prices for the orders is not correct.";
    return RejectReason::oco_bad_prices;
}

Outcome<ListPlacement> ExchangeCore::Impl::place_list(AccountId id, const OrderListRequest& request) {
    if (const auto wrong = check_list_composition(request)) return tl::unexpected{*wrong};
    const bool pending = has_pending(request.shape);
    AccountState& owner = account(id);
    SymbolState* symbol = nullptr;
    Company company;
    for (const ListLeg& leg : request.legs) {
        company.prefix = leg.prefix;
        company.quantity_pending = is_opo(request.shape) && &leg != &request.legs.front();
        const auto prepared = prepare(id, leg.order, company);
        if (!prepared) return tl::unexpected{prepared.error()};
        symbol = prepared->symbol;
        ++company.orders;
        if (is_algo_type(leg.order.type)) ++company.algo_orders;
        if (leg.order.iceberg_quantity && leg.order.iceberg_quantity->is_positive()) ++company.iceberg_orders;
    }
    if (const auto wrong = check_list(*symbol, owner, request)) return tl::unexpected{*wrong};
    OrderStore& orders = store_of(*symbol, id);
    for (const ListLeg& leg : request.legs) {
        const auto& name = leg.order.client_order_id;
        const auto same =
            std::count_if(request.legs.begin(), request.legs.end(),
                          [&name](const ListLeg& other) { return other.order.client_order_id == name; });
        if (name && (same > 1 || orders.find_open(*name) != nullptr))
            return refuse(new_order_rejected, "Duplicate order sent.");
    }

    std::vector<OrderRecord> records;
    for (const std::size_t place : answer_order(request)) {
        OrderRecord record = make_record(*symbol, id, request.legs[place].order);
        record.order_list_id = next_list_id_;
        if (pending && place > 0) {
            record.status = OrderStatus::pending_new;
            record.is_working = false;
            record.working_time.reset();
            record.quantity_pending = is_opo(request.shape);
        }
        records.push_back(std::move(record));
    }
    TakePlan plan;
    if (pending && records.front().type != OrderType::limit_maker)
        plan = plan_take(symbol->book, taker_terms(*symbol, records.front()), group_of_account(), this);
    for (const OrderRecord& record : records)
        if (const auto wrong = check_receivable(*symbol, record, plan)) return tl::unexpected{*wrong};

    OrderListRecord list;
    list.list_id = next_list_id_++;
    list.shape = request.shape;
    list.client_order_id = request.list_client_id ? *request.list_client_id : make_client_order_id();
    list.symbol = symbol->spec.rules.symbol;
    list.account = id;
    list.created = list.transact_time = now_;
    for (const OrderRecord& record : records)
        list.orders.push_back({record.order_id, record.client_order_id});

    std::string message;
    std::optional<RejectReason> reason;
    if (!pending) reason = pair_refusal(*symbol, records[0], records[1], message);
    const std::size_t placed_now = pending ? 1 : 2;
    for (std::size_t i = 0; i < placed_now && !reason; ++i)
        reason = engine_refusal(*symbol, records[i], plan, message);
    if (reason) {
        for (const OrderRecord& record : records) (void)reject(record, *reason, message);
        tell_list(list, ListStatus::response, ListOrderStatus::reject, *reason);
        return refuse(new_order_rejected, std::move(message));
    }

    OrderList& kept = owner.lists.add(std::move(list));
    std::vector<LiveOrder*> live;
    for (OrderRecord& record : records) live.push_back(&admit(*symbol, std::move(record)));
    reserve_together(*symbol, pending ? std::vector<LiveOrder*>{live.front()} : live);
    for (const LiveOrder* order : live) tell_new(*order);
    tell_list(kept.record, ListStatus::exec_started, ListOrderStatus::executing);
    ListPlacement placement;
    placement.list = kept.record;
    Placement working;
    placement_of_call_ = &working;
    taker_of_call_ = live.front();
    for (std::size_t i = 0; i < placed_now; ++i) start(*symbol, *live[i], plan);
    placement_of_call_ = nullptr;
    for (const LiveOrder* order : live) {
        Placement one;
        if (order == live.front()) one = std::move(working);
        one.order = order->record;
        one.transact_time = now_;
        placement.orders.push_back(std::move(one));
    }
    finish(*symbol);
    return placement;
}

void ExchangeCore::Impl::reserve_together(SymbolState& symbol, const std::vector<LiveOrder*>& legs) {
    Amount most;
    for (const LiveOrder* leg : legs) most = std::max(most, needed_lock(leg->record));
    set_lock(symbol, *legs.front(), most);
}

// --- What follows -----------------------------------------------------------------------------------------

void ExchangeCore::Impl::begin_working(SymbolState& symbol, LiveOrder& order) {
    LiveOrder* other = sibling(symbol, order);
    if (other == nullptr) return;
    order.locked += other->locked;
    other->locked = {};
    withdraw(symbol, *other);
    expire(symbol, *other, ExpiryReason::oco_trigger);
}

/// `order` has a final status, and was told so.
void ExchangeCore::Impl::follow_end(SymbolState& symbol, LiveOrder& order) {
    OrderList* list = list_of(order.record);
    if (list == nullptr || !list->is_open()) return;
    if (is_working_order(*list, order.record) && !list->pending_placed) {
        if (order.record.status == OrderStatus::filled) return place_pending(symbol, *list);
        release_reserve(symbol, *list);
        for (LiveOrder* pending : open_members(symbol, *list))
            expire(symbol, *pending, ExpiryReason::oto_phase_one_expired);
    }
    // The other leg of a pair was ended when this one began to work (begin_working), or with it.
    if (open_members(symbol, *list).empty()) conclude(symbol, *list);
}

/// The working order was filled: the others go to the matching engine, all or none.
void ExchangeCore::Impl::place_pending(SymbolState& symbol, OrderList& list) {
    const std::vector<LiveOrder*> pending = open_members(symbol, list);
    if (is_opo(list.record.shape)) give_quantity(symbol, list, pending);
    list.pending_placed = true;
    for (LiveOrder* order : pending) {
        OrderRecord& record = order->record;
        record.status = OrderStatus::new_order;
        record.updated = now_;
        record.is_working = !is_algo_type(record.type);
        if (record.is_working) record.working_time = now_;
    }
    std::vector<TakePlan> plans;
    if (!pending_fits(symbol, pending, plans)) {
        for (LiveOrder* order : pending) {
            order->record.is_working = false;
            order->record.working_time.reset();
            expire(symbol, *order, ExpiryReason::rejected);
        }
        return;
    }
    reserve_together(symbol, pending);
    for (const LiveOrder* order : pending) tell_new(*order);
    tell_list(list.record, ListStatus::exec_started, ListOrderStatus::executing);
    for (std::size_t i = 0; i < pending.size(); ++i)
        if (pending[i]->record.is_open()) start(symbol, *pending[i], plans[i]);
}

/// "The quantity of the pending orders are adjusted" to LOT_SIZE and MARKET_LOT_SIZE; the rest is free again.
void ExchangeCore::Impl::give_quantity(SymbolState& symbol, OrderList& list,
                                       const std::vector<LiveOrder*>& pending) {
    const domain::SymbolRules& rules = symbol.spec.rules;
    Quantity quantity = domain::as_quantity(list.reserved);
    const auto fit = [&quantity](const std::optional<domain::LotSize>& lot) {
        if (!lot) return;
        if (lot->max.is_positive()) quantity = std::min(quantity, lot->max);
        quantity = quantity.floor_to(lot->step);
    };
    for (const LiveOrder* order : pending) {
        fit(rules.lot);
        if (order->record.type == OrderType::market) fit(rules.market_lot);
    }
    for (LiveOrder* order : pending) {
        order->record.quantity = quantity;
        order->record.quantity_pending = false;
    }
    release_reserve(symbol, list);
}

void ExchangeCore::Impl::release_reserve(SymbolState& symbol, OrderList& list) {
    if (list.reserved.is_zero()) return;
    account(list.record.account).ledger.unlock(symbol.spec.rules.base, list.reserved);
    list.reserved = {};
}

bool ExchangeCore::Impl::pending_fits(SymbolState& symbol, const std::vector<LiveOrder*>& pending,
                                      std::vector<TakePlan>& plans) const {
    std::string message;
    if (pending.size() == 2 && pair_refusal(symbol, pending[0]->record, pending[1]->record, message))
        return false;
    for (const LiveOrder* order : pending) {
        const OrderRecord& record = order->record;
        TakePlan plan;
        if (record.is_working && record.type != OrderType::limit_maker)
            plan = plan_take(symbol.book, taker_terms(symbol, record), group_of_account(), this);
        const OrderRequest request = request_of(record);
        domain::CheckContext context = filter_context(symbol, record.account, request);
        // It is among the open ones already.
        context.open_orders.reset();
        context.open_algo_orders.reset();
        if (context.position) *context.position -= record.remaining();
        if (check_filters(symbol.spec, request, context)) return false;
        if (check_receivable(symbol, record, plan)) return false;
        if (engine_refusal(symbol, record, plan, message)) return false;
        plans.push_back(std::move(plan));
    }
    return true;
}

// --- The end ----------------------------------------------------------------------------------------------

ListCancellation ExchangeCore::Impl::cancel_whole(SymbolState& symbol, OrderList& list,
                                                  const ClientOrderId& cancel_id) {
    release_reserve(symbol, list);
    ListCancellation done;
    for (LiveOrder* order : open_members(symbol, list))
        done.orders.push_back(cancel_order(symbol, *order, cancel_id));
    conclude(symbol, list);
    done.list = list.record;
    return done;
}

void ExchangeCore::Impl::conclude(SymbolState& symbol, OrderList& list) {
    release_reserve(symbol, list);
    tell_list(list.record, ListStatus::all_done, ListOrderStatus::all_done);
    account(list.record.account).lists.closed(list);
}

void ExchangeCore::Impl::tell_list(OrderListRecord& list, ListStatus status, ListOrderStatus order_status,
                                   RejectReason reason) {
    ListEvent event;
    list.transact_time = now_;
    event.list = list;
    event.list.status = status;
    event.list.order_status = order_status;
    event.reject_reason = reason;
    event.time = now_;
    // UPDATED is of the event alone; the list goes on as it was.
    if (status != ListStatus::updated) {
        list.status = status;
        list.order_status = order_status;
    }
    sink_.on_list_status(list.account, event);
}

Outcome<ListCancellation> ExchangeCore::Impl::cancel_list(AccountId id, const Symbol& name,
                                                          const ListKey& key,
                                                          std::optional<ClientOrderId> cancel_id) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return refuse(-1121, "Invalid symbol.");
    AccountState& owner = account(id);
    if (!owner.options.can_trade)
        return refuse(cancel_rejected, "This account may not place or cancel orders.");
    OrderList* list = owner.lists.find(key);
    if (list == nullptr || !list->is_open() || list->record.symbol != symbol->spec.rules.symbol)
        return refuse(cancel_rejected, "Unknown order sent.");
    ListCancellation done = cancel_whole(*symbol, *list, cancel_id ? *cancel_id : make_client_order_id());
    finish(*symbol);
    return done;
}

}  // namespace vigil::exchange
