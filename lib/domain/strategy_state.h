// What a strategy must not forget over a restart, in its own words: one line, which only that strategy reads.
#pragma once

#include "base/short_text.h"

namespace vigil::domain {

using StrategyState = base::ShortText<255, struct StrategyStateTag>;

}  // namespace vigil::domain
