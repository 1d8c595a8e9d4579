#include "binance/user_events.h"

#include <utility>

namespace vigil::binance {

namespace {

using simdjson::SUCCESS;
using Kind = ApiNote::Kind;
using Object = simdjson::ondemand::object;

ApiNote malformed(std::string_view event, std::string_view why) {
    return {Kind::malformed, std::string{event} + ": " + std::string{why}};
}

template <class Take>
bool each_member(Object& object, Take&& take) {
    for (auto field : object) {
        std::string_view key;
        OndemandValue value;
        if (field.unescaped_key().get(key) != SUCCESS || field.value().get(value) != SUCCESS) return false;
        take(key, value);
    }
    return true;
}

char only_byte(std::string_view key) {
    return key.size() == 1 ? key.front() : '\0';
}

/// user-data-stream.md, "Order Update". One pass; the bits are of the members that must be there.
class ExecutionReader {
  public:
    void take(char key, OndemandValue value) {
        switch (key) {
            case 'E':
                report_.event_time = reader_.time_ms(value, "E");
                seen_ |= 1U;
                break;
            case 's':
                report_.symbol = reader_.name<domain::Symbol>(value, "s");
                seen_ |= 2U;
                break;
            case 'c':
                own_id_ = client_id(value, "c");
                seen_ |= 4U;
                break;
            case 'C':
                original_id_ = client_id(value, "C");
                break;
            case 'S':
                side(value);
                seen_ |= 8U;
                break;
            case 'o':
                report_.type = domain::parse_order_type(reader_.text(value, "o"));
                seen_ |= 16U;
                break;
            case 'f':
                report_.time_in_force = domain::parse_time_in_force(reader_.text(value, "f"));
                break;
            case 'q':
                report_.quantity = reader_.decimal<domain::Quantity>(value, "q");
                seen_ |= 32U;
                break;
            case 'p':
                report_.price = reader_.decimal<domain::Price>(value, "p");
                seen_ |= 64U;
                break;
            case 'P':
                report_.stop_price = reader_.decimal<domain::Price>(value, "P");
                break;
            case 'x':
                report_.execution = domain::parse_execution_type(reader_.text(value, "x"));
                seen_ |= 128U;
                break;
            case 'X':
                report_.status = domain::parse_order_status(reader_.text(value, "X"));
                seen_ |= 256U;
                break;
            case 'r':
                report_.reject_reason = reader_.text(value, "r");
                break;
            case 'i':
                report_.order_id = domain::OrderId{reader_.integer(value, "i")};
                seen_ |= 512U;
                break;
            case 'z':
                report_.executed = reader_.decimal<domain::Quantity>(value, "z");
                seen_ |= 1024U;
                break;
            case 'Z':
                report_.executed_quote = reader_.decimal<domain::Amount>(value, "Z");
                seen_ |= 2048U;
                break;
            case 'T':
                report_.transact_time = reader_.time_ms(value, "T");
                seen_ |= 4096U;
                break;
            case 'l':
                fill_.quantity = reader_.decimal<domain::Quantity>(value, "l");
                filled_ |= 1U;
                break;
            case 'L':
                fill_.price = reader_.decimal<domain::Price>(value, "L");
                filled_ |= 2U;
                break;
            case 'Y':
                fill_.quote_quantity = reader_.decimal<domain::Amount>(value, "Y");
                filled_ |= 4U;
                break;
            case 'n':
                commission(value);
                filled_ |= 8U;
                break;
            case 'N':
                commission_asset(value);
                filled_ |= 16U;
                break;
            case 't':
                fill_.trade_id = domain::TradeId{reader_.integer(value, "t")};
                filled_ |= 32U;
                break;
            case 'm':
                fill_.is_maker = reader_.boolean(value, "m");
                filled_ |= 64U;
                break;
            default:
                break;
        }
    }

    [[nodiscard]] ApiNote tell(domain::ExchangeListener& listener) {
        if (reader_.problem()) return malformed("executionReport", *reader_.problem());
        if (seen_ != 8191U) return malformed("executionReport", "a member is missing");
        // c is the id of the cancel when a cancel caused it; then C is the order's.
        report_.client_order_id = original_id_.empty() ? own_id_ : original_id_;
        if (report_.execution == domain::ExecutionType::trade) {
            if (filled_ != 127U || fill_.trade_id.value < 0)
                return malformed("executionReport", "a trade without all of its members");
            fill_.order_id = report_.order_id;
            fill_.side = report_.side;
            fill_.time = report_.transact_time;
            report_.fill = fill_;
        }
        listener.on_execution(report_);
        return {Kind::event, {}};
    }

  private:
    /// Somebody else's id may be longer than ours are; such an order is none of ours.
    domain::ClientOrderId client_id(OndemandValue value, std::string_view member) {
        return domain::ClientOrderId::from(reader_.text(value, member)).value_or(domain::ClientOrderId{});
    }
    void side(OndemandValue value) {
        const auto parsed = domain::parse_side(reader_.text(value, "S"));
        if (!parsed) return reader_.wrong("S", "is neither BUY nor SELL");
        report_.side = *parsed;
    }
    void commission(OndemandValue value) { fill_.commission = reader_.decimal<domain::Amount>(value, "n"); }
    void commission_asset(OndemandValue value) {
        bool null = false;
        if (value.is_null().get(null) == SUCCESS && null) return;
        fill_.commission_asset = reader_.name<domain::Asset>(value, "N");
    }

    OndemandReader reader_;
    domain::ExecutionReport report_;
    domain::Fill fill_;
    domain::ClientOrderId own_id_;
    domain::ClientOrderId original_id_;
    unsigned seen_{0};
    unsigned filled_{0};
};

ApiNote execution(Object& event, domain::ExchangeListener& listener) {
    ExecutionReader reader;
    if (!each_member(event,
                     [&](std::string_view key, OndemandValue value) { reader.take(only_byte(key), value); }))
        return malformed("executionReport", "damaged JSON");
    return reader.tell(listener);
}

ApiNote account_position(Object& event, domain::ExchangeListener& listener) {
    domain::AccountPosition position;
    OndemandReader reader;
    unsigned seen = 0;
    const auto balances = [&](OndemandValue value) {
        simdjson::ondemand::array rows;
        if (value.get_array().get(rows) != SUCCESS) return reader.wrong("B", "is no array");
        for (auto row : rows) {
            Object object;
            if (row.get_object().get(object) != SUCCESS) return reader.wrong("B", "holds what is no balance");
            domain::Balance balance;
            unsigned parts = 0;
            const bool walked = each_member(object, [&](std::string_view key, OndemandValue part) {
                switch (only_byte(key)) {
                    case 'a':
                        balance.asset = reader.name<domain::Asset>(part, "a");
                        parts |= 1U;
                        break;
                    case 'f':
                        balance.free = reader.decimal<domain::Amount>(part, "f");
                        parts |= 2U;
                        break;
                    case 'l':
                        balance.locked = reader.decimal<domain::Amount>(part, "l");
                        parts |= 4U;
                        break;
                    default:
                        break;
                }
            });
            if (!walked || parts != 7U) return reader.wrong("B", "holds an incomplete balance");
            position.balances.push_back(balance);
        }
    };
    const bool walked = each_member(event, [&](std::string_view key, OndemandValue value) {
        switch (only_byte(key)) {
            case 'E':
                position.event_time = reader.time_ms(value, "E");
                seen |= 1U;
                break;
            case 'u':
                position.updated = reader.time_ms(value, "u");
                seen |= 2U;
                break;
            case 'B':
                balances(value);
                seen |= 4U;
                break;
            default:
                break;
        }
    });
    if (!walked) return malformed("outboundAccountPosition", "damaged JSON");
    if (reader.problem()) return malformed("outboundAccountPosition", *reader.problem());
    if (seen != 7U) return malformed("outboundAccountPosition", "a member is missing");
    listener.on_account_position(position);
    return {Kind::event, {}};
}

ApiNote balance_update(Object& event, domain::ExchangeListener& listener) {
    domain::BalanceUpdate update;
    OndemandReader reader;
    unsigned seen = 0;
    const bool walked = each_member(event, [&](std::string_view key, OndemandValue value) {
        switch (only_byte(key)) {
            case 'E':
                update.event_time = reader.time_ms(value, "E");
                seen |= 1U;
                break;
            case 'a':
                update.asset = reader.name<domain::Asset>(value, "a");
                seen |= 2U;
                break;
            case 'd':
                update.delta = reader.decimal<domain::Amount>(value, "d");
                seen |= 4U;
                break;
            case 'T':
                update.cleared = reader.time_ms(value, "T");
                seen |= 8U;
                break;
            default:
                break;
        }
    });
    if (!walked) return malformed("balanceUpdate", "damaged JSON");
    if (reader.problem()) return malformed("balanceUpdate", *reader.problem());
    if (seen != 15U) return malformed("balanceUpdate", "a member is missing");
    listener.on_balance_update(update);
    return {Kind::event, {}};
}

}  // namespace

ApiNote read_user_event(Object event, domain::ExchangeListener& listener) {
    std::string_view named;
    if (event["e"].get_string().get(named) != SUCCESS) return malformed("event", "without a type");
    // The text lies in the parser's buffer, which the next string may overwrite.
    const std::string type{named};
    if (event.reset().error() != SUCCESS) return malformed(type, "damaged JSON");
    if (type == "executionReport") return execution(event, listener);
    if (type == "outboundAccountPosition") return account_position(event, listener);
    if (type == "balanceUpdate") return balance_update(event, listener);
    if (type == "eventStreamTerminated") return {Kind::terminated, type};
    if (type == "serverShutdown") return {Kind::shutdown, type};
    // listStatus: we place no lists. externalLockUpdate: outboundAccountPosition carries its effect.
    return {Kind::ignored, type};
}

}  // namespace vigil::binance
