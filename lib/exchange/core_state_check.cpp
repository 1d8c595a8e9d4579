// What is refused of a state. It comes from a file: whatever does not hold together is refused before
// anything is changed, since the core would end the process over it later.
#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "exchange/core_impl.h"
#include "exchange/core_state.h"
#include "exchange/kline_calendar.h"

namespace vigil::exchange {

using base::ErrorKind;
using domain::Amount;
using domain::Asset;

namespace {

tl::unexpected<base::Error> refuse_state(const std::string& what) {
    return base::fail(ErrorKind::corrupt, "the state does not hold together: " + what);
}

template <class Enum>
bool in_range(Enum value, Enum last) {
    return static_cast<unsigned>(value) <= static_cast<unsigned>(last);
}

bool is_sound(const OrderRecord& record, std::int64_t next_order_id) {
    return in_range(record.side, domain::Side::sell) &&
           in_range(record.type, domain::OrderType::take_profit_limit) &&
           in_range(record.time_in_force, domain::TimeInForce::fok) &&
           in_range(record.status, domain::OrderStatus::expired_in_match) &&
           in_range(record.stp_mode, StpMode::transfer) &&
           in_range(record.expiry_reason, ExpiryReason::execution_rule_price_range_exceeded) &&
           record.order_id.value > 0 && record.order_id.value < next_order_id &&
           !record.client_order_id.empty() && !record.price.is_negative() &&
           !record.stop_price.is_negative() && !record.quantity.is_negative() &&
           !record.iceberg_quantity.is_negative() && record.trailing_delta.value_or(1) > 0 &&
           record.trailing_delta.value_or(1) < 10'000 && !record.executed.is_negative() &&
           !record.executed_quote.is_negative() && !record.prevented_quantity.is_negative() &&
           record.executed <= record.quantity &&
           record.prevented_quantity <= record.quantity - record.executed;
}

bool are_sound_levels(const std::vector<domain::BookLevel>& worst_first, domain::Side side) {
    if (worst_first.size() > OutsideSide::levels_max) return false;
    const OutsideSide order{side};
    for (std::size_t i = 0; i < worst_first.size(); ++i) {
        const domain::BookLevel& level = worst_first[i];
        if (!level.price.is_positive() || level.price > feed_price_max || !level.quantity.is_positive() ||
            level.quantity > feed_quantity_max ||
            (i > 0 && !order.better(level.price, worst_first[i - 1].price)))
            return false;
    }
    return true;
}

bool is_sound(const SavedBook& book) {
    const auto positive = [](domain::Price price) { return price.is_positive(); };
    return are_sound_levels(book.outside_bids, domain::Side::buy) &&
           are_sound_levels(book.outside_asks, domain::Side::sell) && book.batch_start >= 0 &&
           book.update_id >= book.batch_start &&
           std::all_of(book.touched_bids.begin(), book.touched_bids.end(), positive) &&
           std::all_of(book.touched_asks.begin(), book.touched_asks.end(), positive);
}

/// Such that calendars and differences of times do not overflow: from 1970 to the year 5138.
bool is_sound(base::ExchangeTime time) {
    constexpr std::int64_t latest_us = 100'000'000'000'000'000;
    const std::int64_t us = time.time_since_epoch().count();
    return us >= 0 && us < latest_us;
}

bool is_sound(const Kline& kline) {
    return is_sound(kline.open_time) && is_sound(kline.close_time) && kline.low.is_positive() &&
           kline.low <= std::min(kline.open, kline.close) &&
           kline.high >= std::max(kline.open, kline.close) && !kline.volume.is_negative() &&
           !kline.quote_volume.is_negative() && kline.open_time < kline.close_time;
}

template <class List, class Key>
bool grows(const List& list, Key key) {
    return std::adjacent_find(list.begin(), list.end(),
                              [&](const auto& a, const auto& b) { return !(key(a) < key(b)); }) == list.end();
}

bool are_sound(const std::vector<Kline>& klines) {
    return grows(klines, [](const Kline& one) { return one.open_time; }) &&
           std::all_of(klines.begin(), klines.end(), [](const Kline& one) { return is_sound(one); });
}

bool is_sound(const SavedKlines& klines) {
    const auto intervals = kline_intervals();
    if (!klines.history.end_price.is_positive() || klines.history.tick.is_negative() ||
        klines.history.step.is_negative() || !is_sound(klines.history.end) ||
        klines.series.size() != intervals.size())
        return false;
    for (std::size_t i = 0; i < intervals.size(); ++i) {
        const SavedSeries& series = klines.series[i];
        if (!is_sound(series.live_begin) || series.width_ms != intervals[i].width_ms ||
            !are_sound(series.closed) || !is_sound(series.open) ||
            kline_open(intervals[i], series.open.open_time) != series.open.open_time ||
            (!series.closed.empty() && series.closed.back().open_time >= series.open.open_time))
            return false;
    }
    return true;
}

bool is_sound(const SavedTape& tape) {
    const auto seconds_sound = [](const SavedSecond& one) { return one.second >= 0; };
    return tape.next_aggregate_id >= 1 &&
           grows(tape.recent, [](const TradeEvent& one) { return one.trade_id; }) &&
           grows(tape.aggregates, [](const AggTradeEvent& one) { return one.agg_id; }) &&
           std::all_of(tape.recent.begin(), tape.recent.end(),
                       [](const TradeEvent& one) {
                           return one.price.is_positive() && one.quantity.is_positive() && is_sound(one.time);
                       }) &&
           std::all_of(tape.seconds.begin(), tape.seconds.end(), seconds_sound);
}

std::size_t size_of(ListShape shape) {
    return has_pending(shape) && has_pair(shape) ? 3 : 2;
}

}  // namespace

base::Result<void> ExchangeCore::Impl::check_state(const SavedCore& core) const {
    if (core.next_execution_id < 1 || core.next_list_id < 1) return refuse_state("next_execution_id");
    for (const base::ExchangeTime time : {core.now, core.next_depth, core.next_second, core.next_minute})
        if (!is_sound(time)) return refuse_state("its times");
    Unclaimed locked(core.accounts.size());
    if (auto sound = check_accounts(core, locked); !sound) return sound;
    if (auto sound = check_lists(core, locked); !sound) return sound;
    for (const SavedSymbol& symbol : core.symbols)
        if (auto sound = check_symbol(core, symbol, locked); !sound) return sound;
    for (const SavedFeed& feed : core.feeds)
        if (!feed.speed.is_positive() || !is_sound(feed.begin) || feed.begin > core.now || feed.first_us < 0)
            return refuse_state("the feed " + feed.name);
    for (const auto& account : locked)
        for (const auto& [asset, rest] : account)
            if (!rest.is_zero()) return refuse_state("more " + asset.str() + " is reserved than orders need");
    return {};
}

base::Result<void> ExchangeCore::Impl::check_accounts(const SavedCore& core, Unclaimed& locked) const {
    std::set<std::string> labels;
    for (std::size_t i = 0; i < core.accounts.size(); ++i) {
        const SavedAccount& account = core.accounts[i];
        const bool known = std::any_of(accounts_.begin(), accounts_.end(),
                                       [&](const auto& one) { return one->options.label == account.label; });
        if (!known || !labels.insert(account.label).second)
            return refuse_state("there is no account " + account.label + ", or there are two");
        for (const domain::Balance& balance : account.balances) {
            if (balance.free.is_negative() || balance.locked.is_negative() ||
                !balance.free.checked_add(balance.locked))
                return refuse_state("a balance of " + account.label);
            if (!locked[i].emplace(balance.asset, balance.locked).second)
                return refuse_state("account " + account.label + " has one asset twice");
        }
        for (const SavedLock& lock : account.external_locks) {
            Amount& rest = locked[i][lock.asset];
            if (lock.amount.is_negative() || rest < lock.amount)
                return refuse_state("what is locked from outside of " + account.label);
            rest -= lock.amount;
        }
    }
    return check_flows(core);
}

/// Nothing of any asset has come from nowhere, or has gone there.
base::Result<void> ExchangeCore::Impl::check_flows(const SavedCore& core) const {
    __extension__ using Wide = __int128;
    std::map<Asset, Wide> unexplained;
    for (const SavedAccount& account : core.accounts)
        for (const domain::Balance& balance : account.balances)
            unexplained[balance.asset] += Wide{balance.free.raw()} + balance.locked.raw();
    std::set<Asset> seen;
    for (const SavedFlow& saved : core.flows) {
        const AssetFlow& flow = saved.flow;
        unexplained[saved.asset] += Wide{flow.fees.raw()} - flow.outside.raw() - flow.deposited.raw();
        const auto known = flows_.find(saved.asset);
        if (!seen.insert(saved.asset).second || flow.deposited.is_negative() ||
            (known != flows_.end() && !known->second.deposited.checked_add(flow.deposited)))
            return refuse_state("how much " + saved.asset.str() + " there is");
    }
    for (const auto& [asset, amount] : unexplained)
        if (amount != 0) return refuse_state("where all the " + asset.str() + " is");
    return {};
}

base::Result<void> ExchangeCore::Impl::check_lists(const SavedCore& core, Unclaimed& locked) const {
    for (std::size_t i = 0; i < core.accounts.size(); ++i) {
        std::set<std::int64_t> numbers;
        std::set<domain::ClientOrderId> open_names;
        for (const auto* lists : {&core.accounts[i].closed_lists, &core.accounts[i].open_lists}) {
            const bool open = lists == &core.accounts[i].open_lists;
            for (const OrderList& list : *lists) {
                const OrderListRecord& record = list.record;
                const SymbolState* symbol = find(record.symbol);
                if (!in_range(record.shape, ListShape::opoco) ||
                    !in_range(record.status, ListStatus::all_done) ||
                    !in_range(record.order_status, ListOrderStatus::reject) || record.list_id < 1 ||
                    record.list_id >= core.next_list_id || record.orders.size() != size_of(record.shape) ||
                    list.is_open() != open || !numbers.insert(record.list_id).second ||
                    (open && (symbol == nullptr || !open_names.insert(record.client_order_id).second)) ||
                    list.reserved.is_negative() || (!open && !list.reserved.is_zero()))
                    return refuse_state("an order list of " + core.accounts[i].label);
                if (list.reserved.is_zero()) continue;
                Amount& rest = locked[i][symbol->spec.rules.base];
                if (rest < list.reserved)
                    return refuse_state("what a list of " + core.accounts[i].label + " reserves");
                rest -= list.reserved;
            }
        }
    }
    return {};
}

base::Result<void> ExchangeCore::Impl::check_symbol(const SavedCore& core, const SavedSymbol& symbol,
                                                    Unclaimed& locked) const {
    const std::string name = symbol.symbol.str();
    const SymbolState* state = find(symbol.symbol);
    if (state == nullptr && !symbol.stores.empty())
        return base::fail(ErrorKind::not_found,
                          "the state has orders of " + name + ", which this market does not have");
    if (symbol.next_order_id < 1 || symbol.next_trade_id < 1 || symbol.next_prevented_match_id < 0)
        return refuse_state("the numbers of " + name);
    if (symbol.last_price.is_negative() || !is_sound(symbol.book) || !is_sound(symbol.tape) ||
        (symbol.klines && !is_sound(*symbol.klines)) || !are_sound(symbol.minutes.minutes))
        return refuse_state("the market of " + name);
    for (const PreventedRecord& match : symbol.prevented)
        if (match.taker.value >= core.accounts.size() || match.maker.value >= core.accounts.size() ||
            !in_range(match.mode, StpMode::transfer))
            return refuse_state("a prevented match of " + name);

    const std::set<SavedPlace> resting{symbol.resting.begin(), symbol.resting.end()};
    const std::set<SavedPlace> waiting{symbol.waiting.begin(), symbol.waiting.end()};
    std::size_t placed = 0;
    std::set<std::size_t> stores;
    for (const SavedStore& store : symbol.stores) {
        if (store.account >= core.accounts.size() || !stores.insert(store.account).second)
            return refuse_state("the accounts of the orders of " + name);
        const auto& open_lists = core.accounts[store.account].open_lists;
        std::set<std::int64_t> ids;
        std::set<domain::ClientOrderId> open_names;
        for (const auto* list : {&store.closed, &store.open}) {
            const bool open = list == &store.open;
            for (const SavedOrder& order : *list) {
                const OrderRecord& record = order.record;
                const SavedPlace place{store.account, record.order_id};
                const bool rests = resting.contains(place);
                const bool waits = waiting.contains(place);
                const bool has_list =
                    record.order_list_id < 0 ||
                    std::any_of(open_lists.begin(), open_lists.end(), [&](const OrderList& one) {
                        return one.record.list_id == record.order_list_id &&
                               one.record.symbol == symbol.symbol;
                    });
                if (!is_sound(record, symbol.next_order_id) || record.symbol != symbol.symbol ||
                    record.is_open() != open || (rests && waits) || ((rests || waits) && !open) ||
                    (open && !has_list) || rests != order.shown.is_positive() ||
                    order.shown > record.remaining() || order.queue_ahead.is_negative() ||
                    !ids.insert(record.order_id.value).second ||
                    (open && !open_names.insert(record.client_order_id).second) ||
                    order.trail_extreme.value_or(domain::Price::of(1)) <= domain::Price{} ||
                    order.locked.is_negative() || (!open && !order.locked.is_zero()))
                    return refuse_state("an order of " + name);
                placed += (rests ? 1U : 0U) + (waits ? 1U : 0U);
                if (!open || order.locked.is_zero()) continue;
                Amount& rest = locked[store.account][paid_asset(*state, record)];
                if (rest < order.locked) return refuse_state("what the orders of " + name + " reserve");
                rest -= order.locked;
            }
        }
    }
    if (placed != symbol.resting.size() + symbol.waiting.size())
        return refuse_state("where the orders of " + name + " stand");
    return {};
}

}  // namespace vigil::exchange
