// What the tests of the exchange's core share: a sink that remembers, a feed that follows a script, and short
// ways to say orders.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exchange/core.h"

namespace vigil::exchange {

inline domain::Symbol sym(std::string_view text) {
    return *domain::Symbol::from(text);
}
inline domain::Asset ast(std::string_view text) {
    return *domain::Asset::from(text);
}
inline domain::Price px(std::string_view text) {
    return domain::Price::literal(text);
}
inline domain::Quantity qty(std::string_view text) {
    return domain::Quantity::literal(text);
}
inline domain::Amount amt(std::string_view text) {
    return domain::Amount::literal(text);
}
inline domain::BookLevel level(std::string_view price, std::string_view quantity) {
    return {px(price), qty(quantity)};
}

/// Keeps everything it is told.
class RecordingSink final : public CoreSink {
  public:
    struct Depth {
        domain::Symbol symbol;
        std::int64_t first_id;
        std::int64_t last_id;
        std::vector<domain::BookLevel> bids;
        std::vector<domain::BookLevel> asks;
        base::ExchangeTime time;
    };

    void on_execution(AccountId account, const ExecutionEvent& event) override {
        executions.emplace_back(account, event);
    }
    void on_list_status(AccountId account, const ListEvent& event) override {
        lists.emplace_back(account, event);
    }
    void on_account_position(AccountId account, const domain::AccountPosition& event) override {
        positions.emplace_back(account, event);
    }
    void on_balance_update(AccountId account, const domain::BalanceUpdate& event) override {
        balance_updates.emplace_back(account, event);
    }
    void on_trade(const TradeEvent& event) override { trades.push_back(event); }
    void on_agg_trade(const AggTradeEvent& event) override { agg_trades.push_back(event); }
    void on_book_ticker(const BookTickerEvent& event) override { tickers.push_back(event); }
    void on_depth(const DepthEvent& event) override {
        depths.push_back({event.symbol,
                          event.first_id,
                          event.last_id,
                          {event.bids.begin(), event.bids.end()},
                          {event.asks.begin(), event.asks.end()},
                          event.time});
    }
    void on_kline(const KlineEvent& event) override { klines.push_back(event); }
    void on_avg_price(const AvgPriceEvent& event) override { averages.push_back(event); }
    void on_traded(const TradedEvent& event) override {
        for (const domain::Symbol& symbol : event.symbols) traded.emplace_back(symbol, event.time);
    }
    void on_external_lock(AccountId account, const ExternalLockUpdate& event) override {
        external_locks.emplace_back(account, event);
    }
    void on_feed_end(std::string_view feed, const base::Error* error) override {
        feed_ends.push_back(std::string{feed} + (error == nullptr ? "" : ": " + error->message));
    }

    std::vector<std::pair<AccountId, ExecutionEvent>> executions;
    std::vector<std::pair<AccountId, ListEvent>> lists;
    std::vector<std::pair<AccountId, domain::AccountPosition>> positions;
    std::vector<std::pair<AccountId, domain::BalanceUpdate>> balance_updates;
    std::vector<TradeEvent> trades;
    std::vector<AggTradeEvent> agg_trades;
    std::vector<BookTickerEvent> tickers;
    std::vector<Depth> depths;
    std::vector<KlineEvent> klines;
    std::vector<AvgPriceEvent> averages;
    std::vector<std::pair<domain::Symbol, base::ExchangeTime>> traded;
    std::vector<std::pair<AccountId, ExternalLockUpdate>> external_locks;
    std::vector<std::string> feed_ends;
};

/// Plays what a test wrote down, at the times it wrote.
class ScriptedFeed final : public Feed {
  public:
    using Action = std::function<void(MarketInput&)>;

    ScriptedFeed(domain::Symbol symbol, domain::Price first_price) {
        symbols_.push_back(FeedSymbol{symbol, first_price, px("0.01"), qty("0.00001")});
    }
    ScriptedFeed& at_ms(std::int64_t ms, Action action) {
        script_.emplace_back(MarketTime{std::chrono::milliseconds{ms}}, std::move(action));
        return *this;
    }

    [[nodiscard]] std::string_view name() const override { return "script"; }
    [[nodiscard]] std::string_view format() const override { return "script"; }
    [[nodiscard]] std::span<const FeedSymbol> symbols() const override { return symbols_; }
    [[nodiscard]] std::optional<MarketTime> next_time() override {
        if (next_ >= script_.size()) return std::nullopt;
        return script_[next_].first;
    }
    void apply_next(MarketInput& market) override { script_[next_++].second(market); }
    [[nodiscard]] const base::Error* error() const override { return nullptr; }

  private:
    std::vector<FeedSymbol> symbols_;
    std::vector<std::pair<MarketTime, Action>> script_;
    std::size_t next_{0};
};

inline OrderRequest market_order(domain::Side side, std::string_view quantity) {
    OrderRequest request;
    request.symbol = sym("BTCUSDT");
    request.side = side;
    request.type = domain::OrderType::market;
    request.quantity = qty(quantity);
    return request;
}
inline OrderRequest market_quote_order(domain::Side side, std::string_view quote) {
    OrderRequest request;
    request.symbol = sym("BTCUSDT");
    request.side = side;
    request.type = domain::OrderType::market;
    request.quote_quantity = amt(quote);
    return request;
}
inline OrderRequest limit_order(domain::Side side, std::string_view quantity, std::string_view price,
                                domain::TimeInForce tif = domain::TimeInForce::gtc) {
    OrderRequest request;
    request.symbol = sym("BTCUSDT");
    request.side = side;
    request.type = domain::OrderType::limit;
    request.time_in_force = tif;
    request.quantity = qty(quantity);
    request.price = px(price);
    return request;
}
inline OrderRequest maker_order(domain::Side side, std::string_view quantity, std::string_view price) {
    OrderRequest request = limit_order(side, quantity, price);
    request.type = domain::OrderType::limit_maker;
    request.time_in_force.reset();
    return request;
}
inline OrderRequest named(OrderRequest request, std::string_view client_order_id) {
    request.client_order_id = domain::client_order_id(client_order_id);
    return request;
}

/// A core with BTCUSDT and BNBUSDT, a book around 100.00 and two accounts, that begins at 2024-08-09 00:00
/// UTC.
class CoreWorld {
  public:
    static constexpr std::int64_t start_ms = 1'723'161'600'000;

    explicit CoreWorld(CoreOptions options = {}) {
        options.start = at(0);
        core = std::make_unique<ExchangeCore>(options, sink);
        for (SymbolSpec& spec : default_symbols()) core->add_symbol(std::move(spec));
        alice = core->add_account(opened("alice"));
        bob = core->add_account(opened("bob"));
    }
    [[nodiscard]] static AccountOptions opened(std::string label) {
        AccountOptions options;
        options.label = std::move(label);
        options.balances = {{ast("BTC"), amt("10"), {}}, {ast("USDT"), amt("10000"), {}}};
        return options;
    }
    /// `ms` after the start.
    [[nodiscard]] static base::ExchangeTime at(std::int64_t ms) {
        return base::exchange_time_ms(start_ms + ms);
    }

    /// Plays `script`, whose times count from the start.
    void play(std::unique_ptr<ScriptedFeed> script) {
        core->attach(std::move(script), domain::Rate::of(1), at(0));
        core->advance(at(0));
    }
    /// Bids 99.99 x 1, 99.98 x 2, asks 100.01 x 1, 100.02 x 2, 100.03 x 5.
    [[nodiscard]] static std::unique_ptr<ScriptedFeed> book() {
        auto script = std::make_unique<ScriptedFeed>(sym("BTCUSDT"), px("100"));
        script->at_ms(0, [](MarketInput& market) {
            const std::vector<domain::BookLevel> bids{level("99.99", "1"), level("99.98", "2")};
            const std::vector<domain::BookLevel> asks{level("100.01", "1"), level("100.02", "2"),
                                                      level("100.03", "5")};
            market.replace_book(sym("BTCUSDT"), bids, asks);
        });
        return script;
    }
    [[nodiscard]] domain::Balance balance(AccountId account, std::string_view asset) const {
        for (const domain::Balance& balance : core->account(account).balances)
            if (balance.asset == ast(asset)) return balance;
        return {};
    }

    RecordingSink sink;
    std::unique_ptr<ExchangeCore> core;
    AccountId alice;
    AccountId bob;
};

inline ScriptedFeed::Action print_of(std::string_view price, std::string_view quantity, bool buyer_is_maker) {
    return [p = px(price), q = qty(quantity), buyer_is_maker](MarketInput& market) {
        market.print(sym("BTCUSDT"), p, q, buyer_is_maker);
    };
}
inline ScriptedFeed::Action levels_of(std::vector<domain::BookLevel> bids,
                                      std::vector<domain::BookLevel> asks) {
    return [bids = std::move(bids), asks = std::move(asks)](MarketInput& market) {
        market.update_levels(sym("BTCUSDT"), bids, asks);
    };
}

}  // namespace vigil::exchange
