// Samples of every kind of record, and what the codec makes of them.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "support.h"

namespace vigil::journal::test {

namespace {

domain::OrderView sample_view() {
    domain::OrderView view;
    view.symbol = *domain::Symbol::from("\xe5\xb8\x81\xe5\xae\x89USDT");
    view.order_id = domain::OrderId{std::numeric_limits<std::int64_t>::max()};
    view.client_order_id = *domain::ClientOrderId::from("web_3f");
    view.side = domain::Side::sell;
    view.type = domain::OrderType::stop_loss_limit;
    view.time_in_force = domain::TimeInForce::fok;
    view.status = domain::OrderStatus::expired_in_match;
    view.price = domain::Price::literal("0.00000001");
    view.stop_price = domain::Price::literal("92233720368.54775807");
    view.quantity = domain::Quantity::literal("1");
    view.executed = domain::Quantity::literal("0.5");
    view.executed_quote = domain::Amount::literal("-1");
    view.created = base::ExchangeTime{base::microseconds{1}};
    view.updated = base::ExchangeTime{base::microseconds{1'700'000'000'123'456}};
    return view;
}

domain::Fill sample_fill(std::int64_t id) {
    domain::Fill fill;
    fill.trade_id = domain::TradeId{id};
    fill.order_id = domain::OrderId{77};
    fill.price = domain::Price::literal("61556.04");
    fill.quantity = domain::Quantity::literal("0.00123");
    fill.quote_quantity = domain::Amount::literal("75.71392920");
    fill.commission = domain::Amount::literal("0.00000123");
    fill.commission_asset = *domain::Asset::from("BNB");
    fill.is_maker = true;
    fill.side = domain::Side::sell;
    fill.time = base::ExchangeTime{base::microseconds{1'700'000'000'000'001}};
    return fill;
}

domain::ExecutionReport sample_report() {
    domain::ExecutionReport report;
    report.symbol = *domain::Symbol::from("BTCUSDT");
    report.order_id = domain::OrderId{77};
    report.client_order_id = *domain::ClientOrderId::from("vtest-0-7-9");
    report.type = domain::OrderType::limit_maker;
    report.time_in_force = domain::TimeInForce::ioc;
    report.execution = domain::ExecutionType::trade_prevention;
    report.status = domain::OrderStatus::pending_cancel;
    report.reject_reason = "INSUFFICIENT_BALANCES";
    report.price = domain::Price::literal("1.5");
    report.stop_price = domain::Price::literal("2.5");
    report.quantity = domain::Quantity::literal("3.5");
    report.executed = domain::Quantity::literal("1.25");
    report.executed_quote = domain::Amount::literal("4.5");
    report.event_time = base::ExchangeTime{base::microseconds{5}};
    report.transact_time = base::ExchangeTime{base::microseconds{6}};
    return report;
}

domain::OrderOutcome sample_outcome(decltype(domain::OrderOutcome::result) result) {
    domain::OrderOutcome outcome;
    outcome.symbol = *domain::Symbol::from("BTCUSDT");
    outcome.client_order_id = *domain::ClientOrderId::from("vtest-0-7-9");
    outcome.is_cancel = true;
    outcome.result = std::move(result);
    outcome.sent = base::MonotonicTime{base::nanoseconds{9'007'199'254'740'993}};
    outcome.answered = base::MonotonicTime{base::nanoseconds{std::numeric_limits<std::int64_t>::max()}};
    return outcome;
}

}  // namespace

std::vector<Record> sample_records() {
    std::vector<Record> all;
    all.emplace_back(
        SessionStarted{"0.1.0",
                       "simulator",
                       "ab12",
                       "x7k2",
                       {*domain::StrategyName::from("grid-btc"), *domain::StrategyName::from("dca")}});
    all.emplace_back(SessionStopped{true, "SIGTERM"});
    all.emplace_back(SymbolLearned{*domain::Symbol::from("BTCUSDT"), *domain::Asset::from("BTC"),
                                   *domain::Asset::from("USDT"), domain::Quantity::literal("0.00001")});
    all.emplace_back(CounterBlockReserved{std::numeric_limits<std::uint64_t>::max(), 1000});
    DecisionMade decision;
    decision.client_order_id = *domain::ClientOrderId::from("vtest-0-7-9");
    decision.strategy = *domain::StrategyName::from("grid-btc");
    decision.symbol = *domain::Symbol::from("BTCUSDT");
    decision.bid = {domain::Price::literal("61556.03"), domain::Quantity::literal("0.5")};
    decision.book_age = base::nanoseconds{12'345'678};
    decision.inventory = domain::Quantity::literal("0.25");
    decision.cost = domain::Amount::literal("15000.5");
    decision.realised = domain::Amount::literal("-3");
    decision.budget = domain::Amount::literal("20000");
    decision.invested = domain::Amount::literal("15000");
    decision.committed = domain::Amount::literal("100");
    decision.sellable = domain::Quantity::literal("0.2");
    decision.position = domain::Quantity::literal("0.3");
    decision.open_orders = 7;
    decision.open_orders_symbol = 5;
    decision.waiting = 2;
    decision.ladder = "normal";
    all.emplace_back(decision);
    decision.free_quote = domain::Amount::literal("1");
    decision.free_base = domain::Amount::literal("2");
    decision.profit = domain::Amount::literal("-0.00000001");
    all.emplace_back(decision);
    all.emplace_back(LedgerStated{"balance BTC 1\norder vtest-0-7-9 open\n"});
    all.emplace_back(IntentPermitted{placement(1), base::MonotonicTime{base::nanoseconds{5}}});
    domain::Intent market = placement(2);
    auto& order = std::get<domain::NewOrder>(market.action);
    order.quantity.reset();
    order.price.reset();
    order.time_in_force.reset();
    order.quote_quantity = domain::Amount::literal("50");
    order.stop_price = domain::Price::literal("7");
    market.lane = domain::Lane::emergency_cancel;
    market.strategy = domain::StrategyIndex{65535};
    market.slot = domain::Slot{4294967295};
    all.emplace_back(IntentPermitted{market, base::MonotonicTime{}});
    all.emplace_back(IntentPermitted{cancellation(3), base::MonotonicTime{base::nanoseconds{-1}}});
    all.emplace_back(OutcomeReceived{
        sample_outcome(domain::OutcomeAccepted{sample_view(), {sample_fill(1), sample_fill(2)}})});
    all.emplace_back(OutcomeReceived{
        sample_outcome(domain::OutcomeRejected{-2010, "quote \" slash \\ line\nbreak", 400})});
    all.emplace_back(OutcomeReceived{sample_outcome(domain::OutcomeUnknown{"deadline"})});
    all.emplace_back(OutcomeReceived{sample_outcome(domain::OutcomeNeverSent{""})});
    all.emplace_back(ExecutionReceived{sample_report()});
    auto with_fill = sample_report();
    with_fill.fill = sample_fill(3);
    with_fill.client_order_id = {};
    all.emplace_back(ExecutionReceived{with_fill});
    all.emplace_back(FillsRead{*domain::Symbol::from("BTCUSDT"),
                               *domain::ClientOrderId::from("vtest-0-7-9"),
                               {sample_fill(4), sample_fill(5)}});
    all.emplace_back(OrderViewRead{sample_view(), true});
    all.emplace_back(
        OrderNotFound{*domain::Symbol::from("BTCUSDT"), *domain::ClientOrderId::from("vtest-0-7-9")});
    all.emplace_back(ReconcileDone{true, "sound, 2 resolved"});
    all.emplace_back(StrategyStateSaved{*domain::StrategyName::from("dca"),
                                        *domain::StrategyState::from("{\"spent\":\"12\"}")});
    all.emplace_back(LadderStateSaved{"ladder halt 5\nby ann\nreason kill\n"});
    all.emplace_back(BanStateSaved{"until 17"});
    domain::AccountSnapshot account;
    account.balances = {
        {*domain::Asset::from("BTC"), domain::Amount::literal("0.1"), domain::Amount::literal("0.2")},
        {*domain::Asset::from("USDT"), domain::Amount::literal("5"), {}}};
    account.maker_commission = domain::Rate::literal("0.001");
    account.taker_commission = domain::Rate::literal("0.0015");
    account.can_trade = true;
    account.uid = 354937868;
    account.updated = base::ExchangeTime{base::microseconds{8}};
    all.emplace_back(AccountRead{account, true});
    all.emplace_back(AccountPositionReceived{{account.balances, base::ExchangeTime{base::microseconds{9}},
                                              base::ExchangeTime{base::microseconds{10}}}});
    all.emplace_back(BalanceUpdateReceived{{*domain::Asset::from("USDT"), domain::Amount::literal("-100.5"),
                                            base::ExchangeTime{base::microseconds{11}},
                                            base::ExchangeTime{base::microseconds{12}}}});
    return all;
}

namespace {

TEST(RecordCodec, SamplesCoverEveryKind) {
    std::set<std::size_t> alternatives;
    std::set<std::string_view> kinds;
    for (const Record& record : sample_records()) {
        alternatives.insert(record.index());
        kinds.insert(kind_of(record));
    }
    EXPECT_EQ(alternatives.size(), std::variant_size_v<Record>);
    EXPECT_EQ(kinds.size(), std::variant_size_v<Record>);
}

// Nothing is lost: what is read back is written as the same text, and it differs whenever a member differs
// (see EveryMemberIsWritten).
TEST(RecordCodec, ReadsBackWhatWasWritten) {
    for (const Record& record : sample_records()) {
        const std::string text = encode(record);
        const auto read = decode(kind_of(record), text);
        ASSERT_TRUE(read) << kind_of(record) << ": " << read.error().message;
        EXPECT_EQ(read->index(), record.index());
        EXPECT_EQ(encode(*read), text);
        EXPECT_EQ(order_of(*read), order_of(record));
        EXPECT_EQ(text.find('\n'), std::string::npos);
    }
}

TEST(RecordCodec, ValuesComeBackAsTheyWere) {
    const auto records = sample_records();
    const auto back = [](const Record& record) { return *decode(kind_of(record), encode(record)); };
    for (const Record& record : records) {
        const Record read = back(record);
        if (const auto* r = std::get_if<OrderViewRead>(&record)) {
            EXPECT_EQ(std::get<OrderViewRead>(read).view, r->view);
            EXPECT_TRUE(std::get<OrderViewRead>(read).adopted);
        }
        if (const auto* r = std::get_if<FillsRead>(&record)) {
            EXPECT_EQ(std::get<FillsRead>(read).fills, r->fills);
        }
        if (const auto* r = std::get_if<IntentPermitted>(&record)) {
            const domain::Intent& intent = std::get<IntentPermitted>(read).intent;
            EXPECT_EQ(intent.action, r->intent.action);
            EXPECT_EQ(intent.strategy, r->intent.strategy);
            EXPECT_EQ(intent.slot, r->intent.slot);
            EXPECT_EQ(intent.lane, r->intent.lane);
            EXPECT_EQ(intent.reason, r->intent.reason);
            EXPECT_EQ(intent.expires, r->intent.expires);
            EXPECT_EQ(std::get<IntentPermitted>(read).permitted, r->permitted);
        }
        if (const auto* r = std::get_if<OutcomeReceived>(&record)) {
            EXPECT_EQ(std::get<OutcomeReceived>(read).outcome.result.index(), r->outcome.result.index());
            EXPECT_EQ(std::get<OutcomeReceived>(read).outcome.sent, r->outcome.sent);
            EXPECT_EQ(std::get<OutcomeReceived>(read).outcome.answered, r->outcome.answered);
        }
        if (const auto* r = std::get_if<AccountRead>(&record)) {
            EXPECT_EQ(std::get<AccountRead>(read).account.balances, r->account.balances);
            EXPECT_EQ(std::get<AccountRead>(read).account.uid, r->account.uid);
        }
        if (const auto* r = std::get_if<CounterBlockReserved>(&record)) {
            EXPECT_EQ(std::get<CounterBlockReserved>(read).first, r->first);
        }
    }
}

TEST(RecordCodec, DecimalsAreTextAndTimesAreIntegers) {
    const auto json = nlohmann::json::parse(encode(IntentPermitted{placement(1), {}}));
    EXPECT_EQ(json["place"]["price"], "61556.04");
    EXPECT_EQ(json["place"]["quantity"], "0.00123");
    EXPECT_EQ(json["expires_ns"], 456);
    EXPECT_EQ(json["place"].contains("stop_price"), false);
}

TEST(RecordCodec, TextThatIsNotUtf8IsReplacedNotThrownAt) {
    const Record record = OutcomeReceived{sample_outcome(domain::OutcomeUnknown{"bad \xff\xfe byte"})};
    const auto read = decode("outcome", encode(record));
    ASSERT_TRUE(read);
    EXPECT_NE(
        std::get<domain::OutcomeUnknown>(std::get<OutcomeReceived>(*read).outcome.result).why.find("bad"),
        std::string::npos);
}

TEST(RecordCodec, UnknownMembersAreIgnored) {
    EXPECT_TRUE(decode("session_stopped", R"({"clean":true,"why":"x","later":[1,2]})"));
}

// Every member is needed: taken away, or of another type, it is an error that names the record, and never a
// throw.
TEST(RecordCodec, WhatIsMissingOrMistypedIsAnError) {
    for (const Record& record : sample_records()) {
        const std::string_view kind = kind_of(record);
        const auto whole = nlohmann::json::parse(encode(record));
        for (const auto& [name, value] : whole.items()) {
            // The optional members are those that say which of several things it is, and what was not known.
            auto without = whole;
            without.erase(name);
            const bool is_optional =
                name == "fill" || name == "free_quote" || name == "free_base" || name == "profit";
            const auto read = decode(kind, without.dump());
            ASSERT_EQ(read.has_value(), is_optional) << kind << " without " << name;
            if (!read) {
                EXPECT_EQ(read.error().kind, base::ErrorKind::corrupt);
            }
            for (const nlohmann::json& other :
                 {nlohmann::json{}, nlohmann::json{1.5}, nlohmann::json::array({nullptr})}) {
                auto changed = whole;
                changed[name] = other;
                const auto wrong = decode(kind, changed.dump());
                if (is_optional && other.is_null()) continue;
                ASSERT_FALSE(wrong) << kind << " with " << name << " = " << other.dump();
            }
        }
    }
    for (const char* body : {"", "null", "[]", "{", "3", "\"x\"", "{}"})
        EXPECT_FALSE(decode("account", body)) << body;
    EXPECT_FALSE(decode("counter_block", R"({"first":-1,"count":1})"));
    EXPECT_FALSE(decode("counter_block", R"({"first":1e3,"count":1})"));
    EXPECT_FALSE(decode("symbol", R"({"symbol":"A","base":"B","quote":"C","step":"1e-5"})"));
    EXPECT_FALSE(decode("symbol", R"({"symbol":"A","base":"B","quote":"C","step":0.1})"));
}

TEST(RecordCodec, AKindOfALaterVersionIsNamed) {
    const auto read = decode("teleport", "{}");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, base::ErrorKind::unsupported);
    EXPECT_NE(read.error().message.find("teleport"), std::string::npos);
}

}  // namespace
}  // namespace vigil::journal::test
