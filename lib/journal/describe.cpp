#include "journal/describe.h"

#include <string_view>

namespace vigil::journal {

namespace {

/// Words with one space between them; empty ones are left out.
class Words {
  public:
    Words& add(std::string_view word) {
        if (word.empty()) return *this;
        if (!text_.empty()) text_ += ' ';
        text_ += word;
        return *this;
    }
    Words& add(std::string_view name, std::string_view value) { return add(name).add(value); }
    [[nodiscard]] std::string text() && { return std::move(text_); }

  private:
    std::string text_;
};

std::string text_of(const domain::NewOrder& order) {
    Words words;
    words.add(domain::to_string(order.side)).add(order.symbol.view()).add(domain::to_string(order.type));
    if (order.time_in_force) words.add(domain::to_string(*order.time_in_force));
    if (order.quantity) words.add(order.quantity->str());
    if (order.quote_quantity) words.add("for", order.quote_quantity->str());
    if (order.price) words.add("at", order.price->str());
    if (order.stop_price) words.add("stop", order.stop_price->str());
    return std::move(words).text();
}

std::string text_of(const domain::Fill& fill) {
    Words words;
    words.add(fill.quantity.str()).add("at", fill.price.str());
    words.add("commission", fill.commission.str()).add(fill.commission_asset.view());
    words.add("trade", std::to_string(fill.trade_id.value));
    return std::move(words).text();
}

std::string text_of(const domain::OrderView& view) {
    Words words;
    words.add(domain::to_string(view.side)).add(view.symbol.view()).add(domain::to_string(view.type));
    words.add(view.quantity.str()).add("at", view.price.str());
    words.add("executed", view.executed.str()).add(domain::to_string(view.status));
    return std::move(words).text();
}

std::string text_of(const std::vector<domain::Balance>& balances) {
    Words words;
    for (const domain::Balance& each : balances)
        words.add(each.asset.view()).add(each.free.str() + "+" + each.locked.str());
    return std::move(words).text();
}

struct Describe {
    std::string operator()(const SessionStarted& r) const {
        Words words;
        words.add("version", r.version).add(r.environment).add("configuration", r.config_hash);
        for (const domain::StrategyName& name : r.strategies) words.add(name.view());
        return std::move(words).text();
    }
    std::string operator()(const SessionStopped& r) const {
        return std::string{r.clean ? "in order: " : "not in order: "} + r.why;
    }
    std::string operator()(const SymbolLearned& r) const {
        return r.symbol.str() + " is " + r.base.str() + " in " + r.quote.str() + ", step " + r.step.str();
    }
    std::string operator()(const CounterBlockReserved& r) const {
        return std::to_string(r.count) + " ids from " + std::to_string(r.first);
    }
    std::string operator()(const DecisionMade& r) const {
        Words words;
        words.add("strategy", r.strategy.view()).add("saw", r.symbol.view());
        words.add("bid", r.bid.price.str()).add("ask", r.ask.price.str());
        words.add("with", r.inventory.str()).add("in hand");
        return std::move(words).text();
    }
    std::string operator()(const LedgerStated& r) const {
        std::string text = r.text;  // lines, as one
        for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
            text.replace(at, 1, "; ");
        return text;
    }
    std::string operator()(const IntentPermitted& r) const {
        Words words;
        if (const domain::NewOrder* order = r.intent.placement())
            words.add("place", text_of(*order));
        else
            words.add("cancel", r.intent.symbol().view());
        words.add("(strategy", std::to_string(r.intent.strategy.value) + ",");
        words.add("slot", std::to_string(r.intent.slot.value) + ",").add(r.intent.reason.str() + ")");
        return std::move(words).text();
    }
    std::string operator()(const OutcomeReceived& r) const {
        Words words;
        words.add(r.outcome.is_cancel ? "cancel" : "placement");
        if (const auto* accepted = std::get_if<domain::OutcomeAccepted>(&r.outcome.result)) {
            words.add("accepted:", text_of(accepted->order));
            for (const domain::Fill& fill : accepted->fills) words.add("filled", text_of(fill));
        } else if (const auto* rejected = std::get_if<domain::OutcomeRejected>(&r.outcome.result)) {
            words.add("rejected:", std::to_string(rejected->code)).add(rejected->message);
        } else if (const auto* unknown = std::get_if<domain::OutcomeUnknown>(&r.outcome.result)) {
            words.add("unknown:", unknown->why);
        } else {
            words.add("never sent:", std::get<domain::OutcomeNeverSent>(r.outcome.result).why);
        }
        return std::move(words).text();
    }
    std::string operator()(const ExecutionReceived& r) const {
        Words words;
        words.add(domain::to_string(r.report.execution)).add(domain::to_string(r.report.side));
        words.add(r.report.symbol.view());
        if (r.report.fill) words.add(text_of(*r.report.fill));
        words.add("executed", r.report.executed.str() + " of " + r.report.quantity.str());
        words.add(domain::to_string(r.report.status));
        return std::move(words).text();
    }
    std::string operator()(const FillsRead& r) const {
        Words words;
        words.add(r.symbol.view());
        for (const domain::Fill& fill : r.fills) words.add("filled", text_of(fill));
        return std::move(words).text();
    }
    std::string operator()(const OrderViewRead& r) const {
        return (r.adopted ? "taken over: " : "looked up: ") + text_of(r.view);
    }
    std::string operator()(const OrderNotFound& r) const {
        return r.symbol.str() + ": proven never to have been";
    }
    std::string operator()(const ReconcileDone& r) const {
        return std::string{r.sound ? "sound: " : "not sound: "} + r.summary;
    }
    std::string operator()(const StrategyStateSaved& r) const {
        return r.strategy.str() + ": " + r.text.str();
    }
    std::string operator()(const LadderStateSaved& r) const { return r.text; }
    std::string operator()(const BanStateSaved& r) const { return r.text; }
    std::string operator()(const AccountRead& r) const {
        return (r.accepted_differences ? "new opening: " : "") + text_of(r.account.balances);
    }
    std::string operator()(const AccountPositionReceived& r) const { return text_of(r.position.balances); }
    std::string operator()(const BalanceUpdateReceived& r) const {
        return r.update.asset.str() + " " + r.update.delta.str();
    }
};

}  // namespace

std::string describe(const Record& record) {
    return std::visit(Describe{}, record);
}

}  // namespace vigil::journal
