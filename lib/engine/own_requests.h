// What the gateway sends of its own accord, as the governor sees it: which lane each kind takes and what it
// costs.
#pragma once

#include "domain/own_request.h"
#include "domain/stages.h"
#include "governor/governor.h"

namespace vigil::engine {

/// Cancels and orders need the order session, so it comes before what is merely wanted; without the streams
/// nothing is decided, which is no reason to hold up a reconciliation.
[[nodiscard]] domain::Lane lane_of(domain::OwnRequest request) noexcept;
/// Documented weights (governor/weights.h); a subscription on a stream costs nothing but has to rest like
/// all.
[[nodiscard]] governor::Cost cost_of(domain::OwnRequest request) noexcept;
/// For events.
[[nodiscard]] std::string_view name_of(domain::OwnRequest request) noexcept;

}  // namespace vigil::engine
