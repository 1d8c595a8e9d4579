#include "binance/rest_reads.h"

#include <algorithm>
#include <utility>

#include "binance/error_codes.h"
#include "binance/order_answer.h"
#include "binance/rest_answers.h"

namespace vigil::binance {

namespace {

using base::ErrorKind;

// An excerpt of a body that was not understood: enough to recognise a page of HTML by.
constexpr std::size_t excerpt_bytes = 120;

}  // namespace

std::optional<base::Error> judge(const RestAnswer& answer, std::string_view path,
                                 domain::ExchangeListener& listener) {
    if (!answer.usage.empty()) listener.on_rate_limits({answer.usage, answer.received});
    if (answer.status == 200) return std::nullopt;

    const std::string where = "GET " + std::string{path} + " answered " + std::to_string(answer.status);
    const auto api_error = parse_api_error(answer.body);
    std::string said =
        api_error ? " (" + std::to_string(api_error->code) + " " + api_error->message + ")" : std::string{};
    if (auto limited = limit_in(answer.status, api_error ? std::optional{api_error->code} : std::nullopt)) {
        limited->retry_after = answer.retry_after;
        limited->received = answer.received;
        listener.on_rate_limited(*limited);
        return base::Error{ErrorKind::unavailable, where + said};
    }
    if (answer.status == 410 || (answer.status == 404 && !api_error)) {
        listener.on_endpoint_retired(path);
        return base::Error{ErrorKind::unsupported, where + ": the exchange no longer offers it"};
    }
    if (!api_error) {
        listener.on_malformed(path, std::string_view{answer.body}.substr(0, excerpt_bytes));
        return base::Error{ErrorKind::corrupt, where + " with a body that is no error of the exchange"};
    }
    if (api_error->code == error_codes::invalid_timestamp) {
        listener.on_timestamp_refused();
        return base::Error{ErrorKind::stale, where + said};
    }
    if (api_error->code == error_codes::no_such_order) return base::Error{ErrorKind::not_found, where + said};
    if (is_outcome_unknown(api_error->code)) return base::Error{ErrorKind::unavailable, where + said};
    if (api_error->code == error_codes::invalid_signature) listener.on_signature_refused(path);
    if (const auto meaning = hint(api_error->code); !meaning.empty()) said += "; " + std::string{meaning};
    if (is_about_the_key(api_error->code)) return base::Error{ErrorKind::denied, where + said};
    return base::Error{ErrorKind::rejected, where + said};
}

template <class T, class Decode>
void RestReads::ask(std::string_view path, Security security, Decode decode, domain::Callback<T> done) {
    RestRequest request;
    request.target = path;
    KeyInUse held;  // until the answer is there
    if (security == Security::signed_) {
        const auto timestamp = parts_.timestamp();
        if (!timestamp) {
            form_.clear();
            // Not from inside the caller's call: callers rely on it.
            const bool posted =
                parts_.loop.post([done = std::move(done), error = timestamp.error()]() mutable {
                    done(base::fail(std::move(error)));
                });
            base::check(posted, "the trading loop takes an answer");
            return;
        }
        form_.add("recvWindow", parts_.recv_window.count());
        form_.add("timestamp", base::to_ms(*timestamp));
        request.api_key = parts_.key->api_key;
        held = parts_.key;
        request.target += '?';
        form_.append_rest_signed(*parts_.key->signer, request.target);
    } else if (form_.size() > 0) {
        request.target += '?';
        form_.append_rest(request.target);
    }
    form_.clear();
    parts_.client.get(parts_.loop, request, parts_.deadline,
                      [this, held = std::move(held), path = std::string{path}, decode = std::move(decode),
                       done = std::move(done)](base::Result<RestAnswer> answer) {
                          if (!answer) return done(base::fail(answer.error().within("GET " + path)));
                          if (auto error = judge(*answer, path, parts_.listener))
                              return done(base::fail(*error));
                          base::Result<T> value = decode(*answer);
                          if (!value) parts_.listener.on_malformed(path, value.error().message);
                          done(std::move(value));
                      });
}

void RestReads::exchange_info(const std::vector<domain::Symbol>& symbols,
                              domain::Callback<domain::ExchangeInfo> done) {
    std::string list = "[";
    for (const domain::Symbol& symbol : symbols) {
        if (list.size() > 1) list += ',';
        list += '"';
        list += symbol.view();
        list += '"';
    }
    list += ']';
    form_.add("symbols", list);
    ask<domain::ExchangeInfo>(
        "/api/v3/exchangeInfo", Security::none,
        [](const RestAnswer& answer) { return parse_exchange_info(answer.body); }, std::move(done));
}

void RestReads::account(domain::Callback<domain::AccountSnapshot> done) {
    form_.add("omitZeroBalances", "true");
    ask<domain::AccountSnapshot>(
        "/api/v3/account", Security::signed_,
        [](const RestAnswer& answer) { return parse_account(answer.body); }, std::move(done));
}

void RestReads::key_permissions(domain::Callback<domain::KeyPermissions> done) {
    if (!parts_.has_sapi) {
        const bool posted = parts_.loop.post([done = std::move(done)] {
            done(base::fail(ErrorKind::unsupported, "this environment has no /sapi"));
        });
        base::check(posted, "the trading loop takes an answer");
        return;
    }
    ask<domain::KeyPermissions>(
        "/sapi/v1/account/apiRestrictions", Security::signed_,
        [](const RestAnswer& answer) { return parse_key_permissions(answer.body); }, std::move(done));
}

void RestReads::open_orders(std::optional<domain::Symbol> symbol,
                            domain::Callback<std::vector<domain::OrderView>> done) {
    if (symbol) form_.add("symbol", symbol->view());
    ask<std::vector<domain::OrderView>>(
        "/api/v3/openOrders", Security::signed_,
        [](const RestAnswer& answer) { return parse_orders(answer.body); }, std::move(done));
}

void RestReads::order(const domain::Symbol& symbol, const domain::ClientOrderId& id,
                      domain::Callback<domain::OrderView> done) {
    form_.add("symbol", symbol.view());
    form_.add("origClientOrderId", id.view());
    ask_for_order(std::move(done));
}

void RestReads::order(const domain::Symbol& symbol, domain::OrderId number,
                      domain::Callback<domain::OrderView> done) {
    form_.add("symbol", symbol.view());
    form_.add("orderId", number.value);
    ask_for_order(std::move(done));
}

void RestReads::ask_for_order(domain::Callback<domain::OrderView> done) {
    ask<domain::OrderView>(
        "/api/v3/order", Security::signed_, [](const RestAnswer& answer) { return parse_order(answer.body); },
        std::move(done));
}

void RestReads::trades(const domain::Symbol& symbol, std::optional<domain::OrderId> order_id,
                       std::optional<domain::TradeId> from,
                       domain::Callback<std::vector<domain::Fill>> done) {
    form_.add("symbol", symbol.view());
    if (order_id) form_.add("orderId", order_id->value);
    if (from) form_.add("fromId", from->value);
    form_.add("limit", std::int64_t{1000});
    ask<std::vector<domain::Fill>>(
        "/api/v3/myTrades", Security::signed_,
        [](const RestAnswer& answer) { return parse_fills(answer.body); }, std::move(done));
}

void RestReads::depth(const domain::Symbol& symbol, int limit, domain::Callback<domain::DepthSnapshot> done) {
    form_.add("symbol", symbol.view());
    form_.add("limit", std::int64_t{limit});
    ask<domain::DepthSnapshot>(
        "/api/v3/depth", Security::none,
        [symbol](const RestAnswer& answer) {
            auto snapshot = parse_depth(symbol, answer.body);
            if (snapshot) snapshot->received = answer.received;
            return snapshot;
        },
        std::move(done));
}

void RestReads::candles(const domain::Symbol& symbol, domain::CandleInterval interval, int limit,
                        domain::Callback<std::vector<domain::Candle>> done) {
    form_.add("symbol", symbol.view());
    form_.add("interval", domain::to_string(interval));
    form_.add("limit", std::int64_t{std::clamp(limit, 1, 1000)});
    ask<std::vector<domain::Candle>>(
        "/api/v3/klines", Security::none,
        [this, symbol, interval](const RestAnswer& answer) {
            // Without exchange time the last candle may be taken for open, which only delays it.
            const auto now = parts_.timestamp();
            auto candles = parse_candles(symbol, interval, now.value_or(base::ExchangeTime{}), answer.body);
            if (candles)
                for (domain::Candle& candle : *candles) candle.received = answer.received;
            return candles;
        },
        std::move(done));
}

base::Result<domain::TimeSample> RestTimeSource::sample(base::milliseconds deadline) {
    const auto answer = client_.get_and_wait({.target = "/api/v3/time", .api_key = {}}, deadline);
    if (!answer) return base::fail(answer.error().within("GET /api/v3/time"));
    if (!answer->usage.empty()) news_.on_rate_limits({answer->usage, answer->received});
    if (answer->status != 200) {
        if (auto limited = limit_in(answer->status, std::nullopt)) {
            limited->retry_after = answer->retry_after;
            limited->received = answer->received;
            news_.on_rate_limited(*limited);
        }
        return base::fail(ErrorKind::unavailable,
                          "GET /api/v3/time answered " + std::to_string(answer->status));
    }
    const auto time = parse_server_time(answer->body);
    if (!time) return base::fail(time.error());
    return domain::TimeSample{answer->sent, answer->received, *time, base::microseconds{1000}};
}

}  // namespace vigil::binance
