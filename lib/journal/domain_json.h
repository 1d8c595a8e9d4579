// Domain values as JSON, each way. Members are named as in the headers of lib/domain. Internal to
// lib/journal.
#pragma once

#include "domain/account.h"
#include "domain/order.h"
#include "domain/order_outcome.h"
#include "domain/stages.h"
#include "journal/json_read.h"

namespace vigil::journal {

[[nodiscard]] Json to_json(const domain::Intent& intent);
[[nodiscard]] Json to_json(const domain::OrderOutcome& outcome);
[[nodiscard]] Json to_json(const domain::OrderView& view);
[[nodiscard]] Json to_json(const domain::Fill& fill);
[[nodiscard]] Json to_json(const domain::ExecutionReport& report);
[[nodiscard]] Json to_json(const std::vector<domain::Fill>& fills);
[[nodiscard]] Json to_json(const std::vector<domain::Balance>& balances);

// What is missing or wrong is said to the reader.
[[nodiscard]] domain::Intent read_intent(Reader& in);
[[nodiscard]] domain::OrderOutcome read_outcome(Reader& in);
[[nodiscard]] domain::OrderView read_order_view(Reader& in);
[[nodiscard]] domain::Fill read_fill(Reader& in);
[[nodiscard]] domain::ExecutionReport read_execution(Reader& in);
[[nodiscard]] std::vector<domain::Fill> read_fills(Reader& in, const char* name);
[[nodiscard]] std::vector<domain::Balance> read_balances(Reader& in, const char* name);

}  // namespace vigil::journal
