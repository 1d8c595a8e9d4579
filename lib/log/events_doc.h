// What is generated from the catalogue: the page for operators and the journal's message catalog.
#pragma once

#include <string>

namespace vigil::log {

/// docs/events.md.
[[nodiscard]] std::string events_markdown();

/// systemd/vigil.catalog, in the format of systemd's message catalogs: shown by `journalctl -x`, with the
/// fields of the entry filled in for @VIGIL_...@.
[[nodiscard]] std::string journal_catalog();

}  // namespace vigil::log
