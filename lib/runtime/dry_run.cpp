#include "runtime/dry_run.h"

#include <memory>
#include <utility>

#include "binance/error_codes.h"
#include "governor/weights.h"
#include "net/tls.h"
#include "net/url.h"
#include "runtime/probe_order.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using log::Event;
using log::field;

constexpr base::milliseconds probe_deadline{10'000};
constexpr int depth_limit = 5;

/// The first symbol in use that trades; the first of all when none does.
base::Result<domain::SymbolRules> symbol_to_try(Session& session) {
    auto symbols = on_loop(session.loop, loop_patience, [&session] { return session.engine->symbols(); });
    if (!symbols) return base::fail(std::move(symbols.error()));
    if (symbols->empty())
        return base::fail(ErrorKind::invalid, "no strategy is enabled: there is no symbol to try");
    for (engine::SymbolState& each : *symbols)
        if (each.rules.status == domain::SymbolStatus::trading) return std::move(each.rules);
    return std::move(symbols->front().rules);
}

base::Result<domain::Price> middle_of(Session& session, const domain::Symbol& symbol) {
    auto depth = governed<domain::DepthSnapshot>(
        session, governor::weights::depth(depth_limit),
        [symbol](domain::ExchangePort& port, domain::Callback<domain::DepthSnapshot> done) {
            port.depth(symbol, depth_limit, std::move(done));
        });
    if (!depth) return base::fail(std::move(depth.error()));
    if (depth->bids.empty() || depth->asks.empty())
        return base::fail(ErrorKind::rejected, "the order book of " + symbol.str() + " has only one side");
    const std::int64_t bid = depth->bids.front().price.raw();
    return domain::Price::from_raw(bid + (depth->asks.front().price.raw() - bid) / 2);
}

}  // namespace

base::Result<binance::ProbeParts> probe_parts(Session& session) {
    const settings::ExchangeSettings& exchange = session.settings.exchange;
    auto url = net::Url::parse(exchange.rest_url);
    if (!url) return base::fail(url.error().within("exchange.rest_url"));
    auto tls = net::ClientTls::make(exchange.ca_file.string());
    if (!tls) return base::fail(std::move(tls.error()));
    return binance::ProbeParts{
        .loop = session.loop,
        .listener = *session.trading,
        .key = session.key->signing,
        .timestamp = binance::timestamp_source(
            session.clock, [&thread = *session.clock_thread] { return thread.snapshot(); },
            exchange.recv_window),
        .recv_window = exchange.recv_window,
        .deadline = probe_deadline,
        .url = std::move(*url),
        .tls = std::move(*tls),
        .local_address = exchange.bind_address};
}

base::Result<binance::ProbeAnswer> take_probe(Session& session, governor::Cost cost,
                                              const binance::ProbeRequest& request, binance::KeyInUse key) {
    auto parts = probe_parts(session);
    if (!parts) return base::fail(std::move(parts.error()));
    if (key) parts->key = std::move(key);
    if (auto leave = await_leave(session, cost); !leave) return base::fail(std::move(leave.error()));
    return ask<binance::ProbeAnswer>(
        session.loop, read_patience,
        [parts = std::move(*parts), request](auto done) { binance::probe(parts, request, std::move(done)); },
        session.interrupted);
}

base::Error as_error(const binance::ProbeAnswer& answer, std::string_view what) {
    const std::string text = std::string{what} + " answered " + answer.str();
    if (!answer.error || answer.status >= 500 || answer.status == 429 || answer.status == 418)
        return {ErrorKind::unavailable, text};
    const std::string_view meaning = binance::hint(answer.error->code);
    if (binance::is_about_the_key(answer.error->code))
        return {ErrorKind::denied, meaning.empty() ? text : text + "; " + std::string{meaning}};
    if (answer.error->code == binance::error_codes::invalid_timestamp) return {ErrorKind::unavailable, text};
    return {ErrorKind::rejected, text};
}

base::Result<DryRun> dry_run(Session& session) {
    auto rules = symbol_to_try(session);
    if (!rules) return base::fail(std::move(rules.error()));
    const auto middle = middle_of(session, rules->symbol);
    if (!middle) return base::fail(middle.error());
    auto order = plan_probe_order(*rules, *middle);
    if (!order) return base::fail(std::move(order.error()));
    order->client_order_id = *domain::ClientOrderId::from("vigil-dry-run");
    DryRun tried{*order, std::string{domain::to_string(order->side)} + " " + order->quantity->str() + " " +
                             order->symbol.str() + " at " + order->price->str()};
    binance::ProbeRequest request;
    request.order = *order;
    const auto answer = take_probe(session, governor::weights::test_order, request);
    if (!answer) return base::fail(answer.error().within("order/test"));
    if (!answer->is_good()) return base::fail(as_error(*answer, "order/test of " + tried.text));
    return tried;
}

Step dry_run_at_start(Session& session) {
    const auto tried = dry_run(session);
    if (tried) return {};
    const ErrorKind kind = tried.error().kind;
    // Nothing to try (no strategy), or something against the order.
    if (kind != ErrorKind::rejected && kind != ErrorKind::invalid) return base::fail(tried.error());
    session.logger->emit(Event::exchange_dry_run_refused, {field("reason", tried.error().message)});
    return {};
}

}  // namespace vigil::runtime
