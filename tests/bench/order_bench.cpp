// The steps of an order: risk, governor, journal record, signature and text; and the decimals in all of them.
#include <benchmark/benchmark.h>
#include <openssl/hmac.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "binance/order_request.h"
#include "credentials/secret.h"
#include "credentials/signer.h"
#include "governor/governor.h"
#include "governor/weights.h"
#include "journal/record_codec.h"
#include "market_data.h"
#include "names.h"
#include "risk/risk_gate.h"

namespace vigil::bench {
namespace {

constexpr std::string_view api_key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
constexpr std::size_t secret_bytes = 64;

domain::NewOrder sample_order() {
    domain::NewOrder order;
    order.symbol = btcusdt;
    order.side = domain::Side::buy;
    order.type = domain::OrderType::limit;
    order.time_in_force = domain::TimeInForce::gtc;
    order.quantity = domain::Quantity::literal("0.00162");
    order.price = domain::Price::literal("61724.21");
    order.client_order_id = *domain::client_order_id("vbnch-0-0-lzn1xqk8");
    return order;
}

domain::Intent sample_intent() {
    domain::Intent intent{};
    intent.action = sample_order();
    intent.reason = *domain::Reason::from("dca purchase");
    intent.expires = base::MonotonicTime{base::seconds{1'000'000}};
    return intent;
}

std::unique_ptr<credentials::Signer> make_signer() {
    std::string text(secret_bytes, 'k');
    auto made =
        credentials::Signer::make(credentials::KeyType::hmac_sha256, credentials::Secret::take(text).value());
    return std::move(made.value());
}

void fill(credentials::RequestForm& form, std::int64_t timestamp) {
    form.clear();
    binance::add_order(sample_order(), form);
    form.add("apiKey", api_key);
    form.add("recvWindow", std::int64_t{5000});
    form.add("timestamp", timestamp);
}

void sign(benchmark::State& state) {
    const auto signer = make_signer();
    const domain::NewOrder order = sample_order();
    credentials::RequestForm form;
    std::string signature, text;
    std::int64_t timestamp = 1'723'161'255'208;
    for (auto _ : state) {
        form.clear();
        binance::add_order(order, form);
        form.add("apiKey", api_key);
        form.add("recvWindow", std::int64_t{5000});
        form.add("timestamp", ++timestamp);
        signer->sign(form.websocket_payload(), signature);
        text.clear();
        binance::append_api_request(text, 7, "order.place", form, signature);
        benchmark::DoNotOptimize(text.data());
    }
}

std::string sample_payload() {
    credentials::RequestForm form;
    fill(form, 1'723'161'255'208);
    return std::string{form.websocket_payload()};
}

void sign_only(benchmark::State& state) {
    const auto signer = make_signer();
    const std::string payload = sample_payload();
    std::string signature;
    for (auto _ : state) {
        signer->sign(payload, signature);
        benchmark::DoNotOptimize(signature.data());
    }
}

void sign_openssl(benchmark::State& state) {
    const std::string key(secret_bytes, 'k');
    const std::string payload = sample_payload();
    std::array<unsigned char, 32> digest;
    unsigned int size = 0;
    for (auto _ : state) {
        HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(payload.data()), payload.size(), digest.data(), &size);
        benchmark::DoNotOptimize(digest.data());
    }
}

/// The exchange's limits, but so high that no bench reaches them.
governor::Governor make_governor() {
    governor::Governor made{governor::Options{}};
    auto limits = rate_limits();
    for (domain::RateLimit& each : limits) each.limit = 1'000'000'000'000;
    made.set_limits(limits);
    return made;
}

constexpr governor::Now governor_now{base::MonotonicTime{base::seconds{1000}},
                                     base::exchange_time_ms(1'723'161'255'208), base::microseconds{500}};

void governor_decide(benchmark::State& state) {
    governor::Governor governor = make_governor();
    for (auto _ : state) {
        const auto decision =
            governor.decide(governor_now, domain::Lane::order, governor::weights::place_order);
        if (!std::holds_alternative<governor::Granted>(decision)) state.SkipWithError("not granted");
    }
}

/// Everything that the gate looks at for a limit order.
struct RiskBench {
    RiskBench() {
        options.daily_loss = {{*domain::Asset::from("USDT"), domain::Amount::of(1000)}};
        options.defaults.order_notional_max = domain::Amount::of(1000);
        options.defaults.position_max = domain::Amount::of(20'000);
        context.rules = &symbol_rules;
        context.book.whole = true;
        context.book.updated = base::MonotonicTime{base::seconds{999}};
        context.book.bid = {bid_at(0), domain::Quantity::of(1)};
        context.book.ask = {ask_at(0), domain::Quantity::of(1)};
        context.mark = bid_at(0);
        context.average_price = bid_at(0);
        context.strategy.budget = domain::Amount::of(10'000);
        context.account.free_quote = domain::Amount::of(10'000);
        context.account.free_base = domain::Amount::of(1);
        context.profit = domain::Amount{};
        context.now = base::MonotonicTime{base::seconds{1000}};
        context.exchange_now = base::exchange_time_ms(1'723'161'255'208);
    }
    domain::SymbolRules symbol_rules = rules();
    risk::Options options;
    risk::RiskContext context;
};

void risk_check(benchmark::State& state) {
    const RiskBench bench;
    risk::RiskGate gate{bench.options};
    const domain::Intent intent = sample_intent();
    for (auto _ : state) {
        const auto verdict = gate.check(intent, bench.context);
        if (!std::holds_alternative<domain::Approved>(verdict)) state.SkipWithError("refused");
    }
}

/// Approved can be made by the risk gate alone and is used up here, so it is made outside of the time taken.
void governor_admit(benchmark::State& state) {
    constexpr int batch = 256;
    const RiskBench bench;
    risk::RiskGate gate{bench.options};
    governor::Governor governor = make_governor();
    std::vector<domain::Approved> approved;
    approved.reserve(batch);
    for (auto _ : state) {
        approved.clear();
        for (int each = 0; each < batch; ++each)
            approved.push_back(std::get<domain::Approved>(gate.check(sample_intent(), bench.context)));
        const auto before = std::chrono::steady_clock::now();
        for (domain::Approved& each : approved) {
            const auto admission = governor.admit(std::move(each), governor_now);
            if (!std::holds_alternative<domain::Permitted>(admission)) state.SkipWithError("not admitted");
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - before;
        state.SetIterationTime(took.count() / batch);
    }
}

void decimal_parse(benchmark::State& state) {
    const std::string text = "61786.01000000";
    for (auto _ : state) {
        std::string_view view = text;
        benchmark::DoNotOptimize(view);
        benchmark::DoNotOptimize(domain::parse_decimal(view));
    }
}
void decimal_stod(benchmark::State& state) {
    std::string text = "61786.01000000";
    for (auto _ : state) {
        benchmark::DoNotOptimize(text);
        benchmark::DoNotOptimize(std::stod(text));
    }
}
void decimal_format(benchmark::State& state) {
    std::array<char, domain::decimal_text_max> text;
    std::int64_t value = 6'178'601'000'000;
    for (auto _ : state) {
        benchmark::DoNotOptimize(value);
        benchmark::DoNotOptimize(domain::format_decimal(value, false, text.data()));
        benchmark::DoNotOptimize(text.data());
    }
}
void decimal_snprintf(benchmark::State& state) {
    std::array<char, 32> text;
    double value = 61786.01;
    for (auto _ : state) {
        benchmark::DoNotOptimize(value);
        benchmark::DoNotOptimize(std::snprintf(text.data(), text.size(), "%.8f", value));
        benchmark::DoNotOptimize(text.data());
    }
}

void journal_encode(benchmark::State& state) {
    const journal::Record record =
        journal::IntentPermitted{sample_intent(), base::MonotonicTime{base::seconds{1000}}};
    for (auto _ : state) benchmark::DoNotOptimize(journal::encode(record).data());
}

}  // namespace

void add_order_benches() {
    benchmark::RegisterBenchmark(names::sign, sign);
    benchmark::RegisterBenchmark(names::sign_only, sign_only);
    benchmark::RegisterBenchmark(names::sign_openssl, sign_openssl);
    benchmark::RegisterBenchmark(names::governor_decide, governor_decide);
    benchmark::RegisterBenchmark(names::governor_admit, governor_admit)->UseManualTime()->Iterations(150);
    benchmark::RegisterBenchmark(names::risk, risk_check);
    benchmark::RegisterBenchmark(names::decimal_parse, decimal_parse);
    benchmark::RegisterBenchmark(names::decimal_stod, decimal_stod);
    benchmark::RegisterBenchmark(names::decimal_format, decimal_format);
    benchmark::RegisterBenchmark(names::decimal_snprintf, decimal_snprintf);
    benchmark::RegisterBenchmark(names::journal_encode, journal_encode);
}

}  // namespace vigil::bench
