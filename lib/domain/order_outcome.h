// What became of one request to place or cancel an order, as far as its own answer tells. Unknown is an
// outcome: the bytes may have reached the exchange, and only a look-up can say. `never_sent` is certain: not
// a byte left.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "domain/names.h"
#include "domain/order.h"

namespace vigil::domain {

struct OutcomeAccepted {
    OrderView order;          ///< as the answer showed it (status may already be final)
    std::vector<Fill> fills;  ///< of a FULL answer
};
struct OutcomeRejected {
    int code{0};  ///< errors.md, -2010 and others
    std::string message;
    int http_status{0};
};
struct OutcomeUnknown {
    std::string why;  ///< "connection lost", "answer -1007", "deadline"
};
struct OutcomeNeverSent {
    std::string why;
};

struct OrderOutcome {
    Symbol symbol;
    ClientOrderId client_order_id;  ///< of the order placed, or to be cancelled
    bool is_cancel{false};
    std::variant<OutcomeAccepted, OutcomeRejected, OutcomeUnknown, OutcomeNeverSent> result;
    base::MonotonicTime sent;      ///< when its bytes were handed to the socket (zero: never)
    base::MonotonicTime answered;  ///< when it was known, or given up
};

}  // namespace vigil::domain
