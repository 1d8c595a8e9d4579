// Properties of the ledger over random histories: the order of arrival does not matter, and all sums are
// those of a naive model.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <variant>

#include "fixtures.h"
#include "orders/ledger.h"
#include "seed.h"

namespace vigil::orders::test {
namespace {

struct FillsRead {
    ClientOrderId id;
    std::vector<Fill> fills;
};
using Event = std::variant<OrderOutcome, ExecutionReport, OrderView, FillsRead>;

void apply(Ledger& ledger, const Event& event, OrderChanges& out) {
    const Moment now = at(1000);
    if (const auto* answered = std::get_if<OrderOutcome>(&event)) ledger.on_outcome(*answered, now, out);
    if (const auto* reported = std::get_if<ExecutionReport>(&event)) ledger.on_execution(*reported, now, out);
    if (const auto* viewed = std::get_if<OrderView>(&event)) ledger.on_order_view(*viewed, now, now, out);
    if (const auto* read = std::get_if<FillsRead>(&event)) ledger.on_fills(read->id, read->fills, now, out);
}

/// One order's whole story at the exchange, and everything that is sent about it.
struct Story {
    NewOrder order;
    std::vector<Fill> fills;
    OrderState end{OrderState::open};
    bool is_cancelled_by_us{false};
    std::vector<Event> events;
};

class Stories {
  public:
    explicit Stories(unsigned seed) : random_{seed} {}

    std::size_t below(std::size_t bound) {
        return std::uniform_int_distribution<std::size_t>{0, bound - 1}(random_);
    }
    std::mt19937& engine() { return random_; }

    Story make(std::uint64_t counter) {
        Story story;
        story.order = limit(counter, below(2) == 0 ? Side::buy : Side::sell, "1", "1",
                            static_cast<std::uint16_t>(below(3)), static_cast<std::uint32_t>(counter));
        story.order.quantity = Quantity::from_raw(100 + static_cast<std::int64_t>(below(500'000'000)));
        story.order.price = Price::from_raw(1'000'000 + static_cast<std::int64_t>(below(9'000'000'000)));
        const std::array ends{OrderState::filled,    OrderState::filled, OrderState::cancelled,
                              OrderState::expired,   OrderState::open,   OrderState::rejected,
                              OrderState::never_sent};
        story.end = ends[below(ends.size())];
        if (story.end == OrderState::rejected) {
            story.events.emplace_back(outcome(story.order, domain::OutcomeRejected{-2010, "no", 400}));
            return story;
        }
        if (story.end == OrderState::never_sent) {
            story.events.emplace_back(outcome(story.order, domain::OutcomeNeverSent{"expired"}));
            return story;
        }
        add_fills(story);
        tell(story);
        return story;
    }

  private:
    void add_fills(Story& story) {
        std::int64_t left = story.order.quantity->raw();
        const std::size_t parts = 1 + below(4);
        for (std::size_t i = 0; i < parts; ++i) {
            const bool is_last = i + 1 == parts && story.end == OrderState::filled;
            const std::int64_t part =
                is_last ? left : static_cast<std::int64_t>(below(static_cast<std::size_t>(left)));
            if (part == 0) continue;
            left -= part;
            Fill each = fill(story.order, next_trade_++, "1", "1", "0", std::array{btc, usdt, bnb}[below(3)]);
            each.price = *story.order.price;
            each.quantity = Quantity::from_raw(part);
            each.quote_quantity = *domain::notional(each.price, each.quantity, domain::Rounding::down);
            each.commission = Amount::from_raw(static_cast<std::int64_t>(below(1000)));
            each.time = at(next_trade_).exchange;
            story.fills.push_back(each);
        }
    }

    /// Everything that tells of the order, from each source; what is told in the end is enough to know all.
    void tell(Story& story) {
        const NewOrder& order = story.order;
        story.events.emplace_back(report(order, ExecutionType::new_order, OrderStatus::new_order));
        Quantity executed;
        Amount quote;
        std::vector<Fill> so_far;
        for (const Fill& each : story.fills) {
            executed += each.quantity;
            quote += each.quote_quantity;
            so_far.push_back(each);
            ExecutionReport event = trade(order, each, executed);
            event.executed_quote = quote;
            story.events.emplace_back(event);
            if (below(2) == 0)
                story.events.emplace_back(view(order, OrderStatus::partially_filled, executed, quote));
            if (below(2) == 0) story.events.emplace_back(FillsRead{order.client_order_id, so_far});
        }
        if (story.end == OrderState::cancelled) {
            story.is_cancelled_by_us = below(2) == 0;
            const OrderView gone = view(order, OrderStatus::canceled, executed, quote);
            if (story.is_cancelled_by_us)
                story.events.emplace_back(outcome(order, domain::OutcomeAccepted{gone, {}}, true, 2000));
            story.events.emplace_back(
                report(order, ExecutionType::canceled, OrderStatus::canceled, executed, quote));
        }
        if (story.end == OrderState::expired)
            story.events.emplace_back(
                report(order, ExecutionType::expired, OrderStatus::expired, executed, quote));
        switch (below(3)) {
            case 0:
                story.events.emplace_back(outcome(order, domain::OutcomeUnknown{"lost"}));
                break;
            case 1:
                story.events.emplace_back(
                    outcome(order, domain::OutcomeAccepted{view(order, OrderStatus::new_order), {}}));
                break;
            default:
                story.events.emplace_back(
                    outcome(order, domain::OutcomeAccepted{
                                       view(order, OrderStatus::partially_filled, executed, quote), so_far}));
        }
        if (story.end == OrderState::open && executed.is_positive()) story.end = OrderState::partially_filled;
    }

    std::mt19937 random_;
    std::int64_t next_trade_{1};
};

/// Everything about a ledger that a restart or a strategy could notice.
std::string portrait(const Ledger& ledger, const std::vector<Story>& stories) {
    std::string text;
    const auto put = [&text](auto... parts) { ((text += std::string{parts} + " "), ...); };
    for (const Story& story : stories) {
        const OrderRecord* record = ledger.find(story.order.client_order_id);
        if (record == nullptr) {
            put("missing");
            continue;
        }
        put(std::string{record->id().view()}, std::string{to_string(record->state)}, record->executed.str(),
            record->filled.str(), record->filled_quote.str(), std::to_string(record->fills.size()),
            std::to_string(record->is_settled), std::to_string(record->lookup_wanted),
            std::to_string(record->fills_missing()));
        text += "\n";
    }
    std::map<int, std::string> holdings;
    for (const HoldingView& h : ledger.holdings()) {
        std::string& line = holdings[h.strategy.value];
        line = h.position.inventory.str() + " " + h.position.cost.str() + " " + h.position.realised.str() +
               " " + h.position.fees_base.str() + " " + h.position.fees_quote.str() + " " +
               h.committed_quote.str() + " " + h.reserved_base.str() + " " + h.sellable.str() + " " +
               std::to_string(h.live_orders);
        for (const AssetAmount& fee : h.other_fees) line += " " + fee.asset.str() + fee.amount.str();
    }
    for (const auto& [strategy, line] : holdings) put("holding", std::to_string(strategy), line, "\n");
    put("open", std::to_string(ledger.open_orders()), "live", std::to_string(ledger.live().size()));
    for (const Asset& each : {btc, usdt, bnb}) put(each.str(), ledger.balances().expected_now(each).str());
    const auto last = ledger.last_trade(btcusdt);
    put("last", last ? std::to_string(last->value) : "none");
    return text;
}

void begin(Ledger& ledger, const std::vector<Story>& stories, OrderChanges& changes) {
    ledger.on_account(
        account({{usdt, amount("1000000"), amount("0")}, {btc, amount("1000"), amount("0")}}, 0));
    for (const Story& story : stories) {
        ASSERT_TRUE(ledger.placing(intent(story.order), at(0), std::nullopt, changes));
        if (story.end != OrderState::never_sent) ledger.on_sent(story.order.client_order_id, at(0));
        if (story.is_cancelled_by_us) {
            ASSERT_TRUE(ledger.placing(cancel_of(story.order), at(1), std::nullopt, changes));
        }
    }
}

// In any order, some of it doubled: the same ledger, the same news, and no contradiction.
TEST(LedgerProperty, TheOrderOfArrivalDoesNotMatter) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Stories make{seed};
    for (int round = 0; round < 60; ++round) {
        std::vector<Story> stories;
        std::vector<Event> events;
        for (std::uint64_t i = 1; i <= 6; ++i) {
            stories.push_back(make.make(i));
            events.insert(events.end(), stories.back().events.begin(), stories.back().events.end());
        }
        std::string expected;
        for (int permutation = 0; permutation < 20; ++permutation) {
            std::vector<Event> shuffled = events;
            if (permutation > 0) {
                for (std::size_t i = 0; i < events.size(); ++i)
                    if (make.below(3) == 0) shuffled.push_back(events[i]);
                std::shuffle(shuffled.begin(), shuffled.end(), make.engine());
            }
            KnownLedger ledger;
            OrderChanges changes;
            ASSERT_NO_FATAL_FAILURE(begin(ledger, stories, changes));
            for (const Event& event : shuffled) apply(ledger, event, changes);
            if (permutation == 0) expected = portrait(ledger, stories);
            ASSERT_EQ(portrait(ledger, stories), expected) << "round " << round;

            // What was told is told once, whatever came how often.
            ASSERT_EQ(count(changes, Kind::contradiction), 0);
            int fills = 0;
            for (const Story& story : stories) {
                ASSERT_EQ(ledger.find(story.order.client_order_id)->state, story.end);
                fills += static_cast<int>(story.fills.size());
                int finals = 0;
                for (const OrderChange& change : changes)
                    if (change.client_order_id == story.order.client_order_id &&
                        (change.kind == Kind::filled || change.kind == Kind::cancelled ||
                         change.kind == Kind::expired || change.kind == Kind::rejected ||
                         change.kind == Kind::never_sent))
                        ++finals;
                ASSERT_EQ(finals, is_final(story.end) ? 1 : 0);
            }
            ASSERT_EQ(count(changes, Kind::fill), fills);
        }
    }
}

// Any part of the news may be missing: what is told in the end never claims more than is known, and one
// look-up with the order's trades puts everything right.
TEST(LedgerProperty, MissingNewsIsNoticedAndALookUpPutsItRight) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Stories make{seed};
    for (int round = 0; round < 300; ++round) {
        std::vector<Story> stories{make.make(1), make.make(2)};
        std::vector<Event> some;
        for (const Story& story : stories)
            for (const Event& event : story.events)
                if (make.below(2) == 0) some.push_back(event);
        std::shuffle(some.begin(), some.end(), make.engine());
        KnownLedger ledger;
        OrderChanges changes;
        ASSERT_NO_FATAL_FAILURE(begin(ledger, stories, changes));
        for (const Event& event : some) apply(ledger, event, changes);
        for (const Story& story : stories) {
            const OrderRecord* record = ledger.find(story.order.client_order_id);
            const bool exists = story.end != OrderState::rejected && story.end != OrderState::never_sent;
            if (exists && is_final(record->state)) {
                ASSERT_EQ(record->state, story.end);
                if (record->is_settled) {
                    ASSERT_EQ(record->executed, record->filled);
                }
            }
            if (!exists) continue;
            Quantity executed;
            Amount quote;
            for (const Fill& each : story.fills) {
                executed += each.quantity;
                quote += each.quote_quantity;
            }
            const OrderStatus status = story.end == OrderState::filled      ? OrderStatus::filled
                                       : story.end == OrderState::cancelled ? OrderStatus::canceled
                                       : story.end == OrderState::expired   ? OrderStatus::expired
                                       : executed.is_positive()             ? OrderStatus::partially_filled
                                                                            : OrderStatus::new_order;
            ledger.on_order_view(view(story.order, status, executed, quote), at(3000), at(3001), changes);
            if (ledger.find(story.order.client_order_id)->fills_missing())
                ledger.on_fills(story.order.client_order_id, story.fills, at(3002), changes);
            record = ledger.find(story.order.client_order_id);
            ASSERT_EQ(record->filled, executed);
            ASSERT_EQ(record->is_settled, is_final(story.end));
            if (is_final(story.end)) {
                ASSERT_EQ(record->state, story.end);
            }
        }
        ASSERT_EQ(count(changes, Kind::contradiction), 0);
    }
}

// Sums against a model that simply adds up.
TEST(LedgerProperty, SumsAreThoseOfANaiveModel) {
    const unsigned seed = test::test_seed();
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    Stories make{seed};
    std::vector<Story> stories;
    std::vector<Event> events;
    for (std::uint64_t i = 1; i <= 400; ++i) {
        stories.push_back(make.make(i));
        events.insert(events.end(), stories.back().events.begin(), stories.back().events.end());
    }
    KnownLedger ledger;
    OrderChanges changes;
    ASSERT_NO_FATAL_FAILURE(begin(ledger, stories, changes));
    for (const Event& event : events) apply(ledger, event, changes);

    std::map<std::string, std::int64_t> balances{{"USDT", amount("1000000").raw()},
                                                 {"BTC", amount("1000").raw()}};
    std::map<int, std::int64_t> inventory;
    std::map<int, std::int64_t> cash;
    std::map<int, std::int64_t> committed;
    std::map<int, std::int64_t> reserved;
    int open = 0;
    for (const Story& story : stories) {
        const int strategy = parse_client_order_id(story.order.client_order_id.view())->strategy.value;
        const int sign = story.order.side == Side::buy ? 1 : -1;
        Quantity left = *story.order.quantity;
        for (const Fill& each : story.fills) {
            left -= each.quantity;
            balances["BTC"] += sign * each.quantity.raw();
            balances["USDT"] -= sign * each.quote_quantity.raw();
            balances[each.commission_asset.str()] -= each.commission.raw();
            inventory[strategy] += sign * each.quantity.raw();
            cash[strategy] -= sign * each.quote_quantity.raw();
            if (each.commission_asset == btc) inventory[strategy] -= each.commission.raw();
            if (each.commission_asset == usdt) cash[strategy] -= each.commission.raw();
        }
        if (is_final(story.end)) continue;
        ++open;
        if (sign > 0)
            committed[strategy] += domain::notional(*story.order.price, left, domain::Rounding::up)->raw();
        else
            reserved[strategy] += left.raw();
    }
    EXPECT_EQ(ledger.open_orders(), open);
    EXPECT_EQ(ledger.open_orders(btcusdt), open);
    for (const auto& [name, expected] : balances)
        EXPECT_EQ(ledger.balances().expected_now(asset(name)).raw(), expected) << name;
    for (const HoldingView& h : ledger.holdings()) {
        EXPECT_EQ(h.position.inventory.raw(), inventory[h.strategy.value]);
        EXPECT_EQ(h.position.realised.raw() - h.position.cost.raw(), cash[h.strategy.value]);
        EXPECT_EQ(h.committed_quote.raw(), committed[h.strategy.value]);
        EXPECT_EQ(h.reserved_base.raw(), reserved[h.strategy.value]);
    }
    for (const Story& story : stories) {
        const bool is_live = !is_final(story.end);
        EXPECT_EQ(ledger.in_slot(ledger.find(story.order.client_order_id)->strategy,
                                 ledger.find(story.order.client_order_id)->slot) != nullptr,
                  is_live);
    }
}

}  // namespace
}  // namespace vigil::orders::test
