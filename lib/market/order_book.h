// A local order book kept from one REST snapshot and the diffs of `<symbol>@depth`, after the procedure of
// web-socket-streams.md, "How to manage a local order book correctly".
//
// While there is no book, diffs are buffered (bounded: the oldest go first, which only asks for a newer
// snapshot). A snapshot that bridges the buffer makes the book whole; from then on every diff must follow
// the one before. A gap, or content that cannot be, throws the book away, and buffering starts anew with the
// diff that showed it. Nothing may be quoted on a book that is not `synchronised`.
//
// Both sides are flat vectors sorted with the best level at the back, where nearly all changes happen. Depth
// is bounded: the worst levels are dropped. As the exchange's documentation warns, levels beyond the
// snapshot's reach are known only once they have changed; `known_to` tells how far the book is complete.
//
// Pure: one owner, one thread, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/order.h"

namespace vigil::market {

enum class BookState : std::uint8_t {
    empty,         ///< no snapshot yet; diffs are buffered
    synchronised,  ///< whole
    broken,        ///< was whole; a gap or impossible content was seen; diffs are buffered again
};

/// What became of a diff.
enum class DiffResult : std::uint8_t {
    applied,      ///< the book now stands at the diff's last update id
    ignored_old,  ///< the book already contains it
    buffered,     ///< there is no book yet
    gap,      ///< updates are missing between the book (or the buffer) and this diff, which is now the buffer
    corrupt,  ///< impossible content (ids backwards, negative quantity, crossed book); the book is discarded
};

/// What became of a snapshot.
enum class SnapshotResult : std::uint8_t {
    applied,      ///< the book is whole, all buffered diffs included
    too_old,      ///< older than the first buffered diff: ask for another
    ignored_old,  ///< the whole book is already past it
    corrupt,      ///< impossible content; not used
};

/// Best level of each side. Either may be absent on an empty side.
struct TopOfBook {
    std::int64_t update_id{0};
    std::optional<domain::BookLevel> bid;
    std::optional<domain::BookLevel> ask;
};

struct OrderBookLimits {
    std::size_t levels_a_side{5000};       ///< kept at least; up to a quarter more between clean-ups
    std::size_t buffered_diffs{1000};      ///< 100 s of @100ms diffs
    std::size_t buffered_levels{200'000};  ///< over all buffered diffs
};

class OrderBook {
  public:
    explicit OrderBook(OrderBookLimits limits = {});

    DiffResult apply(const domain::DepthDiff& diff);
    SnapshotResult apply(const domain::DepthSnapshot& snapshot);
    /// Forgets everything: after a disconnect the diffs that were missed never come again.
    void reset();

    [[nodiscard]] BookState state() const { return state_; }
    [[nodiscard]] bool synchronised() const { return state_ == BookState::synchronised; }
    /// Last update id the book contains; 0 when it is not synchronised.
    [[nodiscard]] std::int64_t update_id() const { return update_id_; }
    /// Update id before which a snapshot is of no use (U of the first buffered diff); nothing when no diff is
    /// buffered.
    [[nodiscard]] std::optional<std::int64_t> snapshot_must_reach() const;
    [[nodiscard]] std::size_t buffered() const { return buffer_.size(); }
    /// Diffs that were dropped from a full buffer.
    [[nodiscard]] std::int64_t buffer_drops() const { return buffer_drops_; }

    /// Nothing unless synchronised.
    [[nodiscard]] std::optional<TopOfBook> best() const;
    /// Levels of one side, WORST FIRST: the best is at the back. Buy: bids. Valid until the next change.
    [[nodiscard]] std::span<const domain::BookLevel> levels(domain::Side side) const;
    /// Quantity at exactly `price`; zero when there is no such level.
    [[nodiscard]] domain::Quantity at(domain::Side side, domain::Price price) const;
    /// Sum of the quantities of `side` at prices as good as `price` or better. Nothing on overflow.
    [[nodiscard]] std::optional<domain::Quantity> volume_to(domain::Side side, domain::Price price) const;
    /// Average price at which `quantity` could be taken now: `taker` buy walks the asks. Rounded against the
    /// taker. Nothing when the book does not hold so much, or on a quantity of zero.
    [[nodiscard]] std::optional<domain::Price> vwap(domain::Side taker, domain::Quantity quantity) const;
    /// The worst price up to which `side` is complete: beyond it, levels may exist that never were announced
    /// or were dropped. Nothing when not synchronised.
    [[nodiscard]] std::optional<domain::Price> known_to(domain::Side side) const;

  private:
    using Levels = std::vector<domain::BookLevel>;
    struct BufferedDiff {
        std::int64_t first_id;
        std::int64_t last_id;
        Levels bids;
        Levels asks;
    };
    struct BookSide {
        Levels levels;  ///< worst first
        domain::Price known_to;
    };

    DiffResult buffer(const domain::DepthDiff& diff);
    void clear_buffer();
    [[nodiscard]] bool update(std::span<const domain::BookLevel> bids,
                              std::span<const domain::BookLevel> asks);
    [[nodiscard]] bool crossed() const;
    void discard(BookState next);
    template <bool is_bid>
    void trim(BookSide& side) const;

    OrderBookLimits limits_;
    BookState state_{BookState::empty};
    std::int64_t update_id_{0};
    BookSide bids_;
    BookSide asks_;
    Levels scratch_;  ///< of update(), kept for its room
    std::deque<BufferedDiff> buffer_;
    std::size_t buffered_levels_{0};
    std::int64_t buffer_drops_{0};
};

}  // namespace vigil::market
