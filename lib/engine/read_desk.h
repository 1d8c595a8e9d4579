// Everything that the house asks the exchange: order book snapshots, candles, look-ups of unknown orders, the
// periodic sweep that compares orders, trades and balances, and the exchange's rules. Every question passes
// the governor; what must wait, waits in a bounded list, and what would come too late to be of use is
// dropped.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/house.h"
#include "engine/suspects.h"

namespace vigil::engine {

class ReadDesk {
  public:
    explicit ReadDesk(House& house) : house_{house} {}

    /// Asks now, or as soon as the governor lets it.
    void request(Read read, domain::Lane lane, const Now& now);
    /// What is due: waiting questions, look-ups, snapshots, warm-ups, and the sweep.
    void on_tick(const Now& now);
    /// The next sweep happens at once (after a reconnect, say).
    void sweep_soon() { sweep_due_ = base::MonotonicTime{}; }
    void sweeps(bool on) { sweeping_ = on; }

    /// An answer to `ask`. The ledger's news are left in the house to be digested.
    void on_answer(const Ask& ask, base::Result<Answer> answer, const Now& now);
    [[nodiscard]] std::optional<base::MonotonicTime> next_due() const;
    [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }

    /// Questions of the order book and the candles of one symbol, when something is missing.
    void look_after(SymbolDesk& desk, const Now& now);

  private:
    struct Waiting {
        Read read;
        domain::Lane lane;
        base::MonotonicTime asked;  ///< for the first time
        base::MonotonicTime until;
        bool is_second{false};
    };
    void ask(Waiting&& one, const Now& now);
    void hold(Waiting&& one, base::MonotonicTime until, const Now& now);
    void drop(Waiting&& one, std::string_view why, const Now& now);
    /// @return whether it waits for exchange time that can be signed with
    [[nodiscard]] bool ask_again(const Ask& ask, const base::Error& error, const Now& now);
    void tell_budgets();
    void look_up(const Now& now);
    [[nodiscard]] std::optional<domain::TradeId> trades_from(const domain::ClientOrderId& id) const;
    void settle_lookup(const domain::ClientOrderId& id, const Now& now);
    void watch_over_unknown(const Now& now);
    /// Every order that is open, and every balance, each time; of the trades as many symbols as the sweep's
    /// share of the request weight has room for, those first that may be behind a difference of balances,
    /// then those that were asked for longest ago. (A lost report of an own order shows among the open
    /// orders; asking for trades finds those of orders that nobody here placed.)
    void sweep(const Now& now);
    /// Request weight that one sweep may use.
    [[nodiscard]] std::int64_t sweep_weight() const;
    /// @return their weight: of each symbol, or of the whole account where that costs less
    [[nodiscard]] std::int64_t ask_for_open_orders(const Now& now);
    /// Whether a trade on the symbol could be behind the differences that were seen: an own order is live on
    /// it (a settled one has all its fills), or its base asset is among them.
    [[nodiscard]] bool is_concerned(const SymbolDesk& desk) const;
    void failed(const Ask& ask, const base::Error& error, const Now& now);
    void on_depth(const ReadDepth& read, const domain::DepthSnapshot& snapshot, const Now& now);
    void on_candles(const ReadCandles& read, const std::vector<domain::Candle>& candles);
    /// One order as the exchange shows it, told to the ledger.
    void take_view(const domain::OrderView& view, orders::Moment asked, const Now& now);
    void on_suspect(const ReadSuspect& read, const domain::OrderView& view, orders::Moment asked,
                    const Now& now);
    void ask_for_suspect(const domain::ClientOrderId& wanted, const domain::Symbol& symbol, const Now& now);
    void on_open_orders(const ReadOpenOrders& read, const std::vector<domain::OrderView>& views,
                        orders::Moment asked, const Now& now);
    void on_trades(const ReadTrades& read, const std::vector<domain::Fill>& fills, orders::Moment asked,
                   const Now& now);
    /// Of fills that were found by asking, those whose report ought to have come long before.
    void tell_missed(std::span<const orders::OrderChange> changes, const Now& now);
    void tell_changed_rules(const domain::SymbolRules& before, const domain::SymbolRules& after);
    void on_account(const domain::AccountSnapshot& account, const Now& now);
    void on_rules(const domain::ExchangeInfo& info, const Now& now);

    House& house_;
    std::vector<Waiting> waiting_;
    Suspects suspects_;
    std::optional<base::MonotonicTime> rests_until_;  // nothing new is thought of before
    std::uint64_t room_seen_{0};                      // governor's room_made() when what waits was last tried
    bool sweeping_{false};
    base::MonotonicTime sweep_due_{};
    base::MonotonicTime rules_due_{};
    /// Of a sweep before, and when they were found.
    struct Seen {
        std::vector<orders::BalanceDifference> differences;
        base::MonotonicTime at;
    };
    std::optional<Seen> seen_;
};

}  // namespace vigil::engine
