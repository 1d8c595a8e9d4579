#include "base/time.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

namespace vigil::base {
namespace {

constexpr int is_right = 0;
constexpr int is_wrong = 1;
constexpr int may_not = 2;
constexpr int time_namespace = 0x80;  // CLONE_NEWTIME, clone(2)

int ended_with(pid_t child) {
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : is_wrong;
}

// A suspended machine's CLOCK_BOOTTIME goes on, and CLOCK_MONOTONIC does not. In a time namespace
// (time_namespaces(7)) one can be set an hour ahead without the other.
TEST(SystemClock, CountsOnWhileTheMachineIsSuspended) {
    const MonotonicTime before = SystemClock{}.monotonic();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        constexpr const char* an_hour_later = "boottime 3600 0\n";
        if (::unshare(time_namespace) != 0) ::_exit(may_not);
        const int offsets = ::open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
        const auto size = static_cast<ssize_t>(std::strlen(an_hour_later));
        if (offsets < 0 || ::write(offsets, an_hour_later, std::strlen(an_hour_later)) != size)
            ::_exit(may_not);
        const pid_t inside = ::fork();  // the namespace is for children only
        if (inside == 0) ::_exit(SystemClock{}.monotonic() - before >= seconds{3'600} ? is_right : is_wrong);
        ::_exit(inside > 0 ? ended_with(inside) : is_wrong);
    }
    const int result = ended_with(child);
    if (result == may_not) GTEST_SKIP() << "no time namespace can be made (it takes root)";
    EXPECT_EQ(result, is_right);
}

}  // namespace
}  // namespace vigil::base
