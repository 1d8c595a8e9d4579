// Decodes one event of the user data stream. Private to the sources of lib/binance (it includes simdjson).
#pragma once

#include "binance/api_decoder.h"
#include "binance/ondemand_fields.h"

namespace vigil::binance {

/// @param event the object behind "event" (or the whole of an unwrapped one)
[[nodiscard]] ApiNote read_user_event(simdjson::ondemand::object event, domain::ExchangeListener& listener);

}  // namespace vigil::binance
