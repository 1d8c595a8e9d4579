// Market data: from the bytes of a message to the view of the market.
#include <benchmark/benchmark.h>

#include <nlohmann/json.hpp>
#include <string>

#include "binance/stream_decoder.h"
#include "market/order_book.h"
#include "market/symbol_view.h"
#include "market_data.h"
#include "names.h"

namespace vigil::bench {
namespace {

/// Puts market data into a view, when it is given one.
class Listener final : public domain::ExchangeListener {
  public:
    explicit Listener(market::SymbolView* view = nullptr) : view_{view} {}
    void on_book_ticker(const domain::BookTicker& event) override {
        if (view_ != nullptr) view_->on(event);
        benchmark::DoNotOptimize(event.bid.price);
    }
    void on_depth(const domain::DepthDiff& event) override {
        if (view_ != nullptr) result_ = view_->on(event);
        benchmark::DoNotOptimize(event.bids.data());
    }
    void on_trade(const domain::PublicTrade&) override {}
    void on_candle(const domain::Candle&) override {}
    void on_order_outcome(const domain::OrderOutcome&) override {}
    void on_execution(const domain::ExecutionReport&) override {}
    void on_account_position(const domain::AccountPosition&) override {}
    void on_balance_update(const domain::BalanceUpdate&) override {}
    void on_connection(domain::Connection, domain::ConnectionState, std::string_view) override {}
    void on_rate_limits(const domain::RateLimitReport&) override {}
    void on_rate_limited(const domain::RateLimited&) override {}
    void on_endpoint_retired(std::string_view) override {}
    void on_timestamp_refused() override {}
    void on_signature_refused(std::string_view) override {}
    void on_malformed(std::string_view, std::string_view) override {}
    [[nodiscard]] market::DiffResult result() const { return result_; }

  private:
    market::SymbolView* view_;
    market::DiffResult result_{market::DiffResult::ignored_old};
};

/// Diffs 1 apart, so that each follows the one before.
void number(Message& diff, std::int64_t update) {
    diff.patch("\"U\":", update);
    diff.patch("\"u\":", update);
}

domain::DepthDiff diff_of(const std::vector<domain::BookLevel>& bids,
                          const std::vector<domain::BookLevel>& asks, std::int64_t update) {
    return {btcusdt, update, update, bids, asks, base::exchange_time_ms(1'723'161'255'208), {}};
}

void ticker(benchmark::State& state, bool into_view) {
    market::SymbolView view{btcusdt};
    Listener listener{into_view ? &view : nullptr};
    binance::StreamDecoder decoder{listener};
    Message message{ticker_text()};
    std::int64_t update = first_update;
    for (auto _ : state) {
        message.patch("\"u\":", ++update);
        if (decoder.decode(message.view(), base::MonotonicTime{base::seconds{1}}) !=
            binance::StreamMessage::event)
            state.SkipWithError("the message was not understood");
    }
    if (into_view && (!view.top() || view.top()->update_id != update))
        state.SkipWithError("the view is not up to date");
}

void depth(benchmark::State& state, bool into_view) {
    market::SymbolView view{btcusdt};
    Listener listener{into_view ? &view : nullptr};
    binance::StreamDecoder decoder{listener};
    Message messages[2] = {Message{depth_text(false)}, Message{depth_text(true)}};
    std::int64_t update = first_update;
    const std::vector<domain::BookLevel> none;
    static_cast<void>(view.on(diff_of(none, none, update)));
    if (view.on(snapshot(update)) != market::SnapshotResult::applied) return state.SkipWithError("no book");
    for (auto _ : state) {
        Message& message = messages[update & 1];
        number(message, ++update);
        if (decoder.decode(message.view(), base::MonotonicTime{base::seconds{1}}) !=
            binance::StreamMessage::event)
            state.SkipWithError("the message was not understood");
        if (into_view && listener.result() != market::DiffResult::applied)
            state.SkipWithError("the diff was not applied");
    }
}

void apply(benchmark::State& state) {
    market::OrderBook book;
    std::int64_t update = first_update;
    const std::vector<domain::BookLevel> none;
    static_cast<void>(book.apply(diff_of(none, none, update)));
    if (book.apply(snapshot(update)) != market::SnapshotResult::applied)
        return state.SkipWithError("no book");
    const std::vector<domain::BookLevel> bids[2] = {changes(true, false), changes(true, true)};
    const std::vector<domain::BookLevel> asks[2] = {changes(false, false), changes(false, true)};
    for (auto _ : state) {
        const std::size_t odd = static_cast<std::size_t>(update & 1);
        ++update;
        if (book.apply(diff_of(bids[odd], asks[odd], update)) != market::DiffResult::applied)
            state.SkipWithError("the diff was not applied");
    }
}

void reference_ticker(benchmark::State& state) {
    const std::string text = ticker_text();
    for (auto _ : state) {
        const nlohmann::json parsed = nlohmann::json::parse(text);
        const auto bid = domain::Price::parse(parsed["data"]["b"].get_ref<const nlohmann::json::string_t&>());
        benchmark::DoNotOptimize(bid);
    }
}

}  // namespace

void add_decode_benches() {
    benchmark::RegisterBenchmark(names::ticker_decode, [](auto& state) { ticker(state, false); });
    benchmark::RegisterBenchmark(names::ticker_view, [](auto& state) { ticker(state, true); });
    benchmark::RegisterBenchmark(names::ticker_nlohmann, reference_ticker);
    benchmark::RegisterBenchmark(names::depth_decode, [](auto& state) { depth(state, false); });
    benchmark::RegisterBenchmark(names::depth_apply, apply);
    benchmark::RegisterBenchmark(names::depth_view, [](auto& state) { depth(state, true); });
}

}  // namespace vigil::bench
