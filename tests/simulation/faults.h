// What can go wrong in a simulated world, as a table of classes, each with its own likelihood; and what can
// be broken in it on purpose, to prove that the campaign would notice.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vigil::simulation {

enum class Fault : std::uint8_t {
    lost_request,     ///< a placement or cancel never arrives
    lost_answer,      ///< it is carried out, and nobody says so
    late_request,     ///< it arrives late, perhaps after recvWindow
    late_answer,      ///< perhaps after the deadline, and then for nothing
    unknown_answer,   ///< 5xx, -1000, -1006, -1007: carried out or not
    rejection,        ///< refused for certain
    rate_limit,       ///< 429, 418, or -1015
    lost_event,       ///< a user event never arrives
    doubled_event,    ///< it arrives twice
    late_event,       ///< it arrives late, behind others
    failed_read,      ///< no answer, or an error
    late_read,        ///< the answer is old when it comes
    lagging_read,     ///< answered from a copy that does not know the newest yet
    orders_down,      ///< the order session is lost for a while
    user_data_down,   ///< the same of user data: what happens meanwhile is never told
    market_down,      ///< the same of market data
    foreign_order,    ///< somebody else trades on the account
    balance_change,   ///< a deposit or withdrawal
    symbol_status,    ///< a symbol halts for a while
    clock_uncertain,  ///< the exchange's time is not known for a while
    clock_reset,      ///< each start of the process begins on the same wall clock, as without a battery
    journal_failed,   ///< the disk is full for a while, or fails for good
    journal_late,     ///< a sync takes long
    crash,            ///< the process ends at any point; what was not synced is lost or not
};
inline constexpr std::size_t fault_count = 24;

/// "lost request".
[[nodiscard]] std::string_view name_of(Fault fault) noexcept;

/// For each class, in how many of 10,000 chances it happens; zero: never. A chance is one request, answer,
/// event, read, commit, step, or (for what lasts) one tick.
class FaultTable {
  public:
    [[nodiscard]] int& operator[](Fault fault) { return chances_[static_cast<std::size_t>(fault)]; }
    [[nodiscard]] int operator[](Fault fault) const { return chances_[static_cast<std::size_t>(fault)]; }

  private:
    std::array<int, fault_count> chances_{};
};

/// Things that a correct house never does. Each is built into the world around the engine, not into the
/// engine.
enum class Mutant : std::uint8_t {
    none,
    resend,             ///< the link sends a request again when its answer does not come
    absent_at_once,     ///< the first "order does not exist" is final
    early_acknowledge,  ///< the journal says durable before it is
    lying_disk,         ///< the journal says durable, and a crash takes the last commit with it
    swallowed_fill,     ///< one fill is missing from answers, events and reads alike
    lost_journal,       ///< the reservations of ids are not there after a restart
    renumbered_double,  ///< a doubled event carries a new trade id
    unasked_send,       ///< what became durable is sent without asking once more
    pretended_cancel,   ///< a cancel is answered, and not carried out
    altered_record,     ///< one byte of the journal changes
    cheap_commission,   ///< every event tells half of the commission
};
inline constexpr std::size_t mutant_count = 11;  // without none

/// "resend", "absent-at-once", ...
[[nodiscard]] std::string_view name_of(Mutant mutant) noexcept;
[[nodiscard]] std::optional<Mutant> parse_mutant(std::string_view name) noexcept;

}  // namespace vigil::simulation
