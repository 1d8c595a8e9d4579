// The names of the trade: symbols, assets, ids. All of them short, stored in place, and of different types.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/short_text.h"
#include "base/strong_id.h"

namespace vigil::domain {

/// "BTCUSDT". Symbols may be non-ASCII UTF-8 (rest-api.md, "SIGNED Endpoint Examples").
using Symbol = base::ShortText<47, struct SymbolTag>;
/// "BTC".
using Asset = base::ShortText<31, struct AssetTag>;
/// newClientOrderId: `^[a-zA-Z0-9-_]{1,36}$`, unique among open orders only (rest-api.md, "New order").
using ClientOrderId = base::ShortText<36, struct ClientOrderIdTag>;
/// An operator's name for a strategy instance, from its YAML file.
using StrategyName = base::ShortText<31, struct StrategyNameTag>;

/// The exchange's number of an order, unique within a symbol.
using OrderId = base::StrongId<struct OrderIdTag>;
/// The exchange's number of a trade, unique within a symbol.
using TradeId = base::StrongId<struct TradeIdTag>;
/// Place of a strategy in the loaded configuration, 0 and up.
using StrategyIndex = base::StrongId<struct StrategyIndexTag, std::uint16_t>;
/// A strategy's own name for one of its orders (a grid level, "entry", "stop"): at most one live order a
/// slot.
using Slot = base::StrongId<struct SlotTag, std::uint32_t>;

/// Whether `text` may be a newClientOrderId.
[[nodiscard]] bool is_client_order_id(std::string_view text) noexcept;
/// A well-formed client order id, or nothing.
[[nodiscard]] std::optional<ClientOrderId> client_order_id(std::string_view text) noexcept;

}  // namespace vigil::domain
