#include "engine/read_desk.h"

#include <algorithm>
#include <utility>

#include "governor/weights.h"

namespace vigil::engine {

namespace {

using log::Event;
using log::field;

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

// While the daemon stops, what is still missing is asked for more often.
constexpr base::milliseconds stopping_sweep_every{2'000};
// How far our estimate of the exchange's time may have been off when an order was placed; generous.
constexpr base::milliseconds trade_time_margin{10'000};
// An execution report that has not come this long after its fill is missed.
constexpr base::milliseconds report_patience{2'000};

governor::Cost cost_of(const Read& read) {
    namespace weights = governor::weights;
    return std::visit(
        Overloaded{[](const ReadDepth& r) { return weights::depth(r.limit); },
                   [](const ReadCandles&) { return weights::klines; },
                   [](const ReadOrder&) { return weights::query_order; },
                   [](const ReadSuspect&) { return weights::query_order; },
                   [](const ReadOpenOrders& r) { return weights::open_orders(r.symbol.has_value()); },
                   [](const ReadTrades& r) { return weights::my_trades(r.order_id.has_value()); },
                   [](const ReadAccount&) { return weights::account; },
                   [](const ReadRules&) { return weights::exchange_info; }},
        read);
}

bool is_signed(const Read& read) {
    return !std::holds_alternative<ReadDepth>(read) && !std::holds_alternative<ReadCandles>(read) &&
           !std::holds_alternative<ReadRules>(read);
}

std::string_view name_of(const Read& read) {
    return std::visit(
        Overloaded{[](const ReadDepth&) { return "depth"; }, [](const ReadCandles&) { return "klines"; },
                   [](const ReadOrder&) { return "order"; }, [](const ReadSuspect&) { return "order"; },
                   [](const ReadOpenOrders&) { return "openOrders"; },
                   [](const ReadTrades&) { return "myTrades"; }, [](const ReadAccount&) { return "account"; },
                   [](const ReadRules&) { return "exchangeInfo"; }},
        read);
}

}  // namespace

void ReadDesk::request(Read read, domain::Lane lane, const Now& now) {
    ask({std::move(read), lane, now.monotonic, now.monotonic}, now);
}

void ReadDesk::ask(Waiting&& one, const Now& now) {
    if (!now.may_sign && is_signed(one.read)) {
        if (now.monotonic - one.asked > house_.options.read_patience)
            return drop(std::move(one), "the exchange's time is not known well enough", now);
        return hold(std::move(one), now.monotonic + house_.options.sign_retry, now);
    }
    const auto decision = house_.governor.decide(now.for_governor(), one.lane, cost_of(one.read), one.asked);
    if (std::holds_alternative<governor::Granted>(decision)) {
        house_.outbox.commands.emplace_back(Ask{std::move(one.read), now.moment(), one.is_second});
        return;
    }
    const auto* wait = std::get_if<governor::WaitUntil>(&decision);
    if (wait == nullptr)
        return drop(std::move(one), governor::to_string(std::get<governor::Refused>(decision).why), now);
    house_.tell_throttled(one.lane, wait->why, wait->until, now);
    if (wait->until > one.asked + house_.options.read_patience)
        return drop(std::move(one), governor::to_string(wait->why), now);
    hold(std::move(one), wait->until, now);
}

void ReadDesk::hold(Waiting&& one, base::MonotonicTime until, const Now& now) {
    if (waiting_.size() >= house_.options.reads_max) return drop(std::move(one), "too many reads wait", now);
    one.until = until;
    waiting_.push_back(std::move(one));
}

void ReadDesk::drop(Waiting&& one, std::string_view why, const Now& now) {
    house_.governor.on_dropped(one.lane);
    house_.outbox.tell(Event::governor_request_dropped,
                       {field("lane", name_of(one.lane)), field("what", name_of(one.read)),
                        field("waited_ms", now.monotonic - one.asked), field("reason", why)});
    failed(Ask{std::move(one.read), now.moment()}, {base::ErrorKind::exhausted, std::string{why}}, now);
}

// A question changes nothing, so it may be asked twice; once the exchange's time has been measured anew,
// which the refusal has brought about.
bool ReadDesk::ask_again(const Ask& ask, const base::Error& error, const Now& now) {
    if (error.kind != base::ErrorKind::stale || ask.is_second) return false;
    if (waiting_.size() >= house_.options.reads_max) return false;
    waiting_.push_back(
        {ask.read, domain::Lane::reconcile, now.monotonic, now.monotonic + house_.options.sign_retry, true});
    return true;
}

void ReadDesk::on_tick(const Now& now) {
    // Something was given back: what waits need not wait for its window.
    const bool has_room = std::exchange(room_seen_, house_.governor.room_made()) != room_seen_;
    std::vector<Waiting> due = std::move(waiting_);
    waiting_.clear();
    std::stable_sort(due.begin(), due.end(),
                     [](const Waiting& a, const Waiting& b) { return a.lane < b.lane; });
    for (Waiting& each : due) {
        if (each.until > now.monotonic && !has_room)
            waiting_.push_back(std::move(each));
        else
            ask(std::move(each), now);
    }
    // While nothing may be sent no new question is thought of: each would only be dropped.
    rests_until_ = house_.governor.rests_until(now.for_governor(), domain::Lane::reconcile);
    if (rests_until_) return;
    // Signed questions, all of them; and before the limits are known there is hardly a budget, which the
    // start needs.
    if (now.may_sign && house_.governor.limits_known()) look_up(now);
    for (SymbolDesk& desk : house_.symbols) look_after(desk, now);
    if (sweeping_) sweep(now);
}

void ReadDesk::look_up(const Now& now) {
    for (const orders::LookupAction& action : house_.lookups.due(now.moment())) {
        switch (action.kind) {
            case orders::LookupActionKind::order:
                request(ReadOrder{action.symbol, action.id}, domain::Lane::reconcile, now);
                break;
            case orders::LookupActionKind::open_orders:
                request(ReadOpenOrders{action.symbol}, domain::Lane::reconcile, now);
                break;
            case orders::LookupActionKind::trades:
                request(ReadTrades{action.symbol, std::nullopt, trades_from(action.id), action.id},
                        domain::Lane::reconcile, now);
                break;
            case orders::LookupActionKind::proven:
                house_.persist(journal::OrderNotFound{action.symbol, action.id}, now);
                house_.ledger.on_not_found(action.id, now.moment(), house_.changes);
                break;
        }
    }
}

std::optional<domain::TradeId> ReadDesk::trades_from(const domain::ClientOrderId& id) const {
    const orders::OrderRecord* record = house_.ledger.find(id);
    if (record == nullptr || !record->traded_before) return std::nullopt;
    return domain::TradeId{record->traded_before->value + 1};
}

void ReadDesk::settle_lookup(const domain::ClientOrderId& id, const Now& now) {
    // A cancel that went out after the question may have left the ledger with a new one: then it is asked
    // again.
    const orders::OrderRecord* record = house_.ledger.find(id);
    if (record == nullptr || !(record->state == orders::OrderState::unknown || record->lookup_wanted))
        house_.lookups.forget(id);
    else
        house_.lookups.on_failed(id, now.moment());
}

void ReadDesk::watch_over_unknown(const Now& now) {
    for (const orders::OrderRecord* record : house_.ledger.live())
        if ((record->state == orders::OrderState::unknown || record->lookup_wanted) &&
            !house_.lookups.is_tracking(record->id()))
            house_.lookups.track(record->id(), record->order.symbol, record->sent_latest,
                                 !record->exchange_id.has_value(), now.moment());
}

void ReadDesk::look_after(SymbolDesk& desk, const Now& now) {
    if (desk.view.wants_snapshot() && !desk.snapshot_asked && now.monotonic >= desk.snapshot_not_before) {
        desk.snapshot_asked = true;
        desk.snapshot_not_before = now.monotonic + house_.options.snapshot_retry;
        request(ReadDepth{desk.view.symbol(), house_.options.depth_limit}, domain::Lane::market_data, now);
    }
    if (now.monotonic < desk.warm_ups_not_before) return;
    for (const market::CandleSeries& series : desk.view.all_candles()) {
        const auto asked =
            std::find(desk.warm_ups_asked.begin(), desk.warm_ups_asked.end(), series.interval());
        if (!series.wants_warm_up() || asked != desk.warm_ups_asked.end()) continue;
        // An answer may be older than the stream, and is then asked for again; not at once.
        desk.warm_ups_not_before = now.monotonic + house_.options.snapshot_retry;
        desk.warm_ups_asked.push_back(series.interval());
        request(ReadCandles{desk.view.symbol(), series.interval(),
                            static_cast<int>(house_.options.market.candles_kept)},
                domain::Lane::market_data, now);
    }
}

std::int64_t ReadDesk::sweep_weight() const {
    for (std::size_t index = 0; index < house_.governor.limit_count(); ++index) {
        const domain::RateLimit limit = house_.governor.usage(index).limit;
        if (limit.type != domain::RateLimitType::request_weight || limit.window.count() == 0) continue;
        return limit.limit * house_.options.sweep_percent * house_.options.sweep_every /
               base::milliseconds{100 * base::milliseconds{limit.window}.count()};
    }
    return 0;
}

std::int64_t ReadDesk::ask_for_open_orders(const Now& now) {
    namespace weights = governor::weights;
    const std::int64_t one = weights::open_orders(true).weight;
    const std::int64_t all = weights::open_orders(false).weight;
    const std::int64_t each = one * static_cast<std::int64_t>(house_.symbols.size());
    if (each > all) {
        request(ReadOpenOrders{std::nullopt}, domain::Lane::reconcile, now);
        return all;
    }
    for (const SymbolDesk& desk : house_.symbols)
        request(ReadOpenOrders{desk.view.symbol()}, domain::Lane::reconcile, now);
    return each;
}

bool ReadDesk::is_concerned(const SymbolDesk& desk) const {
    const domain::Symbol& symbol = desk.view.symbol();
    const auto live = house_.ledger.live();
    return std::any_of(live.begin(), live.end(),
                       [&symbol](const orders::OrderRecord* each) { return each->order.symbol == symbol; }) ||
           std::any_of(
               seen_->differences.begin(), seen_->differences.end(),
               [&desk](const orders::BalanceDifference& each) { return each.asset == desk.rules.base; });
}

void ReadDesk::sweep(const Now& now) {
    if (now.monotonic >= sweep_due_) {
        sweep_due_ = now.monotonic + (house_.stopping ? stopping_sweep_every : house_.options.sweep_every);
        watch_over_unknown(now);
        // Asked for once already when they were noticed; that answer may have failed.
        for (const orders::OrderRecord* record : house_.ledger.missing_fills())
            if (record->exchange_id)
                request(ReadTrades{record->order.symbol, record->exchange_id, std::nullopt, std::nullopt},
                        domain::Lane::reconcile, now);
        std::int64_t left = sweep_weight() - governor::weights::account.weight - ask_for_open_orders(now);
        std::vector<SymbolDesk*> symbols;
        for (SymbolDesk& desk : house_.symbols) symbols.push_back(&desk);
        std::stable_sort(symbols.begin(), symbols.end(), [this](const SymbolDesk* a, const SymbolDesk* b) {
            const bool a_first = seen_ && is_concerned(*a);
            const bool b_first = seen_ && is_concerned(*b);
            return a_first != b_first ? a_first : a->trades_wanted < b->trades_wanted;
        });
        for (SymbolDesk* desk : symbols) {
            const std::int64_t weight = governor::weights::my_trades(false).weight;
            if (left < weight && desk != symbols.front()) break;
            left -= weight;
            desk->trades_wanted = now.monotonic;
            request(ReadTrades{desk->view.symbol(), std::nullopt, desk->trades.from(), std::nullopt},
                    domain::Lane::reconcile, now);
        }
        request(ReadAccount{}, domain::Lane::reconcile, now);
    }
    if (now.monotonic >= rules_due_) {
        const bool is_first = rules_due_ == base::MonotonicTime{};
        rules_due_ = now.monotonic + house_.options.rules_every;
        if (!is_first) request(ReadRules{}, domain::Lane::account, now);
    }
}

std::optional<base::MonotonicTime> ReadDesk::next_due() const {
    std::optional<base::MonotonicTime> due = rests_until_ ? rests_until_ : house_.lookups.next_due();
    const auto consider = [&due](base::MonotonicTime at) {
        if (!due || at < *due) due = at;
    };
    for (const Waiting& each : waiting_) consider(each.until);
    if (sweeping_ && !rests_until_) consider(sweep_due_);
    return due;
}

void ReadDesk::on_answer(const Ask& ask, base::Result<Answer> answer, const Now& now) {
    if (!answer) {
        if (!ask_again(ask, answer.error(), now)) failed(ask, answer.error(), now);
        return;
    }
    std::visit(
        Overloaded{
            [&](const ReadDepth& r) { on_depth(r, std::get<domain::DepthSnapshot>(*answer), now); },
            [&](const ReadCandles& r) { on_candles(r, std::get<std::vector<domain::Candle>>(*answer)); },
            [&](const ReadOrder& r) {
                const auto& view = std::get<domain::OrderView>(*answer);
                take_view(view, ask.asked, now);
                settle_lookup(r.id, now);
                house_.outbox.tell(Event::order_lookup,
                                   {field("symbol", r.symbol), field("client_order_id", r.id),
                                    field("answer", domain::to_string(view.status))});
            },
            [&](const ReadSuspect& r) {
                on_suspect(r, std::get<domain::OrderView>(*answer), ask.asked, now);
            },
            [&](const ReadOpenOrders& r) {
                on_open_orders(r, std::get<std::vector<domain::OrderView>>(*answer), ask.asked, now);
            },
            [&](const ReadTrades& r) {
                on_trades(r, std::get<std::vector<domain::Fill>>(*answer), ask.asked, now);
            },
            [&](const ReadAccount&) { on_account(std::get<domain::AccountSnapshot>(*answer), now); },
            [&](const ReadRules&) { on_rules(std::get<domain::ExchangeInfo>(*answer), now); }},
        ask.read);
}

void ReadDesk::failed(const Ask& ask, const base::Error& error, const Now& now) {
    std::visit(Overloaded{[&](const ReadDepth& r) {
                              if (SymbolDesk* desk = house_.desk(r.symbol)) desk->snapshot_asked = false;
                          },
                          [&](const ReadCandles& r) {
                              if (SymbolDesk* desk = house_.desk(r.symbol))
                                  std::erase(desk->warm_ups_asked, r.interval);
                          },
                          [&](const ReadOrder& r) {
                              if (error.kind == base::ErrorKind::not_found)
                                  house_.lookups.on_not_found(r.id, ask.asked, now.moment());
                              else
                                  house_.lookups.on_failed(r.id, now.moment());
                          },
                          [&](const ReadSuspect& r) {
                              suspects_.drop(r.looking_for);
                              house_.lookups.on_failed(r.looking_for, now.moment());
                          },
                          [&](const ReadTrades& r) {
                              if (r.looking_for) house_.lookups.on_failed(*r.looking_for, now.moment());
                          },
                          [&](const ReadOpenOrders& r) {
                              for (const orders::OrderRecord* record : house_.ledger.live())
                                  if ((!r.symbol || record->order.symbol == *r.symbol) &&
                                      house_.lookups.is_tracking(record->id()))
                                      house_.lookups.on_failed(record->id(), now.moment());
                          },
                          [](const ReadAccount&) {}, [](const ReadRules&) {}},
               ask.read);
    if (error.kind == base::ErrorKind::not_found) return;  // an answer, not a failure
    house_.outbox.tell(Event::exchange_request_failed,
                       {field("endpoint", name_of(ask.read)), field("reason", error.message)});
}

void ReadDesk::on_depth(const ReadDepth& read, const domain::DepthSnapshot& snapshot, const Now& now) {
    SymbolDesk* desk = house_.desk(read.symbol);
    if (desk == nullptr) return;
    desk->snapshot_asked = false;
    const market::SnapshotResult result = desk->view.on(snapshot);
    if (result == market::SnapshotResult::applied)
        house_.outbox.tell(Event::market_book_synchronised,
                           {field("symbol", read.symbol), field("update_id", desk->view.book().update_id())});
    else if (result == market::SnapshotResult::corrupt)
        house_.outbox.tell(Event::exchange_answer_malformed,
                           {field("endpoint", "depth"), field("reason", "impossible order book")});
    look_after(*desk, now);
}

void ReadDesk::on_candles(const ReadCandles& read, const std::vector<domain::Candle>& candles) {
    SymbolDesk* desk = house_.desk(read.symbol);
    if (desk == nullptr) return;
    std::erase(desk->warm_ups_asked, read.interval);
    static_cast<void>(desk->view.warm_up(read.interval, candles));
}

void ReadDesk::on_open_orders(const ReadOpenOrders& read, const std::vector<domain::OrderView>& views,
                              orders::Moment asked, const Now& now) {
    const std::size_t before = house_.changes.size();
    house_.ledger.on_open_orders(read.symbol, views, asked, now.moment(), house_.changes);
    house_.lookups.on_open_orders(read.symbol, views, asked, now.moment());
    for (const domain::OrderView& view : views) {
        const bool is_news = std::any_of(house_.changes.begin() + static_cast<std::ptrdiff_t>(before),
                                         house_.changes.end(), [&view](const orders::OrderChange& change) {
                                             return change.client_order_id == view.client_order_id;
                                         });
        if (is_news && house_.ledger.find(view.client_order_id) != nullptr)
            house_.persist(journal::OrderViewRead{view, false}, now);
        // An own order that the ledger does not know: taken over, so that it is watched like any other.
        if (house_.ledger.is_own(view.client_order_id) &&
            house_.ledger.find(view.client_order_id) == nullptr &&
            house_.ledger.adopt(view, now.moment(), house_.changes))
            house_.persist(journal::OrderViewRead{view, true}, now);
    }
}

void ReadDesk::on_trades(const ReadTrades& read, const std::vector<domain::Fill>& fills, orders::Moment asked,
                         const Now& now) {
    const orders::OrderRecord* wanted = read.looking_for ? house_.ledger.find(*read.looking_for) : nullptr;
    std::vector<domain::OrderId> might_be_it;
    std::vector<domain::Fill> of_order;
    for (std::size_t first = 0; first < fills.size();) {
        std::size_t last = first;
        while (last < fills.size() && fills[last].order_id == fills[first].order_id) ++last;
        of_order.assign(fills.begin() + static_cast<std::ptrdiff_t>(first),
                        fills.begin() + static_cast<std::ptrdiff_t>(last));
        const orders::OrderRecord* record = house_.ledger.find(read.symbol, fills[first].order_id);
        if (record != nullptr) {
            const domain::ClientOrderId id = record->id();
            const std::size_t before = house_.changes.size();
            const bool was_unknown = record->state == orders::OrderState::unknown;
            house_.ledger.on_fills(id, of_order, now.moment(), house_.changes);
            if (house_.changes.size() != before)
                house_.persist(journal::FillsRead{read.symbol, id, of_order}, now);
            if (!was_unknown) tell_missed(std::span{house_.changes}.subspan(before), now);
        } else if (wanted != nullptr) {
            // A trade from before the order was placed is somebody else's, however well it fits.
            if (std::any_of(of_order.begin(), of_order.end(), [wanted](const domain::Fill& fill) {
                    return fill.time + trade_time_margin >= wanted->placed.exchange &&
                           orders::could_be_fill_of(fill, wanted->order);
                }))
                might_be_it.push_back(of_order.front().order_id);
        }
        first = last;
    }
    if (!read.order_id && !read.looking_for) {
        house_.watch_trades(read.symbol, fills);
        if (SymbolDesk* desk = house_.desk(read.symbol))
            desk->trades_asked = std::max(desk->trades_asked, asked.monotonic);
    }
    if (!read.looking_for) return;
    suspects_.begin(*read.looking_for, read.symbol, asked, std::move(might_be_it));
    if (suspects_.next(*read.looking_for))
        ask_for_suspect(*read.looking_for, read.symbol, now);
    else
        house_.lookups.on_trades(*read.looking_for, false, asked, now.moment());
}

void ReadDesk::ask_for_suspect(const domain::ClientOrderId& wanted, const domain::Symbol& symbol,
                               const Now& now) {
    if (const auto order = suspects_.next(wanted))
        request(ReadSuspect{symbol, *order, wanted}, domain::Lane::reconcile, now);
}

void ReadDesk::take_view(const domain::OrderView& view, orders::Moment asked, const Now& now) {
    const std::size_t before = house_.changes.size();
    house_.ledger.on_order_view(view, asked, now.moment(), house_.changes);
    if (house_.changes.size() != before) house_.persist(journal::OrderViewRead{view, false}, now);
}

void ReadDesk::on_suspect(const ReadSuspect& read, const domain::OrderView& view, orders::Moment asked,
                          const Now& now) {
    if (house_.ledger.find(view.client_order_id) != nullptr) take_view(view, asked, now);
    if (view.client_order_id == read.looking_for) {
        suspects_.drop(read.looking_for);
        return settle_lookup(read.looking_for, now);
    }
    if (const auto trades_asked = suspects_.clear(read.looking_for, read.symbol, read.order))
        house_.lookups.on_trades(read.looking_for, false, *trades_asked, now.moment());
    else
        ask_for_suspect(read.looking_for, read.symbol, now);
}

void ReadDesk::tell_missed(std::span<const orders::OrderChange> changes, const Now& now) {
    for (const orders::OrderChange& change : changes) {
        if (change.kind != orders::OrderChangeKind::fill) continue;
        const base::nanoseconds late = now.exchange - change.fill->time;
        if (late < report_patience) continue;  // its report may still be under way
        house_.outbox.tell(Event::order_report_missed,
                           {field("symbol", change.symbol), field("client_order_id", change.client_order_id),
                            field("late_ms", late)});
        return;  // one word an order
    }
}

void ReadDesk::on_account(const domain::AccountSnapshot& account, const Now& now) {
    house_.verified = now.monotonic;
    house_.ledger.on_account(account);
    house_.maker_fee = account.maker_commission;
    house_.taker_fee = account.taker_commission;

    // A difference counts only when nothing is under way that could explain it, when a later sweep agrees on
    // it, and when the own trades that could be behind it were asked for and told in between: a fill of which
    // no word came is none from outside.
    const bool quiet = house_.lookups.size() == 0 && house_.ledger.missing_fills().empty();
    auto differences = house_.ledger.differences();
    if (!quiet || differences.empty()) {
        seen_.reset();
        return;
    }
    if (!seen_ || seen_->differences != differences) {
        seen_ = Seen{std::move(differences), now.monotonic};
        return;
    }
    if (std::any_of(house_.symbols.begin(), house_.symbols.end(), [this](const SymbolDesk& desk) {
            return desk.trades_asked < seen_->at && is_concerned(desk);
        }))
        return;
    // An order that was under way then and has no word yet is not known by the exchange's number, so that its
    // trades are nobody's.
    if (std::any_of(house_.placing.begin(), house_.placing.end(),
                    [this](const auto& one) { return one.second.permitted <= seen_->at; }))
        return;
    if (!house_.ledger.accept_balances(account))
        return;  // overtaken by a newer statement: the next sweep's turn
    seen_.reset();
    for (const orders::BalanceDifference& each : differences)
        house_.outbox.tell(Event::account_changed_outside,
                           {field("asset", each.asset), field("change", each.stated - each.expected),
                            field("total", each.stated)});
    house_.persist(journal::AccountRead{account, true}, now);
}

void ReadDesk::tell_changed_rules(const domain::SymbolRules& before, const domain::SymbolRules& after) {
    const auto compare = [&](std::string_view rule, const std::string& was, const std::string& is) {
        if (was != is)
            house_.outbox.tell(Event::market_rules_changed,
                               {field("symbol", after.symbol), field("rule", rule), field("before", was),
                                field("after", is)});
    };
    const auto text = [](const auto& filter, const auto& value) {
        return filter ? ((*filter).*value).str() : std::string{"none"};
    };
    compare("tick size", text(before.price, &domain::PriceFilter::tick),
            text(after.price, &domain::PriceFilter::tick));
    compare("least quantity", text(before.lot, &domain::LotSize::min),
            text(after.lot, &domain::LotSize::min));
    compare("step size", text(before.lot, &domain::LotSize::step), text(after.lot, &domain::LotSize::step));
    compare("least notional", text(before.notional, &domain::NotionalFilter::min),
            text(after.notional, &domain::NotionalFilter::min));
}

void ReadDesk::tell_budgets() {
    std::int64_t weight_limit = 0;
    std::int64_t weight_budget = 0;
    std::int64_t in_ten_seconds = 0;
    std::int64_t in_a_day = 0;
    for (std::size_t i = 0; i < house_.governor.limit_count(); ++i) {
        const governor::Usage usage = house_.governor.usage(i);
        if (usage.limit.type == domain::RateLimitType::request_weight) {
            weight_limit = usage.limit.limit;
            weight_budget = usage.budget;
        }
        if (usage.limit.type != domain::RateLimitType::orders) continue;
        if (usage.limit.window == base::seconds{10}) in_ten_seconds = usage.limit.limit;
        if (usage.limit.window == base::seconds{86'400}) in_a_day = usage.limit.limit;
    }
    house_.outbox.tell(Event::governor_budgets_loaded,
                       {field("weight_limit", weight_limit), field("weight_budget", weight_budget),
                        field("orders_10s", in_ten_seconds), field("orders_1d", in_a_day)});
}

void ReadDesk::on_rules(const domain::ExchangeInfo& info, const Now& now) {
    if (house_.governor.set_limits(info.rate_limits)) tell_budgets();
    for (const domain::SymbolRules& rules : info.symbols) {
        SymbolDesk* desk = house_.desk(rules.symbol);
        if (desk == nullptr) continue;
        if (desk->rules.status != rules.status && !desk->rules.symbol.empty())
            house_.outbox.tell(
                Event::market_symbol_status,
                {field("symbol", rules.symbol), field("before", domain::to_string(desk->rules.status)),
                 field("after", domain::to_string(rules.status))});
        if (!rules.unknown_filters.empty() && !desk->told_unknown_filters) {
            desk->told_unknown_filters = true;
            for (const std::string& filter : rules.unknown_filters)
                house_.outbox.tell(Event::market_filter_unknown,
                                   {field("symbol", rules.symbol), field("filter", filter)});
        }
        if (!desk->rules.symbol.empty()) tell_changed_rules(desk->rules, rules);
        desk->rules = rules;
        // After a restart the journal's orders are replayed before the exchange can be asked for the rules.
        const orders::SymbolAssets* known = house_.ledger.assets(rules.symbol);
        if (known == nullptr || known->base != rules.base || known->quote != rules.quote ||
            known->step != rules.step())
            house_.persist(journal::SymbolLearned{rules.symbol, rules.base, rules.quote, rules.step()}, now);
        house_.ledger.learn(rules);
    }
}

}  // namespace vigil::engine
