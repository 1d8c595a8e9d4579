// The way of an order, as types. An Intent is what a strategy wants; each later stage can be made only by the
// gate that stands before it, and only from the stage before, so a way round does not compile:
//
//   Intent -> risk::RiskGate -> Approved -> governor::Governor -> Permitted -> journal::JournalGate ->
//   Journaled -> gateway
//
// Stages move and are never copied: one decision is one order. Cancels walk the same corridor.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

#include "base/short_text.h"
#include "base/time.h"
#include "domain/names.h"
#include "domain/order.h"

namespace vigil::risk {
class RiskGate;
}
namespace vigil::governor {
class Governor;
}
namespace vigil::journal {
class JournalGate;
}

namespace vigil::domain {

/// Priority at the governor, highest first.
enum class Lane : std::uint8_t { emergency_cancel, cancel, reconcile, order, account, market_data };

/// Why a strategy wants it, in a few words: "level 7 refill", "stop-loss".
using Reason = base::ShortText<63, struct ReasonTag>;

/// What a strategy (or the engine itself, for stop and reconciliation) wants done.
struct Intent {
    StrategyIndex strategy;
    Slot slot;
    Lane lane{Lane::order};
    std::variant<NewOrder, CancelOrder> action;
    Reason reason;
    base::MonotonicTime decided;  ///< when the tick that caused it was handled
    base::MonotonicTime expires;  ///< not sent after this moment

    [[nodiscard]] const NewOrder* placement() const { return std::get_if<NewOrder>(&action); }
    [[nodiscard]] const CancelOrder* cancellation() const { return std::get_if<CancelOrder>(&action); }
    [[nodiscard]] const Symbol& symbol() const {
        return std::visit([](const auto& a) -> const Symbol& { return a.symbol; }, action);
    }
    /// The order this is about: the one to place, or the one to cancel.
    [[nodiscard]] const ClientOrderId& client_order_id() const {
        return std::visit([](const auto& a) -> const ClientOrderId& { return a.client_order_id; }, action);
    }
};

/// An Intent within the limits.
class Approved {
  public:
    Approved(Approved&&) = default;
    Approved& operator=(Approved&&) = default;
    Approved(const Approved&) = delete;
    Approved& operator=(const Approved&) = delete;
    ~Approved() = default;
    [[nodiscard]] const Intent& intent() const { return intent_; }

  private:
    friend class risk::RiskGate;
    friend class Permitted;
    explicit Approved(Intent intent) : intent_{std::move(intent)} {}
    Intent intent_;
};

/// An Approved that may use the exchange's budget now.
class Permitted {
  public:
    Permitted(Permitted&&) = default;
    Permitted& operator=(Permitted&&) = default;
    Permitted(const Permitted&) = delete;
    Permitted& operator=(const Permitted&) = delete;
    ~Permitted() = default;
    [[nodiscard]] const Intent& intent() const { return intent_; }
    [[nodiscard]] base::MonotonicTime permitted() const { return permitted_; }

  private:
    friend class governor::Governor;
    friend class Journaled;
    Permitted(Approved approved, base::MonotonicTime permitted)
        : intent_{std::move(approved.intent_)}, permitted_{permitted} {}
    Intent intent_;
    base::MonotonicTime permitted_;
};

/// A Permitted that is on the disk: it may leave the house.
class Journaled {
  public:
    Journaled(Journaled&&) = default;
    Journaled& operator=(Journaled&&) = default;
    Journaled(const Journaled&) = delete;
    Journaled& operator=(const Journaled&) = delete;
    ~Journaled() = default;
    [[nodiscard]] const Intent& intent() const { return intent_; }
    [[nodiscard]] base::MonotonicTime permitted() const { return permitted_; }
    /// Number of its record in the journal.
    [[nodiscard]] std::int64_t sequence() const { return sequence_; }

  private:
    friend class journal::JournalGate;
    Journaled(Permitted permitted, std::int64_t sequence)
        : intent_{std::move(permitted.intent_)}, permitted_{permitted.permitted_}, sequence_{sequence} {}
    Intent intent_;
    base::MonotonicTime permitted_;
    std::int64_t sequence_;
};

}  // namespace vigil::domain
