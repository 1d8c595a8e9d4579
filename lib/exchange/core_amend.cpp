// Amending: less quantity for an open order, which keeps its place in the queue (rest-api.md "Order Amend
// Keep Priority", faqs/order_amend_keep_priority.md).
#include "exchange/core_impl.h"
#include "exchange/order_validation.h"

namespace vigil::exchange {

using domain::ClientOrderId;
using domain::ExecutionType;
using domain::OrderStatus;
using domain::Quantity;
using domain::Symbol;

namespace {

constexpr int amend_rejected = -2038;
constexpr std::size_t amendments_max = 1'000;  ///< kept of one order; more than the filter ever allows

/// What the engine says to an amendment of `order` to `quantity`.
std::optional<ApiError> amend_refusal(const SymbolSpec& spec, const LiveOrder& order, Quantity quantity) {
    const OrderRecord& record = order.record;
    const auto refused = [](std::string message) { return ApiError{amend_rejected, std::move(message)}; };
    if (record.quantity_pending) return refused("Order amend (pending OPO order) is not supported.");
    if (quantity > record.quantity) return refused("Order amend (quantity increase) is not supported.");
    if (quantity == record.quantity) return refused("The requested action would change no state; rejecting");
    if (quantity <= record.executed + record.prevented_quantity)
        return refused("Price * QTY is zero or less.");
    if (spec.rules.amends_max && order.amends >= *spec.rules.amends_max)
        return refused("Filter failure: MAX_NUM_ORDER_AMENDS");
    return std::nullopt;
}

}  // namespace

Outcome<Amendment> ExchangeCore::Impl::amend(AccountId id, const Symbol& name, const OrderKey& key,
                                             std::optional<ClientOrderId> new_id, Quantity new_quantity) {
    SymbolState* symbol = find(name);
    if (symbol == nullptr) return refuse(-1121, "Invalid symbol.");
    if (!symbol->spec.amend_allowed)
        return refuse(amend_rejected, "Order amend is not supported for this symbol.");
    if (!account(id).options.can_trade)
        return refuse(amend_rejected, "This account may not place or cancel orders.");
    OrderStore* orders = store(*symbol, id);
    LiveOrder* order = orders == nullptr ? nullptr : orders->find(key);
    if (order == nullptr || !order->record.is_open()) return refuse(amend_rejected, "Unknown order sent.");
    if (const auto wrong = amend_refusal(symbol->spec, *order, new_quantity)) return tl::unexpected{*wrong};
    if (const auto wrong = check_amended(*symbol, order->record, new_quantity)) return tl::unexpected{*wrong};
    const ClientOrderId old_id = order->record.client_order_id;
    const ClientOrderId chosen = new_id ? *new_id : make_client_order_id();
    if (chosen != old_id && orders->find_open(chosen) != nullptr)
        return refuse(amend_rejected, "Duplicate order sent.");

    // "OCO order pairs must have the same quantity ... amending either order affects both orders."
    LiveOrder* other = other_of_pair(*symbol, *order);
    if (chosen != old_id) orders->rename(*order, chosen);
    Amendment done;
    done.amendment = reduce(*symbol, *order, new_quantity, old_id);
    if (other != nullptr) (void)reduce(*symbol, *other, new_quantity, other->record.client_order_id);
    const std::vector<LiveOrder*> reserving =
        other == nullptr ? std::vector<LiveOrder*>{order} : std::vector<LiveOrder*>{order, other};
    if (other != nullptr) {
        order->locked += other->locked;
        other->locked = {};
    }
    reserve_together(*symbol, reserving);
    if (OrderList* list = list_of(order->record)) {
        for (ListedOrder& listed : list->record.orders)
            if (listed.order_id == order->record.order_id) listed.client_order_id = chosen;
        if (chosen != old_id && list->is_open())
            tell_list(list->record, ListStatus::updated, list->record.order_status);
        done.list = list->record;
    }
    done.order = order->record;
    finish(*symbol);
    return done;
}

/// The filters that look at a quantity, with the quantity that the order would have.
std::optional<ApiError> ExchangeCore::Impl::check_amended(const SymbolState& symbol,
                                                          const OrderRecord& record,
                                                          Quantity new_quantity) const {
    OrderRequest request = request_of(record);
    request.quantity = new_quantity;
    domain::CheckContext context = filter_context(symbol, record.account, request);
    context.open_orders.reset();  // it adds no order
    context.open_algo_orders.reset();
    context.position.reset();  // it can only shrink
    return check_filters(symbol.spec, request, context);
}

LiveOrder* ExchangeCore::Impl::other_of_pair(const SymbolState& symbol, const LiveOrder& order) const {
    if (LiveOrder* other = sibling(symbol, order)) return other;
    // A pair whose working order is not filled yet.
    const OrderList* list = list_of(order.record);
    if (list == nullptr || !has_pair(list->record.shape) || is_working_order(*list, order.record))
        return nullptr;
    for (LiveOrder* member : open_members(symbol, *list))
        if (member != &order && !is_working_order(*list, member->record)) return member;
    return nullptr;
}

AmendmentRecord ExchangeCore::Impl::reduce(SymbolState& symbol, LiveOrder& order, Quantity new_quantity,
                                           const ClientOrderId& old_id) {
    OrderRecord& record = order.record;
    AmendmentRecord amendment;
    amendment.symbol = record.symbol;
    amendment.order_id = record.order_id;
    amendment.original_client_order_id = old_id;
    amendment.new_client_order_id = record.client_order_id;
    amendment.original_quantity = record.quantity;
    amendment.new_quantity = new_quantity;
    amendment.time = now_;
    const Quantity less = record.quantity - new_quantity;
    record.quantity = new_quantity;
    record.updated = now_;
    if (order.on_book) symbol.book.shrink(order, less);
    ExecutionEvent event;
    event.execution = ExecutionType::replaced;
    event.client_order_id = record.client_order_id;
    event.original_client_order_id = old_id;
    event.on_book = order.on_book;
    amendment.execution_id = tell(order, std::move(event));
    ++order.amends;
    if (order.amendments.size() == amendments_max) order.amendments.erase(order.amendments.begin());
    order.amendments.push_back(amendment);
    return amendment;
}

}  // namespace vigil::exchange
