// The present, as the caller of the governor sees it. The governor reads no clock.
#pragma once

#include "base/time.h"

namespace vigil::governor {

struct Now {
    base::MonotonicTime monotonic;
    base::ExchangeTime exchange;  ///< best guess; the wall clock before time is synchronised
    base::microseconds uncertainty{base::seconds{60}};  ///< of `exchange`; large before time is synchronised
};

}  // namespace vigil::governor
