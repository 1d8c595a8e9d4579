// The line of code that had something to tell; CODE_FILE, CODE_LINE and CODE_FUNC in the journal.
//
// std::source_location does the same, but the C++ library of this platform does not offer it to clang 14.
#pragma once

#include <cstdint>

namespace vigil::log {

struct SourceLine {
    const char* file;  ///< static storage, as are function names
    const char* function;
    std::uint32_t line;

    /// As a default argument: the caller's line.
    [[nodiscard]] static constexpr SourceLine current(const char* file = __builtin_FILE(),
                                                      const char* function = __builtin_FUNCTION(),
                                                      std::uint32_t line = __builtin_LINE()) {
        return {file, function, line};
    }
};

}  // namespace vigil::log
