// Saving and restoring what outlives a restart; core_state_check.cpp says what is refused.
#include <algorithm>
#include <map>
#include <utility>

#include "exchange/core_impl.h"
#include "exchange/core_state.h"

namespace vigil::exchange {

using base::ExchangeTime;

namespace {

SavedOrder saved(const LiveOrder& order) {
    return SavedOrder{order.record,     order.locked,        order.shown,  order.queue_ahead,
                      order.wants_more, order.trail_extreme, order.amends, order.amendments};
}

std::vector<SavedPlace> places(const std::vector<const LiveOrder*>& orders) {
    std::vector<SavedPlace> named;
    named.reserve(orders.size());
    for (const LiveOrder* order : orders)
        named.push_back({order->record.account.value, order->record.order_id});
    return named;
}

template <class Symbols>
std::vector<domain::Symbol> names_of(const Symbols& symbols) {
    std::vector<domain::Symbol> names;
    for (const SymbolState* symbol : symbols) names.push_back(symbol->spec.rules.symbol);
    return names;
}

/// The market of one symbol, without the orders.
void save_market(const SymbolState& symbol, SavedSymbol& kept) {
    kept.last_price = symbol.last_price;
    kept.told_bid = symbol.told_bid;
    kept.told_ask = symbol.told_ask;
    kept.book = symbol.book.save();
    kept.resting = places(symbol.book.resting());
    kept.waiting = places(symbol.stops.waiting());
    kept.tape = symbol.tape.save();
    kept.klines = symbol.klines.save();
    kept.minutes = symbol.statistics.save();
}

void restore_market(SymbolState& symbol, const SavedSymbol& kept) {
    symbol.last_price = kept.last_price;
    symbol.told_bid = kept.told_bid;
    symbol.told_ask = kept.told_ask;
    symbol.book.restore(kept.book);
    symbol.tape.restore(kept.symbol, kept.tape);
    if (kept.klines) symbol.klines.restore(*kept.klines);
    symbol.statistics.restore(kept.minutes);
}

}  // namespace

SavedCore ExchangeCore::Impl::save() const {
    SavedCore core;
    core.now = now_;
    core.random = random_.state();
    core.next_execution_id = next_execution_id_;
    core.next_list_id = next_list_id_;
    core.next_depth = next_depth_;
    core.next_second = next_second_;
    core.next_minute = next_minute_;
    core.depth_batch = names_of(depth_batch_);
    core.kline_batch = names_of(kline_batch_);
    core.started = names_of(started_);
    for (const auto& account : accounts_) {
        SavedAccount& kept = core.accounts.emplace_back();
        kept.label = account->options.label;
        kept.uid = account->options.uid;
        kept.updated = account->updated;
        for (const auto& [asset, balance] : account->ledger.all()) kept.balances.push_back(balance);
        for (const auto& [asset, amount] : account->external_locks)
            kept.external_locks.push_back({asset, amount});
        for (const std::int64_t id : account->lists.closed_in_order())
            kept.closed_lists.push_back(account->lists.all().at(id));
        for (const auto& [id, list] : account->lists.all())
            if (list.is_open()) kept.open_lists.push_back(list);
    }
    for (const auto& [asset, flow] : flows_) core.flows.push_back({asset, flow});
    for (const auto& symbol : symbols_) {
        SavedSymbol& kept = core.symbols.emplace_back();
        kept.symbol = symbol->spec.rules.symbol;
        kept.next_order_id = symbol->next_order_id;
        kept.next_trade_id = symbol->next_trade_id;
        kept.told_trade_id = symbol->told_trade_id;
        kept.next_prevented_match_id = symbol->next_prevented_match_id;
        for (std::size_t i = 0; i < symbol->stores.size(); ++i) {
            const OrderStore* store = symbol->stores[i].get();
            if (store == nullptr) continue;
            SavedStore& orders = kept.stores.emplace_back();
            orders.account = i;
            for (const domain::OrderId id : store->closed_in_order())
                orders.closed.push_back(saved(*store->find(id)));
            for (const auto& [id, order] : store->open()) orders.open.push_back(saved(*order));
            orders.trades.assign(store->trades().begin(), store->trades().end());
        }
        kept.prevented.assign(symbol->prevented.begin(), symbol->prevented.end());
        save_market(*symbol, kept);
    }
    for (const AttachedFeed& attached : feeds_) {
        SavedFeed& kept = core.feeds.emplace_back();
        kept.name = attached.feed->name();
        kept.format = attached.feed->format();
        for (const FeedSymbol& known : attached.feed->symbols()) kept.symbols.push_back(known.symbol);
        kept.position = attached.feed->position();
        kept.first_us = attached.first.time_since_epoch().count();
        kept.begin = attached.begin;
        kept.speed = attached.speed;
    }
    return core;
}

base::Result<std::vector<std::string>> ExchangeCore::Impl::restore(const SavedCore& core, ExchangeTime now) {
    if (auto sound = check_state(core); !sound) return base::fail(sound.error());
    std::vector<AccountId> ids;
    for (const SavedAccount& saved_account : core.accounts) {
        const auto found = std::find_if(accounts_.begin(), accounts_.end(), [&](const auto& one) {
            return one->options.label == saved_account.label;
        });
        ids.push_back(AccountId{static_cast<std::uint32_t>(found - accounts_.begin())});
        restore_account(**found, ids.back(), saved_account);
    }
    for (const SavedFlow& saved_flow : core.flows) {
        AssetFlow& flow = flows_[saved_flow.asset];
        flow.deposited += saved_flow.flow.deposited;
        flow.fees += saved_flow.flow.fees;
        flow.outside += saved_flow.flow.outside;
    }
    for (const SavedSymbol& saved_symbol : core.symbols) {
        SymbolState* symbol = find(saved_symbol.symbol);
        if (symbol != nullptr) restore_symbol(*symbol, saved_symbol, ids);
    }
    next_execution_id_ = core.next_execution_id;
    next_list_id_ = core.next_list_id;
    random_ = Random{core.random};
    now_ = std::max({now_, core.now, now});
    restore_batches(core);
    return resume_feeds(core);
}

void ExchangeCore::Impl::restore_account(AccountState& account, AccountId id, const SavedAccount& kept) {
    account.options.uid = kept.uid;
    account.updated = kept.updated;
    for (const domain::Balance& balance : kept.balances) {
        account.ledger.set(balance);
        flows_.try_emplace(balance.asset);
    }
    for (const SavedLock& lock : kept.external_locks) account.external_locks[lock.asset] = lock.amount;
    const auto add = [&](const OrderList& list) -> OrderList& {
        OrderListRecord record = list.record;
        record.account = id;
        OrderList& added = account.lists.add(std::move(record));
        added.pending_placed = list.pending_placed;
        added.reserved = list.reserved;
        return added;
    };
    for (const OrderList& closed : kept.closed_lists) account.lists.closed(add(closed));
    for (const OrderList& open : kept.open_lists) add(open);
}

void ExchangeCore::Impl::restore_symbol(SymbolState& symbol, const SavedSymbol& kept,
                                        const std::vector<AccountId>& ids) {
    symbol.next_order_id = std::max(symbol.next_order_id, kept.next_order_id);
    symbol.next_trade_id = std::max(symbol.next_trade_id, kept.next_trade_id);
    symbol.told_trade_id = kept.told_trade_id;
    symbol.next_prevented_match_id = kept.next_prevented_match_id;
    for (PreventedRecord match : kept.prevented) {
        match.taker = ids[match.taker.value];
        match.maker = ids[match.maker.value];
        symbol.prevented.push_back(std::move(match));
    }
    restore_market(symbol, kept);
    for (const SavedStore& store : kept.stores) restore_store(symbol, ids[store.account], store);
    const auto find_order = [&](const SavedPlace& place) -> LiveOrder& {
        return *store(symbol, ids[place.account])->find(place.order_id);
    };
    for (const SavedPlace& place : kept.resting) symbol.book.put_back(find_order(place));
    for (const SavedPlace& place : kept.waiting) symbol.stops.put_back(find_order(place));
}

void ExchangeCore::Impl::restore_store(SymbolState& symbol, AccountId id, const SavedStore& kept) {
    AccountState& owner = account(id);
    OrderStore& orders = store_of(symbol, id);
    const auto add = [&](const SavedOrder& saved_order) -> LiveOrder& {
        OrderRecord record = saved_order.record;
        record.account = id;
        LiveOrder& order = orders.add(std::move(record));
        order.locked = saved_order.locked;
        order.shown = saved_order.shown;
        order.queue_ahead = saved_order.queue_ahead;
        order.wants_more = saved_order.wants_more;
        order.trail_extreme = saved_order.trail_extreme;
        order.amends = saved_order.amends;
        order.amendments = saved_order.amendments;
        return order;
    };
    for (const SavedOrder& closed : kept.closed) orders.closed(add(closed));
    for (const SavedOrder& open : kept.open) {
        const LiveOrder& order = add(open);
        ++owner.open_orders;
        if (is_algo_type(order.record.type)) ++owner.open_algo_orders;
        if (!order.record.iceberg_quantity.is_zero()) ++owner.open_iceberg_orders;
    }
    for (const FillRecord& trade : kept.trades) orders.add_trade(trade);
}

/// What the next batches have to tell, and when.
void ExchangeCore::Impl::restore_batches(const SavedCore& core) {
    next_depth_ = core.next_depth;
    next_second_ = core.next_second;
    next_minute_ = core.next_minute;
    const auto fill = [this](std::vector<SymbolState*>& list, const std::vector<domain::Symbol>& names,
                             bool SymbolState::*flag) {
        for (const domain::Symbol& name : names) {
            SymbolState* symbol = find(name);
            if (symbol == nullptr || std::find(list.begin(), list.end(), symbol) != list.end()) continue;
            list.push_back(symbol);
            if (flag != nullptr) symbol->*flag = true;
        }
    };
    fill(depth_batch_, core.depth_batch, &SymbolState::in_depth_batch);
    fill(kline_batch_, core.kline_batch, &SymbolState::in_kline_batch);
    // Those of the state first, as they were; then those that are new.
    std::vector<SymbolState*> here;
    here.swap(started_);
    fill(started_, core.started, nullptr);
    for (SymbolState* symbol : here)
        if (std::find(started_.begin(), started_.end(), symbol) == started_.end()) started_.push_back(symbol);
    if (core.started.empty()) next_minute_ = next_boundary(std::chrono::minutes{1});
}

/// The market goes on where it was, as if it had stood still meanwhile.
std::vector<std::string> ExchangeCore::Impl::resume_feeds(const SavedCore& core) {
    std::vector<std::string> anew;
    for (AttachedFeed& attached : feeds_) {
        const auto is_same = [&attached](const SavedFeed& kept) {
            const auto known = attached.feed->symbols();
            return kept.name == attached.feed->name() && kept.format == attached.feed->format() &&
                   std::equal(
                       known.begin(), known.end(), kept.symbols.begin(), kept.symbols.end(),
                       [](const FeedSymbol& one, const domain::Symbol& name) { return one.symbol == name; });
        };
        const auto kept = std::find_if(core.feeds.begin(), core.feeds.end(), is_same);
        if (kept == core.feeds.end() || !attached.feed->resume(kept->position)) {
            anew.emplace_back(attached.feed->name());
            attached.begin = now_;
        } else {
            __extension__ using Wide = __int128;
            const Wide played_us = Wide{(core.now - kept->begin).count()} * kept->speed.raw();
            const Wide before_us = played_us / attached.speed.raw();
            attached.first = MarketTime{base::microseconds{kept->first_us}};
            attached.begin = now_ - base::microseconds{static_cast<std::int64_t>(before_us)};
        }
        schedule(attached);
    }
    return anew;
}

SavedCore ExchangeCore::save() const {
    return impl_->save();
}
base::Result<std::vector<std::string>> ExchangeCore::restore(const SavedCore& core, ExchangeTime now) {
    return impl_->restore(core, now);
}

}  // namespace vigil::exchange
