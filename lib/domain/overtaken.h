// A LIMIT_MAKER order that would have taken, because the market was faster: refused, and no fault.
#pragma once

#include <string_view>

namespace vigil::domain {

/// Whether a rejection says so: by the answer (errors.md, -2010 "Order would immediately match and take.") or
/// by the report that may come before it (enums.md, "Order reject reason"), which has no code.
[[nodiscard]] constexpr bool is_overtaken(int code, std::string_view words) noexcept {
    constexpr int new_order_rejected = -2010;
    if (code == new_order_rejected) return words.find("immediately match") != std::string_view::npos;
    return words == "WOULD_MATCH_IMMEDIATELY";
}

}  // namespace vigil::domain
