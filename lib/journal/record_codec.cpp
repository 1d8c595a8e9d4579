#include "journal/record_codec.h"

#include "journal/domain_json.h"

namespace vigil::journal {

namespace {

Json body_of(const SessionStarted& r) {
    Json strategies = Json::array();
    for (const domain::StrategyName& name : r.strategies) strategies.push_back(name.str());
    return Json{{"version", r.version},
                {"environment", r.environment},
                {"config_hash", r.config_hash},
                {"instance", r.instance},
                {"strategies", std::move(strategies)}};
}
Json body_of(const SessionStopped& r) {
    return Json{{"clean", r.clean}, {"why", r.why}};
}
Json body_of(const SymbolLearned& r) {
    return Json{
        {"symbol", r.symbol.str()}, {"base", r.base.str()}, {"quote", r.quote.str()}, {"step", r.step.str()}};
}
Json body_of(const CounterBlockReserved& r) {
    return Json{{"first", r.first}, {"count", r.count}};
}
Json level_of(const domain::BookLevel& level) {
    return Json{{"price", level.price.str()}, {"quantity", level.quantity.str()}};
}
Json body_of(const DecisionMade& r) {
    Json out{{"client_order_id", r.client_order_id.str()},
             {"strategy", r.strategy.str()},
             {"symbol", r.symbol.str()},
             {"bid", level_of(r.bid)},
             {"ask", level_of(r.ask)},
             {"book_age_ns", r.book_age.count()},
             {"inventory", r.inventory.str()},
             {"cost", r.cost.str()},
             {"realised", r.realised.str()},
             {"budget", r.budget.str()},
             {"invested", r.invested.str()},
             {"committed", r.committed.str()},
             {"sellable", r.sellable.str()},
             {"position", r.position.str()},
             {"open_orders", r.open_orders},
             {"open_orders_symbol", r.open_orders_symbol},
             {"waiting", r.waiting},
             {"ladder", r.ladder}};
    if (r.free_quote) out["free_quote"] = r.free_quote->str();
    if (r.free_base) out["free_base"] = r.free_base->str();
    if (r.profit) out["profit"] = r.profit->str();
    return out;
}
Json body_of(const LedgerStated& r) {
    return Json{{"text", r.text}};
}
Json body_of(const IntentPermitted& r) {
    Json out = to_json(r.intent);
    out["permitted_ns"] = r.permitted.time_since_epoch().count();
    return out;
}
Json body_of(const OutcomeReceived& r) {
    return to_json(r.outcome);
}
Json body_of(const ExecutionReceived& r) {
    return to_json(r.report);
}
Json body_of(const FillsRead& r) {
    return Json{{"symbol", r.symbol.str()},
                {"client_order_id", r.client_order_id.str()},
                {"fills", to_json(r.fills)}};
}
Json body_of(const OrderViewRead& r) {
    Json out = to_json(r.view);
    out["adopted"] = r.adopted;
    return out;
}
Json body_of(const OrderNotFound& r) {
    return Json{{"symbol", r.symbol.str()}, {"client_order_id", r.client_order_id.str()}};
}
Json body_of(const ReconcileDone& r) {
    return Json{{"sound", r.sound}, {"summary", r.summary}};
}
Json body_of(const StrategyStateSaved& r) {
    return Json{{"strategy", r.strategy.str()}, {"text", r.text.str()}};
}
Json body_of(const LadderStateSaved& r) {
    return Json{{"text", r.text}};
}
Json body_of(const BanStateSaved& r) {
    return Json{{"text", r.text}};
}
Json body_of(const AccountRead& r) {
    const domain::AccountSnapshot& account = r.account;
    return Json{{"balances", to_json(account.balances)},
                {"maker_commission", account.maker_commission.str()},
                {"taker_commission", account.taker_commission.str()},
                {"can_trade", account.can_trade},
                {"uid", account.uid},
                {"updated_us", account.updated.time_since_epoch().count()},
                {"accepted_differences", r.accepted_differences}};
}
Json body_of(const AccountPositionReceived& r) {
    return Json{{"balances", to_json(r.position.balances)},
                {"event_us", r.position.event_time.time_since_epoch().count()},
                {"updated_us", r.position.updated.time_since_epoch().count()}};
}
Json body_of(const BalanceUpdateReceived& r) {
    return Json{{"asset", r.update.asset.str()},
                {"delta", r.update.delta.str()},
                {"event_us", r.update.event_time.time_since_epoch().count()},
                {"cleared_us", r.update.cleared.time_since_epoch().count()}};
}

SessionStarted read_session_started(Reader& in) {
    SessionStarted r{
        in.text("version"), in.text("environment"), in.text("config_hash"), in.text("instance"), {}};
    in.each("strategies", [&](const Json& element) {
        const auto name = element.is_string()
                              ? domain::StrategyName::from(element.get_ref<const std::string&>())
                              : std::nullopt;
        if (name)
            r.strategies.push_back(*name);
        else
            in.wrong<int>("strategies", "a list of names");
    });
    return r;
}

domain::BookLevel read_level(Reader& in, const char* name) {
    Reader part = in.object(name);
    const domain::BookLevel level{part.decimal<domain::Price>("price"),
                                  part.decimal<domain::Quantity>("quantity")};
    in.absorb(part);
    return level;
}

DecisionMade read_decision(Reader& in) {
    DecisionMade r;
    r.client_order_id = in.short_text<domain::ClientOrderId>("client_order_id");
    r.strategy = in.short_text<domain::StrategyName>("strategy");
    r.symbol = in.short_text<domain::Symbol>("symbol");
    r.bid = read_level(in, "bid");
    r.ask = read_level(in, "ask");
    r.book_age = base::nanoseconds{in.integer<std::int64_t>("book_age_ns")};
    r.inventory = in.decimal<domain::Quantity>("inventory");
    r.cost = in.decimal<domain::Amount>("cost");
    r.realised = in.decimal<domain::Amount>("realised");
    r.budget = in.decimal<domain::Amount>("budget");
    r.invested = in.decimal<domain::Amount>("invested");
    r.committed = in.decimal<domain::Amount>("committed");
    r.sellable = in.decimal<domain::Quantity>("sellable");
    r.position = in.decimal<domain::Quantity>("position");
    r.open_orders = in.integer<int>("open_orders");
    r.open_orders_symbol = in.integer<int>("open_orders_symbol");
    r.waiting = in.integer<int>("waiting");
    r.free_quote = in.maybe_decimal<domain::Amount>("free_quote");
    r.free_base = in.maybe_decimal<domain::Amount>("free_base");
    r.profit = in.maybe_decimal<domain::Amount>("profit");
    r.ladder = in.text("ladder");
    return r;
}

AccountRead read_account(Reader& in) {
    AccountRead r;
    r.account.balances = read_balances(in, "balances");
    r.account.maker_commission = in.decimal<domain::Rate>("maker_commission");
    r.account.taker_commission = in.decimal<domain::Rate>("taker_commission");
    r.account.can_trade = in.flag("can_trade");
    r.account.uid = in.integer<std::int64_t>("uid");
    r.account.updated = in.time<base::ExchangeTime>("updated_us");
    r.accepted_differences = in.flag("accepted_differences");
    return r;
}

std::optional<Record> read_record(std::string_view kind, Reader& in) {
    if (kind == "session_started") return read_session_started(in);
    if (kind == "session_stopped") return SessionStopped{in.flag("clean"), in.text("why")};
    if (kind == "symbol")
        return SymbolLearned{in.short_text<domain::Symbol>("symbol"), in.short_text<domain::Asset>("base"),
                             in.short_text<domain::Asset>("quote"), in.decimal<domain::Quantity>("step")};
    if (kind == "counter_block")
        return CounterBlockReserved{in.integer<std::uint64_t>("first"), in.integer<std::uint64_t>("count")};
    if (kind == "decision") return read_decision(in);
    if (kind == "ledger") return LedgerStated{in.text("text")};
    if (kind == "intent")
        return IntentPermitted{read_intent(in), in.time<base::MonotonicTime>("permitted_ns")};
    if (kind == "outcome") return OutcomeReceived{read_outcome(in)};
    if (kind == "execution") return ExecutionReceived{read_execution(in)};
    if (kind == "fills")
        return FillsRead{in.short_text<domain::Symbol>("symbol"),
                         in.short_text<domain::ClientOrderId>("client_order_id"), read_fills(in, "fills")};
    if (kind == "order_view") return OrderViewRead{read_order_view(in), in.flag("adopted")};
    if (kind == "order_not_found")
        return OrderNotFound{in.short_text<domain::Symbol>("symbol"),
                             in.short_text<domain::ClientOrderId>("client_order_id")};
    if (kind == "reconcile") return ReconcileDone{in.flag("sound"), in.text("summary")};
    if (kind == "strategy_state")
        return StrategyStateSaved{in.short_text<domain::StrategyName>("strategy"),
                                  in.short_text<domain::StrategyState>("text")};
    if (kind == "ladder_state") return LadderStateSaved{in.text("text")};
    if (kind == "ban_state") return BanStateSaved{in.text("text")};
    if (kind == "account") return read_account(in);
    if (kind == "account_position") {
        AccountPositionReceived r;
        r.position.balances = read_balances(in, "balances");
        r.position.event_time = in.time<base::ExchangeTime>("event_us");
        r.position.updated = in.time<base::ExchangeTime>("updated_us");
        return r;
    }
    if (kind == "balance_update") {
        BalanceUpdateReceived r;
        r.update.asset = in.short_text<domain::Asset>("asset");
        r.update.delta = in.decimal<domain::Amount>("delta");
        r.update.event_time = in.time<base::ExchangeTime>("event_us");
        r.update.cleared = in.time<base::ExchangeTime>("cleared_us");
        return r;
    }
    return std::nullopt;
}

}  // namespace

std::string encode(const Record& record) {
    const Json body = std::visit([](const auto& r) { return body_of(r); }, record);
    // Text from outside (an exchange's message) may not be UTF-8: what is not is replaced, never thrown at.
    return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

base::Result<Record> decode(std::string_view kind, std::string_view body) {
    const Json parsed = Json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (parsed.is_discarded())
        return base::fail(base::ErrorKind::corrupt, "a record of kind " + std::string{kind} + " is not JSON");
    Reader in{parsed, std::string{kind}};
    auto record = read_record(kind, in);
    if (!record)
        return base::fail(base::ErrorKind::unsupported,
                          "records of kind \"" + std::string{kind} + "\" are of a later version");
    if (in.error()) return base::fail(base::ErrorKind::corrupt, *in.error());
    return std::move(*record);
}

}  // namespace vigil::journal
