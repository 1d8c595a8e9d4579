// The steps of the start that ask the exchange: permissions, rules, connections, reconciliation.
#include <algorithm>
#include <thread>
#include <utility>

#include "governor/weights.h"
#include "runtime/start_steps.h"

namespace vigil::runtime {

using base::ErrorKind;
using log::Event;
using log::field;

namespace {

// A whole window of request weight and a little: what others on this address used up is free again after it.
constexpr base::milliseconds budget_patience{65'000};
constexpr base::milliseconds connect_patience{20'000};
constexpr base::milliseconds reconcile_patience{90'000};
constexpr base::milliseconds first_pause{1'000};
constexpr base::milliseconds longest_pause{8'000};
constexpr base::milliseconds proof_poll{250};

}  // namespace

void doze(const Session& session, base::MonotonicTime until) {
    while (!session.interrupted()) {
        const base::nanoseconds left = until - session.clock.monotonic();
        if (left <= base::nanoseconds{0}) return;
        std::this_thread::sleep_for(std::min<base::nanoseconds>(left, poll_every));
    }
}

Step await_leave(Session& session, governor::Cost cost) {
    const base::MonotonicTime give_up = session.clock.monotonic() + budget_patience;
    for (;;) {
        if (session.interrupted()) return base::fail(ErrorKind::unavailable, "stopped");
        auto decision = on_loop(session.loop, loop_patience, [&session, cost] {
            return session.trading->engine().permit(domain::Lane::reconcile, cost, session.trading->now());
        });
        if (!decision) return base::fail(std::move(decision.error()));
        if (std::holds_alternative<governor::Granted>(*decision)) return {};
        const auto* wait = std::get_if<governor::WaitUntil>(&*decision);
        if (wait == nullptr || wait->until > give_up)
            return base::fail(ErrorKind::exhausted, "the request budget does not allow it now");
        session.manager.waiting("waiting: " + std::string{to_string(wait->why)}, base::seconds{75});
        doze(session, std::max(wait->until, session.clock.monotonic() + poll_every));
    }
}

base::Result<KeyVerdict> check_permissions(Session& session) {
    const std::string& label = session.key->label;
    auto permissions = governed<domain::KeyPermissions>(
        session, governor::weights::key_permissions,
        [](domain::ExchangePort& port, domain::Callback<domain::KeyPermissions> done) {
            port.key_permissions(std::move(done));
        });
    const bool unavailable = !permissions && permissions.error().kind == ErrorKind::unsupported &&
                             session.settings.exchange.environment != settings::Environment::production;
    if (!permissions && !unavailable) return base::fail(std::move(permissions.error()));
    if (unavailable)
        session.logger->emit(Event::credentials_permission_unavailable,
                             {field("label", label), field("reason", permissions.error().message)});
    auto now = on_loop(session.loop, loop_patience, [&session] { return session.trading->now().exchange; });
    if (!now) return base::fail(std::move(now.error()));
    KeyVerdict verdict = judge_key(permissions ? &*permissions : nullptr, session.key->created,
                                   session.settings.credentials, *now);
    if (unavailable) verdict.granted = "cannot be asked for: " + permissions.error().message;
    tell(verdict, label, *session.logger);
    if (!verdict.refusal.empty())
        return base::fail(ErrorKind::denied,
                          "key " + label + " is not fit for an unattended service: " + verdict.refusal);
    return verdict;
}

namespace {

base::Result<domain::ExchangeInfo> read_rules(Session& session, const std::vector<domain::Symbol>& symbols) {
    return governed<domain::ExchangeInfo>(
        session, governor::weights::exchange_info,
        [symbols](domain::ExchangePort& port, domain::Callback<domain::ExchangeInfo> done) {
            port.exchange_info(symbols, std::move(done));
        });
}

}  // namespace

Step learn_rules(Session& session) {
    std::vector<domain::Symbol> symbols;
    for (const domain::MarketSubscription& each : session.engine->subscriptions())
        symbols.push_back(each.symbol);
    auto info = read_rules(session, symbols);
    if (!info && info.error().kind == ErrorKind::rejected) {
        // One symbol that is not known fails the whole question, unnamed: find out which.
        for (const settings::StrategySettings& each : session.settings.strategies) {
            if (!each.options.enabled) continue;
            const auto one = read_rules(session, {each.options.symbol});
            if (!one && one.error().kind == ErrorKind::rejected)
                return base::fail(ErrorKind::invalid, each.symbol_place.str() +
                                                          ": the exchange does not know symbol " +
                                                          each.options.symbol.str());
        }
    }
    if (!info) return base::fail(std::move(info.error()));
    auto learnt = on_loop(session.loop, loop_patience,
                          [&session, shared = std::make_shared<const domain::ExchangeInfo>(*info)] {
                              auto result = session.engine->learn(*shared, session.trading->now());
                              session.trading->flush();
                              return result;
                          });
    if (!learnt) return base::fail(std::move(learnt.error()));
    if (!*learnt) return base::fail(ErrorKind::invalid, learnt->error().message);
    session.logger->emit(Event::market_rules_loaded, {field("symbols", info->symbols.size())});
    return {};
}

Step connect(Session& session) {
    auto opened = on_loop(session.loop, loop_patience, [&session] {
        session.gateway->open(session.engine->subscriptions());
        return true;
    });
    if (!opened) return base::fail(std::move(opened.error()));
    session.connected = true;
    const base::MonotonicTime give_up = session.clock.monotonic() + connect_patience;
    for (;;) {
        auto missing = on_loop(session.loop, loop_patience, [&session] {
            std::string text;
            if (!session.trading->is_connected(domain::Connection::market)) text += " market data";
            if (!session.trading->is_connected(domain::Connection::orders)) text += " order session";
            if (!session.trading->is_connected(domain::Connection::user_data)) text += " user data";
            return text;
        });
        if (!missing) return base::fail(std::move(missing.error()));
        if (missing->empty()) return {};
        if (session.interrupted()) return base::fail(ErrorKind::unavailable, "stopped while connecting");
        if (session.clock.monotonic() > give_up)
            return base::fail(ErrorKind::unavailable,
                              "not connected after " + std::to_string(connect_patience.count()) +
                                  " ms:" + *missing + "; " + session.settings.exchange.ws_api_url);
        std::this_thread::sleep_for(poll_every);
    }
}

namespace {

base::Result<orders::ReconcileInput> read_everything(Session& session) {
    struct Questions {
        orders::ReconcileQuestions questions;
        orders::Moment asked;
    };
    auto questions = on_loop(session.loop, loop_patience, [&session] {
        return Questions{orders::reconcile_questions(session.engine->ledger()),
                         session.trading->now().moment()};
    });
    if (!questions) return base::fail(std::move(questions.error()));
    orders::ReconcileInput input;
    input.asked = questions->asked;

    // Orders before the account: a fill in between is then known before the balance that contains it.
    for (const auto& each : questions->questions.orders) {
        auto view = governed<domain::OrderView>(
            session, governor::weights::query_order,
            [each](domain::ExchangePort& port, domain::Callback<domain::OrderView> done) {
                port.order(each.symbol, each.id, std::move(done));
            });
        if (view)
            input.orders.push_back(std::move(*view));
        else if (view.error().kind == ErrorKind::not_found)
            input.not_found.push_back({each.id, false});
        else
            return base::fail(std::move(view.error()));
    }
    using Views = std::vector<domain::OrderView>;
    auto open = governed<Views>(session, governor::weights::open_orders(false),
                                [](domain::ExchangePort& port, domain::Callback<Views> done) {
                                    port.open_orders(std::nullopt, std::move(done));
                                });
    if (!open) return base::fail(std::move(open.error()));
    input.open_orders = std::move(*open);
    using Fills = std::vector<domain::Fill>;
    for (const auto& each : questions->questions.trades) {
        auto fills = governed<Fills>(session, governor::weights::my_trades(false),
                                     [each](domain::ExchangePort& port, domain::Callback<Fills> done) {
                                         port.trades(each.symbol, each.order, each.from, std::move(done));
                                     });
        if (!fills) return base::fail(std::move(fills.error()));
        input.trades.push_back({each.symbol, std::move(*fills)});
    }
    auto account = governed<domain::AccountSnapshot>(
        session, governor::weights::account,
        [](domain::ExchangePort& port, domain::Callback<domain::AccountSnapshot> done) {
            port.account(std::move(done));
        });
    if (!account) return base::fail(std::move(account.error()));
    input.account = std::move(*account);
    return input;
}

/// Until then, or until no order is unknown any more: each is looked up meanwhile. Errors: timeout.
Step await_proof(Session& session, base::MonotonicTime until) {
    std::optional<std::size_t> before;
    while (session.clock.monotonic() < until && !session.interrupted()) {
        auto unknown = on_loop(session.loop, loop_patience,
                               [&session] { return session.engine->report().unknown_orders; });
        if (!unknown) return base::fail(std::move(unknown.error()));
        if (*unknown == 0 && before.value_or(0) > 0) return {};
        before = *unknown;
        doze(session, std::min(until, session.clock.monotonic() + proof_poll));
    }
    return {};
}

}  // namespace

Step reconcile(Session& session) {
    const base::MonotonicTime began = session.clock.monotonic();
    session.logger->emit(
        Event::reconcile_started,
        {field("reason", "start"), field("symbols", session.engine->subscriptions().size())});
    base::milliseconds pause = first_pause;
    for (;;) {
        auto input = read_everything(session);
        if (!input) return base::fail(std::move(input.error()));
        if (!input->account.can_trade)
            return base::fail(ErrorKind::denied, "the exchange says that this account may not trade");
        // By value: should the loop not come round in time, it finds what it needs all the same.
        const auto answers = std::make_shared<const orders::ReconcileInput>(*input);
        auto report = on_loop(session.loop, reconcile_patience, [&session, answers] {
            auto found = session.engine->reconcile(*answers, session.trading->now());
            session.trading->flush();
            return found;
        });
        if (!report) return base::fail(std::move(report.error()));
        if (report->is_sound()) {
            session.account_uid = input->account.uid;
            session.logger->emit(Event::account_loaded, {field("assets", input->account.balances.size()),
                                                         field("can_trade", input->account.can_trade)});
            session.logger->emit(
                Event::reconcile_done,
                {field("orders", input->orders.size() + input->open_orders.size()),
                 field("fills", report->fills_applied), field("corrections", report->resolved.size()),
                 field("took_ms", session.clock.monotonic() - began)});
            return {};
        }
        if (session.interrupted()) return base::fail(ErrorKind::unavailable, "stopped while reconciling");
        if (session.clock.monotonic() - began > reconcile_patience) {
            session.logger->emit(Event::reconcile_failed, {field("reason", report->summary())});
            return base::fail(ErrorKind::exhausted, "not sound after " +
                                                        std::to_string(reconcile_patience.count()) +
                                                        " ms: " + report->summary());
        }
        // Unknown orders are being looked up meanwhile: what is proven takes recvWindow and some seconds, and
        // ends the pause. For anything else the pauses grow, since each round costs the weight of everything
        // that is asked.
        const base::milliseconds wait = report->unresolved.empty() ? pause : longest_pause;
        session.logger->emit(Event::reconcile_repeated,
                             {field("reason", report->summary()), field("wait_ms", wait)});
        session.manager.waiting("reconciling: " + report->summary(), base::seconds{30});
        if (auto waited = await_proof(session, session.clock.monotonic() + wait); !waited) return waited;
        pause = std::min(pause * 2, longest_pause);
    }
}

}  // namespace vigil::runtime
