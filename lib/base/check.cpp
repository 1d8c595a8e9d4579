#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace vigil::base {

void check_failed(std::string_view what, const std::source_location& where) noexcept {
    std::fprintf(stderr, "vigil: invariant broken: %.*s (%s:%u, %s)\n", static_cast<int>(what.size()),
                 what.data(), where.file_name(), where.line(), where.function_name());
    std::fflush(stderr);
    std::abort();
}

}  // namespace vigil::base
