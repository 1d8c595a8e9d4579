#include "base/short_text.h"

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <unordered_set>

#include "base/strong_id.h"

namespace vigil::base {
namespace {

using Name = ShortText<8, struct NameTag>;
using Other = ShortText<8, struct OtherTag>;

static_assert(!std::is_convertible_v<Name, Other>, "the tag keeps the names apart");
static_assert(std::is_trivially_copyable_v<Name>);

TEST(ShortText, KeepsWhatFitsAndRefusesWhatDoesNot) {
    EXPECT_EQ(Name::from("12345678")->view(), "12345678");
    EXPECT_EQ(Name::from("123456789"), std::nullopt);
    EXPECT_TRUE(Name::from("")->empty());
    EXPECT_TRUE(Name{}.empty());
    EXPECT_EQ(Name::from("BTC")->str(), std::string{"BTC"});
}

TEST(ShortText, KeepsEveryByte) {
    const std::string text{"a\0b\xff", 4};
    ASSERT_TRUE(Name::from(text));
    EXPECT_EQ(Name::from(text)->view(), text);
}

TEST(ShortText, ComparesAsText) {
    EXPECT_EQ(*Name::from("ab"), *Name::from("ab"));
    EXPECT_NE(*Name::from("ab"), *Name::from("ab "));
    EXPECT_LT(*Name::from("ab"), *Name::from("abc"));
    EXPECT_LT(*Name::from("ab"), *Name::from("b"));
    EXPECT_GT(*Name::from("b"), *Name::from("ab"));
}

TEST(ShortText, WhatWasThereBeforeDoesNotCount) {
    Name name = *Name::from("longer");
    name = *Name::from("ab");
    EXPECT_EQ(name, *Name::from("ab"));
    EXPECT_EQ(std::hash<Name>{}(name), std::hash<Name>{}(*Name::from("ab")));
}

TEST(ShortText, IsAKeyOfHashedContainers) {
    std::unordered_set<Name> names{*Name::from("a"), *Name::from("b"), *Name::from("a")};
    EXPECT_EQ(names.size(), 2U);
    EXPECT_TRUE(names.contains(*Name::from("b")));
}

TEST(StrongId, ComparesByValueAndKeepsKindsApart) {
    using TradeNumber = StrongId<struct TradeNumberTag>;
    using OrderNumber = StrongId<struct OrderNumberTag>;
    static_assert(!std::is_convertible_v<TradeNumber, OrderNumber>);
    EXPECT_EQ(TradeNumber{5}, TradeNumber{5});
    EXPECT_LT(TradeNumber{5}, TradeNumber{6});
    EXPECT_EQ((std::unordered_set<TradeNumber>{{1}, {1}, {2}}.size()), 2U);
}

}  // namespace
}  // namespace vigil::base
