// A listener that keeps what it was told.
#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "domain/exchange_port.h"

namespace vigil::binance::test {

class RecordingListener final : public domain::ExchangeListener {
  public:
    struct Depth {
        domain::DepthDiff diff;  ///< its spans are not valid any more
        std::vector<domain::BookLevel> bids;
        std::vector<domain::BookLevel> asks;
    };
    struct ConnectionNews {
        domain::Connection which;
        domain::ConnectionState state;
        std::string why;
    };

    void on_book_ticker(const domain::BookTicker& event) override { tickers.push_back(event); }
    void on_depth(const domain::DepthDiff& event) override {
        depths.push_back(
            {event, {event.bids.begin(), event.bids.end()}, {event.asks.begin(), event.asks.end()}});
    }
    void on_trade(const domain::PublicTrade& event) override { trades.push_back(event); }
    void on_candle(const domain::Candle& event) override { candles.push_back(event); }
    void on_order_outcome(const domain::OrderOutcome& outcome) override { outcomes.push_back(outcome); }
    void on_execution(const domain::ExecutionReport& report) override { executions.push_back(report); }
    void on_account_position(const domain::AccountPosition& event) override { positions.push_back(event); }
    void on_balance_update(const domain::BalanceUpdate& event) override { balances.push_back(event); }
    void on_connection(domain::Connection which, domain::ConnectionState state,
                       std::string_view why) override {
        connections.push_back({which, state, std::string{why}});
    }
    void on_rate_limits(const domain::RateLimitReport& report) override { limits.push_back(report); }
    void on_rate_limited(const domain::RateLimited& limited) override { limited_news.push_back(limited); }
    void on_endpoint_retired(std::string_view endpoint) override { retired.emplace_back(endpoint); }
    void on_timestamp_refused() override { ++timestamps_refused; }
    void on_signature_refused(std::string_view) override { ++signatures_refused; }
    void on_malformed(std::string_view source, std::string_view excerpt) override {
        malformed.push_back(std::string{source} + ": " + std::string{excerpt});
    }

    [[nodiscard]] std::size_t events() const {
        return tickers.size() + depths.size() + trades.size() + candles.size() + executions.size() +
               positions.size() + balances.size();
    }
    /// The last word on a connection; disconnected when there was none.
    [[nodiscard]] bool is_up(domain::Connection which) const {
        bool up = false;
        for (const auto& news : connections)
            if (news.which == which) up = news.state == domain::ConnectionState::connected;
        return up;
    }
    template <class Result>
    [[nodiscard]] const Result* result(std::size_t index) const {
        return index < outcomes.size() ? std::get_if<Result>(&outcomes[index].result) : nullptr;
    }

    std::vector<domain::BookTicker> tickers;
    std::vector<Depth> depths;
    std::vector<domain::PublicTrade> trades;
    std::vector<domain::Candle> candles;
    std::vector<domain::OrderOutcome> outcomes;
    std::vector<domain::ExecutionReport> executions;
    std::vector<domain::AccountPosition> positions;
    std::vector<domain::BalanceUpdate> balances;
    std::vector<ConnectionNews> connections;
    std::vector<domain::RateLimitReport> limits;
    std::vector<domain::RateLimited> limited_news;
    std::vector<std::string> retired;
    std::vector<std::string> malformed;
    int timestamps_refused{0};
    int signatures_refused{0};
};

}  // namespace vigil::binance::test
