#include "binance/api_decoder.h"

#include <simdjson.h>

#include <utility>

#include "binance/ondemand_fields.h"
#include "binance/user_events.h"
#include "net/ws_client.h"

namespace vigil::binance {

namespace {

static_assert(net::text_padding_bytes >= simdjson::SIMDJSON_PADDING);

using simdjson::SUCCESS;
using Kind = ApiNote::Kind;
using Object = simdjson::ondemand::object;

/// Fills of one answer; an order eats no more levels than this.
constexpr std::size_t fills_max = 10'000;

/// An order in the form of `order.place` and `order.cancel` (and of their REST twins). Other objects are no
/// order.
class OrderReader {
  public:
    explicit OrderReader(ApiAnswer& answer) : answer_{answer} {}

    void read(Object result) {
        for (auto field : result) {
            std::string_view key;
            OndemandValue value;
            if (field.unescaped_key().get(key) != SUCCESS || field.value().get(value) != SUCCESS) {
                answer_.problem = "the result is damaged JSON";
                return;
            }
            take(key, value);
        }
        if ((seen_ & order_id_bit) == 0) return;  // no order: the result of a logon or a subscription
        if (reader_.problem()) {
            answer_.problem = "order: " + *reader_.problem();
        } else if (seen_ != all_bits) {
            answer_.problem = "order: a member is missing";
        } else {
            finish();
        }
    }

  private:
    static constexpr unsigned order_id_bit = 1U;
    static constexpr unsigned all_bits = 2047U;

    void take(std::string_view key, OndemandValue value) {
        // By length first: most members are told apart without comparing.
        switch (key.size()) {
            case 4:
                if (key == "type") type(value);
                if (key == "side") side(value);
                break;
            case 5:
                if (key == "price") order_.price = decimal<domain::Price>(value, "price", 2U);
                if (key == "fills") fills(value);
                break;
            case 6:
                if (key == "symbol") {
                    order_.symbol = reader_.name<domain::Symbol>(value, "symbol");
                    seen_ |= 4U;
                }
                if (key == "status") {
                    order_.status = domain::parse_order_status(reader_.text(value, "status"));
                    seen_ |= 8U;
                }
                break;
            case 7:
                if (key == "orderId") {
                    order_.order_id = domain::OrderId{reader_.integer(value, "orderId")};
                    seen_ |= order_id_bit;
                }
                if (key == "origQty") order_.quantity = decimal<domain::Quantity>(value, "origQty", 16U);
                break;
            case 9:
                if (key == "stopPrice")
                    order_.stop_price = reader_.decimal<domain::Price>(value, "stopPrice");
                break;
            case 11:
                if (key == "executedQty")
                    order_.executed = decimal<domain::Quantity>(value, "executedQty", 32U);
                if (key == "timeInForce") {
                    order_.time_in_force = domain::parse_time_in_force(reader_.text(value, "timeInForce"));
                    seen_ |= 64U;
                }
                break;
            case 12:
                if (key == "transactTime") {
                    order_.updated = reader_.time_ms(value, "transactTime");
                    seen_ |= 128U;
                }
                break;
            case 13:
                if (key == "clientOrderId") {
                    own_id_ = client_id(value, "clientOrderId");
                    seen_ |= 256U;
                }
                break;
            case 17:
                if (key == "origClientOrderId") original_id_ = client_id(value, "origClientOrderId");
                break;
            case 19:
                if (key == "cummulativeQuoteQty")
                    order_.executed_quote = decimal<domain::Amount>(value, "cummulativeQuoteQty", 512U);
                break;
            default:
                break;
        }
    }

    template <class Decimal>
    Decimal decimal(OndemandValue value, std::string_view member, unsigned bit) {
        seen_ |= bit;
        return reader_.decimal<Decimal>(value, member);
    }
    domain::ClientOrderId client_id(OndemandValue value, std::string_view member) {
        return domain::ClientOrderId::from(reader_.text(value, member)).value_or(domain::ClientOrderId{});
    }
    void type(OndemandValue value) { order_.type = domain::parse_order_type(reader_.text(value, "type")); }
    void side(OndemandValue value) {
        seen_ |= 1024U;
        const auto parsed = domain::parse_side(reader_.text(value, "side"));
        if (!parsed) return reader_.wrong("side", "is neither BUY nor SELL");
        order_.side = *parsed;
    }

    void fills(OndemandValue value) {
        simdjson::ondemand::array rows;
        if (value.get_array().get(rows) != SUCCESS) return reader_.wrong("fills", "is no array");
        for (auto row : rows) {
            Object object;
            if (row.get_object().get(object) != SUCCESS)
                return reader_.wrong("fills", "holds what is no fill");
            if (answer_.fills.size() >= fills_max) return reader_.wrong("fills", "is too long");
            domain::Fill fill;
            unsigned parts = 0;
            for (auto field : object) {
                std::string_view key;
                OndemandValue part;
                if (field.unescaped_key().get(key) != SUCCESS || field.value().get(part) != SUCCESS)
                    return reader_.wrong("fills", "is damaged");
                if (key == "price")
                    fill.price = reader_.decimal<domain::Price>(part, "fills.price"), parts |= 1U;
                if (key == "qty")
                    fill.quantity = reader_.decimal<domain::Quantity>(part, "fills.qty"), parts |= 2U;
                if (key == "commission")
                    fill.commission = reader_.decimal<domain::Amount>(part, "fills.commission"), parts |= 4U;
                if (key == "commissionAsset")
                    fill.commission_asset = reader_.name<domain::Asset>(part, "fills.commissionAsset"),
                    parts |= 8U;
                if (key == "tradeId")
                    fill.trade_id = domain::TradeId{reader_.integer(part, "fills.tradeId")}, parts |= 16U;
            }
            if (parts != 31U) return reader_.wrong("fills", "holds an incomplete fill");
            const auto quote = domain::notional(fill.price, fill.quantity, domain::Rounding::down);
            if (!quote) return reader_.wrong("fills", "holds a fill that is too large");
            fill.quote_quantity = *quote;
            answer_.fills.push_back(fill);
        }
    }

    void finish() {
        order_.client_order_id = original_id_ ? *original_id_ : own_id_;
        order_.created = order_.updated;
        for (domain::Fill& fill : answer_.fills) {
            fill.order_id = order_.order_id;
            fill.side = order_.side;
            fill.time = order_.updated;
            fill.is_maker = false;  // what an order trades with at once, it takes
        }
        answer_.order = order_;
    }

    ApiAnswer& answer_;
    OndemandReader reader_;
    domain::OrderView order_;
    domain::ClientOrderId own_id_;
    std::optional<domain::ClientOrderId> original_id_;
    unsigned seen_{0};
};

domain::RateLimitType limit_type(std::string_view word) {
    if (word == "REQUEST_WEIGHT") return domain::RateLimitType::request_weight;
    if (word == "RAW_REQUESTS") return domain::RateLimitType::raw_requests;
    if (word == "ORDERS") return domain::RateLimitType::orders;
    if (word == "CONNECTIONS") return domain::RateLimitType::connections;
    return domain::RateLimitType::unknown;
}

/// Nothing for a word or a number that makes no sense.
std::optional<base::seconds> window_of(std::string_view interval, std::int64_t count) {
    if (count < 1 || count > 366) return std::nullopt;
    if (interval == "SECOND") return base::seconds{count};
    if (interval == "MINUTE") return base::seconds{count * 60};
    if (interval == "HOUR") return base::seconds{count * 3600};
    if (interval == "DAY") return base::seconds{count * 86'400};
    return std::nullopt;
}

/// What cannot be understood here is left out: the report is a courtesy, the answer is what counts.
void read_usage(simdjson::ondemand::array rows, std::vector<domain::RateLimitUsage>& usage) {
    for (auto row : rows) {
        Object object;
        if (row.get_object().get(object) != SUCCESS) return;
        std::string_view type;
        std::string_view interval;
        std::int64_t number = 0;
        std::int64_t limit = -1;
        std::int64_t count = -1;
        for (auto field : object) {
            std::string_view key;
            OndemandValue value;
            if (field.unescaped_key().get(key) != SUCCESS || field.value().get(value) != SUCCESS) return;
            const bool read = key == "rateLimitType" ? value.get_string().get(type) == SUCCESS
                              : key == "interval"    ? value.get_string().get(interval) == SUCCESS
                              : key == "intervalNum" ? value.get_int64().get(number) == SUCCESS
                              : key == "limit"       ? value.get_int64().get(limit) == SUCCESS
                              : key == "count"       ? value.get_int64().get(count) == SUCCESS
                                                     : true;
            if (!read) return;
        }
        const auto window = window_of(interval, number);
        if (!window || count < 0) continue;
        usage.push_back({limit_type(type), *window, count, limit >= 0 ? std::optional{limit} : std::nullopt});
    }
}

void read_error_data(OndemandValue value, ApiAnswer& answer) {
    constexpr std::int64_t latest_ms = 253'402'300'799'999;  // year 9999
    Object data;
    if (value.get_object().get(data) != SUCCESS) return;
    for (auto field : data) {
        std::string_view key;
        OndemandValue member;
        std::int64_t retry_ms = 0;
        if (field.unescaped_key().get(key) != SUCCESS || field.value().get(member) != SUCCESS) return;
        if (key == "retryAfter" && member.get_int64().get(retry_ms) == SUCCESS && retry_ms > 0 &&
            retry_ms <= latest_ms)
            answer.retry_after = base::exchange_time_ms(retry_ms);
    }
}

void read_error(Object error, ApiAnswer& answer) {
    ApiError read;
    bool has_code = false;
    for (auto field : error) {
        std::string_view key;
        OndemandValue value;
        if (field.unescaped_key().get(key) != SUCCESS || field.value().get(value) != SUCCESS) {
            answer.problem = "the error is damaged JSON";
            return;
        }
        std::int64_t code = 0;
        std::string_view message;
        if (key == "code" && value.get_int64().get(code) == SUCCESS && code >= -1'000'000 &&
            code <= 1'000'000) {
            read.code = static_cast<int>(code);
            has_code = true;
        }
        if (key == "msg" && value.get_string().get(message) == SUCCESS) read.message = message;
        if (key == "data") read_error_data(value, answer);
    }
    if (has_code)
        answer.error = std::move(read);
    else
        answer.problem = "an error without a code";
}

}  // namespace

class ApiDecoder::Impl {
  public:
    ApiNote decode(std::string_view text, domain::ExchangeListener& listener) {
        simdjson::ondemand::document document;
        const simdjson::padded_string_view padded{text.data(), text.size(),
                                                  text.size() + net::text_padding_bytes};
        Object root;
        if (const auto failure = parser_.iterate(padded).get(document); failure != SUCCESS)
            return {Kind::malformed, simdjson::error_message(failure)};
        if (document.get_object().get(root) != SUCCESS)
            return {Kind::malformed, "neither an answer nor an event"};

        // One pass, never back: a look-up that begins again at the first member is undefined when braces do
        // not match, which simdjson does not notice in what it skips.
        clear();
        Members found;
        for (auto field : root) {
            std::string_view key;
            OndemandValue value;
            if (field.unescaped_key().get(key) != SUCCESS || field.value().get(value) != SUCCESS) {
                found.damaged = true;
                break;
            }
            if (key == "event" && !found.id) {
                Object event;
                if (value.get_object().get(event) != SUCCESS)
                    return {Kind::malformed, "neither an answer nor an event"};
                return read_user_event(event, listener);
            }
            take(key, value, found);
        }
        return conclude(found);
    }

    [[nodiscard]] ApiAnswer& answer() { return answer_; }

  private:
    /// What there was of an answer.
    struct Members {
        bool id{false};
        bool result{false};
        bool error{false};
        bool limits{false};
        bool damaged{false};
        std::int64_t status{0};
        std::optional<std::string> result_problem;
        std::optional<std::string> error_problem;
    };

    /// Of a member that comes twice, the first counts.
    void take(std::string_view key, OndemandValue value, Members& found) {
        if (key == "id" && !found.id) {
            found.id = true;
            std::int64_t number = 0;
            if (value.get_int64().get(number) == SUCCESS) answer_.id = number;
        } else if (key == "status" && found.status == 0) {
            if (value.get_int64().get(found.status) != SUCCESS) found.status = -1;
        } else if (key == "result" && !found.result) {
            Object object;
            found.result = value.get_object().get(object) == SUCCESS;
            if (found.result) OrderReader{answer_}.read(object);
            found.result_problem = std::exchange(answer_.problem, std::nullopt);
        } else if (key == "error" && !found.error) {
            Object object;
            found.error = value.get_object().get(object) == SUCCESS;
            if (found.error) read_error(object, answer_);
            found.error_problem = std::exchange(answer_.problem, std::nullopt);
        } else if (key == "rateLimits" && !found.limits) {
            simdjson::ondemand::array rows;
            found.limits = value.get_array().get(rows) == SUCCESS;
            if (found.limits) read_usage(rows, answer_.limits.usage);
        }
    }

    /// An answer counts, although it is damaged further on, once its status and what belongs to it are there.
    ApiNote conclude(Members& found) {
        if (!found.id) return {Kind::malformed, "neither an answer nor an event"};
        if (found.status < 100 || found.status > 999) return {Kind::malformed, "an answer without a status"};
        const bool succeeded = found.status == 200;
        if (found.damaged && !(succeeded ? found.result : found.error))
            return {Kind::malformed, "an answer of damaged JSON"};
        answer_.status = static_cast<int>(found.status);
        if (succeeded) {
            answer_.problem = std::move(found.result_problem);
            answer_.error.reset();
            answer_.retry_after.reset();
        } else {
            answer_.problem = found.error ? std::move(found.error_problem)
                                          : std::optional<std::string>{"a failure without an error"};
            answer_.order.reset();
            answer_.fills.clear();
        }
        return {Kind::answer, {}};
    }

    void clear() {
        answer_.id.reset();
        answer_.status = 0;
        answer_.error.reset();
        answer_.retry_after.reset();
        answer_.retry_after_seconds.reset();
        answer_.order.reset();
        answer_.fills.clear();
        answer_.problem.reset();
        answer_.limits.usage.clear();
    }

    simdjson::ondemand::parser parser_;
    ApiAnswer answer_;
};

ApiDecoder::ApiDecoder() : impl_{std::make_unique<Impl>()} {}
ApiDecoder::~ApiDecoder() = default;

ApiNote ApiDecoder::decode(std::string_view text, domain::ExchangeListener& listener) {
    return impl_->decode(text, listener);
}

ApiAnswer& ApiDecoder::answer() {
    return impl_->answer();
}

ApiAnswer parse_order_answer(std::string_view body) {
    ApiAnswer answer;
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded{body};
    simdjson::ondemand::document document;
    Object object;
    if (parser.iterate(padded).get(document) != SUCCESS || document.get_object().get(object) != SUCCESS) {
        answer.problem = "the body is no JSON object";
        return answer;
    }
    OrderReader{answer}.read(object);
    if (!answer.order && !answer.problem) answer.problem = "the body is no order";
    return answer;
}

}  // namespace vigil::binance
