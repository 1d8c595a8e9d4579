// A number that names something, as a type of its own: an order id cannot be passed where a trade id is
// meant.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace vigil::base {

template <class Tag, class Rep = std::int64_t>
struct StrongId {
    Rep value{};

    friend constexpr bool operator==(StrongId, StrongId) = default;
    friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

}  // namespace vigil::base

template <class Tag, class Rep>
struct std::hash<vigil::base::StrongId<Tag, Rep>> {
    std::size_t operator()(vigil::base::StrongId<Tag, Rep> id) const noexcept {
        return std::hash<Rep>{}(id.value);
    }
};
