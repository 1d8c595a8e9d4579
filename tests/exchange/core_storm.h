// A storm of random operations against the core, for tests of what holds whatever happens.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "exchange/core_fixture.h"
#include "exchange/order_store.h"
#include "exchange/random.h"

namespace vigil::exchange {

using domain::Side;

/// A core under a seeded storm of orders from three accounts on three symbols.
template <class Sink>
class Storm {
  public:
    /// @param options how much the core remembers; seed and start are set here
    explicit Storm(std::uint64_t seed, CoreOptions options = usual_limits())
        : random_{seed}, options_{std::move(options)} {
        options_.seed = seed;
        options_.start = CoreWorld::at(0);
        market_.seed = seed;
        market_.volatility = domain::Rate::of(3);
        make_core(
            {{ast("BTC"), amt("3"), {}}, {ast("USDT"), amt("200000"), {}}, {ast("BNB"), amt("200"), {}}});
        core->advance(CoreWorld::at(0));
    }

    /// Another core in place of this one, set up as at the beginning but for the accounts' balances: what a
    /// process is before it takes up a state.
    void forget() { make_core({}); }

    static CoreOptions usual_limits() {
        CoreOptions options;
        options.closed_orders_max = 200;
        return options;
    }

    /// One random operation, a few milliseconds after the last.
    void step() {
        now_us_ += random_.between(0, 20'000);
        const base::ExchangeTime now = CoreWorld::at(0) + std::chrono::microseconds{now_us_};
        const AccountId account{static_cast<std::uint32_t>(random_.below(3))};
        const SymbolSpec& spec = specs_[random_.below(specs_.size())];
        switch (random_.below(15)) {
            case 0:
                (void)core->cancel_all(account, spec.rules.symbol, now);
                return;
            case 1:
            case 2:
            case 3: {
                const auto open = core->open_orders(account, spec.rules.symbol).value();
                if (open.empty()) return;
                (void)core->cancel(account, spec.rules.symbol,
                                   OrderKey{open[random_.below(open.size())].order_id, {}}, {},
                                   CancelRestriction::none, now);
                return;
            }
            case 4:
                (void)core->deposit(account, spec.rules.quote,
                                    domain::Amount::from_raw(random_.between(-1'000'000, 1'000'000)), now);
                return;
            case 5: {
                const auto open = core->open_orders(account, spec.rules.symbol).value();
                if (open.empty()) return;
                const OrderRecord& order = open[random_.below(open.size())];
                const auto less =
                    domain::Quantity::from_raw(order.quantity.raw() / 10 * random_.between(3, 9));
                if (core->amend(account, spec.rules.symbol, OrderKey{order.order_id, {}}, {},
                                less.floor_to(spec.rules.step()), now))
                    ++amended;
                return;
            }
            case 6:
            case 7:
                if (core->place_list(account, list_request(spec), now)) ++lists_accepted;
                return;
            case 8: {
                const auto open = core->open_order_lists(account);
                if (open.empty()) return;
                const OrderListRecord& list = open[random_.below(open.size())];
                (void)core->cancel_list(account, list.symbol, ListKey{list.list_id, {}}, {}, now);
                return;
            }
            default:
                if (core->place(account, request(spec), now)) ++accepted;
                return;
        }
    }
    /// A list of any shape around the market: a pair as far away as its side demands, anything else at
    /// random.
    OrderListRequest list_request(const SymbolSpec& spec) {
        OrderListRequest list;
        list.shape = static_cast<ListShape>(random_.below(5));
        OrderRequest first = request(spec);
        const domain::Price mid = core->book_ticker(spec.rules.symbol).value().bid.price;
        const auto off = [&](std::int64_t basis_points) {
            return domain::Price::from_raw(mid.raw() + mid.raw() / 10'000 * basis_points)
                .floor_to(spec.rules.tick());
        };
        if (!first.quantity) first.quantity = spec.rules.step();
        const bool waits = has_pending(list.shape);
        if (waits) {
            OrderRequest working = first;
            working.type = domain::OrderType::limit;
            working.side = is_opo(list.shape) ? Side::buy : first.side;
            working.price = off(random_.between(-20, 20));
            working.stop_price.reset();
            if (!working.time_in_force) working.time_in_force = domain::TimeInForce::gtc;
            list.legs.push_back({working, "working"});
        }
        const Side side = is_opo(list.shape) ? Side::sell : waits ? domain::opposite(first.side) : first.side;
        OrderRequest rest = request(spec);
        rest.side = side;
        rest.quantity = first.quantity;
        rest.quote_quantity.reset();
        if (is_opo(list.shape)) rest.quantity.reset();
        if (!has_pair(list.shape)) {
            list.legs.push_back({rest, "pending"});
            return list;
        }
        OrderRequest limit = rest;
        limit.type = domain::OrderType::limit_maker;
        limit.price = off(side == Side::sell ? random_.between(5, 40) : -random_.between(5, 40));
        limit.stop_price.reset();
        limit.time_in_force.reset();
        OrderRequest stop = rest;
        stop.type = random_.below(2) == 0 ? domain::OrderType::stop_loss : domain::OrderType::stop_loss_limit;
        stop.stop_price = off(side == Side::sell ? -random_.between(5, 40) : random_.between(5, 40));
        stop.price.reset();
        stop.time_in_force.reset();
        if (stop.type == domain::OrderType::stop_loss_limit) {
            stop.price = stop.stop_price;
            stop.time_in_force = domain::TimeInForce::gtc;
        }
        list.legs.push_back({side == Side::sell ? limit : stop, "above"});
        list.legs.push_back({side == Side::sell ? stop : limit, "below"});
        return list;
    }
    OrderRequest request(const SymbolSpec& spec) {
        OrderRequest order;
        order.symbol = spec.rules.symbol;
        order.side = random_.below(2) == 0 ? Side::buy : Side::sell;
        const auto ticker = core->book_ticker(spec.rules.symbol).value();
        const domain::Price mid = ticker.bid.price;
        // Up to 30 basis points to either side.
        const domain::Price near =
            domain::Price::from_raw(mid.raw() + mid.raw() / 10'000 * random_.between(-30, 30))
                .floor_to(spec.rules.tick());
        const domain::Amount value = domain::Amount::from_raw(
            random_.between(1, 30'000) * (spec.rules.quote == ast("BTC") ? 10'000 : 100'000'000));
        const domain::Quantity quantity =
            domain::quantity_for(value, mid, domain::Rounding::down)->floor_to(spec.rules.step());
        order.stp_mode = static_cast<StpMode>(random_.below(6));
        switch (random_.below(8)) {
            case 0:
                order.type = domain::OrderType::market;
                order.quantity = quantity;
                break;
            case 1:
                order.type = domain::OrderType::market;
                order.quote_quantity = value;
                break;
            case 2:
                order.type = domain::OrderType::limit_maker;
                order.quantity = quantity;
                order.price = near;
                break;
            case 3:
                order.type =
                    random_.below(2) == 0 ? domain::OrderType::stop_loss : domain::OrderType::take_profit;
                order.quantity = quantity;
                order.stop_price = near;
                break;
            case 4:
                order.type = domain::OrderType::stop_loss_limit;
                order.quantity = quantity;
                order.stop_price = near;
                order.price = near;
                order.time_in_force = domain::TimeInForce::gtc;
                break;
            default:
                order.type = domain::OrderType::limit;
                order.quantity = quantity;
                order.price = near;
                order.time_in_force = static_cast<domain::TimeInForce>(random_.below(3));
                break;
        }
        if (is_algo_type(order.type) && random_.below(3) == 0) {
            order.trailing_delta = random_.between(10, 40);
            if (random_.below(2) == 0) order.stop_price.reset();
        }
        const bool rests =
            order.type == domain::OrderType::limit_maker || order.time_in_force == domain::TimeInForce::gtc;
        if (rests && random_.below(4) == 0)
            order.iceberg_quantity = domain::Quantity::from_raw(quantity.raw() / random_.between(2, 9))
                                         .floor_to(spec.rules.step());
        return order;
    }

    void check_books() const {
        for (const AssetTotals& total : core->totals())
            ASSERT_EQ(total.accounts + total.fees - total.outside, total.deposited) << total.asset.view();
        for (std::uint32_t i = 0; i < core->account_count(); ++i) {
            std::map<domain::Asset, domain::Amount> needed;
            std::map<domain::Asset, domain::Amount> received;  // at most, for the pending orders of an OPO
            std::map<std::int64_t, domain::Amount> of_list;
            const auto open = core->open_orders(AccountId{i}, std::nullopt).value();
            for (const OrderRecord& order : open) {
                const domain::SymbolRules& rules = core->symbol(order.symbol)->rules;
                if (order.status == domain::OrderStatus::pending_new) {
                    if (order.quantity_pending) {
                        const auto list = core->order_list(AccountId{i}, ListKey{order.order_list_id, {}});
                        const auto working = core->order(AccountId{i}, order.symbol,
                                                         OrderKey{list->orders.front().order_id, {}});
                        received[rules.base] += domain::as_amount(working->executed);
                    }
                    continue;
                }
                ASSERT_TRUE(order.remaining().is_positive());
                const domain::Price price = order.price.is_zero() ? order.stop_price : order.price;
                const domain::Amount own =
                    order.side == Side::sell
                        ? domain::as_amount(order.remaining())
                        : *domain::notional(price, order.remaining(), domain::Rounding::up);
                // The two legs of a pair reserve once what the dearer one needs.
                domain::Amount more = own;
                if (order.order_list_id >= 0) {
                    domain::Amount& most = of_list[order.order_list_id];
                    more = own > most ? own - most : domain::Amount{};
                    most = std::max(most, own);
                }
                needed[order.side == Side::sell ? rules.base : rules.quote] += more;
            }
            for (const domain::Balance& balance : core->account(AccountId{i}).balances) {
                ASSERT_FALSE(balance.free.is_negative());
                ASSERT_GE(balance.locked, needed[balance.asset]) << balance.asset.view();
                ASSERT_LE(balance.locked, needed[balance.asset] + received[balance.asset])
                    << balance.asset.view();
            }
        }
        for (const SymbolSpec& spec : specs_) {
            const auto ticker = core->book_ticker(spec.rules.symbol).value();
            if (ticker.bid.quantity.is_positive() && ticker.ask.quantity.is_positive()) {
                ASSERT_LT(ticker.bid.price, ticker.ask.price) << spec.rules.symbol.view();
            }
        }
    }

    Sink sink;
    std::unique_ptr<ExchangeCore> core;
    int accepted{0};
    int lists_accepted{0};
    int amended{0};

  private:
    void make_core(const std::vector<domain::Balance>& balances) {
        core = std::make_unique<ExchangeCore>(options_, sink);
        specs_.clear();
        market_.symbols.clear();
        for (SymbolSpec& spec : default_symbols()) {
            spec.allowed_stp_modes = {StpMode::none,        StpMode::expire_maker, StpMode::expire_taker,
                                      StpMode::expire_both, StpMode::decrement,    StpMode::transfer};
            for (const std::string_view wanted : {"BTCUSDT", "BNBUSDT", "BNBBTC"})
                if (spec.rules.symbol == sym(wanted)) {
                    market_.symbols.push_back({spec.rules.symbol, spec.reference_price, spec.rules.tick(),
                                               spec.rules.step(),
                                               wanted == "BNBBTC" ? px("61700") : px("1")});
                    specs_.push_back(spec);
                }
            core->add_symbol(std::move(spec));
        }
        for (int i = 0; i < 3; ++i) {
            AccountOptions account;
            account.label = "account " + std::to_string(i);
            account.balances = balances;
            account.commission.discount_enabled_for_account = i == 1;
            account.commission.standard.maker = domain::Rate::literal(i == 2 ? "0.0002" : "0.001");
            if (i > 0) account.trade_group_id = 5;
            core->add_account(account);
        }
        core->attach(generate_feed(market_), domain::Rate::of(2), CoreWorld::at(0));
    }

    Random random_;
    CoreOptions options_;
    GeneratedOptions market_;
    std::vector<SymbolSpec> specs_;
    std::int64_t now_us_{0};
};

}  // namespace vigil::exchange
