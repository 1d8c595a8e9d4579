// Orders, questions and events on the link between the process and the exchange, with everything that can
// happen to them on the way.
#include <algorithm>
#include <utility>

#include "simulation/convert.h"
#include "simulation/world.h"

namespace vigil::simulation {

namespace {

/// What a refused or unclear answer says; the exchange's words matter where the ledger reads them.
struct Refusal {
    int code;
    const char* message;
    int status;
};
constexpr std::array<Refusal, 4> certain_refusals{
    {{-2010, "Account has insufficient balance for requested action.", 400},
     {-1013, "Filter failure: PRICE_FILTER", 400},
     {-2010, "This action is disabled on this account.", 400},
     {-1100, "Illegal characters found in parameter.", 400}}};
constexpr std::array<Refusal, 5> unclear_answers{{{-1007, "Timeout waiting for response", 408},
                                                  {-1006, "An unexpected response was received", 400},
                                                  {-1000, "An unknown error occurred", 400},
                                                  {-1001, "Internal error", 503},
                                                  {0, "Bad gateway", 502}}};
constexpr base::milliseconds read_deadline{5'000};

domain::OrderOutcome about(const std::variant<domain::NewOrder, domain::CancelOrder>& action) {
    domain::OrderOutcome outcome;
    std::visit(
        [&outcome](const auto& one) {
            outcome.symbol = one.symbol;
            outcome.client_order_id = one.client_order_id;
        },
        action);
    outcome.is_cancel = std::holds_alternative<domain::CancelOrder>(action);
    return outcome;
}

}  // namespace

void World::send(const domain::Journaled& journaled) {
    check_sending(journaled);
    const domain::Intent& intent = journaled.intent();
    const std::uint64_t key = next_key_++;
    const bool session_is_up = connected_[static_cast<std::size_t>(domain::Connection::orders)];
    pending_[key] = {intent.symbol(), intent.client_order_id(), intent.cancellation() != nullptr,
                     session_is_up, now().monotonic};
    // Nothing can be signed, or the spare connection cannot be made: not a byte leaves.
    const bool cannot_send = !now().may_sign || (!session_is_up && random_() % 2 == 0);
    if (cannot_send) {
        to_engine(latency(), [this, key] {
            const auto found = pending_.find(key);
            if (found == pending_.end()) return;
            const Pending pending = found->second;
            pending_.erase(found);
            domain::OrderOutcome outcome;
            outcome.result = domain::OutcomeNeverSent{"no connection"};
            tell_outcome(pending, std::move(outcome));
        });
        return;
    }
    to_engine(options_.order_deadline, [this, key] { give_up(key, "deadline"); });
    const Request request{key, intent.action, now().exchange};
    if (inject(Fault::lost_request)) return;
    const auto late = inject(Fault::late_request)
                          ? base::milliseconds{between(50, options_.recv_window.count() * 3 / 2)}
                          : base::milliseconds{0};
    schedule(latency() + late, [this, request] { on_arrival(request); });
    if (options_.mutant == Mutant::resend)
        schedule(options_.order_deadline / 2, [this, request] {
            if (pending_.contains(request.key)) on_arrival(request);
        });
}

domain::OrderOutcome World::carry_out_at_exchange(const Request& request) {
    domain::OrderOutcome outcome = about(request.action);
    // rest-api.md, "Timing security".
    if (request.signed_at >= time_ + base::seconds{1} || time_ - request.signed_at > options_.recv_window) {
        outcome.result =
            domain::OutcomeRejected{-1021, "Timestamp for this request is outside of the recvWindow.", 400};
        return outcome;
    }
    if (const auto* order = std::get_if<domain::NewOrder>(&request.action)) {
        outcome = place_at(core_, account_, *order, time_);
        const auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome.result);
        if (accepted != nullptr && ++accepted_[outcome.client_order_id.str()] > 1)
            violate("order " + outcome.client_order_id.str() + " was accepted twice");
        return outcome;
    }
    const auto& cancel = std::get<domain::CancelOrder>(request.action);
    if (options_.mutant == Mutant::pretended_cancel) {
        const auto found = core_.order(account_, cancel.symbol, {std::nullopt, cancel.client_order_id});
        if (found && found->is_open()) {
            domain::OrderView view = view_of(*found);
            view.status = domain::OrderStatus::canceled;
            outcome.result = domain::OutcomeAccepted{view, {}};
            return outcome;
        }
    }
    return cancel_at(core_, account_, cancel, time_);
}

void World::on_arrival(const Request& request) {
    domain::OrderOutcome outcome = about(request.action);
    if (inject(Fault::rate_limit)) {
        domain::RateLimited limited;
        const bool of_orders = !outcome.is_cancel && random_() % 3 == 0;
        limited.status = of_orders || random_() % 2 == 0 ? 429 : 418;
        limited.retry_after = base::seconds{between(1, 5)};
        if (of_orders) limited.scope = domain::LimitedScope::orders;
        outcome.result =
            domain::OutcomeRejected{of_orders ? -1015 : -1003, "Too many requests", limited.status};
        return answer(request.key, std::move(outcome), limited);
    }
    if (inject(Fault::rejection)) {
        const Refusal& refusal = certain_refusals[random_() % certain_refusals.size()];
        outcome.result = domain::OutcomeRejected{refusal.code, refusal.message, refusal.status};
        return answer(request.key, std::move(outcome));
    }
    if (inject(Fault::unknown_answer)) {
        if (random_() % 2 == 0) static_cast<void>(carry_out_at_exchange(request));
        const Refusal& refusal = unclear_answers[random_() % unclear_answers.size()];
        std::optional<domain::RateLimited> failed;
        if (refusal.status >= 500) {
            failed.emplace();
            failed->status = refusal.status;
        }
        if (random_() % 2 == 0)
            outcome.result = domain::OutcomeRejected{refusal.code, refusal.message, refusal.status};
        else
            outcome.result = domain::OutcomeUnknown{refusal.message};
        return answer(request.key, std::move(outcome), failed);
    }
    answer(request.key, carry_out_at_exchange(request));
}

void World::answer(std::uint64_t key, domain::OrderOutcome outcome,
                   std::optional<domain::RateLimited> limited) {
    if (inject(Fault::lost_answer)) return;
    const auto late = inject(Fault::late_answer)
                          ? base::milliseconds{between(20, options_.order_deadline.count() * 3 / 2)}
                          : base::milliseconds{0};
    to_engine(latency() + late, [this, key, outcome = std::move(outcome), limited]() mutable {
        const auto found = pending_.find(key);
        if (found == pending_.end()) return;  // given up before
        const Pending pending = found->second;
        pending_.erase(found);
        if (limited) {
            limited->received = now().monotonic;
            engine_->on_rate_limited(*limited, now());
            note_ban(*limited);
        }
        if (const auto* rejected = std::get_if<domain::OutcomeRejected>(&outcome.result);
            rejected != nullptr && rejected->code == -1021)
            clock_unknown_until_ = time_ + base::milliseconds{300};  // synchronised anew
        tell_outcome(pending, std::move(outcome));
    });
}

void World::note_ban(const domain::RateLimited& limited) {
    keep_ban();
    if ((limited.status != 429 && limited.status != 418) || limited.scope != domain::LimitedScope::address)
        return;
    const auto until = now().monotonic + limited.retry_after.value_or(base::seconds{0});
    if (!told_ban_ || until > *told_ban_) told_ban_ = until;
}

void World::give_up(std::uint64_t key, const char* why) {
    const auto found = pending_.find(key);
    if (found == pending_.end()) return;
    const Pending pending = found->second;
    pending_.erase(found);
    domain::OrderOutcome outcome;
    outcome.result = domain::OutcomeUnknown{why};
    tell_outcome(pending, std::move(outcome));
}

void World::tell_outcome(const Pending& pending, domain::OrderOutcome outcome) {
    outcome.symbol = pending.symbol;
    outcome.client_order_id = pending.id;
    outcome.is_cancel = pending.is_cancel;
    outcome.sent = pending.sent;
    outcome.answered = now().monotonic;
    if (auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome.result))
        std::erase_if(accepted->fills,
                      [this](const domain::Fill& fill) { return fill.trade_id == swallowed_; });
    engine_->on_outcome(outcome, now());
}

std::optional<domain::RateLimited> World::limit_read() {
    if (!inject(Fault::rate_limit)) return std::nullopt;
    domain::RateLimited limited;
    limited.status = random_() % 3 == 0 ? 418 : 429;
    limited.retry_after = base::seconds{between(1, 5)};
    limited.received = now().monotonic;
    return limited;
}

base::Result<engine::Answer> World::read_at_exchange(const engine::Read& read) {
    auto answer = answer_from(core_, account_, read, time_);
    if (!answer) return answer;
    if (auto* fills = std::get_if<std::vector<domain::Fill>>(&*answer))
        std::erase_if(*fills, [this](const domain::Fill& fill) { return fill.trade_id == swallowed_; });
    if (auto* info = std::get_if<domain::ExchangeInfo>(&*answer))
        for (domain::RateLimit& limit : info->rate_limits)
            if (limit.type == domain::RateLimitType::orders && limit.window == base::seconds{10})
                limit.limit = options_.orders_in_10s;
    if (!inject(Fault::lagging_read)) return answer;
    // A copy that has not heard of the last moments.
    const base::ExchangeTime horizon = time_ - base::milliseconds{between(1, 800)};
    if (const auto* view = std::get_if<domain::OrderView>(&*answer)) {
        if (view->created > horizon)
            return base::fail(base::ErrorKind::not_found, "-2013 Order does not exist.");
    } else if (auto* fills = std::get_if<std::vector<domain::Fill>>(&*answer)) {
        std::erase_if(*fills, [horizon](const domain::Fill& fill) { return fill.time > horizon; });
    } else if (auto* views = std::get_if<std::vector<domain::OrderView>>(&*answer)) {
        std::erase_if(*views, [horizon](const domain::OrderView& each) { return each.created > horizon; });
    }
    return answer;
}

void World::carry_out(engine::Ask command) {
    if (told_ban_ && now().monotonic < *told_ban_) violate("a question left during a ban");
    const auto tell = [this, command](base::Result<engine::Answer> answer) {
        engine_->on_answer(command, std::move(answer), now());
    };
    if (inject(Fault::failed_read)) {
        const bool silent = random_() % 2 == 0;
        return to_engine(silent ? base::nanoseconds{read_deadline} : latency() * 2, [this, tell, silent] {
            domain::RateLimited failed;
            failed.status = 503;
            failed.received = now().monotonic;
            if (!silent) engine_->on_rate_limited(failed, now());
            tell(base::fail(base::ErrorKind::unavailable, silent ? "deadline" : "503"));
        });
    }
    const auto late =
        inject(Fault::late_read) ? base::milliseconds{between(10, 3'000)} : base::milliseconds{0};
    const bool late_before = random_() % 2 == 0;
    schedule(latency() + (late_before ? late : base::milliseconds{0}),
             [this, command, tell, late_after = late_before ? base::milliseconds{0} : late,
              incarnation = incarnation_] {
                 if (incarnation != incarnation_) return;
                 if (auto limited = limit_read())
                     return to_engine(latency(), [this, tell, limited]() mutable {
                         limited->received = now().monotonic;
                         engine_->on_rate_limited(*limited, now());
                         note_ban(*limited);
                         tell(base::fail(base::ErrorKind::unavailable, "429"));
                     });
                 to_engine(latency() + late_after,
                           [tell, answer = read_at_exchange(command.read)] { tell(answer); });
             });
}

template <class Event>
void World::deliver_user_event(const Event& event) {
    if (!engine_ || !connected_[static_cast<std::size_t>(domain::Connection::user_data)]) return;
    if (inject(Fault::lost_event)) return;
    const int times = inject(Fault::doubled_event) ? 2 : 1;
    for (int time = 0; time < times; ++time) {
        base::ExchangeTime at = time_ + std::chrono::duration_cast<base::microseconds>(latency());
        if (inject(Fault::late_event))
            at += base::milliseconds{between(20, 3'000)};
        else
            at = last_event_at_ = std::max(at, last_event_at_);
        to_engine(at - time_, [this, event, is_double = time > 0, epoch = user_data_epoch_] {
            if (epoch != user_data_epoch_) return;  // it went down with its connection
            static_cast<void>(is_double);           // of no interest to other events
            if constexpr (std::is_same_v<Event, domain::ExecutionReport>) {
                domain::ExecutionReport report = event;
                if (is_double && report.fill && options_.mutant == Mutant::renumbered_double)
                    report.fill->trade_id.value += 1'000'000;
                engine_->on_execution(report, now());
            } else if constexpr (std::is_same_v<Event, domain::AccountPosition>) {
                engine_->on_account_position(event, now());
            } else {
                engine_->on_balance_update(event, now());
            }
        });
    }
}

void World::on_execution(exchange::AccountId, const exchange::ExecutionEvent& event) {
    domain::ExecutionReport report = report_of(event);
    if (event.fill) {
        ++fills_;
        constexpr int swallowed_at = 3;
        if (options_.mutant == Mutant::swallowed_fill && fills_ == swallowed_at)
            swallowed_ = event.fill->trade_id;
        if (event.fill->trade_id == swallowed_) return;
        if (options_.mutant == Mutant::cheap_commission)
            report.fill->commission = domain::Amount::from_raw(report.fill->commission.raw() / 2);
    }
    deliver_user_event(report);
}

void World::on_account_position(exchange::AccountId, const domain::AccountPosition& event) {
    deliver_user_event(event);
}

void World::on_balance_update(exchange::AccountId, const domain::BalanceUpdate& event) {
    deliver_user_event(event);
}

}  // namespace vigil::simulation
