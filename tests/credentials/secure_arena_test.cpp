// The secure heap is one a process and made before its first use, so each test here has a process of its own.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
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

/// 0: locked, 1: not locked, as an unprivileged process that may lock `limit_bytes`.
int arena_under_limit(rlim_t limit_bytes) {
    const rlimit limit{limit_bytes, limit_bytes};
    if (::setrlimit(RLIMIT_MEMLOCK, &limit) != 0) return 2;
    if (::geteuid() == 0 && ::setuid(65534) != 0) return 3;  // root may lock whatever it likes
    const auto arena = SecureArena::make();
    if (!arena) return 4;
    return arena->locked() ? 0 : 1;
}

/// LimitMEMLOCK= of the unit, which is written in MiB.
rlim_t limit_of_the_unit() {
    const char* const root =
        std::getenv("VIGIL_SOURCE_DIR");  // NOLINT(concurrency-mt-unsafe): no other thread
    std::ifstream unit{std::string{root == nullptr ? "." : root} + "/systemd/vigild.service"};
    constexpr std::string_view key = "LimitMEMLOCK=";
    for (std::string line; std::getline(unit, line);)
        if (line.starts_with(key) && line.ends_with('M'))
            return std::strtoull(line.c_str() + key.size(), nullptr, 10) << 20U;
    return 0;
}

TEST(SecureArenaTest, TheUnitLetsItBeLockedAndLessIsNoticed) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const rlim_t limit = limit_of_the_unit();
    ASSERT_GT(limit, 0U);
    EXPECT_EXIT(std::exit(arena_under_limit(limit)), ::testing::ExitedWithCode(0), "");
    EXPECT_EXIT(std::exit(arena_under_limit(64 * 1024)), ::testing::ExitedWithCode(1), "");
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
