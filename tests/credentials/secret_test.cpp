#include "credentials/secret.h"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <string>
#include <type_traits>

namespace vigil::credentials {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
    out << value;
};
template <class T>
concept TextConvertible = std::convertible_to<T, std::string> || std::convertible_to<T, std::string_view> ||
    std::convertible_to<T, const char*>;

// The concepts themselves can fail: a string has all that a Secret must not have.
static_assert(Streamable<std::string> && TextConvertible<std::string>);
static_assert(!Streamable<Secret>, "a secret must not reach a stream");
static_assert(!TextConvertible<Secret>, "a secret must not turn into text by itself");
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret> && std::is_nothrow_move_assignable_v<Secret>);

std::string plain(const Secret& secret) {
    return secret.use_text([](std::string_view text) { return std::string{text}; });
}

TEST(Secret, TakesTheTextAndWipesItsSource) {
    std::string source = "correct horse battery staple, long enough to live on the heap";
    const std::string expected = source;
    const char* const place = source.data();
    const auto secret = Secret::take(source);
    ASSERT_TRUE(secret);
    EXPECT_EQ(plain(*secret), expected);
    EXPECT_TRUE(source.empty());
    ASSERT_EQ(source.data(), place);  // still the same buffer, so this looks at where the secret was
    EXPECT_EQ(std::string(place, expected.size()), std::string(expected.size(), '\0'));
}

TEST(Secret, WipeClearsTheWholeCapacityOfAString) {
    std::string text(100, 's');
    text.reserve(200);
    text.resize(3);
    const char* const bytes = text.data();
    wipe(text);
    EXPECT_TRUE(text.empty());
    text.resize(0);
    for (int i = 1; i < 100; ++i) EXPECT_EQ(bytes[i], '\0') << i;
}

TEST(Secret, MovesLeaveNothingBehind) {
    auto first = Secret::copy_of("abc");
    ASSERT_TRUE(first);
    Secret second = std::move(*first);
    EXPECT_TRUE(first->empty());
    EXPECT_EQ(plain(second), "abc");
    auto third = Secret::copy_of("something else");
    ASSERT_TRUE(third);
    *third = std::move(second);
    EXPECT_EQ(plain(*third), "abc");
}

TEST(Secret, ComparesBytes) {
    const auto a = Secret::copy_of("abc");
    const auto b = Secret::copy_of("abc");
    const auto c = Secret::copy_of("abd");
    const auto d = Secret::copy_of("ab");
    EXPECT_TRUE(a->same_as(*b));
    EXPECT_FALSE(a->same_as(*c));
    EXPECT_FALSE(a->same_as(*d));
    EXPECT_TRUE(Secret{}.same_as(Secret{}));
}

TEST(Secret, TruncateKeepsTheBeginning) {
    auto secret = Secret::copy_of("abcdef");
    secret->truncate(10);
    EXPECT_EQ(plain(*secret), "abcdef");
    secret->truncate(2);
    EXPECT_EQ(plain(*secret), "ab");
    secret->truncate(0);
    EXPECT_TRUE(secret->empty());
}

TEST(Secret, RandomBytesDiffer) {
    const auto a = Secret::random(32);
    const auto b = Secret::random(32);
    ASSERT_TRUE(a && b);
    EXPECT_EQ(a->size(), 32U);
    EXPECT_FALSE(a->same_as(*b));
}

}  // namespace
}  // namespace vigil::credentials
