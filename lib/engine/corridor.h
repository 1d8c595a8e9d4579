// The corridor of an order: wish -> Intent -> risk gate -> governor -> to be journaled. There is no other way
// out of the engine, for cancels and exits too. What the governor defers waits here, in a bounded list, and
// what would come too late is not sent. Among those who wait cancels go first, and then the strategies that
// have had least of their share. When the list is full, whoever fills it loses its newest order; cancels find
// room always.
#pragma once

#include <optional>
#include <vector>

#include "engine/house.h"

namespace vigil::engine {

class Corridor {
  public:
    explicit Corridor(House& house) : house_{house} {}

    /// A strategy wants an order in a free slot. When it does not leave, the strategy gets a NeverSent
    /// notice.
    void place(Seat& seat, const strategy::Place& wish, const Now& now);
    /// An order that no strategy wants: see Engine::place_probe.
    [[nodiscard]] base::Result<domain::ClientOrderId> place_probe(domain::NewOrder order, const Now& now);
    /// Cancels the live order `record`. Nothing happens when it is final already or a cancel is under way.
    void cancel(const orders::OrderRecord& record, domain::Lane lane, const domain::Reason& reason,
                const Now& now);

    /// Tries again what waits; drops what is too late.
    void on_tick(const Now& now);
    [[nodiscard]] std::optional<base::MonotonicTime> next_due() const;
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

  private:
    struct Waiting {
        domain::Approved approved;
        base::MonotonicTime until;

        [[nodiscard]] const domain::Intent& intent() const { return approved.intent(); }
        [[nodiscard]] bool places() const { return intent().placement() != nullptr; }
    };

    [[nodiscard]] risk::RiskContext context_for(const Seat& seat, SymbolDesk& desk,
                                                const domain::Intent& intent, const Now& now);
    /// What does not depend on the strategy.
    [[nodiscard]] risk::RiskContext shared_context(SymbolDesk& desk, const domain::Intent& intent,
                                                   const Now& now);
    /// Writes down what `intent` was decided on. Before it is counted anywhere.
    [[nodiscard]] journal::DecisionMade decision(const domain::Intent& intent,
                                                 const risk::RiskContext& context) const;
    void refuse(Seat& seat, const strategy::Place& wish, std::string_view rule, std::string_view why,
                const Now& now);
    void admit(domain::Approved&& approved, const Now& now);
    void queue(Waiting&& one, const Now& now);
    /// Makes room in a full list for the newcomer. False: it is the newcomer that has to go.
    [[nodiscard]] bool displace_for(const domain::Intent& newcomer, const Now& now);
    /// Whether the first of two goes before the second.
    [[nodiscard]] bool goes_before(const Waiting& a, const Waiting& b) const;
    void tell_reserve(const Now& now);
    void drop(const domain::Intent& intent, std::string_view why, const Now& now);

    House& house_;
    std::vector<Waiting> waiting_;
    std::uint64_t room_seen_{0};  // governor's room_made() when what waits was last tried
    std::optional<base::MonotonicTime> reserve_told_;
    std::vector<domain::BookLevel> bids_;  // scratch, best first
    std::vector<domain::BookLevel> asks_;
};

}  // namespace vigil::engine
