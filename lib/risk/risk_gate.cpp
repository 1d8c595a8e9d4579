#include "risk/risk_gate.h"

#include <chrono>

#include "base/check.h"
#include "risk/order_rules.h"

namespace vigil::risk {

RiskGate::RiskGate(Options options, RiskState state)
    : options_{std::move(options)},
      ladder_{std::move(state.ladder)},
      daily_loss_{options_.daily_loss, std::move(state.days)},
      losses_{options_.losses, std::move(state.losses)},
      breakers_{options_.rejections_to_break, options_.breaker_probe_every} {
    if (options_.orders_a_minute) recent_.emplace(*options_.orders_a_minute);
}

const SymbolLimits& RiskGate::limits(const domain::Symbol& symbol) const {
    for (const SymbolLimits& each : options_.symbols)
        if (each.symbol == symbol) return each;
    return options_.defaults;
}

std::variant<domain::Approved, Refusal> RiskGate::check(domain::Intent intent, const RiskContext& context) {
    if (context.profit && context.rules != nullptr)
        observe_profit(context.rules->quote, *context.profit, context.exchange_now);
    if (intent.placement() != nullptr) {
        if (auto refused = refuse(intent, context)) return std::move(*refused);
        breakers_.on_passed(intent.symbol(), context.now);
        count(intent, context.now);
    }
    return domain::Approved{std::move(intent)};
}

std::optional<Refusal> RiskGate::refuse(const domain::Intent& intent, const RiskContext& context) {
    const domain::NewOrder& order = *intent.placement();
    const bool reduces = is_reduction(order, context);
    if (level() >= Level::cancel_only || (level() == Level::reduce && !reduces)) {
        const LadderState& state = ladder_.state();
        std::string detail{"the ladder is at "};
        detail += to_string(state.level);
        detail += " (";
        detail += state.by;
        detail += ": ";
        detail += state.reason;
        detail += ")";
        return Refusal{"ladder", std::move(detail)};
    }
    if (auto refused = check_shape(order, context)) return refused;
    if (const auto open = breakers_.refuses(order.symbol, context.now)) {
        const auto wait = std::chrono::ceil<base::seconds>(open->next_probe - context.now);
        std::string detail =
            std::to_string(open->count) + " rejections " + std::to_string(open->code) + " \"";
        detail += open->message;
        detail += "\"; next probe in " + std::to_string(wait.count()) + " s";
        return Refusal{"breaker", std::move(detail)};
    }
    if (context.strategy.slot_taken)
        return Refusal{"slot", "slot " + std::to_string(intent.slot.value) + " has a live order"};
    if (!reduces) {
        const domain::Asset& quote = context.rules->quote;
        if (const DayState* day = daily_loss_.tripped(quote, context.exchange_now)) {
            const auto profit = daily_loss_.profit_today(quote, context.exchange_now);
            const auto limit = daily_loss_.limit(quote);
            std::string detail = "the day's limit of " + (limit ? limit->str() : std::string{"?"}) + " " +
                                 day->quote.str() + " was reached";
            if (profit) detail += ", profit of the day is " + profit->str();
            detail += "; resets at 00:00 UTC";
            return Refusal{"daily_loss", std::move(detail)};
        }
    }
    if (auto refused = check_filters(order, context)) return refused;
    if (auto refused = refuse_rate(intent, context.now)) return refused;
    Valuation valuation;
    if (auto refused = check_price(order, context, options_, valuation)) return refused;
    return check_size(order, context, options_, limits(order.symbol), valuation);
}

std::optional<Refusal> RiskGate::refuse_rate(const domain::Intent& intent, base::MonotonicTime now) {
    const auto judge = [now](std::string_view rule, const RecentOrders& recent,
                             int most) -> std::optional<Refusal> {
        const auto until = recent.full_until(now);
        if (!until) return std::nullopt;
        return Refusal{rule,
                       std::to_string(most) + " orders were placed within the last minute; room again in " +
                           std::to_string(std::chrono::ceil<base::seconds>(*until - now).count()) + " s"};
    };
    if (recent_)
        if (auto refused = judge("orders_a_minute", *recent_, *options_.orders_a_minute)) return refused;
    if (const auto most = limits(intent.symbol()).orders_a_minute)
        if (auto refused =
                judge("orders_a_minute_symbol", recent_by_symbol_.of(intent.symbol(), *most), *most))
            return refused;
    if (const auto most = options_.orders_a_minute_strategy)
        return judge("orders_a_minute_strategy", recent_by_strategy_.of(intent.strategy, *most), *most);
    return std::nullopt;
}

void RiskGate::count(const domain::Intent& intent, base::MonotonicTime now) {
    if (recent_) recent_->add(now);
    if (const auto most = limits(intent.symbol()).orders_a_minute)
        recent_by_symbol_.of(intent.symbol(), *most).add(now);
    if (const auto most = options_.orders_a_minute_strategy)
        recent_by_strategy_.of(intent.strategy, *most).add(now);
}

int RiskGate::orders_a_minute(base::MonotonicTime now) const {
    return recent_ ? recent_->count(now) : 0;
}

bool RiskGate::on_rejection(const domain::Symbol& symbol, int code, std::string_view message,
                            base::MonotonicTime now) {
    return breakers_.on_rejection(symbol, code, message, now);
}

bool RiskGate::on_accepted(const domain::Symbol& symbol) {
    return breakers_.on_accepted(symbol);
}

bool RiskGate::observe_profit(const domain::Asset& quote, domain::Amount profit, base::ExchangeTime now) {
    const bool tripped = daily_loss_.observe(quote, profit, now);
    if (tripped)
        raise(options_.daily_loss_level, "daily_loss",
              "the day's limit of " + daily_loss_.limit(quote)->str() + " " + quote.str() + " was reached",
              now);
    return tripped;
}

std::optional<LossWatch::Trip> RiskGate::observe_losses(const domain::Asset& quote, domain::Amount realised,
                                                        std::optional<domain::Amount> total,
                                                        base::ExchangeTime now) {
    auto trip = losses_.observe(quote, realised, total);
    if (trip)
        raise(trip->level, trip->rule,
              "the limit of " + trip->limit.str() + " " + quote.str() + " was reached, " + trip->loss.str() +
                  " are lost",
              now);
    return trip;
}

bool RiskGate::raise(Level level, std::string_view by, std::string_view reason, base::ExchangeTime now) {
    const bool raised = ladder_.raise(level, by, reason, now);
    if (raised) ++ladder_version_;
    return raised;
}

void RiskGate::kill(std::string_view by, std::string_view reason, base::ExchangeTime now) {
    ladder_.kill(by, reason, now);
    ++ladder_version_;
}

base::Result<void> RiskGate::lower(Level level, std::string_view operator_name, std::string_view reason,
                                   base::ExchangeTime now) {
    auto lowered = ladder_.lower(level, operator_name, reason, now);
    if (lowered) {
        ++ladder_version_;
        losses_.begin_anew();
    }
    return lowered;
}

RiskState RiskGate::state() const {
    return RiskState{ladder_.state(), daily_loss_.state(), losses_.states()};
}

}  // namespace vigil::risk
