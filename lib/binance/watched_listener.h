// The listener that the parts of the gateway talk to. It hands everything on to the real one, until the
// gateway is closed.
//
// On the trading thread.
#pragma once

#include <string_view>

#include "domain/exchange_port.h"

namespace vigil::binance {

class WatchedListener final : public domain::ExchangeListener {
  public:
    explicit WatchedListener(domain::ExchangeListener& real) : real_{real} {}

    void silence() { silent_ = true; }

    void on_book_ticker(const domain::BookTicker& event) override {
        if (!silent_) real_.on_book_ticker(event);
    }
    void on_depth(const domain::DepthDiff& event) override {
        if (!silent_) real_.on_depth(event);
    }
    void on_trade(const domain::PublicTrade& event) override {
        if (!silent_) real_.on_trade(event);
    }
    void on_candle(const domain::Candle& event) override {
        if (!silent_) real_.on_candle(event);
    }
    void on_order_outcome(const domain::OrderOutcome& outcome) override {
        if (!silent_) real_.on_order_outcome(outcome);
    }
    void on_execution(const domain::ExecutionReport& report) override {
        if (!silent_) real_.on_execution(report);
    }
    void on_account_position(const domain::AccountPosition& event) override {
        if (!silent_) real_.on_account_position(event);
    }
    void on_balance_update(const domain::BalanceUpdate& event) override {
        if (!silent_) real_.on_balance_update(event);
    }
    void on_connection(domain::Connection which, domain::ConnectionState state,
                       std::string_view why) override {
        if (!silent_) real_.on_connection(which, state, why);
    }
    void on_rate_limits(const domain::RateLimitReport& report) override {
        if (!silent_) real_.on_rate_limits(report);
    }
    void on_rate_limited(const domain::RateLimited& limited) override {
        if (!silent_) real_.on_rate_limited(limited);
    }
    void on_endpoint_retired(std::string_view endpoint) override {
        if (!silent_) real_.on_endpoint_retired(endpoint);
    }
    void on_signature_refused(std::string_view endpoint) override {
        if (!silent_) real_.on_signature_refused(endpoint);
    }
    void on_timestamp_refused() override {
        if (!silent_) real_.on_timestamp_refused();
    }
    void on_malformed(std::string_view source, std::string_view excerpt) override {
        if (!silent_) real_.on_malformed(source, excerpt);
    }

  private:
    domain::ExchangeListener& real_;
    bool silent_{false};
};

}  // namespace vigil::binance
