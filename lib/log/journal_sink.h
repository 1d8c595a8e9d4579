// The sink that speaks journald's native protocol; the only place that calls sd_journal_sendv. It blocks
// while journald is stopped, which is why only the log worker may call it.
#pragma once

#include <memory>
#include <string_view>

#include "log/sink.h"

namespace vigil::log {

[[nodiscard]] std::unique_ptr<Sink> make_journal_sink(std::string_view identifier);

}  // namespace vigil::log
