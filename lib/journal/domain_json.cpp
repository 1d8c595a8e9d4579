#include "journal/domain_json.h"

#include <array>

namespace vigil::journal {

namespace {

using domain::Fill;
using domain::NewOrder;
using domain::OrderView;

constexpr std::array<std::pair<domain::Lane, std::string_view>, 6> lanes{
    {{domain::Lane::emergency_cancel, "emergency_cancel"},
     {domain::Lane::cancel, "cancel"},
     {domain::Lane::reconcile, "reconcile"},
     {domain::Lane::order, "order"},
     {domain::Lane::account, "account"},
     {domain::Lane::market_data, "market_data"}}};

std::string_view lane_word(domain::Lane lane) {
    for (const auto& [value, word] : lanes)
        if (value == lane) return word;
    return "order";
}

domain::Lane read_lane(Reader& in) {
    const std::string word = in.text("lane");
    for (const auto& [value, name] : lanes)
        if (name == word) return value;
    return in.wrong<domain::Lane>("lane", "a lane");
}

template <class Enum>
std::string word_of(Enum value) {
    return std::string{domain::to_string(value)};
}

template <class Time>
std::int64_t count(Time time) {
    return time.time_since_epoch().count();
}

domain::Side read_side(Reader& in) {
    const auto side = domain::parse_side(in.text("side"));
    return side ? *side : in.wrong<domain::Side>("side", "BUY or SELL");
}

/// Client order ids are kept as they came, also the ones of others and the empty one.
domain::ClientOrderId read_id(Reader& in) {
    return in.short_text<domain::ClientOrderId>("client_order_id");
}

Json to_json(const NewOrder& order) {
    Json out{{"symbol", order.symbol.str()},
             {"side", word_of(order.side)},
             {"type", word_of(order.type)},
             {"client_order_id", order.client_order_id.str()}};
    if (order.time_in_force) out["time_in_force"] = word_of(*order.time_in_force);
    if (order.quantity) out["quantity"] = order.quantity->str();
    if (order.quote_quantity) out["quote_quantity"] = order.quote_quantity->str();
    if (order.price) out["price"] = order.price->str();
    if (order.stop_price) out["stop_price"] = order.stop_price->str();
    return out;
}

NewOrder read_new_order(Reader& in) {
    NewOrder order;
    order.symbol = in.short_text<domain::Symbol>("symbol");
    order.side = read_side(in);
    order.type = domain::parse_order_type(in.text("type"));
    order.client_order_id = read_id(in);
    if (in.has("time_in_force")) order.time_in_force = domain::parse_time_in_force(in.text("time_in_force"));
    order.quantity = in.maybe_decimal<domain::Quantity>("quantity");
    order.quote_quantity = in.maybe_decimal<domain::Amount>("quote_quantity");
    order.price = in.maybe_decimal<domain::Price>("price");
    order.stop_price = in.maybe_decimal<domain::Price>("stop_price");
    return order;
}

}  // namespace

Json to_json(const domain::Intent& intent) {
    Json out{{"strategy", intent.strategy.value},   {"slot", intent.slot.value},
             {"lane", lane_word(intent.lane)},      {"reason", intent.reason.str()},
             {"decided_ns", count(intent.decided)}, {"expires_ns", count(intent.expires)}};
    if (const NewOrder* order = intent.placement())
        out["place"] = to_json(*order);
    else
        out["cancel"] =
            Json{{"symbol", intent.symbol().str()}, {"client_order_id", intent.client_order_id().str()}};
    return out;
}

domain::Intent read_intent(Reader& in) {
    domain::Intent intent;
    intent.strategy = domain::StrategyIndex{in.integer<std::uint16_t>("strategy")};
    intent.slot = domain::Slot{in.integer<std::uint32_t>("slot")};
    intent.lane = read_lane(in);
    intent.reason = in.short_text<domain::Reason>("reason");
    intent.decided = in.time<base::MonotonicTime>("decided_ns");
    intent.expires = in.time<base::MonotonicTime>("expires_ns");
    if (in.has("place")) {
        Reader place = in.object("place");
        intent.action = read_new_order(place);
        in.absorb(place);
    } else {
        Reader cancel = in.object("cancel");
        intent.action = domain::CancelOrder{cancel.short_text<domain::Symbol>("symbol"), read_id(cancel)};
        in.absorb(cancel);
    }
    return intent;
}

Json to_json(const OrderView& view) {
    return Json{{"symbol", view.symbol.str()},
                {"order_id", view.order_id.value},
                {"client_order_id", view.client_order_id.str()},
                {"side", word_of(view.side)},
                {"type", word_of(view.type)},
                {"time_in_force", word_of(view.time_in_force)},
                {"status", word_of(view.status)},
                {"price", view.price.str()},
                {"stop_price", view.stop_price.str()},
                {"quantity", view.quantity.str()},
                {"executed", view.executed.str()},
                {"executed_quote", view.executed_quote.str()},
                {"created_us", count(view.created)},
                {"updated_us", count(view.updated)}};
}

OrderView read_order_view(Reader& in) {
    OrderView view;
    view.symbol = in.short_text<domain::Symbol>("symbol");
    view.order_id = domain::OrderId{in.integer<std::int64_t>("order_id")};
    view.client_order_id = read_id(in);
    view.side = read_side(in);
    view.type = domain::parse_order_type(in.text("type"));
    view.time_in_force = domain::parse_time_in_force(in.text("time_in_force"));
    view.status = domain::parse_order_status(in.text("status"));
    view.price = in.decimal<domain::Price>("price");
    view.stop_price = in.decimal<domain::Price>("stop_price");
    view.quantity = in.decimal<domain::Quantity>("quantity");
    view.executed = in.decimal<domain::Quantity>("executed");
    view.executed_quote = in.decimal<domain::Amount>("executed_quote");
    view.created = in.time<base::ExchangeTime>("created_us");
    view.updated = in.time<base::ExchangeTime>("updated_us");
    return view;
}

Json to_json(const Fill& fill) {
    return Json{{"trade_id", fill.trade_id.value},
                {"order_id", fill.order_id.value},
                {"price", fill.price.str()},
                {"quantity", fill.quantity.str()},
                {"quote_quantity", fill.quote_quantity.str()},
                {"commission", fill.commission.str()},
                {"commission_asset", fill.commission_asset.str()},
                {"maker", fill.is_maker},
                {"side", word_of(fill.side)},
                {"time_us", count(fill.time)}};
}

Fill read_fill(Reader& in) {
    Fill fill;
    fill.trade_id = domain::TradeId{in.integer<std::int64_t>("trade_id")};
    fill.order_id = domain::OrderId{in.integer<std::int64_t>("order_id")};
    fill.price = in.decimal<domain::Price>("price");
    fill.quantity = in.decimal<domain::Quantity>("quantity");
    fill.quote_quantity = in.decimal<domain::Amount>("quote_quantity");
    fill.commission = in.decimal<domain::Amount>("commission");
    fill.commission_asset = in.short_text<domain::Asset>("commission_asset");
    fill.is_maker = in.flag("maker");
    fill.side = read_side(in);
    fill.time = in.time<base::ExchangeTime>("time_us");
    return fill;
}

Json to_json(const std::vector<Fill>& fills) {
    Json out = Json::array();
    for (const Fill& fill : fills) out.push_back(to_json(fill));
    return out;
}

std::vector<Fill> read_fills(Reader& in, const char* name) {
    std::vector<Fill> fills;
    in.each(name, [&](const Json& element) {
        Reader part{element, in.path() + "." + name};
        fills.push_back(read_fill(part));
        in.absorb(part);
    });
    return fills;
}

Json to_json(const domain::ExecutionReport& report) {
    Json out{{"symbol", report.symbol.str()},
             {"order_id", report.order_id.value},
             {"client_order_id", report.client_order_id.str()},
             {"side", word_of(report.side)},
             {"type", word_of(report.type)},
             {"time_in_force", word_of(report.time_in_force)},
             {"execution", word_of(report.execution)},
             {"status", word_of(report.status)},
             {"reject_reason", report.reject_reason},
             {"price", report.price.str()},
             {"stop_price", report.stop_price.str()},
             {"quantity", report.quantity.str()},
             {"executed", report.executed.str()},
             {"executed_quote", report.executed_quote.str()},
             {"event_us", count(report.event_time)},
             {"transact_us", count(report.transact_time)}};
    if (report.fill) out["fill"] = to_json(*report.fill);
    return out;
}

domain::ExecutionReport read_execution(Reader& in) {
    domain::ExecutionReport report;
    report.symbol = in.short_text<domain::Symbol>("symbol");
    report.order_id = domain::OrderId{in.integer<std::int64_t>("order_id")};
    report.client_order_id = read_id(in);
    report.side = read_side(in);
    report.type = domain::parse_order_type(in.text("type"));
    report.time_in_force = domain::parse_time_in_force(in.text("time_in_force"));
    report.execution = domain::parse_execution_type(in.text("execution"));
    report.status = domain::parse_order_status(in.text("status"));
    report.reject_reason = in.text("reject_reason");
    report.price = in.decimal<domain::Price>("price");
    report.stop_price = in.decimal<domain::Price>("stop_price");
    report.quantity = in.decimal<domain::Quantity>("quantity");
    report.executed = in.decimal<domain::Quantity>("executed");
    report.executed_quote = in.decimal<domain::Amount>("executed_quote");
    report.event_time = in.time<base::ExchangeTime>("event_us");
    report.transact_time = in.time<base::ExchangeTime>("transact_us");
    if (in.has("fill")) {
        Reader part = in.object("fill");
        report.fill = read_fill(part);
        in.absorb(part);
    }
    return report;
}

Json to_json(const domain::OrderOutcome& outcome) {
    Json out{{"symbol", outcome.symbol.str()},
             {"client_order_id", outcome.client_order_id.str()},
             {"cancel", outcome.is_cancel},
             {"sent_ns", count(outcome.sent)},
             {"answered_ns", count(outcome.answered)}};
    if (const auto* accepted = std::get_if<domain::OutcomeAccepted>(&outcome.result))
        out["accepted"] = Json{{"order", to_json(accepted->order)}, {"fills", to_json(accepted->fills)}};
    else if (const auto* rejected = std::get_if<domain::OutcomeRejected>(&outcome.result))
        out["rejected"] = Json{
            {"code", rejected->code}, {"message", rejected->message}, {"http_status", rejected->http_status}};
    else if (const auto* unknown = std::get_if<domain::OutcomeUnknown>(&outcome.result))
        out["unknown"] = Json{{"why", unknown->why}};
    else
        out["never_sent"] = Json{{"why", std::get<domain::OutcomeNeverSent>(outcome.result).why}};
    return out;
}

domain::OrderOutcome read_outcome(Reader& in) {
    domain::OrderOutcome outcome;
    outcome.symbol = in.short_text<domain::Symbol>("symbol");
    outcome.client_order_id = read_id(in);
    outcome.is_cancel = in.flag("cancel");
    outcome.sent = in.time<base::MonotonicTime>("sent_ns");
    outcome.answered = in.time<base::MonotonicTime>("answered_ns");
    if (in.has("accepted")) {
        Reader part = in.object("accepted");
        Reader order = part.object("order");
        domain::OutcomeAccepted accepted;
        accepted.order = read_order_view(order);
        part.absorb(order);
        accepted.fills = read_fills(part, "fills");
        in.absorb(part);
        outcome.result = std::move(accepted);
    } else if (in.has("rejected")) {
        Reader part = in.object("rejected");
        domain::OutcomeRejected rejected;
        rejected.code = part.integer<int>("code");
        rejected.message = part.text("message");
        rejected.http_status = part.integer<int>("http_status");
        in.absorb(part);
        outcome.result = std::move(rejected);
    } else if (in.has("unknown")) {
        Reader part = in.object("unknown");
        outcome.result = domain::OutcomeUnknown{part.text("why")};
        in.absorb(part);
    } else {
        Reader part = in.object("never_sent");
        outcome.result = domain::OutcomeNeverSent{part.text("why")};
        in.absorb(part);
    }
    return outcome;
}

Json to_json(const std::vector<domain::Balance>& balances) {
    Json out = Json::array();
    for (const domain::Balance& balance : balances)
        out.push_back(Json{
            {"asset", balance.asset.str()}, {"free", balance.free.str()}, {"locked", balance.locked.str()}});
    return out;
}

std::vector<domain::Balance> read_balances(Reader& in, const char* name) {
    std::vector<domain::Balance> balances;
    in.each(name, [&](const Json& element) {
        Reader part{element, in.path() + "." + name};
        domain::Balance balance;
        balance.asset = part.short_text<domain::Asset>("asset");
        balance.free = part.decimal<domain::Amount>("free");
        balance.locked = part.decimal<domain::Amount>("locked");
        balances.push_back(balance);
        in.absorb(part);
    });
    return balances;
}

}  // namespace vigil::journal
