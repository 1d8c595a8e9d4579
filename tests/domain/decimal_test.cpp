// Exact decimals: text in and out, sums, products, quotients, steps, and what happens at the edges.
#include "domain/decimal.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>
#include <type_traits>

namespace vigil::domain {
namespace {

__extension__ using Wide = __int128;
constexpr std::int64_t int_max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t int_min = std::numeric_limits<std::int64_t>::min();

// Different kinds of value do not mix.
template <class A, class B>
concept can_add = requires(A a, B b) {
    a + b;
};
template <class A, class B>
concept can_compare = requires(A a, B b) {
    a < b;
};
static_assert(can_add<Price, Price>);
static_assert(!can_add<Price, Quantity>);
static_assert(!can_add<Amount, Price>);
static_assert(!can_compare<Price, Quantity>);
static_assert(!std::is_constructible_v<Price, double>);
static_assert(!std::is_constructible_v<Price, std::int64_t>);
static_assert(!std::is_convertible_v<Price, double>);
static_assert(!std::is_constructible_v<Price, Quantity>);

TEST(Decimal, ParsesWhatTheExchangePrints) {
    EXPECT_EQ(parse_decimal("0"), 0);
    EXPECT_EQ(parse_decimal("0.00000001"), 1);
    EXPECT_EQ(parse_decimal("1.00000000"), decimal_scale);
    EXPECT_EQ(parse_decimal("61837.63000000"), 6'183'763'000'000);
    EXPECT_EQ(parse_decimal("-0.5"), -50'000'000);
    EXPECT_EQ(parse_decimal("007"), 7 * decimal_scale);
    EXPECT_EQ(parse_decimal("-0"), 0);
    EXPECT_EQ(parse_decimal("92233720368.54775807"), int_max);
    EXPECT_EQ(parse_decimal("-92233720368.54775808"), int_min);
    EXPECT_EQ(parse_decimal("1.000000000000"), decimal_scale) << "further zeros are nothing";
}

TEST(Decimal, RefusesEverythingElse) {
    for (const char* text : {"",
                             "-",
                             ".",
                             "1.",
                             ".5",
                             "+1",
                             " 1",
                             "1 ",
                             "1e5",
                             "1E-5",
                             "1,5",
                             "--1",
                             "1.2.3",
                             "0x10",
                             "inf",
                             "nan",
                             "0.000000001",
                             "1.000000001",
                             "92233720368.54775808",
                             "-92233720368.54775809",
                             "92233720369",
                             "100000000000000000000",
                             "9999999999999999999999999999999999",
                             "\xD9\xA1"})
        EXPECT_FALSE(parse_decimal(text).has_value()) << "'" << text << "'";
    EXPECT_FALSE(parse_decimal(std::string_view{"1\0", 2}).has_value());
}

TEST(Decimal, PrintsShortOrAsTheExchangeDoes) {
    EXPECT_EQ(Price::from_raw(0).str(), "0");
    EXPECT_EQ(Price::from_raw(0).str8(), "0.00000000");
    EXPECT_EQ(Price::from_raw(1).str(), "0.00000001");
    EXPECT_EQ(Price::literal("0.00100000").str(), "0.001");
    EXPECT_EQ(Price::literal("0.001").str8(), "0.00100000");
    EXPECT_EQ(Price::of(100).str(), "100");
    EXPECT_EQ(Price::literal("-1.5").str(), "-1.5");
    EXPECT_EQ(Price::from_raw(int_max).str(), "92233720368.54775807");
    EXPECT_EQ(Price::from_raw(int_min).str(), "-92233720368.54775808");
    EXPECT_EQ(Price::from_raw(int_min).str().size(), decimal_text_max);
}

class DecimalRoundTrip : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(DecimalRoundTrip, TextIsExactAndNeverHasAnExponent) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    std::mt19937_64 random{GetParam()};
    for (int i = 0; i < 20'000; ++i) {
        // All magnitudes alike: a random number of random bits.
        auto bits = random() >> (random() % 64);
        const auto raw = static_cast<std::int64_t>(bits) * (random() % 2 == 0 ? 1 : -1);
        const Amount value = Amount::from_raw(raw);
        ASSERT_EQ(Amount::parse(value.str()), value) << raw;
        ASSERT_EQ(Amount::parse(value.str8()), value) << raw;
        ASSERT_EQ(value.str().find_first_of("eE+ ,"), std::string::npos);
        ASSERT_LE(value.str8().size(), decimal_text_max);
    }
}

TEST_P(DecimalRoundTrip, ProductsAndQuotientsAreRoundedAsSaid) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    std::mt19937_64 random{GetParam()};
    const auto draw = [&] {
        return static_cast<std::int64_t>(random() >> (1 + random() % 63)) * (random() % 2 == 0 ? 1 : -1);
    };
    // |exact| in units of 1 / denominator, against |rounded|.
    const auto hold_to = [](Wide numerator, Wide denominator, Rounding rounding,
                            std::optional<std::int64_t> got) {
        if (denominator == 0) {
            ASSERT_FALSE(got.has_value());
            return;
        }
        const bool negative = (numerator < 0) != (denominator < 0);
        const Wide n = numerator < 0 ? -numerator : numerator;
        const Wide d = denominator < 0 ? -denominator : denominator;
        Wide magnitude = n / d;
        const Wide rest = n % d;
        if (rounding == Rounding::up && rest != 0) ++magnitude;
        if (rounding == Rounding::nearest && rest >= d - rest) ++magnitude;
        const Wide expected = negative ? -magnitude : magnitude;
        if (expected > int_max || expected < int_min) {
            ASSERT_FALSE(got.has_value());
        } else {
            ASSERT_TRUE(got.has_value());
            ASSERT_EQ(*got, static_cast<std::int64_t>(expected));
        }
    };
    for (int i = 0; i < 20'000; ++i) {
        const std::int64_t a = draw();
        const std::int64_t b = i % 100 == 0 ? 0 : draw();
        for (const Rounding rounding : {Rounding::down, Rounding::up, Rounding::nearest}) {
            hold_to(static_cast<Wide>(a) * b, decimal_scale, rounding, multiply_scaled(a, b, rounding));
            hold_to(static_cast<Wide>(a) * decimal_scale, b, rounding, divide_scaled(a, b, rounding));
        }
    }
}

TEST_P(DecimalRoundTrip, StepsFloorAndCeil) {
    SCOPED_TRACE("seed " + std::to_string(GetParam()));
    std::mt19937_64 random{GetParam()};
    for (int i = 0; i < 20'000; ++i) {
        const auto value = Quantity::from_raw(static_cast<std::int64_t>(random() >> (2 + random() % 60)) *
                                              (random() % 2 == 0 ? 1 : -1));
        const auto step = Quantity::from_raw(1 + static_cast<std::int64_t>(random() >> (4 + random() % 60)));
        const Quantity floor = value.floor_to(step);
        const Quantity ceil = value.ceil_to(step);
        ASSERT_TRUE(floor.is_multiple_of(step));
        ASSERT_TRUE(ceil.is_multiple_of(step));
        ASSERT_LE(floor, value);
        ASSERT_GE(ceil, value);
        ASSERT_LT((value - floor).raw(), step.raw());
        ASSERT_LT((ceil - value).raw(), step.raw());
        ASSERT_EQ(floor == value, value.is_multiple_of(step));
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DecimalRoundTrip, ::testing::Values(1U, 2U, 3U, 4U));

TEST(Decimal, ATenthTenTimesIsOne) {
    Amount sum;
    for (int i = 0; i < 10; ++i) sum += Amount::literal("0.1");
    EXPECT_EQ(sum, Amount::of(1));
    EXPECT_EQ(Amount::literal("0.3") - Amount::literal("0.1"), Amount::literal("0.2"));
}

TEST(Decimal, NotionalAndItsInverses) {
    const Price price = Price::literal("61837.63");
    const Quantity quantity = Quantity::literal("0.00017");
    EXPECT_EQ(notional(price, quantity, Rounding::down), Amount::literal("10.5123971"));
    EXPECT_EQ(quantity_for(Amount::of(1), Price::of(3), Rounding::down), Quantity::literal("0.33333333"));
    EXPECT_EQ(quantity_for(Amount::of(1), Price::of(3), Rounding::up), Quantity::literal("0.33333334"));
    EXPECT_EQ(price_of(Amount::of(2), Quantity::of(3), Rounding::nearest), Price::literal("0.66666667"));
    EXPECT_EQ(scaled_by(Amount::literal("10.5123971"), Rate::literal("0.001"), Rounding::up),
              Amount::literal("0.0105124"));
    EXPECT_FALSE(quantity_for(Amount::of(1), Price{}, Rounding::down).has_value());
    EXPECT_FALSE(price_of(Amount::of(1), Quantity{}, Rounding::down).has_value());
    EXPECT_FALSE(notional(Price::of(1'000'000), Quantity::of(1'000'000), Rounding::down).has_value());
    EXPECT_EQ(notional(Price::of(1'000'000), Quantity::of(90'000), Rounding::down),
              Amount::of(90'000'000'000));
}

TEST(Decimal, RoundingIsOfTheMagnitude) {
    const Rate third = Rate::literal("0.33333333");
    EXPECT_EQ(scaled_by(Amount::from_raw(-10), third, Rounding::down), Amount::from_raw(-3));
    EXPECT_EQ(scaled_by(Amount::from_raw(-10), third, Rounding::up), Amount::from_raw(-4));
    EXPECT_EQ(scaled_by(Amount::from_raw(5), Rate::literal("0.5"), Rounding::nearest), Amount::from_raw(3));
    EXPECT_EQ(scaled_by(Amount::from_raw(-5), Rate::literal("0.5"), Rounding::nearest), Amount::from_raw(-3));
}

TEST(Decimal, AStepOfZeroIsARuleSwitchedOff) {
    const Quantity value = Quantity::literal("1.23456789");
    EXPECT_EQ(value.floor_to(Quantity{}), value);
    EXPECT_EQ(value.ceil_to(Quantity{}), value);
    EXPECT_TRUE(value.is_multiple_of(Quantity{}));
}

TEST(Decimal, OverflowOfForeignValuesIsAnAnswer) {
    const Amount most = Amount::from_raw(int_max);
    EXPECT_FALSE(most.checked_add(Amount::from_raw(1)).has_value());
    EXPECT_EQ(most.checked_add(Amount::from_raw(0)), most);
    EXPECT_FALSE(Amount::from_raw(int_min).checked_add(Amount::from_raw(-1)).has_value());
}

using DecimalDeathTest = ::testing::Test;

TEST(DecimalDeathTest, OverflowOfOwnValuesIsABug) {
    const Amount most = Amount::from_raw(int_max);
    const Amount least = Amount::from_raw(int_min);
    EXPECT_DEATH((void)(most + Amount::from_raw(1)), "a sum of decimals fits");
    EXPECT_DEATH((void)(least - Amount::from_raw(1)), "a difference of decimals fits");
    EXPECT_DEATH((void)(-least), "a difference of decimals fits");
    EXPECT_DEATH((void)(most * 2), "a multiple of a decimal fits");
    EXPECT_DEATH((void)Amount::of(92'233'720'369), "whole units fit a decimal");
    EXPECT_DEATH((void)Amount::literal("1e5"), "a literal is a decimal");
}

}  // namespace
}  // namespace vigil::domain
