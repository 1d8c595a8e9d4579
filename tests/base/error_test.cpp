#include "base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "base/check.h"
#include "base/time.h"

namespace vigil::base {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail(ErrorKind::invalid, std::to_string(number) + " is odd");
    return number / 2;
}

Result<int> quarter(int number) {
    const auto once = half(number);
    if (!once) return fail(once.error().within("first half"));
    const auto twice = half(*once);
    if (!twice) return fail(twice.error().within("second half"));
    return *twice;
}

TEST(Error, TravelsWithItsContext) {
    EXPECT_EQ(*quarter(8), 2);
    EXPECT_EQ(quarter(7).error(), (Error{ErrorKind::invalid, "first half: 7 is odd"}));
    EXPECT_EQ(quarter(6).error(), (Error{ErrorKind::invalid, "second half: 3 is odd"}));
    EXPECT_EQ(quarter(6).error().within("sum").message, "sum: second half: 3 is odd");
}

TEST(Error, EveryKindHasItsOwnName) {
    std::set<std::string_view> names;
    for (int kind = 0; kind <= static_cast<int>(ErrorKind::unsupported); ++kind)
        names.insert(to_string(static_cast<ErrorKind>(kind)));
    EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorKind::unsupported) + 1);
    EXPECT_FALSE(names.contains("unknown"));
}

TEST(Error, SystemErrorsTellWhatAndWhy) {
    const Error error = system_error("cannot open vault", ENOENT);
    EXPECT_EQ(error.kind, ErrorKind::not_found);
    EXPECT_EQ(error.message, "cannot open vault: No such file or directory");
    EXPECT_EQ(system_error("x", EACCES).kind, ErrorKind::denied);
    EXPECT_EQ(system_error("x", EPERM).kind, ErrorKind::denied);
    EXPECT_EQ(system_error("x", ENOSPC).kind, ErrorKind::exhausted);
    EXPECT_EQ(system_error("x", EMFILE).kind, ErrorKind::exhausted);
    EXPECT_EQ(system_error("x", EIO).kind, ErrorKind::io);
}

TEST(CheckDeathTest, AFailedCheckEndsTheProcessAndSaysWhere) {
    EXPECT_DEATH(check(false, "sums fit"), "vigil: invariant broken: sums fit .*error_test.cpp");
    EXPECT_DEATH(unreachable("no such state"), "no such state");
    check(true, "nothing happens");
}

TEST(Time, ExchangeTimeIsInMicrosecondsAndFloorsToMilliseconds) {
    EXPECT_EQ(exchange_time_ms(1'499'827'319'559).time_since_epoch().count(), 1'499'827'319'559'000);
    EXPECT_EQ(to_ms(ExchangeTime{microseconds{1'999}}), 1);
    EXPECT_EQ(to_ms(ExchangeTime{microseconds{-1}}), -1);
}

TEST(Time, TheMonotonicClockDoesNotGoBack) {
    const SystemClock clock;
    const MonotonicTime first = clock.monotonic();
    EXPECT_GT(clock.monotonic() + nanoseconds{1}, first);
    EXPECT_GT(clock.wall().time_since_epoch(), std::chrono::days{365 * 50});
}

}  // namespace
}  // namespace vigil::base
