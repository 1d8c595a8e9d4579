#include "exchange/replay_feed.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <numeric>

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

/// Market time between the last event of a round and the first of the next: with it a loop cannot stand
/// still.
constexpr std::chrono::seconds loop_gap{1};

template <class Decimal>
std::optional<Decimal> parse_bounded(std::string_view text, Decimal most) {
    const auto value = Decimal::parse(text);
    if (!value || !value->is_positive() || *value > most) return std::nullopt;
    return value;
}

}  // namespace

ReplayFeed::ReplayFeed(std::unique_ptr<LineReader> reader, const FeedOptions& options)
    : reader_{std::move(reader)}, options_{options} {}

std::optional<domain::Price> parse_feed_price(std::string_view text) {
    return parse_bounded(text, feed_price_max);
}
std::optional<domain::Quantity> parse_feed_quantity(std::string_view text) {
    return parse_bounded(text, feed_quantity_max);
}

/// Fills next_; false at the end for good.
Result<bool> ReplayFeed::read_ahead() {
    for (;;) {
        auto read = read_event();
        if (!read) return fail(read.error());
        if (*read) {
            if (starts_round_) {
                shift_ = latest_ + loop_gap - **read;
                starts_round_ = false;
            }
            any_this_round_ = true;
            ++read_this_round_;
            latest_ = std::max(latest_, **read + shift_);
            next_ = latest_;
            return true;
        }
        if (!any_this_round_)
            return fail(ErrorKind::invalid, reader_->name() + ": there is no market event in it");
        if (options_.at_end == AtEnd::end) return false;
        if (auto again = reader_->rewind(); !again) return fail(again.error());
        restart();
        any_this_round_ = false;
        starts_round_ = true;
        read_this_round_ = 0;
    }
}

std::optional<MarketTime> ReplayFeed::next_time() {
    if (next_ || ended_) return next_;
    const auto more = read_ahead();
    if (!more) error_ = more.error();
    ended_ = !more || !*more;
    return next_;
}

void ReplayFeed::apply_next(MarketInput& market) {
    apply_event(market);
    next_.reset();
}

std::vector<std::int64_t> ReplayFeed::position() const {
    return {read_this_round_, shift_.count(), latest_.time_since_epoch().count(), next_ ? 1 : 0};
}

bool ReplayFeed::resume(std::span<const std::int64_t> position) {
    begin_anew();
    if (!error_ && go_to(position)) return true;
    begin_anew();
    return false;
}

void ReplayFeed::begin_anew() {
    next_.reset();
    error_.reset();
    ended_ = any_this_round_ = starts_round_ = false;
    latest_ = {};
    shift_ = {};
    read_this_round_ = 0;
    if (const auto again = reader_->rewind(); !again) {
        error_ = again.error();
        ended_ = true;
        return;
    }
    restart();
}

bool ReplayFeed::go_to(std::span<const std::int64_t> position) {
    if (position.size() != 4) return false;
    const std::int64_t events = position[0];
    const bool has_next = position[3] != 0;
    shift_ = std::chrono::microseconds{position[1]};
    DeafMarket deaf;  // to events that have been heard before
    while (read_this_round_ < events) {
        const auto read = read_event();
        if (!read || !*read) return false;
        latest_ = std::max(latest_, **read + shift_);
        any_this_round_ = true;
        if (++read_this_round_ < events || !has_next) apply_event(deaf);
    }
    if (latest_.time_since_epoch().count() != position[2] || (has_next && events < 1)) return false;
    if (has_next) next_ = latest_;
    return true;
}

void GridGuess::see(std::int64_t raw) {
    gcd_ = std::gcd(gcd_, raw);
}

Result<domain::Symbol> symbol_of_file(const LineReader& reader, const FeedOptions& options) {
    if (options.symbol) return *options.symbol;
    const std::string_view name = reader.name();
    const std::string_view lead = name.substr(0, name.find_first_of("-._"));
    const bool plain = !lead.empty() && std::all_of(lead.begin(), lead.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
    const auto symbol = plain ? domain::Symbol::from(lead) : std::nullopt;
    if (!symbol)
        return fail(
            ErrorKind::invalid,
            reader.name() + ": the file's name does not begin with its symbol (BTCUSDT-...): name it");
    return *symbol;
}

std::optional<MarketTime> parse_market_time(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (code != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    constexpr std::int64_t ms_min = 100'000'000'000;          // 1973
    constexpr std::int64_t us_min = 100'000'000'000'000;      // the same moment
    constexpr std::int64_t us_max = 100'000'000'000'000'000;  // the year 5138
    if (value < ms_min || value >= us_max) return std::nullopt;
    if (value < us_min) value *= 1'000;
    return MarketTime{std::chrono::microseconds{value}};
}

}  // namespace vigil::exchange
