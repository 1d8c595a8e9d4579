// The secure heap is one a process and made before its first use, so each test here has a process of its own.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "credentials/secret.h"

namespace vigil::credentials {
namespace {

/// The flags of the mapping that holds `address`, from /proc/self/smaps.
std::string mapping_flags(const void* address) {
    const auto wanted = reinterpret_cast<std::uintptr_t>(address);
    std::ifstream maps{"/proc/self/smaps"};
    bool inside = false;
    for (std::string line; std::getline(maps, line);) {
        if (const auto dash = line.find('-'); dash != std::string::npos && line.find(':') > dash) {
            const std::uintptr_t begin = std::strtoull(line.c_str(), nullptr, 16);
            const std::uintptr_t end = std::strtoull(line.c_str() + dash + 1, nullptr, 16);
            inside = begin <= wanted && wanted < end;
        } else if (inside && line.rfind("VmFlags:", 0) == 0) {
            return line + " ";
        }
    }
    return {};
}

int arena_is_locked_and_not_dumped() {
    const auto arena = SecureArena::make();
    if (!arena) return 1;
    const auto secret = Secret::copy_of("canary");
    if (!secret) return 2;
    const std::string flags =
        mapping_flags(secret->use([](auto bytes) { return static_cast<const void*>(bytes.data()); }));
    if (arena->locked() && flags.find(" lo ") == std::string::npos) return 3;
    if (flags.find(" dd ") == std::string::npos) return 4;
    return 0;
}

int full_arena_is_an_error() {
    const auto arena = SecureArena::make(std::size_t{64} * 1024);
    if (!arena) return 1;
    std::vector<Secret> held;
    for (int i = 0; i < 64; ++i) {
        auto secret = Secret::zeros(4096);
        if (!secret) {
            if (secret.error().kind != base::ErrorKind::exhausted) return 2;
            held.clear();
            return Secret::zeros(4096) ? 0 : 3;
        }
        held.push_back(std::move(*secret));
    }
    return 4;
}

TEST(SecureArenaTest, IsLockedAndLeftOutOfDumps) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(std::exit(arena_is_locked_and_not_dumped()), ::testing::ExitedWithCode(0), "");
}

TEST(SecureArenaTest, SaysWhenItIsFull) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(std::exit(full_arena_is_an_error()), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace vigil::credentials
