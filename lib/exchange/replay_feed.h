// What all feeds from files share: one event read ahead, time that never goes back, errors that end the feed,
// and playing in a loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exchange/feed.h"
#include "exchange/line_reader.h"

namespace vigil::exchange {

class ReplayFeed : public Feed {
  public:
    [[nodiscard]] std::string_view name() const final { return reader_->name(); }
    [[nodiscard]] std::span<const FeedSymbol> symbols() const final { return symbols_; }
    [[nodiscard]] std::optional<MarketTime> next_time() final;
    void apply_next(MarketInput& market) final;
    [[nodiscard]] const base::Error* error() const final { return error_ ? &*error_ : nullptr; }
    [[nodiscard]] std::vector<std::int64_t> position() const final;
    /// Reads the recording up to there, so it takes as long as that.
    [[nodiscard]] bool resume(std::span<const std::int64_t> position) final;

  protected:
    ReplayFeed(std::unique_ptr<LineReader> reader, const FeedOptions& options);

    /// Reads the next event, which stays with the derived class until apply_event(). Nothing at the end.
    [[nodiscard]] virtual base::Result<std::optional<MarketTime>> read_event() = 0;
    virtual void apply_event(MarketInput& market) = 0;
    /// The file begins anew, and what it says does not depend on the rounds before.
    virtual void restart() = 0;

    [[nodiscard]] LineReader& reader() { return *reader_; }
    [[nodiscard]] const FeedOptions& options() const { return options_; }
    std::vector<FeedSymbol> symbols_;

  private:
    [[nodiscard]] base::Result<bool> read_ahead();
    void begin_anew();
    [[nodiscard]] bool go_to(std::span<const std::int64_t> position);

    std::unique_ptr<LineReader> reader_;
    FeedOptions options_;
    std::optional<MarketTime> next_;
    std::optional<base::Error> error_;
    bool ended_{false};
    bool any_this_round_{false};
    MarketTime latest_{};
    std::chrono::microseconds shift_{0};  ///< added to the file's times
    bool starts_round_{false};
    std::int64_t read_this_round_{0};  ///< events, the one read ahead included
};

/// Greatest common divisor of what was seen: the grid of prices or quantities.
class GridGuess {
  public:
    void see(std::int64_t raw);
    [[nodiscard]] std::int64_t raw() const { return gcd_; }

  private:
    std::int64_t gcd_{0};
};

/// A positive decimal within the feed's bounds; nothing otherwise.
[[nodiscard]] std::optional<domain::Price> parse_feed_price(std::string_view text);
[[nodiscard]] std::optional<domain::Quantity> parse_feed_quantity(std::string_view text);

/// What a CSV file's symbol is: the option, or the leading part of its name up to '-' or '.'.
[[nodiscard]] base::Result<domain::Symbol> symbol_of_file(const LineReader& reader,
                                                          const FeedOptions& options);

/// Milliseconds or microseconds since 1970, told apart by their size. Nothing when it is neither.
[[nodiscard]] std::optional<MarketTime> parse_market_time(std::string_view digits);

}  // namespace vigil::exchange
