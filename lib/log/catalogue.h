// The whole catalogue as one constant table, in the order of the enumerators, with what must always hold for
// it proven at compile time. For sinks, generators and tests; who only emits needs log/logger.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "log/catalogue_exchange.h"
#include "log/catalogue_system.h"
#include "log/catalogue_trading.h"
#include "log/event_spec.h"

namespace vigil::log {

namespace catalogue {

template <std::size_t... Sizes>
constexpr auto joined(const std::array<EventSpec, Sizes>&... parts) {
    constexpr std::size_t total = (Sizes + ...);
    std::array<const EventSpec*, total> all{};
    std::size_t next = 0;
    const auto append = [&](const auto& part) {
        for (const EventSpec& spec : part) all[next++] = &spec;
    };
    (append(parts), ...);
    return all;
}

/// Index = value of the enumerator.
inline constexpr auto all = joined(system_events, exchange_events, trading_events);
static_assert(all.size() == event_count, "every event has one entry");

constexpr bool in_order() {
    for (std::size_t i = 0; i < all.size(); ++i)
        if (static_cast<std::size_t>(all[i]->event) != i) return false;
    return true;
}
static_assert(in_order(), "entries stand in the order of the enumerators");

}  // namespace catalogue

/// What the catalogue says of an event.
[[nodiscard]] constexpr const EventSpec& spec(Event event) {
    return *catalogue::all[static_cast<std::size_t>(event)];
}

/// The event of that dotted name, or nothing.
[[nodiscard]] constexpr const EventSpec* find_event(std::string_view dotted_name) {
    for (const EventSpec* entry : catalogue::all)
        if (entry->name == dotted_name) return entry;
    return nullptr;
}

}  // namespace vigil::log
