// The one order that a preflight may place.
#include <optional>
#include <string>
#include <utility>

#include "runtime/preflight_checks.h"
#include "runtime/probe_order.h"
#include "runtime/start_steps.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using orders::OrderState;

constexpr base::seconds book_patience{20};
// An order without an answer is looked up until recvWindow is over for certain; some seconds for either
// request.
constexpr base::seconds settle_patience{60};
constexpr base::milliseconds cancel_again_after{2'000};

struct OrderNow {
    OrderState state{OrderState::journaled};
    domain::Quantity executed;
    int reject_code{0};
};

/// Rules and the middle of the first whole book of a symbol that trades.
base::Result<engine::SymbolState> await_book(Session& session) {
    const base::MonotonicTime give_up = session.clock.monotonic() + book_patience;
    for (;;) {
        auto symbols = on_loop(session.loop, loop_patience, [&session] { return session.engine->symbols(); });
        if (!symbols) return base::fail(std::move(symbols.error()));
        for (engine::SymbolState& each : *symbols)
            if (each.mid && each.rules.status == domain::SymbolStatus::trading) return std::move(each);
        if (session.clock.monotonic() > give_up)
            return base::fail(ErrorKind::unavailable, "no symbol has a whole order book");
        std::this_thread::sleep_for(poll_every);
    }
}

std::string name_of(const domain::NewOrder& order, const domain::ClientOrderId& id) {
    return std::string{domain::to_string(order.side)} + " " + order.quantity->str() + " " +
           order.symbol.str() + " at " + order.price->str() + ", client order id " + id.str();
}

/// The verdict on an order that has come to its end.
CheckResult judge(const OrderNow& order, const std::string& name, bool was_unknown) {
    const std::string found =
        was_unknown ? "; an answer was lost, and it was looked up by its client order id" : "";
    switch (order.state) {
        case OrderState::cancelled:
            if (order.executed.is_positive())
                return base::fail(ErrorKind::rejected,
                                  name + " was filled by " + order.executed.str() + found);
            return Seen{name + ": placed, cancelled, nothing filled" + found};
        case OrderState::rejected:
            return base::fail(ErrorKind::rejected,
                              name + " was rejected with " + std::to_string(order.reject_code) + found);
        case OrderState::not_found:
            return base::fail(ErrorKind::unavailable, name + " never reached the exchange" + found);
        case OrderState::never_sent:
            return base::fail(ErrorKind::unavailable, name + " was not sent; events.jsonl says why");
        default:
            return base::fail(ErrorKind::rejected,
                              name + " ended " + std::string{orders::to_string(order.state)} + found);
    }
}

}  // namespace

CheckResult check_live_order(Session& session) {
    auto symbol = await_book(session);
    if (!symbol) return base::fail(std::move(symbol.error()));
    auto order = plan_probe_order(symbol->rules, *symbol->mid);
    if (!order) return base::fail(std::move(order.error()));
    auto placed = on_loop(session.loop, loop_patience, [&session, order = *order] {
        auto id = session.engine->place_probe(order, session.trading->now());
        session.trading->flush();
        return id;
    });
    if (!placed) return base::fail(std::move(placed.error()));
    if (!*placed) return base::fail(std::move(placed->error()));
    const domain::ClientOrderId id = **placed;
    const std::string name = name_of(*order, id);

    // Interruptions have to wait: an order that is placed is brought to its end.
    const base::MonotonicTime give_up = session.clock.monotonic() + settle_patience;
    base::MonotonicTime cancel_at{};
    bool was_unknown = false;
    OrderNow known;
    while (session.clock.monotonic() < give_up) {
        const auto now = on_loop(session.loop, loop_patience, [&session, id]() -> std::optional<OrderNow> {
            const orders::OrderRecord* record = session.engine->ledger().find(id);
            if (record == nullptr) return std::nullopt;
            return OrderNow{record->state, record->executed, record->reject_code};
        });
        if (!now || !*now) break;
        known = **now;
        if (orders::is_final(known.state)) return judge(known, name, was_unknown);
        was_unknown = was_unknown || known.state == OrderState::unknown;
        const bool is_open = known.state == OrderState::open || known.state == OrderState::partially_filled;
        if (is_open && session.clock.monotonic() >= cancel_at) {
            cancel_at = session.clock.monotonic() + cancel_again_after;
            const auto asked = on_loop(session.loop, loop_patience, [&session, id] {
                session.engine->cancel_probe(id, session.trading->now());
                session.trading->flush();
                return true;
            });
            if (!asked) break;
        }
        std::this_thread::sleep_for(poll_every);
    }
    return base::fail(
        ErrorKind::unavailable,
        name + " is " + std::string{orders::to_string(known.state)} +
            " without a definite word: look for it at the exchange and cancel it there; the journal "
            "keeps it, and the service's next start looks it up");
}

}  // namespace vigil::runtime
