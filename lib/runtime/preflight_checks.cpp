#include "runtime/preflight_checks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "binance/error_codes.h"
#include "governor/weights.h"
#include "runtime/dry_run.h"
#include "runtime/start_steps.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using binance::Spoilt;
using domain::RateLimitType;

constexpr base::seconds minute{60};
// What of the weight need not be explained: a request that is under way, one that is counted elsewhere.
constexpr std::int64_t counting_slack = 10;
constexpr int attempts = 3;

base::Result<std::int64_t> used_weight(const base::Result<binance::ProbeAnswer>& answer) {
    if (!answer) return base::fail(answer.error());
    if (!answer->is_good()) return base::fail(as_error(*answer, "the exchange"));
    const auto used = answer->used(RateLimitType::request_weight, minute);
    if (!used) return base::fail(ErrorKind::rejected, "the answer has no header X-MBX-USED-WEIGHT-1M");
    return *used;
}

base::Result<std::vector<governor::Usage>> own_limits(Session& session) {
    return on_loop(session.loop, loop_patience, [&session] { return session.engine->limits(); });
}

std::string window_text(base::seconds window) {
    if (window == std::chrono::days{1}) return "a day";
    return std::to_string(window.count()) + " s";
}

std::string milliseconds_text(base::nanoseconds time) {
    const auto hundredths = std::chrono::duration_cast<base::microseconds>(time).count() / 10;
    std::string text = std::to_string(hundredths / 100) + ".";
    const auto rest = hundredths % 100;
    return text + (rest < 10 ? "0" : "") + std::to_string(rest) + " ms";
}

}  // namespace

CheckResult check_clock(Session& session) {
    const auto estimate = session.clock_thread->snapshot().at(session.clock.monotonic());
    const auto offset = session.clock_thread->wall_offset();
    if (!estimate || !offset) return base::fail(ErrorKind::unavailable, "exchange time is not known");
    Seen seen{"this machine's clock is off by " + std::to_string(offset->count() / 1000) +
              " ms, known within " + milliseconds_text(estimate->uncertainty)};
    if (*offset > base::seconds{1} || *offset < -base::seconds{1})
        seen.remedy =
            "requests are signed with the exchange's time all the same; but set this machine's clock (NTP), "
            "or "
            "its logs tell wrong times";
    return seen;
}

CheckResult check_account(Session& session) {
    auto account = governed<domain::AccountSnapshot>(
        session, governor::weights::account,
        [](domain::ExchangePort& port, domain::Callback<domain::AccountSnapshot> done) {
            port.account(std::move(done));
        });
    if (!account) return base::fail(std::move(account.error()));
    if (!account->can_trade)
        return base::fail(ErrorKind::denied, "the exchange says that this account may not trade");
    return Seen{"read with key " + session.key->label + ": " + std::to_string(account->balances.size()) +
                " assets, may trade"};
}

CheckResult check_dry_run(Session& session) {
    auto tried = dry_run(session);
    if (!tried) return base::fail(std::move(tried.error()));
    return Seen{"order/test took " + tried->text};
}

CheckResult check_counts(Session& session) {
    std::string text;
    std::int64_t observed = 0;
    std::int64_t own = 0;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        binance::ProbeRequest request;
        request.path = "/api/v3/rateLimit/order";
        request.is_signed = true;
        const auto answer = take_probe(session, governor::weights::order_count, request);
        const auto used = used_weight(answer);
        if (!used) return base::fail(used.error());
        const auto counts = binance::parse_order_counts(answer->body);
        if (!counts) return base::fail(counts.error());
        const auto limits = own_limits(session);
        if (!limits) return base::fail(limits.error());
        observed = *used;
        text.clear();
        for (const governor::Usage& each : *limits) {
            if (each.limit.type == RateLimitType::request_weight && each.limit.window == minute) {
                own = each.own;
                text = "weight " + std::to_string(observed) + " of " + std::to_string(each.limit.limit) +
                       " a minute, own count " + std::to_string(own) + text;
            }
            if (each.limit.type != RateLimitType::orders) continue;
            const auto told = std::find_if(counts->begin(), counts->end(), [&each](const auto& one) {
                return one.window == each.limit.window;
            });
            if (told == counts->end())
                return base::fail(ErrorKind::rejected, "the exchange does not tell the order count of " +
                                                           window_text(each.limit.window));
            text += "; orders " + std::to_string(told->count) + " of " + std::to_string(each.limit.limit) +
                    " in " + window_text(each.limit.window) + ", own count " + std::to_string(each.own);
        }
        if (text.empty()) return base::fail(ErrorKind::rejected, "the exchange publishes no limits");
        if (observed >= own - counting_slack && observed <= own + counting_slack) return Seen{text};
        // The two may just have begun a new minute at different moments.
        std::this_thread::sleep_for(base::seconds{1});
    }
    if (observed > own)
        return Seen{text, "somebody else uses this address's budget (" + std::to_string(observed - own) +
                              "): if that is not another program of yours, find out; lower governor.share"};
    return Seen{
        text,
        "the exchange counts less than Vigil does: nothing is lost, but weights may have changed; look for "
        "a newer version"};
}

CheckResult check_refusal(Session& session, Spoilt spoilt) {
    const int wanted = spoilt == Spoilt::timestamp   ? binance::error_codes::invalid_timestamp
                       : spoilt == Spoilt::signature ? binance::error_codes::invalid_signature
                                                     : binance::error_codes::rejected_key;
    const governor::Cost cost = governor::weights::open_orders(true);
    binance::ProbeRequest request;
    request.path = "/api/v3/openOrders";
    request.parameters = {{"symbol", session.engine->subscriptions().front().symbol.str()}};
    request.is_signed = true;
    request.spoilt = spoilt;
    const auto answer = take_probe(session, cost, request);
    if (!answer) return base::fail(answer.error());
    const bool is_wanted =
        answer->error && answer->status < 500 &&
        (answer->error->code == wanted ||
         (spoilt == Spoilt::api_key && answer->error->code == binance::error_codes::invalid_api_key_id));
    if (!is_wanted)
        return base::fail(answer->is_good() ? ErrorKind::rejected : as_error(*answer, "").kind,
                          "answered " + answer->str() + ", but " + std::to_string(wanted) + " is due");
    // Survived: the next good request is answered as ever.
    request.spoilt = Spoilt::nothing;
    const auto after = take_probe(session, cost, request);
    if (!after) return base::fail(after.error().within("afterwards"));
    if (!after->is_good()) return base::fail(as_error(*after, "a good request afterwards"));
    return Seen{"refused with " + std::to_string(answer->error->code) +
                ", and the next good request answered"};
}

std::optional<CheckResult> judge_budget(const BudgetSample& sample) {
    if (sample.after < sample.before) return std::nullopt;
    const std::string text = "weight " + std::to_string(sample.spent) + " spent at once, counted from " +
                             std::to_string(sample.before) + " to " + std::to_string(sample.after) +
                             "; the WebSocket API told " + std::to_string(sample.websocket);
    if (sample.websocket < sample.before || sample.after - sample.before < sample.spent)
        return CheckResult{base::fail(ErrorKind::rejected, "not counted together: " + text)};
    return CheckResult{Seen{text}};
}

CheckResult check_shared_budget(Session& session) {
    struct One {
        governor::Cost cost;
        binance::ProbeRequest request;
    };
    using governor::Cost;
    namespace weights = governor::weights;
    const std::string symbol = session.engine->subscriptions().front().symbol.str();
    const std::vector<One> requests{
        {weights::time, {.path = "/api/v3/time"}},
        {weights::depth(5), {.path = "/api/v3/depth", .parameters = {{"limit", "5"}, {"symbol", symbol}}}},
        {weights::exchange_info, {.path = "/api/v3/exchangeInfo", .parameters = {{"symbol", symbol}}}},
        {weights::account, {.path = "/api/v3/account", .parameters = {}, .is_signed = true}},
        {weights::open_orders(true),
         {.path = "/api/v3/openOrders", .parameters = {{"symbol", symbol}}, .is_signed = true}}};
    const Cost socket{weights::connect_ws_api.weight + weights::ping.weight, 0, 1};
    auto parts = probe_parts(session);
    if (!parts) return base::fail(std::move(parts.error()));
    const auto url = net::Url::parse(session.settings.exchange.ws_api_url);
    if (!url) return base::fail(url.error());

    for (int attempt = 0; attempt < attempts; ++attempt) {
        BudgetSample sample;
        const auto before = used_weight(take_probe(session, weights::time, {.path = "/api/v3/time"}));
        if (!before) return base::fail(before.error());
        sample.before = *before;
        for (const One& each : requests) {
            if (auto leave = await_leave(session, each.cost); !leave) return base::fail(leave.error());
            sample.spent += each.cost.weight;
        }
        if (auto leave = await_leave(session, socket); !leave) return base::fail(leave.error());
        sample.spent += socket.weight + weights::time.weight;

        using Answer = base::Result<binance::ProbeAnswer>;
        std::vector<std::shared_ptr<Mailbox<Answer>>> answers;
        auto pong = std::make_shared<Mailbox<base::Result<binance::PingAnswer>>>();
        for (const One& each : requests) {
            auto mailbox = std::make_shared<Mailbox<Answer>>();
            answers.push_back(mailbox);
            if (!session.loop.post([mailbox, parts = *parts, request = each.request] {
                    binance::probe(parts, request,
                                   [mailbox](Answer answer) { mailbox->put(std::move(answer)); });
                }))
                return base::fail(ErrorKind::exhausted, "the trading loop takes no more work");
        }
        if (!session.loop.post([pong, parts = *parts, url = *url] {
                binance::ping_probe(parts, url, true, [pong](auto answer) { pong->put(std::move(answer)); });
            }))
            return base::fail(ErrorKind::exhausted, "the trading loop takes no more work");
        for (std::size_t index = 0; index < answers.size(); ++index) {
            const auto answer = answers[index]->take(read_patience);
            if (!answer)
                return base::fail(ErrorKind::timeout, "no answer from " + requests[index].request.path);
            if (!*answer) return base::fail(answer->error().within(requests[index].request.path));
            if (!(*answer)->is_good()) return base::fail(as_error(**answer, requests[index].request.path));
        }
        const auto socket_answer = pong->take(read_patience);
        if (!socket_answer) return base::fail(ErrorKind::timeout, "no answer from the WebSocket API");
        if (!*socket_answer) return base::fail(socket_answer->error().within("WebSocket API"));
        for (const domain::RateLimitUsage& each : (*socket_answer)->usage)
            if (each.type == RateLimitType::request_weight && each.window == minute)
                sample.websocket = each.count;

        const auto after = used_weight(take_probe(session, weights::time, {.path = "/api/v3/time"}));
        if (!after) return base::fail(after.error());
        sample.after = *after;
        if (auto verdict = judge_budget(sample)) return std::move(*verdict);
    }
    return base::fail(ErrorKind::unavailable, "a new minute began during every attempt");
}

CheckResult check_pings(Session& session) {
    auto parts = probe_parts(session);
    if (!parts) return base::fail(std::move(parts.error()));
    Seen seen;
    for (const bool is_api : {true, false}) {
        auto url = net::Url::parse(is_api ? session.settings.exchange.ws_api_url
                                          : session.settings.exchange.stream_url);
        if (!url) return base::fail(std::move(url.error()));
        if (!is_api) url->target = "/stream";
        const governor::Cost cost{is_api ? governor::weights::connect_ws_api.weight + 1 : 0, 0, 1};
        if (auto leave = await_leave(session, cost); !leave) return base::fail(std::move(leave.error()));
        const std::string name = is_api ? "WebSocket API" : "market streams";
        auto answer = ask<binance::PingAnswer>(
            session.loop, read_patience,
            [parts = *parts, url = *url, is_api](auto done) {
                binance::ping_probe(parts, url, is_api, std::move(done));
            },
            session.interrupted);
        if (!answer) return base::fail(answer.error().within(name));
        seen.detail += (seen.detail.empty() ? "" : ", ") + name + " " + milliseconds_text(answer->round_trip);
    }
    return seen;
}

}  // namespace vigil::runtime
