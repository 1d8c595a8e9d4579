// A symbol of the simulated exchange: the rules that orders are checked against, and everything else that
// exchangeInfo shows of it. Built in, read from a recorded exchangeInfo answer, or made up for a symbol that
// only a market feed knows.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/decimal.h"
#include "domain/names.h"
#include "domain/symbol_rules.h"
#include "exchange/core_types.h"

namespace vigil::exchange {

struct SymbolSpec {
    domain::SymbolRules rules;         ///< what is enforced
    std::vector<std::string> filters;  ///< each element of exchangeInfo's `filters`, as JSON text, unchanged
    int base_commission_precision{8};
    int quote_commission_precision{8};
    bool iceberg_allowed{false};
    bool oco_allowed{false};
    bool oto_allowed{false};
    bool opo_allowed{false};
    bool trailing_stop_allowed{false};
    bool cancel_replace_allowed{false};
    bool amend_allowed{false};
    bool peg_instructions_allowed{false};
    bool margin_trading_allowed{false};
    std::vector<std::vector<std::string>> permission_sets{{"SPOT"}};
    StpMode default_stp_mode{StpMode::expire_maker};
    std::vector<StpMode> allowed_stp_modes{StpMode::expire_taker, StpMode::expire_maker, StpMode::expire_both,
                                           StpMode::decrement};
    /// Where a generated market begins, and the outside price before any feed has spoken; zero: unknown.
    domain::Price reference_price;
};

/// A handful of liquid symbols with the production filters of August 2025: BTCUSDT, ETHUSDT, BNBUSDT,
/// SOLUSDT, XRPUSDT, ETHBTC, BNBBTC, BNBETH.
[[nodiscard]] std::vector<SymbolSpec> default_symbols();

/// Symbols of a `GET /api/v3/exchangeInfo` answer. Filters unheard of are kept (shown, not enforced).
/// @returns kind invalid with the symbol's name when a known filter is malformed or the text is no such
/// answer
[[nodiscard]] base::Result<std::vector<SymbolSpec>> parse_exchange_info(std::string_view json);
[[nodiscard]] base::Result<std::vector<SymbolSpec>> load_exchange_info(const std::filesystem::path& file);

/// Puts one filter, an element of exchangeInfo's `filters`, in the place of the one of its type.
/// @returns invalid when `spec` has none of that type, or a member is missing or malformed; `spec` is as it
/// was
[[nodiscard]] base::Result<void> change_filter(SymbolSpec& spec, std::string_view filter_json);

/// A plausible specification for a symbol of which only its name and the grid of its prices and quantities is
/// known. The quote asset is the longest known suffix (USDT, BTC, EUR ...); nothing when there is none.
[[nodiscard]] std::optional<SymbolSpec> make_symbol_spec(const domain::Symbol& symbol, domain::Price tick,
                                                         domain::Quantity step,
                                                         domain::Price reference_price);

}  // namespace vigil::exchange
