#include "orders/client_order_ids.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/check.h"

namespace vigil::orders {

namespace {

constexpr bool is_base36(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

/// Canonical base36: no leading zero, lower case, fits Number.
template <class Number>
std::optional<Number> parse_base36(std::string_view text) noexcept {
    if (text.empty() || !std::all_of(text.begin(), text.end(), is_base36)) return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 36);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Takes the text up to the next dash (or the end) off the front of `rest`.
std::string_view take_part(std::string_view& rest) {
    const std::size_t dash = rest.find('-');
    const std::string_view part = rest.substr(0, dash);
    rest.remove_prefix(dash == std::string_view::npos ? rest.size() : dash + 1);
    return part;
}

std::uint64_t not_below_zero(std::int64_t value) {
    return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

}  // namespace

std::optional<InstanceTag> instance_tag(std::string_view text) noexcept {
    if (text.size() != InstanceTag::capacity || !std::all_of(text.begin(), text.end(), is_base36))
        return std::nullopt;
    return InstanceTag::from(text);
}

std::optional<ParsedClientOrderId> parse_client_order_id(std::string_view text) noexcept {
    if (text.empty() || text.front() != 'v' || text.back() == '-') return std::nullopt;
    text.remove_prefix(1);
    if (std::count(text.begin(), text.end(), '-') != 3) return std::nullopt;
    const auto instance = instance_tag(take_part(text));
    const auto strategy = parse_base36<std::uint16_t>(take_part(text));
    const auto slot = parse_base36<std::uint32_t>(take_part(text));
    const auto counter = parse_base36<std::uint64_t>(take_part(text));
    if (!instance || !strategy || !slot || !counter) return std::nullopt;
    return ParsedClientOrderId{*instance, domain::StrategyIndex{*strategy}, domain::Slot{*slot}, *counter};
}

domain::ClientOrderId format_client_order_id(const ParsedClientOrderId& parts) {
    // 1 + 4 + 1 + 4 + 1 + 7 + 1 + 13 characters at most.
    std::array<char, domain::ClientOrderId::capacity> text{};
    char* cursor = text.data();
    char* const end = text.data() + text.size();
    *cursor++ = 'v';
    const std::string_view instance = parts.instance.view();
    base::check(instance.size() == InstanceTag::capacity, "an instance tag has four characters");
    cursor = std::copy(instance.begin(), instance.end(), cursor);
    const auto append = [&cursor, end](std::uint64_t number) {
        *cursor++ = '-';
        const auto [after, error] = std::to_chars(cursor, end, number, 36);
        base::check(error == std::errc{}, "a client order id fits its limit");
        cursor = after;
    };
    append(parts.strategy.value);
    append(parts.slot.value);
    append(parts.counter);
    const auto id = domain::ClientOrderId::from(
        std::string_view{text.data(), static_cast<std::size_t>(cursor - text.data())});
    base::check(id.has_value(), "a client order id fits its limit");
    return *id;
}

ClientOrderIds::ClientOrderIds(InstanceTag instance, std::uint64_t reserved_end, base::ExchangeTime now,
                               ClientOrderIdsOptions options)
    : instance_{instance},
      options_{options},
      next_counter_{std::max(reserved_end, not_below_zero(base::to_ms(now)))},
      durable_end_{next_counter_} {
    base::check(instance_.view().size() == InstanceTag::capacity, "an instance tag has four characters");
    base::check(options_.block_size >= 2 && options_.low_water < options_.block_size,
                "a block is larger than the low water mark");
    base::check(next_counter_ < std::numeric_limits<std::uint64_t>::max() / 2, "the counter has room");
}

bool ClientOrderIds::needs_block() const {
    return !under_way_ && available() <= options_.low_water;
}

CounterBlock ClientOrderIds::next_block() {
    base::check(!under_way_, "one reservation at a time");
    under_way_ = CounterBlock{durable_end_, options_.block_size};
    return *under_way_;
}

void ClientOrderIds::block_durable(CounterBlock block) {
    base::check(under_way_ == block, "the durable block is the one that was asked for");
    under_way_.reset();
    durable_end_ = block.first + block.count;
}

void ClientOrderIds::block_failed(CounterBlock block) {
    base::check(under_way_ == block, "the failed block is the one that was asked for");
    under_way_.reset();
}

std::optional<domain::ClientOrderId> ClientOrderIds::next(domain::StrategyIndex strategy, domain::Slot slot) {
    if (next_counter_ == durable_end_) return std::nullopt;
    return format_client_order_id({instance_, strategy, slot, next_counter_++});
}

bool ClientOrderIds::is_own(const domain::ClientOrderId& id) const {
    const auto parsed = parse_client_order_id(id.view());
    return parsed && parsed->instance == instance_;
}

std::uint64_t ClientOrderIds::available() const {
    return durable_end_ - next_counter_;
}

}  // namespace vigil::orders
