// Symbols: the built-in ones, recorded exchangeInfo answers, made-up ones, and answers that are wrong.
#include <gtest/gtest.h>

#include "exchange/feed_fixture.h"

namespace vigil::exchange {
namespace {

TEST(SymbolSpec, BuiltInSymbolsHaveTheProductionFilters) {
    const auto specs = default_symbols();
    ASSERT_EQ(specs.size(), 8U);
    const SymbolSpec& btc = specs.front();
    EXPECT_EQ(btc.rules.symbol, sym("BTCUSDT"));
    EXPECT_EQ(btc.rules.base, ast("BTC"));
    EXPECT_EQ(btc.rules.tick(), px("0.01"));
    EXPECT_EQ(btc.rules.step(), qty("0.00001"));
    EXPECT_EQ(btc.rules.notional->min, amt("5"));
    EXPECT_EQ(btc.rules.orders_max, 200);
    EXPECT_EQ(btc.filters.size(), 11U);
    EXPECT_TRUE(btc.iceberg_allowed);
    EXPECT_TRUE(btc.rules.unknown_filters.empty());
}

TEST(SymbolSpec, BuiltInSymbolsEqualTheRecordedOnes) {
    const auto file = recorded("rest/exchangeInfo-20250807-25symbols.json");
    if (file.empty()) GTEST_SKIP() << "no recorded data";
    const auto loaded = load_exchange_info(file);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    ASSERT_EQ(loaded->size(), 25U);
    int compared = 0;
    for (const SymbolSpec& built_in : default_symbols()) {
        for (const SymbolSpec& real : *loaded) {
            if (real.rules.symbol != built_in.rules.symbol) continue;
            EXPECT_EQ(real.rules.price->tick, built_in.rules.price->tick) << real.rules.symbol.view();
            EXPECT_EQ(real.rules.price->max, built_in.rules.price->max);
            EXPECT_EQ(real.rules.lot->step, built_in.rules.lot->step);
            EXPECT_EQ(real.rules.lot->min, built_in.rules.lot->min);
            EXPECT_EQ(real.rules.lot->max, built_in.rules.lot->max);
            EXPECT_EQ(real.rules.market_lot->max, built_in.rules.market_lot->max);
            EXPECT_EQ(real.rules.notional->min, built_in.rules.notional->min);
            EXPECT_EQ(real.rules.orders_max, built_in.rules.orders_max);
            EXPECT_EQ(real.rules.order_types.size(), built_in.rules.order_types.size());
            EXPECT_EQ(real.default_stp_mode, built_in.default_stp_mode);
            EXPECT_EQ(real.allowed_stp_modes, built_in.allowed_stp_modes);
            // MAX_NUM_ORDER_LISTS and MAX_NUM_ORDER_AMENDS are younger than the recording.
            EXPECT_EQ(real.filters.size() + 2, built_in.filters.size());
            ++compared;
        }
    }
    EXPECT_EQ(compared, 5);
}

TEST(SymbolSpec, OldAndLargeAnswersAreRead) {
    const auto file = recorded("rest/exchangeInfo-binance-20211012-full.json");
    if (file.empty()) GTEST_SKIP() << "no recorded data";
    const auto loaded = load_exchange_info(file);
    ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
    EXPECT_EQ(loaded->size(), 1'695U);
}

TEST(SymbolSpec, UnknownFiltersAreKeptAndNamed) {
    const auto specs = parse_exchange_info(
        R"({"symbols":[{"symbol":"AB","status":"TRADING","baseAsset":"A","quoteAsset":"B",
            "filters":[{"filterType":"MOON_PHASE","phase":"full"},
                       {"filterType":"LOT_SIZE","minQty":"1","maxQty":"5","stepSize":"1"}]}]})");
    ASSERT_TRUE(specs.has_value()) << specs.error().message;
    EXPECT_EQ(specs->front().rules.unknown_filters, std::vector<std::string>{"MOON_PHASE"});
    EXPECT_EQ(specs->front().filters.front(), R"({"filterType":"MOON_PHASE","phase":"full"})");
    EXPECT_EQ(specs->front().rules.lot->max, qty("5"));
    EXPECT_EQ(specs->front().default_stp_mode, StpMode::none);
}

TEST(SymbolSpec, WrongAnswersAreRefusedByName) {
    const auto message = [](std::string_view text) {
        const auto specs = parse_exchange_info(text);
        return specs ? std::string{"accepted"} : specs.error().message;
    };
    EXPECT_EQ(message("{"), "exchangeInfo is not valid JSON");
    EXPECT_EQ(message("[]"), "exchangeInfo has no array 'symbols'");
    EXPECT_EQ(message(R"({"symbols":[7]})"), "an element of symbols is no object");
    EXPECT_EQ(message(R"({"symbols":[{"symbol":"AB"}]})"), "symbol AB: baseAsset is missing or malformed");
    EXPECT_EQ(message(R"({"symbols":[{"symbol":"AB","status":"TRADING","baseAsset":"A","quoteAsset":"B"}]})"),
              "symbol AB: filters is missing or malformed");
    EXPECT_EQ(message(R"({"symbols":[{"symbol":"AB","status":"TRADING","baseAsset":"A","quoteAsset":"B",
                          "filters":[{"filterType":"LOT_SIZE","minQty":"1","maxQty":5,"stepSize":"1"}]}]})"),
              "symbol AB: filter LOT_SIZE: maxQty is missing or malformed");
}

TEST(SymbolSpec, MadeUpSymbolsTakeTheLongestKnownQuote) {
    const auto spec = make_symbol_spec(sym("NKNUSDT"), px("0.0001"), qty("1"), px("0.35"));
    ASSERT_TRUE(spec.has_value());
    EXPECT_EQ(spec->rules.base, ast("NKN"));
    EXPECT_EQ(spec->rules.quote, ast("USDT"));
    EXPECT_EQ(spec->rules.tick(), px("0.0001"));
    EXPECT_EQ(spec->reference_price, px("0.35"));
    EXPECT_FALSE(make_symbol_spec(sym("NOQUOTE"), px("1"), qty("1"), px("1")).has_value());
}

}  // namespace
}  // namespace vigil::exchange
