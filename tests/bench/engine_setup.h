// What the benches set an engine up with: recurring purchases of BTCUSDT by limit order, all limits out of
// the way.
#pragma once

#include <chrono>
#include <string>

#include "engine/engine.h"
#include "market_data.h"

namespace vigil::bench {

inline engine::Options engine_options(int strategies, base::ExchangeTime first_purchase,
                                      base::seconds every) {
    engine::Options options;
    options.instance = *orders::instance_tag("bnch");
    options.governor.share_percent = 80;
    // Virtual hours pass without the periodic look at the account, which is no part of an order.
    options.sweep_every = std::chrono::hours{24 * 365};
    options.rules_every = std::chrono::hours{24 * 365};
    options.risk.daily_loss = {{*domain::Asset::from("USDT"), domain::Amount::of(1'000'000)}};
    strategy::DcaOptions dca;
    dca.every = every;
    dca.start = first_purchase;
    dca.amount = domain::Amount::of(100);
    dca.total_budget = domain::Amount::of(100'000'000);
    dca.order = strategy::DcaOrder::limit;
    dca.limit_offset = domain::Rate::literal("0.001");
    for (int each = 0; each < strategies; ++each)
        options.strategies.push_back(
            {*domain::StrategyName::from("dca-" + std::to_string(each)), btcusdt, true, dca});
    return options;
}

/// A fresh account with enough of both assets.
inline orders::ReconcileInput fresh_account(orders::Moment asked) {
    orders::ReconcileInput input;
    input.asked = asked;
    input.account.balances = {{*domain::Asset::from("USDT"), domain::Amount::of(2'000'000'000), {}},
                              {*domain::Asset::from("BTC"), domain::Amount::of(1), {}}};
    input.account.maker_commission = domain::Rate::literal("0.001");
    input.account.taker_commission = domain::Rate::literal("0.001");
    input.account.can_trade = true;
    return input;
}

}  // namespace vigil::bench
