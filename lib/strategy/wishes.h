// What a strategy wants done, as values: the engine turns each into an Intent (or a log event) in order.
//
// The list is bounded and owned by the engine, which clears it before each call and reuses it, so a call
// allocates nothing. When it is full `add` refuses, and the strategy comes back to the rest at its next
// event.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "base/short_text.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "domain/order.h"
#include "domain/stages.h"

namespace vigil::strategy {

using domain::Reason;
/// A sentence for the operator, with figures.
using NoteText = base::ShortText<191, struct NoteTextTag>;

/// Place an order in `slot`, which is free. Legal by the symbol's filters when it was wished for.
struct Place {
    domain::Slot slot;
    domain::Side side{domain::Side::buy};
    domain::OrderType type{domain::OrderType::limit};
    std::optional<domain::TimeInForce> time_in_force;  ///< set for LIMIT, absent for LIMIT_MAKER and MARKET
    std::optional<domain::Quantity> quantity;
    std::optional<domain::Amount> quote_quantity;
    std::optional<domain::Price> price;
    std::optional<domain::Price> stop_price;
    Reason reason;
};
/// Cancel the live order of `slot`.
struct Cancel {
    domain::Slot slot;
    Reason reason;
};
/// The strategy has come to its end by its own rules (stop-loss done, budget used up): it wants no more
/// events, and none of its orders is live. It stays stopped after a restart (it is in `save()`).
struct Stop {
    Reason reason;
};
/// Something an operator would want to know; no effect.
struct Note {
    NoteText text;
};
using Wish = std::variant<Place, Cancel, Stop, Note>;

class Wishes {
  public:
    static constexpr std::size_t capacity = 64;

    /// False, and nothing added, when the list is full.
    [[nodiscard]] bool add(const Wish& wish) {
        if (size_ == capacity) return false;
        wishes_[size_++] = wish;
        return true;
    }
    void clear() { size_ = 0; }
    [[nodiscard]] std::span<const Wish> all() const { return {wishes_.data(), size_}; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }

  private:
    std::array<Wish, capacity> wishes_{};
    std::size_t size_{0};
};

/// `text` as a Reason or NoteText, cut where it does not fit (at a character's beginning).
[[nodiscard]] Reason reason(std::string_view text);
[[nodiscard]] Note note(std::string_view text);

}  // namespace vigil::strategy
