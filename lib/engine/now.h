// The present, as the shell hands it to the engine with every input. The engine reads no clock.
#pragma once

#include "base/time.h"
#include "governor/now.h"
#include "journal/record.h"
#include "orders/moment.h"

namespace vigil::engine {

struct Now {
    base::MonotonicTime monotonic;
    base::ExchangeTime exchange;  ///< best guess; the wall clock before time is synchronised
    base::microseconds uncertainty{base::seconds{60}};  ///< of `exchange`
    base::WallTime wall;
    bool may_sign{false};  ///< exchange time is known well enough to sign an order

    [[nodiscard]] governor::Now for_governor() const { return {monotonic, exchange, uncertainty}; }
    [[nodiscard]] orders::Moment moment() const { return {monotonic, exchange}; }
    [[nodiscard]] journal::Stamp stamp() const { return {exchange, wall}; }
};

}  // namespace vigil::engine
