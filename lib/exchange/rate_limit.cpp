#include "exchange/rate_limit.h"

#include <algorithm>

namespace vigil::exchange {

std::int64_t FixedWindow::index(base::ExchangeTime now) const {
    return now.time_since_epoch().count() / width_.count();
}

std::int64_t FixedWindow::add(base::ExchangeTime now, std::int64_t amount) {
    const std::int64_t present = index(now);
    if (present != index_) {
        index_ = present;
        count_ = 0;
    }
    count_ += amount;
    return count_;
}

void FixedWindow::take(base::ExchangeTime now, std::int64_t amount) {
    if (index(now) == index_) count_ = std::max<std::int64_t>(0, count_ - amount);
}

std::int64_t FixedWindow::count(base::ExchangeTime now) const {
    return index(now) == index_ ? count_ : 0;
}

base::ExchangeTime FixedWindow::end(base::ExchangeTime now) const {
    return base::ExchangeTime{width_ * (index(now) + 1)};
}

RateLimiter::RateLimiter(RateLimitOptions options)
    : options_{options},
      rules_{{{"REQUEST_WEIGHT", "MINUTE", 1, base::seconds{60}, options.weight_per_minute},
              {"ORDERS", "SECOND", 10, base::seconds{10}, options.orders_per_ten_seconds},
              {"ORDERS", "DAY", 1, base::seconds{86'400}, options.orders_per_day},
              {"RAW_REQUESTS", "MINUTE", 5, base::seconds{300}, options.raw_per_five_minutes}}} {}

RateLimiter::Address& RateLimiter::address_of(std::string_view address, base::ExchangeTime now) {
    auto found = addresses_.find(address);
    if (found == addresses_.end()) {
        if (addresses_.size() >= options_.addresses_max) {
            addresses_.erase(std::min_element(
                addresses_.begin(), addresses_.end(),
                [](const auto& a, const auto& b) { return a.second.last_seen < b.second.last_seen; }));
        }
        found = addresses_.emplace(std::string{address}, Address{}).first;
    }
    found->second.last_seen = now;
    return found->second;
}

const RateLimiter::Address* RateLimiter::find(std::string_view address) const {
    const auto found = addresses_.find(address);
    return found == addresses_.end() ? nullptr : &found->second;
}

RequestError RateLimiter::refuse(Address& address, RequestError error, base::ExchangeTime until,
                                 base::ExchangeTime now) {
    if (address.refusals.add(now, 1) > options_.refusals_before_ban) {
        const int doublings = std::min(address.offences, 20);
        ++address.offences;
        ++bans_changed_;
        const base::seconds length = std::min(options_.first_ban * (1 << doublings), options_.longest_ban);
        address.banned_until = now + length;
        address.refusals = FixedWindow{base::microseconds{base::seconds{60}}};
        return errors::banned(address.banned_until);
    }
    error.retry_after = until;
    return error;
}

std::optional<RequestError> RateLimiter::charge(std::string_view name, std::int64_t weight,
                                                base::ExchangeTime now, WeightPool pool) {
    Address& address = address_of(name, now);
    FixedWindow& window = pool == WeightPool::api ? address.weight : address.sapi_weight;
    const std::int64_t limit =
        pool == WeightPool::api ? options_.weight_per_minute : options_.sapi_weight_per_minute;
    const std::int64_t raw = address.raw.add(now, 1);
    const std::int64_t used = window.add(now, weight);
    if (now < address.banned_until) return errors::banned(address.banned_until);
    if (raw > options_.raw_per_five_minutes) {
        return refuse(address, errors::too_many_requests(options_.raw_per_five_minutes, "5 MINUTE"),
                      address.raw.end(now), now);
    }
    if (used > limit) return refuse(address, errors::too_much_weight(limit), window.end(now), now);
    return std::nullopt;
}

void RateLimiter::refund(std::string_view name, std::int64_t weight, base::ExchangeTime now) {
    const auto found = addresses_.find(name);
    if (found != addresses_.end()) found->second.weight.take(now, weight);
}

bool RateLimiter::connect(std::string_view name, base::ExchangeTime now) {
    Address& address = address_of(name, now);
    return address.connections.add(now, 1) <= options_.connections_per_five_minutes &&
           now >= address.banned_until;
}

std::int64_t RateLimiter::used_weight(std::string_view name, base::ExchangeTime now, WeightPool pool) const {
    const Address* address = find(name);
    if (address == nullptr) return 0;
    return (pool == WeightPool::api ? address->weight : address->sapi_weight).count(now);
}

void RateLimiter::add_foreign_weight(std::string_view name, std::int64_t weight, base::ExchangeTime now) {
    address_of(name, now).weight.add(now, weight);
}

void RateLimiter::ban(std::string_view name, base::seconds length, base::ExchangeTime now) {
    Address& address = address_of(name, now);
    address.banned_until = now + length;
    ++address.offences;
    ++bans_changed_;
}

void RateLimiter::lift_bans() {
    ++bans_changed_;
    for (auto& [name, address] : addresses_) {
        address.banned_until = base::ExchangeTime{};
        address.offences = 0;
    }
}

void RateLimiter::lift_ban(std::string_view name) {
    ++bans_changed_;
    const auto found = addresses_.find(name);
    if (found != addresses_.end()) found->second.banned_until = base::ExchangeTime{};
}

std::optional<base::ExchangeTime> RateLimiter::banned_until(std::string_view name,
                                                            base::ExchangeTime now) const {
    const Address* address = find(name);
    if (address == nullptr || now >= address->banned_until) return std::nullopt;
    return address->banned_until;
}

std::optional<RequestError> RateLimiter::count_orders(std::int64_t id, std::int64_t orders,
                                                      base::ExchangeTime now) {
    Account& account = accounts_[id];
    if (account.ten_seconds.count(now) + orders > options_.orders_per_ten_seconds) {
        RequestError error = errors::too_many_orders(options_.orders_per_ten_seconds, "10 SECOND");
        error.retry_after = account.ten_seconds.end(now);
        return error;
    }
    if (account.day.count(now) + orders > options_.orders_per_day) {
        RequestError error = errors::too_many_orders(options_.orders_per_day, "1 DAY");
        error.retry_after = account.day.end(now);
        return error;
    }
    account.ten_seconds.add(now, orders);
    account.day.add(now, orders);
    return std::nullopt;
}

void RateLimiter::uncount_orders(std::int64_t id, std::int64_t orders, base::ExchangeTime now) {
    Account& account = accounts_[id];
    account.ten_seconds.take(now, orders);
    account.day.take(now, orders);
}

void RateLimiter::first_fill(std::int64_t id, bool maker, base::ExchangeTime now) {
    uncount_orders(id, maker ? options_.maker_credit : options_.taker_credit, now);
}

std::int64_t RateLimiter::orders_in_ten_seconds(std::int64_t id, base::ExchangeTime now) const {
    const auto found = accounts_.find(id);
    return found == accounts_.end() ? 0 : found->second.ten_seconds.count(now);
}

SavedLimits RateLimiter::save() const {
    SavedLimits saved;
    for (const auto& [name, address] : addresses_)
        saved.addresses.push_back({name, address.weight.save(), address.sapi_weight.save(),
                                   address.raw.save(), address.connections.save(), address.refusals.save(),
                                   address.banned_until, address.last_seen, address.offences});
    for (const auto& [id, account] : accounts_)
        saved.orders.push_back({id, account.ten_seconds.save(), account.day.save()});
    std::sort(saved.addresses.begin(), saved.addresses.end(),
              [](const auto& a, const auto& b) { return a.address < b.address; });
    std::sort(saved.orders.begin(), saved.orders.end(),
              [](const auto& a, const auto& b) { return a.account < b.account; });
    return saved;
}

void RateLimiter::restore(const SavedLimits& saved) {
    for (const SavedAddress& one : saved.addresses) {
        Address& address = addresses_[one.address];
        address.weight.restore(one.weight);
        address.sapi_weight.restore(one.sapi_weight);
        address.raw.restore(one.raw);
        address.connections.restore(one.connections);
        address.refusals.restore(one.refusals);
        address.last_seen = one.last_seen;
        address.banned_until = one.banned_until;
        address.offences = one.offences;
    }
    for (const SavedOrderCount& one : saved.orders) {
        Account& account = accounts_[one.account];
        account.ten_seconds.restore(one.ten_seconds);
        account.day.restore(one.day);
    }
}

std::int64_t RateLimiter::orders_in_day(std::int64_t id, base::ExchangeTime now) const {
    const auto found = accounts_.find(id);
    return found == accounts_.end() ? 0 : found->second.day.count(now);
}

}  // namespace vigil::exchange
