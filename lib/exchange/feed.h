// Where the outside market comes from: a recording, or a generator. A feed hands its events over one at a
// time, in market time; the core decides when each is due in exchange time (speed, restamping) and asks for
// it then. Feeds are owned by the core once attached, and called on its thread only. A feed reads its file
// piece by piece, so that memory does not grow with the file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/names.h"

namespace vigil::exchange {

/// Time on a recording's own clock, microseconds since 1970-01-01 UTC.
using MarketTime = std::chrono::time_point<struct MarketTag, std::chrono::microseconds>;

/// The most that a feed may say: far beyond every market, and such that sums with own orders stay decimals.
/// Files that say more are refused.
inline constexpr domain::Price feed_price_max = domain::Price::of(1'000'000'000);
inline constexpr domain::Quantity feed_quantity_max = domain::Quantity::of(40'000'000'000);

/// What a feed may say of the outside market. Implemented by the core; quantities and prices are positive and
/// within the bounds above. Symbols that the core does not know are ignored.
class MarketInput {
  public:
    MarketInput() = default;
    MarketInput(const MarketInput&) = delete;
    MarketInput& operator=(const MarketInput&) = delete;
    virtual ~MarketInput() = default;

    /// The whole outside book, in any order: what is not named is gone.
    virtual void replace_book(const domain::Symbol& symbol, std::span<const domain::BookLevel> bids,
                              std::span<const domain::BookLevel> asks) = 0;
    /// Some levels as they are now; quantity zero: gone.
    virtual void update_levels(const domain::Symbol& symbol, std::span<const domain::BookLevel> bids,
                               std::span<const domain::BookLevel> asks) = 0;
    /// The best prices as they are now: every better level is gone.
    virtual void update_top(const domain::Symbol& symbol, const domain::BookLevel& bid,
                            const domain::BookLevel& ask) = 0;
    /// A trade between outsiders.
    virtual void print(const domain::Symbol& symbol, domain::Price price, domain::Quantity quantity,
                       bool buyer_is_maker) = 0;
};

/// Listens to nothing.
class DeafMarket final : public MarketInput {
  public:
    void replace_book(const domain::Symbol&, std::span<const domain::BookLevel>,
                      std::span<const domain::BookLevel>) override {}
    void update_levels(const domain::Symbol&, std::span<const domain::BookLevel>,
                       std::span<const domain::BookLevel>) override {}
    void update_top(const domain::Symbol&, const domain::BookLevel&, const domain::BookLevel&) override {}
    void print(const domain::Symbol&, domain::Price, domain::Quantity, bool) override {}
};

/// What is known of a feed's symbol before it runs.
struct FeedSymbol {
    domain::Symbol symbol;
    domain::Price first_price;
    domain::Price tick;     ///< the coarsest grid on which the prices seen so far lie
    domain::Quantity step;  ///< the same of quantities
};

class Feed {
  public:
    Feed() = default;
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;
    virtual ~Feed() = default;

    /// For messages: the file's name, or "generated".
    [[nodiscard]] virtual std::string_view name() const = 0;
    /// "capture", "trades", "aggTrades", "klines", "generated".
    [[nodiscard]] virtual std::string_view format() const = 0;
    [[nodiscard]] virtual std::span<const FeedSymbol> symbols() const = 0;
    /// Market time of the next event, never going back; nothing at the end or after an error.
    [[nodiscard]] virtual std::optional<MarketTime> next_time() = 0;
    /// Hands the next event to `market` and moves on. Only after next_time() gave a time.
    virtual void apply_next(MarketInput& market) = 0;
    /// Why it ended early: "file.csv:17: price is not a decimal".
    [[nodiscard]] virtual const base::Error* error() const = 0;

    /// Where it is, as numbers for resume() of a feed that was made the same way; empty: it cannot tell.
    [[nodiscard]] virtual std::vector<std::int64_t> position() const { return {}; }
    /// Goes on from such a position: what comes next is what would have come next there.
    /// @returns false when that is none of its positions (another recording, another seed); it is at its
    /// beginning then
    [[nodiscard]] virtual bool resume(std::span<const std::int64_t> position) {
        static_cast<void>(position);
        return false;
    }
};

enum class AtEnd : std::uint8_t {
    end,  ///< the market stands still afterwards; the book stays
    loop  ///< from the beginning again, as if no time had passed
};

struct FeedOptions {
    /// For files that do not name their symbol (CSV); else the leading part of the file's name, up to '-'.
    std::optional<domain::Symbol> symbol;
    AtEnd at_end{AtEnd::end};
    std::uint64_t seed{1};  ///< of the book that is made up around trades and klines
};

/// Opens a recording, whatever it is: a capture (.jsonl, gzip or not), trades, aggTrades or klines as CSV
/// (gzip or not, with or without header, times in ms or us). Its beginning is read to find out, by content.
/// @returns invalid with file, line and reason; not_found, denied, io for the file itself
[[nodiscard]] base::Result<std::unique_ptr<Feed>> open_feed(const std::filesystem::path& file,
                                                            const FeedOptions& options);

/// One symbol of a generated market.
struct GeneratedSymbol {
    domain::Symbol symbol;
    domain::Price start;
    domain::Price tick;
    domain::Quantity step;
    /// US dollars for one unit of the quote asset, so that trade sizes are plausible in any quote asset.
    domain::Price quote_in_usd{domain::Price::from_raw(100'000'000)};
};

struct GeneratedOptions {
    std::uint64_t seed{1};
    std::vector<GeneratedSymbol> symbols;
    MarketTime start;
    domain::Rate volatility{domain::Rate::from_raw(100'000'000)};  ///< 1: as recorded
};

/// A market without end. Same options, same events.
[[nodiscard]] std::unique_ptr<Feed> generate_feed(const GeneratedOptions& options);

}  // namespace vigil::exchange
