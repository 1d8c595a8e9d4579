// The mirror image of the start.
#include <utility>

#include "governor/weights.h"
#include "runtime/ask.h"
#include "runtime/session.h"
#include "runtime/summary.h"

namespace vigil::runtime {

namespace {

using log::Event;
using log::field;

constexpr base::milliseconds settle_patience{15'000};
constexpr base::milliseconds close_patience{2'000};
constexpr base::milliseconds flush_patience{5'000};
constexpr base::milliseconds poll_every{20};

/// Cancels what is open, if on_stop says so, and waits until nothing is under way; then the exchange's own
/// word on the balances is read once more.
void settle(Session& session) {
    const auto begun = on_loop(session.loop, loop_patience, [&session] {
        session.engine->begin_stop(session.settings.cancels_on_stop, session.trading->now());
        session.trading->flush();
        return true;
    });
    if (!begun) return;
    const base::MonotonicTime give_up = session.clock.monotonic() + settle_patience;
    for (;;) {
        const auto settled =
            on_loop(session.loop, loop_patience, [&session] { return session.engine->is_settled(); });
        if (!settled || *settled || session.clock.monotonic() > give_up) break;
        session.manager.extend_timeout(base::seconds{5});
        session.attend();
        std::this_thread::sleep_for(poll_every);
    }
    // The last fill and the last balance may come a moment apart.
    for (;;) {
        const auto account = ask<domain::AccountSnapshot>(
            session.loop, loop_patience,
            [&session](domain::Callback<domain::AccountSnapshot> done) {
                const auto decision = session.engine->permit(
                    domain::Lane::reconcile, governor::weights::account, session.trading->now());
                if (!std::holds_alternative<governor::Granted>(decision))
                    return done(
                        base::fail(base::ErrorKind::exhausted, "no budget for a last look at the balances"));
                session.gateway->account(std::move(done));
            },
            [&session] {
                session.attend();
                return false;
            });
        if (!account) return;
        const auto agrees = on_loop(session.loop, loop_patience, [&session, snapshot = *account] {
            const auto now = session.trading->now();
            session.engine->on_answer({engine::ReadAccount{}, now.moment()}, engine::Answer{snapshot}, now);
            session.trading->flush();
            return session.engine->report().balances_agree && session.engine->is_settled();
        });
        if (!agrees || *agrees || session.clock.monotonic() > give_up) return;
        std::this_thread::sleep_for(poll_every);
    }
}

void write_summary(Session& session) {
    SessionFacts facts;
    auto report = on_loop(session.loop, loop_patience, [&session] { return session.engine->report(); });
    if (!report) return;
    facts.report = std::move(*report);
    facts.reconciled = session.reconciled;
    // They stay in the market with nobody to look after them: that has to be said.
    const bool are_kept = !session.settings.cancels_on_stop;
    if (facts.report.open_orders > 0 && are_kept)
        session.logger->emit(Event::daemon_orders_kept, {field("orders", facts.report.open_orders)});
    else if (facts.report.open_orders > 0)
        session.logger->emit(Event::reconcile_mismatch,
                             {field("what", "open orders after the stop"), field("ours", "none"),
                              field("theirs", std::to_string(facts.report.open_orders))});
    // The review looks at what the log's worker has written.
    if (!session.logger->flush(flush_patience))
        session.logger->emit(Event::log_sink_failed,
                             {field("sink", "the review of the session"),
                              field("reason", "the log is behind; its findings may be incomplete")});
    facts.review = session.review.figures();
    facts.counts = session.logger->counts();
    facts.offset = session.clock_thread->wall_offset();
    const base::MonotonicTime now = session.clock.monotonic();
    if (const auto estimate = session.clock_thread->snapshot().at(now))
        facts.uncertainty = estimate->uncertainty;
    facts.rss_mib = resident_mib();
    facts.journal_path = session.journal->path().string();
    facts.events_path = session.state->file("events.jsonl").string();
    if (const auto written = session.state->replace("summary.json", to_json(facts)); !written)
        session.logger->emit(Event::log_sink_failed,
                             {field("sink", "summary.json"), field("reason", written.error().message)});

    domain::Amount realised;
    domain::Asset quote;
    bool one_quote = true;
    for (const engine::StrategyReport& each : facts.report.strategies) {
        one_quote = one_quote && (quote.empty() || quote == each.quote);
        quote = each.quote;
        realised += each.realised;
    }
    const bool sound = facts.reconciled && facts.report.balances_agree && facts.report.unknown_orders == 0 &&
                       (facts.report.open_orders == 0 || are_kept) &&
                       facts.counts.of(log::Severity::error) + facts.counts.of(log::Severity::critical) == 0;
    // Profits in different assets cannot be added; then the sum is left at zero and the asset empty.
    if (!one_quote) {
        realised = domain::Amount{};
        quote = domain::Asset{};
    }
    session.logger->emit(
        Event::daemon_summary,
        {field("orders", facts.report.orders), field("fills", facts.report.fills),
         field("anomalies", facts.counts.anomalies()), field("realised", realised), field("asset", quote),
         field("weight_peak", facts.report.weight_peak), field("sound", sound)});
}

void close_gateway(Session& session) {
    auto closed = std::make_shared<Mailbox<bool>>();
    const auto asked = on_loop(session.loop, loop_patience, [&session, closed] {
        session.gateway->close(close_patience, [closed] { closed->put(true); });
        return true;
    });
    if (asked)
        static_cast<void>(
            closed->take(close_patience * 2));  // at the deadline the connections are dropped anyhow
}

}  // namespace

Session::~Session() {
    // A thread that still runs here means that stop() was not called: a bug, and std::thread would say so
    // less kindly.
    base::check(!trading_thread.joinable(), "a session is stopped before it is destroyed");
}

void Session::stop(std::string_view reason) {
    if (trading_thread.joinable()) {
        if (reconciled) {
            settle(*this);
            write_summary(*this);
        }
        if (connected) close_gateway(*this);
        // A time request under way is cut short, not waited for.
        if (clock_thread) clock_thread->request_stop();
        if (rest) rest->stop();
        if (clock_thread) clock_thread->stop();
        const auto stopped = on_loop(loop, loop_patience, [this] {
            trading->stop();
            if (key_watch) key_watch->stop();
            return true;
        });
        static_cast<void>(stopped);  // a loop that does not answer is ended all the same
        loop.stop();
        trading_thread.join();
    }
    if (journal_thread) {
        const engine::Now now = trading->now();
        static_cast<void>(journal_thread->submit(
            journal::Record{journal::SessionStopped{reconciled, std::string{reason}}}, now.stamp()));
        if (const auto flushed = journal_thread->stop(flush_patience); !flushed)
            logger->emit(Event::journal_write_failed, {field("reason", flushed.error().message)});
    }
    gateway.reset();
}

}  // namespace vigil::runtime
