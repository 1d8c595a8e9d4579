// From options to a core with symbols and a running market: what `vigil-exchange --replay`, `--seed`,
// `--speed` and `--exchange-info` mean.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "exchange/core.h"

namespace vigil::exchange {

struct MarketOptions {
    std::optional<std::filesystem::path> exchange_info;  ///< else the built-in symbols
    std::vector<std::filesystem::path> replay;    ///< several files play at once, each from its beginning
    std::vector<domain::Symbol> generate;         ///< generated symbols; when empty and no replay: all
    std::size_t symbol_count{0};                  ///< made-up symbols until there are so many in all
    std::optional<domain::Symbol> replay_symbol;  ///< for CSV files whose name does not tell
    AtEnd at_end{AtEnd::loop};
    domain::Rate speed{domain::Rate::from_raw(100'000'000)};
    domain::Rate volatility{domain::Rate::from_raw(100'000'000)};  ///< of generated symbols; 1: as recorded
    std::uint64_t seed{1};
};

/// Adds the symbols, opens the feeds and attaches them at `now`. Symbols that only a feed knows get a made-up
/// specification.
/// @returns the feeds' names and formats for a start-up line; nothing was attached when it is an error
[[nodiscard]] base::Result<std::vector<std::string>> install_market(ExchangeCore& core,
                                                                    const MarketOptions& options,
                                                                    base::ExchangeTime now);

}  // namespace vigil::exchange
