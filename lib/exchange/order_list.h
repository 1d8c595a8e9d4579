// Order lists: two or three orders that depend on each other (rest-api.md "Order lists"). In an OCO pair the
// first leg that starts working, or ends, ends the other. In an OTO the working order comes first, and the
// pending ones are placed when it is filled; two pending orders form an OCO pair (OTOCO). In an OPO what the
// working order receives becomes the quantity of the pending ones (faqs/opo.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.h"
#include "domain/names.h"
#include "exchange/order_record.h"

namespace vigil::exchange {

enum class ListShape : std::uint8_t { oco, oto, otoco, opo, opoco };
/// Whether the first order is a working order that the others wait for.
[[nodiscard]] constexpr bool has_pending(ListShape shape) {
    return shape != ListShape::oco;
}
/// Whether the last two orders are an OCO pair.
[[nodiscard]] constexpr bool has_pair(ListShape shape) {
    return shape == ListShape::oco || shape == ListShape::otoco || shape == ListShape::opoco;
}
/// Whether what the working order receives is the quantity of the pending ones.
[[nodiscard]] constexpr bool is_opo(ListShape shape) {
    return shape == ListShape::opo || shape == ListShape::opoco;
}
/// `contingencyType`: "OCO" for a pair alone, "OTO" for all others.
[[nodiscard]] constexpr std::string_view contingency(ListShape shape) {
    return shape == ListShape::oco ? "OCO" : "OTO";
}

/// `listStatusType` (enums.md).
enum class ListStatus : std::uint8_t { response, exec_started, updated, all_done };
[[nodiscard]] std::string_view to_string(ListStatus status) noexcept;
/// `listOrderStatus` (enums.md).
enum class ListOrderStatus : std::uint8_t { executing, all_done, reject };
[[nodiscard]] std::string_view to_string(ListOrderStatus status) noexcept;

/// One order of a list, and the prefix of its parameters ("above", "pendingBelow"), for refusals that name
/// one. The prefix is a literal.
struct ListLeg {
    OrderRequest order;
    std::string_view prefix;
};

/// A new order list after its parameters were parsed. `legs`: of an OCO the above and the below order; of an
/// OTO the working and the pending order; of an OTOCO the working, the pending above, the pending below one.
struct OrderListRequest {
    ListShape shape{ListShape::oco};
    std::optional<domain::ClientOrderId> list_client_id;  ///< made up by the core when absent
    std::vector<ListLeg> legs;
};

/// An order as its list names it.
struct ListedOrder {
    domain::OrderId order_id;
    domain::ClientOrderId client_order_id;
};

/// One order list as clients see it, open or closed.
struct OrderListRecord {
    std::int64_t list_id{-1};
    ListShape shape{ListShape::oco};
    ListStatus status{ListStatus::exec_started};
    ListOrderStatus order_status{ListOrderStatus::executing};
    domain::ClientOrderId client_order_id;  ///< listClientOrderId
    domain::Symbol symbol;
    AccountId account;
    base::ExchangeTime created;
    base::ExchangeTime transact_time;  ///< of the latest change
    std::vector<ListedOrder> orders;   ///< the working one first; of a pair the stop loss first
};

/// What a placement of a list answered.
struct ListPlacement {
    OrderListRecord list;
    std::vector<Placement> orders;
};

/// What a cancel of a list answered.
struct ListCancellation {
    OrderListRecord list;
    std::vector<Cancellation> orders;
};

/// A cancel of one order of a list cancels the list.
using CancelledItem = std::variant<Cancellation, ListCancellation>;

/// Names one list: by number, by its client order id, or both (then both must fit).
struct ListKey {
    std::optional<std::int64_t> list_id;
    std::optional<domain::ClientOrderId> client_order_id;
};

/// allOrderLists: from a list id on, or of a time span, or the most recent.
struct ListsQuery {
    std::optional<std::int64_t> from_id;
    std::optional<base::ExchangeTime> start;
    std::optional<base::ExchangeTime> end;
    std::size_t limit{500};
};

/// What an amendment answered.
struct Amendment {
    OrderRecord order;  ///< after it
    AmendmentRecord amendment;
    std::optional<OrderListRecord> list;  ///< of an order that is part of one
};

/// Which parameters a list must have beyond those of its orders (-1158 to -1168, -1196 to -1199, -1222,
/// -1223, -1130). The orders themselves are checked one by one.
[[nodiscard]] std::optional<ApiError> check_list_composition(const OrderListRequest& request);

/// Of an OCO pair the place of the stop loss leg, which is the first of the two in every answer.
[[nodiscard]] std::size_t stop_loss_of_pair(const OrderListRequest& request);

}  // namespace vigil::exchange
