// What each record of the journal means to a ledger that is rebuilt from it. Used by the start of the engine,
// and by a replay that only looks.
#pragma once

#include "journal/record.h"
#include "orders/ledger.h"
#include "orders/recovery.h"

namespace vigil::engine {

/// Hands `stored` to the inputs that saw it the first time. What a record says of strategies, risk ladder and
/// bans is nothing to the ledger.
/// @param recovery of `ledger`
void rebuild(const journal::StoredRecord& stored, orders::Ledger& ledger, orders::Recovery& recovery);

}  // namespace vigil::engine
