// The exchange's limits, counted as the documentation says (rest-api.md "LIMITS", web-socket-api.md "Rate
// limits", faqs/order_count_decrement.md): request weight and raw requests for each IP address, new
// connections for each IP address, unfilled orders for each account. All windows are fixed intervals of
// server time. Going on after a 429 leads to a ban of the address that grows with each offence.
//
// A pure room: time comes in with each call. Loop thread only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "exchange/server_error.h"

namespace vigil::exchange {

/// One published limit: `limit` in each window of `window`, a multiple of `interval`.
struct LimitRule {
    std::string_view type;      ///< "REQUEST_WEIGHT", "RAW_REQUESTS", "ORDERS"
    std::string_view interval;  ///< "SECOND", "MINUTE", "DAY"
    int interval_count{1};
    base::microseconds window{0};
    std::int64_t limit{0};
};

struct RateLimitOptions {
    std::int64_t weight_per_minute = 6000;
    std::int64_t sapi_weight_per_minute = 12'000;
    std::int64_t raw_per_five_minutes = 300'000;
    std::int64_t orders_per_ten_seconds = 100;
    std::int64_t orders_per_day = 200'000;
    std::int64_t connections_per_five_minutes = 300;
    /// Requests refused with 429 within one minute before the address is banned. The documentation gives no
    /// figure ("repeatedly").
    std::int64_t refusals_before_ban = 10;
    base::seconds first_ban{120};
    base::seconds longest_ban{3 * 24 * 3600};
    /// How many orders the first fill takes off the count: one as taker; the documentation's example takes
    /// five off for an order that rested before.
    std::int64_t taker_credit = 1;
    std::int64_t maker_credit = 5;
    std::size_t addresses_max = 10'000;  ///< remembered; beyond, the longest unseen is forgotten
};

/// Whose request weight is meant: `/api` and the WebSocket API share one count, `/sapi` has its own
/// ("X-SAPI-USED-IP-WEIGHT-1M").
enum class WeightPool : std::uint8_t { api, sapi };

/// A FixedWindow over a restart.
struct SavedWindow {
    std::int64_t index{-1};
    std::int64_t count{0};
};

/// A count that starts again with each window.
class FixedWindow {
  public:
    FixedWindow() = default;
    explicit FixedWindow(base::microseconds width) : width_{width} {}

    std::int64_t add(base::ExchangeTime now, std::int64_t amount);
    /// Never below zero: there is no credit (faqs/order_count_decrement.md, last note).
    void take(base::ExchangeTime now, std::int64_t amount);
    [[nodiscard]] std::int64_t count(base::ExchangeTime now) const;
    [[nodiscard]] base::ExchangeTime end(base::ExchangeTime now) const;

    [[nodiscard]] SavedWindow save() const { return {index_, count_}; }
    void restore(const SavedWindow& saved) {
        index_ = saved.index;
        count_ = saved.count;
    }

  private:
    [[nodiscard]] std::int64_t index(base::ExchangeTime now) const;

    base::microseconds width_{60'000'000};
    std::int64_t index_{-1};
    std::int64_t count_{0};
};

struct SavedAddress {
    std::string address;
    SavedWindow weight;
    SavedWindow sapi_weight;
    SavedWindow raw;
    SavedWindow connections;
    SavedWindow refusals;
    base::ExchangeTime banned_until;
    base::ExchangeTime last_seen;
    int offences{0};
};
struct SavedOrderCount {
    std::int64_t account{0};
    SavedWindow ten_seconds;
    SavedWindow day;
};
/// What of the limits outlives a restart.
struct SavedLimits {
    std::vector<SavedAddress> addresses;  ///< by name
    std::vector<SavedOrderCount> orders;  ///< by account
};

class RateLimiter {
  public:
    explicit RateLimiter(RateLimitOptions options = {});

    [[nodiscard]] const RateLimitOptions& options() const { return options_; }
    /// In the order in which exchangeInfo lists them: REQUEST_WEIGHT, ORDERS (two), RAW_REQUESTS.
    [[nodiscard]] const std::array<LimitRule, 4>& rules() const { return rules_; }

    /// Counts one request of `weight` from `address`. An error (418 or 429) when it must not be served; it is
    /// counted all the same.
    [[nodiscard]] std::optional<RequestError> charge(std::string_view address, std::int64_t weight,
                                                     base::ExchangeTime now,
                                                     WeightPool pool = WeightPool::api);
    /// Takes weight back: successful order requests cost nothing (CHANGELOG.md, 2026-03-27).
    void refund(std::string_view address, std::int64_t weight, base::ExchangeTime now);
    /// A new connection from `address`; false: one too many.
    [[nodiscard]] bool connect(std::string_view address, base::ExchangeTime now);
    [[nodiscard]] std::int64_t used_weight(std::string_view address, base::ExchangeTime now,
                                           WeightPool pool = WeightPool::api) const;
    /// Weight used by somebody else behind the same address.
    void add_foreign_weight(std::string_view address, std::int64_t weight, base::ExchangeTime now);

    /// Bans `address` until `now + length`, whatever it did.
    void ban(std::string_view address, base::seconds length, base::ExchangeTime now);
    void lift_bans();
    void lift_ban(std::string_view address);
    [[nodiscard]] std::optional<base::ExchangeTime> banned_until(std::string_view address,
                                                                 base::ExchangeTime now) const;

    /// Whether `account` may place `orders` more; counts them if so.
    [[nodiscard]] std::optional<RequestError> count_orders(std::int64_t account, std::int64_t orders,
                                                           base::ExchangeTime now);
    /// The order was refused after all.
    void uncount_orders(std::int64_t account, std::int64_t orders, base::ExchangeTime now);
    /// An order of `account` had its first fill.
    void first_fill(std::int64_t account, bool maker, base::ExchangeTime now);
    [[nodiscard]] std::int64_t orders_in_ten_seconds(std::int64_t account, base::ExchangeTime now) const;
    [[nodiscard]] std::int64_t orders_in_day(std::int64_t account, base::ExchangeTime now) const;

    [[nodiscard]] SavedLimits save() const;
    void restore(const SavedLimits& saved);
    /// Changes with each ban, and each end of one by hand.
    [[nodiscard]] std::uint64_t bans_changed() const { return bans_changed_; }

  private:
    struct Address {
        FixedWindow weight{base::microseconds{base::seconds{60}}};
        FixedWindow sapi_weight{base::microseconds{base::seconds{60}}};
        FixedWindow raw{base::microseconds{base::seconds{300}}};
        FixedWindow connections{base::microseconds{base::seconds{300}}};
        FixedWindow refusals{base::microseconds{base::seconds{60}}};
        base::ExchangeTime banned_until;
        base::ExchangeTime last_seen;
        int offences{0};
    };
    struct Account {
        FixedWindow ten_seconds{base::microseconds{base::seconds{10}}};
        FixedWindow day{base::microseconds{base::seconds{86'400}}};
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    Address& address_of(std::string_view address, base::ExchangeTime now);
    [[nodiscard]] const Address* find(std::string_view address) const;
    [[nodiscard]] RequestError refuse(Address& address, RequestError error, base::ExchangeTime until,
                                      base::ExchangeTime now);

    RateLimitOptions options_;
    std::uint64_t bans_changed_{0};
    std::array<LimitRule, 4> rules_;
    std::unordered_map<std::string, Address, Hash, std::equal_to<>> addresses_;
    std::unordered_map<std::int64_t, Account> accounts_;
};

}  // namespace vigil::exchange
