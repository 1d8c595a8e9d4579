#include "settings/nearest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace vigil::settings {
namespace {

TEST(EditDistance, CountsEdits) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("abc", "abc"), 0U);
    EXPECT_EQ(edit_distance("", "abc"), 3U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("exchagne", "exchange"), 1U);  // a swap is one
    EXPECT_EQ(edit_distance("recvwindow", "recv_window"), 1U);
}

TEST(Nearest, FindsWhatWasMeant) {
    constexpr std::array<std::string_view, 4> words{"exchange", "credentials", "risk", "log"};
    EXPECT_EQ(nearest("exchagne", words), "exchange");
    EXPECT_EQ(nearest("credential", words), "credentials");
    EXPECT_EQ(nearest("risks", words), "risk");
    EXPECT_EQ(nearest("something", words), "");
    EXPECT_EQ(nearest("x", words), "");
    EXPECT_EQ(nearest(std::string(100'000, 'r'), words), "");
    EXPECT_EQ(nearest("risk", {}), "");
}

}  // namespace
}  // namespace vigil::settings
