// The simulated exchange's own types as the daemon knows them: what JSON and sockets do between the real
// processes.
#pragma once

#include "domain/exchange_port.h"
#include "engine/command.h"
#include "exchange/core.h"

namespace vigil::simulation {

[[nodiscard]] domain::OrderView view_of(const exchange::OrderRecord& order);
[[nodiscard]] domain::Fill fill_of(const exchange::FillRecord& fill);
[[nodiscard]] domain::ExecutionReport report_of(const exchange::ExecutionEvent& event);
[[nodiscard]] domain::Candle candle_of(const domain::Symbol& symbol, const exchange::Kline& kline);

/// Carries an order or a cancel out, and says what the answer says.
[[nodiscard]] domain::OrderOutcome place_at(exchange::ExchangeCore& core, exchange::AccountId account,
                                            const domain::NewOrder& order, base::ExchangeTime now);
[[nodiscard]] domain::OrderOutcome cancel_at(exchange::ExchangeCore& core, exchange::AccountId account,
                                             const domain::CancelOrder& order, base::ExchangeTime now);
[[nodiscard]] base::Result<engine::Answer> answer_from(const exchange::ExchangeCore& core,
                                                       exchange::AccountId account, const engine::Read& read,
                                                       base::ExchangeTime now);

}  // namespace vigil::simulation
