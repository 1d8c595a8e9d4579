#include "exchange/market_setup.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "exchange/random.h"

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;
using domain::Price;
using domain::Symbol;

namespace {

constexpr domain::Rate speed_max = domain::Rate::of(100'000);

/// US dollars for one unit of a quote asset, roughly, so that generated trades have plausible sizes.
Price quote_in_usd(const domain::Asset& quote) {
    constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> dear{
        {{"BTC", 61'700}, {"ETH", 2'680}, {"BNB", 515}, {"SOL", 161}}};
    for (const auto& [name, usd] : dear)
        if (quote.view() == name) return Price::of(usd);
    return Price::of(1);
}

/// Fills `specs` up to `count` with SIM1USDT, SIM2USDT ...: prices over many decades, one seed, one list.
Result<void> make_up_symbols(std::vector<SymbolSpec>& specs, std::size_t count, std::uint64_t seed) {
    Random random{mix64(seed ^ 0x51)};
    constexpr std::array<std::int64_t, 5> ticks_raw{1'000'000, 100'000, 10'000, 1'000, 100};
    for (std::size_t number = 1; specs.size() < count; ++number) {
        const auto symbol = Symbol::from("SIM" + std::to_string(number) + "USDT");
        const domain::Price tick = Price::from_raw(ticks_raw[random.below(ticks_raw.size())]);
        const Price price = Price::from_raw(tick.raw() * random.between(10'000, 99'999));
        auto spec = make_symbol_spec(*symbol, tick, domain::Quantity::from_raw(1'000'000), price);
        if (!spec) return fail(ErrorKind::invalid, "a made-up symbol has no known quote asset");
        specs.push_back(*std::move(spec));
    }
    return {};
}

/// The generated market of the symbols that no file plays.
Result<std::unique_ptr<Feed>> generated(const std::vector<SymbolSpec>& specs, const MarketOptions& options,
                                        const std::vector<Symbol>& replayed, base::ExchangeTime now) {
    GeneratedOptions market;
    market.seed = options.seed;
    market.volatility = options.volatility;
    market.start = MarketTime{now.time_since_epoch()};
    const auto contains = [](const std::vector<Symbol>& list, const Symbol& symbol) {
        return std::find(list.begin(), list.end(), symbol) != list.end();
    };
    for (const SymbolSpec& spec : specs) {
        const Symbol& symbol = spec.rules.symbol;
        const bool asked = contains(options.generate, symbol);
        if (contains(replayed, symbol)) {
            if (asked)
                return fail(ErrorKind::invalid, symbol.str() + " is both replayed and to be generated");
            continue;
        }
        if (!asked && !options.generate.empty()) continue;
        if (!spec.reference_price.is_positive()) {
            if (asked) return fail(ErrorKind::invalid, symbol.str() + " has no price to begin with");
            continue;
        }
        market.symbols.push_back(GeneratedSymbol{symbol, spec.reference_price, spec.rules.tick(),
                                                 spec.rules.step(), quote_in_usd(spec.rules.quote)});
    }
    for (const Symbol& symbol : options.generate) {
        const bool known = std::any_of(specs.begin(), specs.end(),
                                       [&](const SymbolSpec& spec) { return spec.rules.symbol == symbol; });
        if (!known) return fail(ErrorKind::not_found, "there is no symbol " + symbol.str() + " to generate");
    }
    if (market.symbols.empty())
        return fail(ErrorKind::invalid, "there is no symbol to generate a market for");
    return generate_feed(market);
}

/// What a feed is, for the first lines that the program prints.
std::string label_of(const Feed& feed) {
    constexpr std::size_t named_max = 8;
    std::string label{feed.name()};
    if (feed.name() != feed.format()) label.append(" (").append(feed.format()).append(")");
    const auto symbols = feed.symbols();
    char separator = ':';
    for (std::size_t i = 0; i < std::min(symbols.size(), named_max); ++i) {
        label.append(1, separator).append(" ").append(symbols[i].symbol.view());
        separator = ',';
    }
    if (symbols.size() > named_max) label += " and " + std::to_string(symbols.size() - named_max) + " more";
    return label;
}

}  // namespace

Result<std::vector<std::string>> install_market(ExchangeCore& core, const MarketOptions& options,
                                                base::ExchangeTime now) {
    if (!options.speed.is_positive() || options.speed > speed_max)
        return fail(ErrorKind::invalid, "the speed is not between 0 and " + speed_max.str());
    if (options.volatility.is_negative()) return fail(ErrorKind::invalid, "the volatility is negative");
    std::vector<SymbolSpec> specs = default_symbols();
    if (options.exchange_info) {
        auto loaded = load_exchange_info(*options.exchange_info);
        if (!loaded) return fail(loaded.error());
        // A recorded answer knows no prices; the built-in ones are as good a beginning as any.
        for (SymbolSpec& spec : *loaded)
            for (const SymbolSpec& built_in : specs)
                if (built_in.rules.symbol == spec.rules.symbol)
                    spec.reference_price = built_in.reference_price;
        specs = std::move(*loaded);
    }

    if (auto made = make_up_symbols(specs, options.symbol_count, options.seed); !made)
        return fail(made.error());

    std::vector<std::unique_ptr<Feed>> feeds;
    std::vector<Symbol> replayed;
    for (const std::filesystem::path& file : options.replay) {
        FeedOptions feed_options;
        feed_options.symbol = options.replay_symbol;
        feed_options.at_end = options.at_end;
        feed_options.seed = mix64(options.seed + feeds.size());
        auto feed = open_feed(file, feed_options);
        if (!feed) return fail(feed.error());
        for (const FeedSymbol& played : (*feed)->symbols()) {
            if (std::find(replayed.begin(), replayed.end(), played.symbol) != replayed.end())
                return fail(ErrorKind::invalid, file.string() + ": " + played.symbol.str() +
                                                    " is already played by another file");
            replayed.push_back(played.symbol);
            const auto known = std::find_if(specs.begin(), specs.end(), [&](const SymbolSpec& spec) {
                return spec.rules.symbol == played.symbol;
            });
            if (known != specs.end()) {
                known->reference_price = played.first_price;
                continue;
            }
            auto made = make_symbol_spec(played.symbol, played.tick, played.step, played.first_price);
            if (!made)
                return fail(ErrorKind::invalid,
                            file.string() + ": the quote asset of " + played.symbol.str() + " is not known");
            specs.push_back(std::move(*made));
        }
        feeds.push_back(std::move(*feed));
    }
    if (options.replay.empty() || !options.generate.empty()) {
        auto feed = generated(specs, options, replayed, now);
        if (!feed) return fail(feed.error());
        feeds.push_back(std::move(*feed));
    }

    for (SymbolSpec& spec : specs) core.add_symbol(std::move(spec));
    std::vector<std::string> names;
    for (std::unique_ptr<Feed>& feed : feeds) {
        names.push_back(label_of(*feed));
        core.attach(std::move(feed), options.speed, now);
    }
    return names;
}

}  // namespace vigil::exchange
