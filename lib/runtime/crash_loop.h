// Starts that did not end in order, noted in the state folder: a service that crashes again and again must
// not begin to trade again and again. The file holds the wall time of each start, a line each; an orderly end
// of any kind (also a start that fails) takes it away.
#pragma once

#include "base/error.h"
#include "base/time.h"
#include "runtime/state_folder.h"

namespace vigil::runtime {

/// Notes a start at `now`. Returns how many others are noted within `window` of it, before or after: the wall
/// clock may have been set. Errors: io, and those of the folder; what cannot be read counts as one crash.
[[nodiscard]] base::Result<int> note_start(const StateFolder& state, base::WallTime now,
                                           base::seconds window);
/// The service ends in order: nothing is noted any more.
[[nodiscard]] base::Result<void> note_end(const StateFolder& state);
/// An operator has looked: the starts before this one, at `now`, are forgotten.
[[nodiscard]] base::Result<void> forget_earlier_starts(const StateFolder& state, base::WallTime now);

}  // namespace vigil::runtime
