// Seeds of property tests: a new one each run, or the one that VIGIL_TEST_SEED names, to repeat a failure.
#pragma once

#include <cstdlib>
#include <random>
#include <string>

namespace vigil::journal::test {

inline unsigned test_seed() {
    if (const char* given = std::getenv("VIGIL_TEST_SEED")) return static_cast<unsigned>(std::stoul(given));
    return std::random_device{}();
}

}  // namespace vigil::journal::test
