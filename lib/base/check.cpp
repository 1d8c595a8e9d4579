#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace vigil::base {

void check_failed(std::string_view what, const CheckPlace& place) noexcept {
    std::fprintf(stderr, "vigil: invariant broken: %.*s (%s:%d, %s)\n", static_cast<int>(what.size()),
                 what.data(), place.file, place.line, place.function);
    std::fflush(stderr);
    std::abort();
}

}  // namespace vigil::base
