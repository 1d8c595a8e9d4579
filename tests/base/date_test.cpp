#include "base/date.h"

#include <gtest/gtest.h>

namespace vigil::base {
namespace {

using std::chrono::days;
using std::chrono::sys_days;

TEST(Date, EveryDayOfFourCenturiesIsReadAsItIsWritten) {
    // A whole cycle of leap years.
    for (sys_days day{days{0}}; day < sys_days{days{146'097}}; day += days{1})
        ASSERT_EQ(parse_date(format_date(day)), day) << format_date(day);
    EXPECT_EQ(format_date(sys_days{days{0}}), "1970-01-01");
    EXPECT_EQ(format_date(sys_days{days{20'778}}), "2026-11-21");
}

TEST(Date, WhatIsNoDateIsNone) {
    for (const char* text : {"",
                             "2026",
                             "2026-1-01",
                             "2026-01-1",
                             "26-01-01",
                             "2026-01-011",
                             "2026/01/01",
                             "2026-01/01",
                             "2026-00-10",
                             "2026-13-10",
                             "2026-01-00",
                             "2026-01-32",
                             "2026-02-29",
                             "2100-02-29",
                             "+026-01-01",
                             "2026-+1-01",
                             "2026--1-01",
                             "2026-01-1x",
                             "x026-01-01",
                             " 2026-01-01",
                             "2026-01-01T00:00:00Z",
                             "\xd9\xa2\xd9\xa0-01-01"})
        EXPECT_FALSE(parse_date(text)) << text;
    EXPECT_TRUE(parse_date("2024-02-29"));
    EXPECT_TRUE(parse_date("2000-02-29"));
}

}  // namespace
}  // namespace vigil::base
