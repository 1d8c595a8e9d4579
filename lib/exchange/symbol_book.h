// The order book of one symbol: the outside's levels, which a feed sets, and the own accounts' resting
// orders, with the queue position of each. To the public both are one book; every change of a visible level
// takes the next update id, and is remembered until the next depth batch.
//
// Part of the core: single-threaded, no clock.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/order.h"
#include "exchange/live_order.h"
#include "exchange/saved_market.h"

namespace vigil::exchange {

/// Own orders at one price, oldest first.
struct OwnLevel {
    __extension__ using Wide = __int128;

    std::list<LiveOrder*> orders;
    Wide total_raw{0};  ///< what they show; many large orders together may be beyond a decimal

    /// With `outside` beside it, as the public sees it: the largest decimal when it is more.
    [[nodiscard]] domain::Quantity visible_with(domain::Quantity outside) const;
};

/// Outside levels of one side, the best at the back, where nearly all changes happen. Bounded: the worst
/// levels are forgotten.
class OutsideSide {
  public:
    static constexpr std::size_t levels_max = 5'000;

    explicit OutsideSide(domain::Side side) : side_{side} {}

    [[nodiscard]] domain::Quantity at(domain::Price price) const;
    /// Zero removes. Returns whether anything changed; a price dropped from a full side goes to `dropped`.
    bool set(domain::Price price, domain::Quantity quantity, std::optional<domain::Price>& dropped);
    [[nodiscard]] const domain::BookLevel* best() const {
        return levels_.empty() ? nullptr : &levels_.back();
    }
    /// Worst first.
    [[nodiscard]] std::span<const domain::BookLevel> levels() const { return levels_; }
    void replace(std::span<const domain::BookLevel> worst_first) {
        levels_.assign(worst_first.begin(), worst_first.end());
    }
    /// Whether `a` is a better price on this side than `b`.
    [[nodiscard]] bool better(domain::Price a, domain::Price b) const {
        return side_ == domain::Side::buy ? a > b : a < b;
    }

  private:
    domain::Side side_;
    std::vector<domain::BookLevel> levels_;
};

/// What an order shows next of what is left of it.
[[nodiscard]] domain::Quantity next_part(const OrderRecord& record);

class SymbolBook {
  public:
    /// Own levels, best first: for bids the key is the negated price.
    using OwnSide = std::map<std::int64_t, OwnLevel>;

    SymbolBook();

    // --- The outside ------------------------------------------------------------------------------------

    void set_outside(domain::Side side, domain::Price price, domain::Quantity quantity);
    void replace_outside(domain::Side side, std::span<const domain::BookLevel> levels);
    /// Removes outside levels that are better than `price`.
    void remove_outside_better_than(domain::Side side, domain::Price price);
    /// A taker takes `quantity`, at most what is there: it is consumed, and own orders there move up.
    void take_outside(domain::Side side, domain::Price price, domain::Quantity quantity);
    /// A print of outside quantity at `price` that stays in the book's figures until the feed says otherwise:
    /// own orders there move up.
    void advance_queue(domain::Side side, domain::Price price, domain::Quantity quantity);
    [[nodiscard]] const OutsideSide& outside(domain::Side side) const { return outside_[index(side)]; }

    // --- Own orders ---------------------------------------------------------------------------------------

    /// Puts it behind everything that is at its price now. Of an iceberg only a part is shown.
    void add(LiveOrder& order);
    void remove(LiveOrder& order);
    /// After a change of what is left of it (the record has it already), `used` of which was met: the level
    /// shrinks. An iceberg whose part is used up shows the next, behind everything at its price.
    void shrink(LiveOrder& order, domain::Quantity used);
    [[nodiscard]] const OwnSide& own(domain::Side side) const { return own_[index(side)]; }
    [[nodiscard]] static std::int64_t own_key(domain::Side side, domain::Price price) {
        return side == domain::Side::buy ? -price.raw() : price.raw();
    }
    [[nodiscard]] static domain::Price own_price(domain::Side side, std::int64_t key) {
        return domain::Price::from_raw(side == domain::Side::buy ? -key : key);
    }
    /// The best own order of a side, or nothing.
    [[nodiscard]] LiveOrder* best_own(domain::Side side) const;

    // --- What the public sees -----------------------------------------------------------------------------

    [[nodiscard]] std::int64_t update_id() const { return update_id_; }
    [[nodiscard]] domain::Quantity visible_at(domain::Side side, domain::Price price) const;
    /// Best visible level; zero price and quantity on an empty side.
    [[nodiscard]] domain::BookLevel best(domain::Side side) const;
    /// Best first, at most `limit`.
    [[nodiscard]] std::vector<domain::BookLevel> visible(domain::Side side, std::size_t limit) const;
    [[nodiscard]] bool has_changes() const { return update_id_ != batch_start_; }
    /// The changes since the last call: first id, and the levels as they are now, best first. Valid until the
    /// next call.
    struct Changes {
        std::int64_t first_id{0};
        std::int64_t last_id{0};
        std::span<const domain::BookLevel> bids;
        std::span<const domain::BookLevel> asks;
    };
    [[nodiscard]] Changes take_changes();

    // --- Over a restart -----------------------------------------------------------------------------------

    [[nodiscard]] SavedBook save() const;
    /// The own orders of both sides, in the order in which they stand.
    [[nodiscard]] std::vector<const LiveOrder*> resting() const;
    /// In place of an outside without own orders.
    void restore(const SavedBook& saved);
    /// Behind the own orders at its price, with `shown` and `queue_ahead` as they are. The public is told
    /// nothing: it knows.
    void put_back(LiveOrder& order);

  private:
    [[nodiscard]] static std::size_t index(domain::Side side) { return side == domain::Side::buy ? 0 : 1; }
    [[nodiscard]] const OwnLevel* own_level(domain::Side side, domain::Price price) const;
    void touch(domain::Side side, domain::Price price);
    void clamp_queue(domain::Side side, domain::Price price, domain::Quantity outside_quantity);
    std::span<const domain::BookLevel> collect(domain::Side side);

    std::array<OutsideSide, 2> outside_;
    std::array<OwnSide, 2> own_;
    std::array<std::vector<domain::Price>, 2> touched_;
    std::array<std::vector<domain::BookLevel>, 2> collected_;
    std::int64_t update_id_{0};
    std::int64_t batch_start_{0};  ///< update id at the last batch
};

}  // namespace vigil::exchange
