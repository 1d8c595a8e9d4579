// Every sample answer and event of the recorded data, one by one, against what this exchange answers to the
// same call: the same members, of the same JSON types, at every depth. What may differ is listed below, each
// with the reason; an entry that no sample needs fails, too.
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <sstream>

#include "exchange/sample_shapes.h"
#include "exchange/server_world.h"
#include "exchange/ticker_render.h"
#include "exchange/ws_render.h"

namespace vigil::exchange {
namespace {

struct Exception {
    std::string_view sample;  ///< begins with this
    std::string_view fields;  ///< separated by blanks
    std::string_view reason;
};

// A field that only one of the two has, or that differs in type.
constexpr Exception exceptions[]{
    {"binance-net GetExchangeInfo",
     ".rateLimits[].interval .rateLimits[].intervalNum .rateLimits[].limit .rateLimits[].rateLimitType "
     ".symbols[].amendAllowed .symbols[].baseCommissionPrecision .symbols[].opoAllowed .symbols[].otoAllowed "
     ".symbols[].pegInstructionsAllowed .symbols[].permissionSets .symbols[].quoteCommissionPrecision",
     "left out of that sample; rest-api.md has them"},
    {"binance-net GetCommissionRates", ".specialCommission", "left out of that sample; rest-api.md has it"},
    {"binance-net PlaceTestOrder", ".specialCommissionForOrder",
     "left out of that sample; rest-api.md has it"},
    {"binance-net CancelAllOrders", "[].origQuoteOrderQty", "left out of that sample; rest-api.md has it"},
    {"binance-net CancelOrder", ".origQuoteOrderQty", "left out of that sample; rest-api.md has it"},
    {"binance-net PlaceOrder", ".origQuoteOrderQty", "left out of that sample; rest-api.md has it"},
    {"exchange_info_response", ".sors", "\"Optional field. Present only when SOR is available.\""},
    {"binance-net GetExecutionRules", ".symbolRules[].rules",
     "no symbol of this exchange has an execution rule"},
    {"recorded GET /api/v3/avgPrice", ".closeTime", "recorded in 2020; rest-api.md has it now"},
    {"executionReport", ".v", "\"only visible if the order expired due to STP\""},
    {"executionReport", ".eR", "\"Appears when the order has expired.\""},
    {"executionReport TRADE", ".N", "null only without a trade"},
    {"stream trade", ".b", "gone from web-socket-streams.md, \"Trade Streams\""},
    {"stream trade", ".a", "gone from web-socket-streams.md, \"Trade Streams\""},
};

class ServerSamples : public testing::Test {
  protected:
    void SetUp() override {
        if (!fs::exists(data_folder() / "fixtures")) GTEST_SKIP() << "no recorded data in " << data_folder();
    }

    static Json read(const fs::path& path) {
        std::ifstream file{path};
        Json parsed = Json::parse(file, nullptr, false);
        EXPECT_FALSE(parsed.is_discarded()) << path;
        return parsed;
    }
    static void each_line(const fs::path& path, const std::function<bool(const Json&)>& take) {
        std::ifstream file{path};
        ASSERT_TRUE(file) << path;
        for (std::string line; std::getline(file, line);) {
            if (line.empty()) continue;
            const Json record = Json::parse(line, nullptr, false);
            ASSERT_FALSE(record.is_discarded()) << path;
            if (!take(record)) return;
        }
    }

    static std::set<std::string> fields_of(const Exception& one) {
        std::istringstream words{std::string{one.fields}};
        return {std::istream_iterator<std::string>{words}, {}};
    }
    void check(const std::string& sample, const Json& theirs, const Json& ours) {
        std::set<std::string> allowed;
        for (const Exception& one : exceptions)
            if (sample.starts_with(one.sample)) allowed.merge(fields_of(one));
        EXPECT_EQ(differences(theirs, ours, allowed), "") << sample;
        const std::string strictly = differences(theirs, ours);
        for (const Exception& one : exceptions)
            for (const std::string& field : fields_of(one))
                if (sample.starts_with(one.sample) && strictly.find(field) != std::string::npos)
                    needed.insert(std::string{one.sample} + field);
        ++checked;
    }
    void expect_needed(std::string_view prefix) const {
        for (const Exception& one : exceptions)
            if (one.sample.starts_with(prefix)) {
                for (const std::string& field : fields_of(one))
                    EXPECT_TRUE(needed.contains(std::string{one.sample} + field)) << one.sample << field;
            }
    }

    // --- REST -------------------------------------------------------------------------------------------

    Json placed(std::string_view rest) {
        const Reply reply =
            world.sign("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&" + std::string{rest});
        EXPECT_FALSE(reply.error) << reply.message();
        return reply.body;
    }
    Json resting() { return placed("type=LIMIT&timeInForce=GTC&quantity=0.5&price=99"); }

    /// What this exchange answers to the sample's call; `many`: the sample is a list.
    Json answer(const std::string& verb, const std::string& path, bool many) {
        static const std::map<std::string, std::string> queries{
            {"GET /api/v3/ping", ""},
            {"GET /api/v3/time", ""},
            {"GET /api/v3/exchangeInfo", "symbol=BTCUSDT"},
            {"GET /api/v3/executionRules", "symbol=BTCUSDT"},
            {"GET /api/v3/klines", "symbol=BTCUSDT&interval=1m"},
            {"GET /api/v3/uiKlines", "symbol=BTCUSDT&interval=1m"},
            {"GET /api/v3/account", "+"},
            {"GET /api/v3/rateLimit/order", "+"},
            {"GET /api/v3/account/commission", "+symbol=BTCUSDT"},
            {"GET /api/v3/openOrders", "+symbol=BTCUSDT"},
            {"GET /api/v3/allOrders", "+symbol=BTCUSDT"},
            {"GET /api/v3/myTrades", "+symbol=BTCUSDT"},
            {"POST /api/v3/order/test",
             "+symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&computeCommissionRates=true"}};
        // The count of unfilled orders is not what is looked at here.
        world.clock.advance(std::chrono::seconds{11});
        const std::string route = verb + " " + path;
        if (route == "POST /api/v3/order") return placed("type=MARKET&quantity=0.1");
        const std::string order_id = resting()["orderId"].dump();
        static_cast<void>(placed("type=MARKET&quantity=0.1"));
        std::string query = "symbol=BTCUSDT";
        bool is_signed = false;
        if (path.starts_with("/api/v3/ticker") && many) query = "symbols=[\"BTCUSDT\"]";
        if (route == "GET /api/v3/order" || route == "DELETE /api/v3/order")
            query = "+symbol=BTCUSDT&orderId=" + order_id;
        if (route == "DELETE /api/v3/openOrders") query = "+symbol=BTCUSDT";
        if (const auto known = queries.find(route); known != queries.end()) query = known->second;
        if (query.starts_with('+')) {
            is_signed = true;
            query.erase(0, 1);
        }
        const Reply reply = is_signed ? world.sign(verb, path, query) : world.open(verb, path, query);
        EXPECT_FALSE(reply.error) << route << "?" << query << ": " << reply.message();
        return reply.body;
    }

    // --- Events -----------------------------------------------------------------------------------------

    template <class Write>
    static Json rendered(Write write) {
        std::string text;
        JsonWriter writer{text};
        write(writer);
        return Json::parse(text);
    }

    /// The user data events of an account whose orders rest, trade, are cancelled, expire, and so on: by
    /// kind, execution reports by kind and execution ("executionReport TRADE").
    std::map<std::string, Json> user_events() {
        static_cast<void>(resting());
        static_cast<void>(placed("type=LIMIT&timeInForce=GTC&quantity=0.5&price=98&newClientOrderId=gone"));
        static_cast<void>(
            world.sign("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=gone").body);
        static_cast<void>(placed("type=MARKET&quantity=0.1"));
        static_cast<void>(placed("type=LIMIT&timeInForce=IOC&quantity=0.5&price=97"));
        const Reply pair = world.sign("POST", "/api/v3/orderList/oco",
                                      "symbol=BTCUSDT&side=SELL&quantity=0.1&aboveType=LIMIT_MAKER&"
                                      "abovePrice=110&belowType=STOP_LOSS&belowStopPrice=90");
        EXPECT_FALSE(pair.error) << pair.message();
        const auto now = world.state.clock.core_now();
        EXPECT_TRUE(world.state.core->deposit(world.core.alice, ast("USDT"), amt("5"), now));
        EXPECT_TRUE(world.state.core->external_lock(world.core.alice, ast("USDT"), amt("5"), now));
        std::map<std::string, Json> events;
        for (const auto& [account, event] : world.core.sink.executions)
            events.emplace("executionReport " + std::string{domain::to_string(event.execution)},
                           rendered([&event = event](JsonWriter& out) { write_execution(event, out); }));
        for (const auto& [account, event] : world.core.sink.positions)
            events.emplace("outboundAccountPosition", rendered([&event = event](JsonWriter& out) {
                               write_account_position(event, out);
                           }));
        for (const auto& [account, event] : world.core.sink.lists)
            events.emplace("listStatus",
                           rendered([&event = event](JsonWriter& out) { write_list_status(event, out); }));
        events.emplace("balanceUpdate", rendered([&](JsonWriter& out) {
                           write_balance_update(world.core.sink.balance_updates.back().second, out);
                       }));
        events.emplace("externalLockUpdate", rendered([&](JsonWriter& out) {
                           write_external_lock(world.core.sink.external_locks.back().second, out);
                       }));
        events.emplace("eventStreamTerminated",
                       rendered([&](JsonWriter& out) { write_stream_terminated(now, out); }));
        return events;
    }

    /// The streams' payloads, by the name of the stream without its symbol.
    std::map<std::string, Json> stream_events() {
        static_cast<void>(placed("type=MARKET&quantity=0.1"));
        static_cast<void>(resting());
        world.clock.advance(std::chrono::seconds{3});
        world.state.core->advance(world.state.clock.core_now());
        const RecordingSink& sink = world.core.sink;
        EXPECT_FALSE(sink.trades.empty() || sink.agg_trades.empty() || sink.tickers.empty() ||
                     sink.depths.empty() || sink.klines.empty());
        const ExchangeCore& core = *world.state.core;
        const domain::Symbol symbol = sym("BTCUSDT");
        const PriceStatistics day = *core.statistics(symbol, core.now() - std::chrono::hours{24});
        const BookTickerEvent best = *core.book_ticker(symbol);
        std::map<std::string, Json> events;
        events["trade"] = rendered([&](JsonWriter& out) { write_trade_event(sink.trades.back(), out); });
        events["aggTrade"] =
            rendered([&](JsonWriter& out) { write_agg_trade_event(sink.agg_trades.back(), out); });
        events["bookTicker"] =
            rendered([&](JsonWriter& out) { write_book_ticker_event(sink.tickers.back(), out); });
        events["kline"] = rendered([&](JsonWriter& out) { write_kline_event(sink.klines.back(), out); });
        events["miniTicker"] = rendered([&](JsonWriter& out) { write_mini_ticker_event(symbol, day, out); });
        events["ticker"] = rendered([&](JsonWriter& out) { write_ticker_event(symbol, day, best, out); });
        events["ticker_1h"] =
            rendered([&](JsonWriter& out) { write_window_ticker_event(symbol, day, "1h", out); });
        const RecordingSink::Depth& depth = sink.depths.front();
        events["depth"] = rendered([&](JsonWriter& out) {
            write_depth_event(
                {depth.symbol, depth.first_id, depth.last_id, depth.bids, depth.asks, depth.time}, out);
        });
        events["depth5"] = world.open("GET", "/api/v3/depth", "symbol=BTCUSDT&limit=5").body;
        return events;
    }

    ServerWorld world;
    std::set<std::string> needed;
    int checked{0};
};

TEST_F(ServerSamples, RestAnswers) {
    // Derived from rest-api.md, by the name of the file.
    const std::map<std::string, std::pair<std::string, std::string>> calls{
        {"account_response", {"GET", "/api/v3/account"}},
        {"account_trades_response", {"GET", "/api/v3/myTrades"}},
        {"all_orders_response", {"GET", "/api/v3/allOrders"}},
        {"avg_price_response", {"GET", "/api/v3/avgPrice"}},
        {"book_ticker_response", {"GET", "/api/v3/ticker/bookTicker"}},
        {"cancel_open_orders_response", {"DELETE", "/api/v3/openOrders"}},
        {"cancel_order_response", {"DELETE", "/api/v3/order"}},
        {"depth_response", {"GET", "/api/v3/depth"}},
        {"exchange_info_response", {"GET", "/api/v3/exchangeInfo"}},
        {"klines_response", {"GET", "/api/v3/klines"}},
        {"new_order_full_response", {"POST", "/api/v3/order"}},
        {"open_orders_response", {"GET", "/api/v3/openOrders"}},
        {"order_response", {"GET", "/api/v3/order"}},
        {"ping_response", {"GET", "/api/v3/ping"}},
        {"server_time_response", {"GET", "/api/v3/time"}},
        {"ticker_24hr_response", {"GET", "/api/v3/ticker/24hr"}},
        {"ticker_price_response", {"GET", "/api/v3/ticker/price"}},
        {"trades_response", {"GET", "/api/v3/trades"}}};
    for (const auto& entry : fs::directory_iterator{data_folder() / "fixtures" / "nautilus-http"}) {
        const std::string name = entry.path().stem();
        const auto call = calls.find(name);
        ASSERT_NE(call, calls.end()) << "a sample without a call: " << name;
        const Json sample = read(entry.path());
        check(name, sample, answer(call->second.first, call->second.second, sample.is_array()));
    }
    each_line(data_folder() / "fixtures" / "binance-net.jsonl", [this](const Json& record) {
        if (record["kind"] != "rest") return true;
        const std::string path = record["path"];
        const std::string name = "binance-net " + record["name"].get<std::string>();
        if (path.starts_with("/api/v3/referencePrice")) {
            // No symbol has a reference price: "If no reference price has ever been set".
            EXPECT_EQ(world.open("GET", path, "symbol=BTCUSDT").code(), -2043);
            return true;
        }
        check(name, record["response"], answer(record["method"], path, record["response"].is_array()));
        return true;
    });
    each_line(data_folder() / "rest" / "recorded-public.jsonl", [this](const Json& record) {
        const std::string path = record["path"];
        check("recorded " + record["method"].get<std::string>() + " " + path, record["response"],
              answer(record["method"], path, record["response"].is_array()));
        return true;
    });
    for (const auto& entry : fs::directory_iterator{data_folder() / "rest"}) {
        if (entry.path().filename().string().starts_with("depth-"))
            check(entry.path().stem(), read(entry.path()), answer("GET", "/api/v3/depth", false));
    }
    EXPECT_GE(checked, 18 + 25 + 11 + 5);
    for (const std::string_view prefix : {"binance-net", "exchange_info", "recorded"}) expect_needed(prefix);
}

// user-data-stream.md's own samples in full; the hand-made ones leave fields out, but have no others.
TEST_F(ServerSamples, UserDataEvents) {
    const auto ours = user_events();
    Json report;
    each_line(data_folder() / "fixtures" / "docs-user-data-stream.jsonl", [&](const Json& record) {
        const Json& event = record["msg"]["event"];
        const std::string kind = event["e"];
        if (kind == "executionReport") {
            report = event;
            for (const std::string execution : {"NEW", "TRADE", "CANCELED", "EXPIRED"}) {
                const std::string name = "executionReport " + execution;
                check(name, event, ours.at(name));
            }
            return true;
        }
        check(kind, event, ours.at(kind));
        return true;
    });
    EXPECT_EQ(checked, 9);
    expect_needed("executionReport");
    ASSERT_TRUE(report.is_object());

    // "Conditional Fields in Execution Report"
    const std::set<std::string> conditional{"d", "D",  "j",  "J",   "v",   "A",  "B", "u",
                                            "U", "Cs", "pl", "pL",  "pY",  "W",  "b", "a",
                                            "k", "uS", "gP", "gOT", "gOV", "gp", "eR"};
    for (const char* folder : {"nautilus-user-data", "nautilus-ws"}) {
        for (const auto& entry : fs::directory_iterator{data_folder() / "fixtures" / folder}) {
            const Json sample = read(entry.path());
            const Json& event = sample.contains("event")  ? sample["event"]
                                : sample.contains("data") ? sample["data"]
                                                          : sample;
            std::string kind = event["e"];
            // Refused orders have an execution report on FIX only.
            if (event.value("x", "") == "REJECTED") continue;
            if (kind == "executionReport") kind += " " + event["x"].get<std::string>();
            const auto own = ours.find(kind);
            ASSERT_NE(own, ours.end()) << entry.path();
            for (const auto& [name, value] : event.items()) {
                if (own->second.contains(name)) {
                    EXPECT_EQ(type_of(value), type_of(own->second[name])) << entry.path() << " " << name;
                } else {
                    EXPECT_TRUE(conditional.contains(name)) << entry.path() << " " << name;
                }
            }
            ++checked;
        }
    }
    EXPECT_GE(checked, 9 + 14);
}

TEST_F(ServerSamples, StreamEvents) {
    const auto ours = stream_events();
    const auto kind_of = [](std::string stream) {
        stream.erase(0, stream.find('@') + 1);
        if (stream.starts_with("kline_")) return std::string{"kline"};
        return stream.substr(0, stream.find('@'));
    };
    std::set<std::string> seen;
    const auto check_message = [&](const Json& message) {
        const std::string kind = kind_of(message["stream"]);
        const auto own = ours.find(kind);
        ASSERT_NE(own, ours.end()) << message["stream"];
        const Json& data = message["data"];
        if (kind == "kline" && data["k"].size() == 1)
            return;  // cut down to one field by who wrote that sample
        if (kind == "depth" && (data["b"].empty() || data["a"].empty())) return;
        check("stream " + kind, data, own->second);
        seen.insert(kind);
    };
    each_line(data_folder() / "fixtures" / "binance-net.jsonl", [&](const Json& record) {
        if (record["kind"] != "subscription") return true;
        for (const Json& message : record["messages"])
            if (message["dir"] == "server-event") check_message(message["msg"]);
        return true;
    });
    EXPECT_EQ(seen, (std::set<std::string>{"aggTrade", "bookTicker", "kline", "miniTicker", "depth5",
                                           "ticker_1h", "ticker", "trade"}));
    seen.clear();
    for (const char* file :
         {"BTCUSDT-spot-20240808T2354-first120s.jsonl", "BINANCE-spot-20211012-4symbols.jsonl"}) {
        int messages = 0;
        each_line(data_folder() / "ws" / file, [&](const Json& record) {
            if (!record.contains("msg") || !record["msg"].contains("stream")) return true;
            check_message(record["msg"]);
            return ++messages < 2'000;
        });
    }
    EXPECT_EQ(seen, (std::set<std::string>{"aggTrade", "bookTicker", "kline", "depth", "trade"}));
    expect_needed("stream");
}

// errors.md: every code that this exchange uses has the documented text (its "%s" filled in), but for those
// that the documentation has dropped while the exchange still sends them.
TEST_F(ServerSamples, ErrorTexts) {
    const Json documented = read(data_folder() / "fixtures" / "docs-errors.json");
    std::map<int, std::vector<std::string>> texts;
    for (const Json& one : documented["codes"])
        for (const Json& message : one["messages"]) texts[one["code"]].push_back(message);
    const auto fits = [](std::string_view pattern, std::string_view text) {
        // Everything between the placeholders, in order.
        std::string plain;
        for (const char c : pattern)
            if (c != '`') plain += c;
        std::string_view rest = plain;
        bool at_start = true;
        while (true) {
            const std::size_t hole = rest.find("%s");
            const std::string_view part = rest.substr(0, hole);
            const std::size_t at = text.find(part);
            if (at == std::string_view::npos || (at_start && at != 0)) return false;
            text.remove_prefix(at + part.size());
            at_start = false;
            if (hole == std::string_view::npos) return text.empty();
            rest.remove_prefix(hole + 2);
        }
    };
    const auto now = world.state.clock.shown();
    const std::vector<RequestError> used{errors::unknown(),
                                         errors::too_much_weight(6000),
                                         errors::banned(now),
                                         errors::timeout(),
                                         errors::too_many_orders(5, "10 SECOND"),
                                         errors::unsupported(),
                                         errors::outside_window(),
                                         errors::ahead_of_server(),
                                         errors::bad_signature(),
                                         errors::illegal_characters("a", "b"),
                                         errors::too_many_parameters(1, 2),
                                         errors::duplicate_values(),
                                         errors::missing("a"),
                                         errors::missing_both("a", "b"),
                                         errors::unread(1, 2),
                                         errors::empty("a"),
                                         errors::not_required("a"),
                                         errors::overflowed("a"),
                                         errors::too_precise("a"),
                                         errors::bad_time_in_force(),
                                         errors::bad_order_type(),
                                         errors::bad_side(),
                                         errors::bad_interval(),
                                         errors::bad_symbol(),
                                         errors::bad_symbol_status(),
                                         errors::window_too_wide(24),
                                         errors::bad_combination(),
                                         errors::invalid_data("a"),
                                         errors::bad_strategy_type(),
                                         errors::bad_json(),
                                         errors::bad_ticker_type(),
                                         errors::duplicate_symbols(),
                                         errors::bad_time_unit(),
                                         errors::symbol_status_mismatch(),
                                         errors::no_such_order(),
                                         errors::bad_key_format(),
                                         errors::rejected_key(),
                                         errors::no_trading_window(),
                                         errors::subscription_active(),
                                         errors::subscription_inactive(),
                                         errors::subscription_ids_used_up(),
                                         errors::no_reference_price()};
    for (const RequestError& error : used) {
        ASSERT_TRUE(texts.contains(error.code)) << error.code << " " << error.message;
        const auto& known = texts[error.code];
        EXPECT_TRUE(std::any_of(known.begin(), known.end(),
                                [&](const std::string& pattern) { return fits(pattern, error.message); }))
            << error.code << " " << error.message;
    }
}

}  // namespace
}  // namespace vigil::exchange
