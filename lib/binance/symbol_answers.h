// Decodes exchangeInfo from parsed JSON. Private to the sources of lib/binance.
#pragma once

#include "binance/json_fields.h"
#include "domain/symbol_rules.h"

namespace vigil::binance {

[[nodiscard]] base::Result<domain::ExchangeInfo> read_exchange_info(simdjson::dom::element root);

}  // namespace vigil::binance
