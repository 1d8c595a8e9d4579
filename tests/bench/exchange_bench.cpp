// What the simulated exchange can take on one core: orders over one WebSocket connection on loopback, with
// TLS and all checks, and market events and orders in process, under a clock that does not wait. And whether
// its memory stays where it is.
//
//   exchange_bench [--quick] [--orders N] [--events N]
//
//   --quick     few of each, no gates on times: exit status 1 only when an order is refused or memory grows
//
// Server and client are two threads; what counts is the server thread's processor time, so that a machine
// that does other things too measures the same. The wall time beside it includes the client: under
// `taskset -c 0` all of both, on one core.
#include <malloc.h>
#include <pthread.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <future>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/time.h"
#include "credentials/signer.h"
#include "exchange/market_setup.h"
#include "exchange/server.h"
#include "exchange/symbol_spec.h"
#include "net/event_loop.h"
#include "net/ws_client.h"
#include "table.h"

namespace vigil::bench {
namespace {

using Json = nlohmann::json;
using exchange::ExchangeServer;
using std::chrono::seconds;

constexpr double order_gate_us = 1'000'000.0 / 20'000;
constexpr double event_gate_us = 1'000'000.0 / 1'000'000;
constexpr auto patience = seconds{120};

double us_of(const timespec& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double cpu_us(clockid_t clock) {
    timespec time{};
    base::check(::clock_gettime(clock, &time) == 0, "processor time can be read");
    return us_of(time);
}

/// A whole exchange with a generated market on a thread of its own.
class ServerThread {
  public:
    struct Ready {
        std::string url;
        std::string ca_pem;
        std::string price;  ///< of the market, in whole units
        /// One account logs on with Ed25519, the other signs each request with HMAC.
        std::string session_key;
        std::string signing_key;
        std::unique_ptr<credentials::Signer> session_signer;
        std::unique_ptr<credentials::Signer> signing_signer;
    };

    ServerThread() {
        std::promise<Ready> promise;
        auto future = promise.get_future();
        thread_ = std::thread{[this, told = std::move(promise)]() mutable { run(std::move(told)); }};
        base::check(::pthread_getcpuclockid(thread_.native_handle(), &clock_) == 0, "a thread has a clock");
        ready_ = future.get();
    }
    ~ServerThread() {
        base::check(loop_.post([this] { loop_.stop(); }), "the loop takes one more task");
        thread_.join();
    }
    ServerThread(const ServerThread&) = delete;
    ServerThread& operator=(const ServerThread&) = delete;

    [[nodiscard]] Ready& ready() { return ready_; }
    [[nodiscard]] double cpu_us() const { return bench::cpu_us(clock_); }
    /// How many closed orders of one account and symbol it remembers.
    [[nodiscard]] int kept_orders() const { return static_cast<int>(kept_orders_); }

  private:
    void run(std::promise<Ready> told) {
        exchange::ExchangeServerOptions options;
        constexpr std::int64_t plenty = 1'000'000'000'000;
        options.limits.orders_per_ten_seconds = options.limits.orders_per_day = plenty;
        options.limits.weight_per_minute = options.limits.raw_per_five_minutes = plenty;
        options.accounts = {*exchange::parse_account("session:ed25519:USDT=1000000,BTC=100"),
                            *exchange::parse_account("signing:hmac:USDT=1000000,BTC=100")};
        kept_orders_ = options.core.closed_orders_max;
        auto server = *ExchangeServer::make(loop_, clock_source_, std::move(options));
        exchange::MarketOptions market;
        market.generate = {*domain::Symbol::from("BTCUSDT")};
        base::check(exchange::install_market(server->core(), market, server->now()).has_value(), "a market");
        base::check(server->listen().has_value(), "a free port");
        const auto information = server->ready_information();
        const auto& session = information.accounts.front();
        const auto& signing = information.accounts.back();
        Ready ready;
        ready.url = information.ws_api;
        ready.ca_pem = information.ca_pem;
        ready.session_key = session.api_key;
        ready.signing_key = signing.api_key;
        ready.session_signer = *credentials::Signer::make(session.key->type, session.key->private_key);
        ready.signing_signer = *credentials::Signer::make(signing.key->type, signing.key->private_key);
        const auto ticker = server->core().book_ticker(market.generate.front());
        ready.price = std::to_string(ticker->ask.price.raw() / 100'000'000);
        told.set_value(std::move(ready));
        loop_.run();
    }

    const base::SystemClock clock_source_;
    net::EventLoop loop_;
    clockid_t clock_{};
    std::size_t kept_orders_{0};
    std::thread thread_;
    Ready ready_;
};

/// What the client asks for, again and again.
enum class Flow {
    filled,   ///< orders that are filled at once, buying and selling in turn
    resting,  ///< an order that rests in the book, then its cancellation
};

/// One WebSocket API connection, which keeps so many requests on their way.
class Client {
  public:
    enum class Access { session, signs_each };

    Client(ServerThread::Ready& ready, Access access)
        : signer_{access == Access::signs_each ? ready.signing_signer.get() : nullptr},
          key_{ready.signing_key} {
        base::check(client_.connect(*net::Url::parse(ready.url), *net::ClientTls::make_from_pem(ready.ca_pem))
                        .has_value(),
                    "connecting begins");
        base::check(
            loop_.run_until([this] { return client_.state() == net::WsClient::State::open; }, patience),
            "the server is there");
        if (access == Access::session) log_on(ready);
        // Two percent to the other side of the market: filled at once, in either direction. Far below: rests.
        const std::int64_t price = std::stoll(ready.price);
        buy_ = std::to_string(price + price / 50);
        sell_ = std::to_string(price - price / 50);
        low_ = std::to_string(price - price / 10);
    }
    void subscribe_user_data() {
        send(R"({"id":1,"method":"userDataStream.subscribe"})");
        await_answers(answered_ + 1);
    }
    /// So many requests, all of which must succeed.
    void request(int count, Flow flow) {
        const int begin = answered_;
        int sent = 0;
        expected_ = flow == Flow::filled ? R"("status":"FILLED")" : R"("origQty")";
        const bool done = loop_.run_until(
            [&] {
                while (sent < count && sent - (answered_ - begin) < on_their_way) send_next(flow, sent++);
                client_.flush();
                return answered_ - begin >= count;
            },
            patience);
        expected_ = {};
        base::check(done && refused_ == 0, "every request succeeds");
    }
    [[nodiscard]] int user_events() const { return user_events_; }

  private:
    static constexpr int on_their_way = 64;

    void log_on(ServerThread::Ready& ready) {
        const std::string now = now_ms();
        std::string signature;
        ready.session_signer->sign("apiKey=" + ready.session_key + "&timestamp=" + now, signature);
        send(Json{{"id", 0},
                  {"method", "session.logon"},
                  {"params",
                   {{"apiKey", ready.session_key}, {"signature", signature}, {"timestamp", std::stoll(now)}}}}
                 .dump());
        await_answers(1);
    }
    // Parameters in the order of their names, as the signature wants them.
    void send_next(Flow flow, int number) {
        const bool even = number % 2 == 0;
        const std::string name = "bench-" + std::to_string(flow == Flow::resting ? number / 2 : number);
        params_.clear();
        if (signer_ != nullptr) params_.emplace_back("apiKey", key_);
        const bool cancels = flow == Flow::resting && !even;
        if (cancels) {
            params_.emplace_back("origClientOrderId", name);
            params_.emplace_back("symbol", "BTCUSDT");
        } else {
            const bool rests = flow == Flow::resting;
            params_.emplace_back("newClientOrderId", name);
            params_.emplace_back("price", rests ? low_ : even ? buy_ : sell_);
            params_.emplace_back("quantity", "0.001");
            params_.emplace_back("side", rests || even ? "BUY" : "SELL");
            params_.emplace_back("symbol", "BTCUSDT");
            params_.emplace_back("timeInForce", rests ? "GTC" : "IOC");
        }
        params_.emplace_back("timestamp", now_ms());
        if (!cancels) params_.emplace_back("type", "LIMIT");
        if (signer_ != nullptr) sign();
        text_ = R"({"id":)" + std::to_string(number) + R"(,"method":")";
        text_ += cancels ? "order.cancel" : "order.place";
        text_ += R"(","params":)";
        char separator = '{';
        for (const auto& [key, value] : params_) {
            const bool is_number = key == "timestamp";
            text_ += separator;
            text_.append("\"").append(key).append(is_number ? "\":" : "\":\"").append(value);
            if (!is_number) text_ += '"';
            separator = ',';
        }
        text_ += "}}";
        send(text_);
    }
    void sign() {
        std::string payload;
        for (const auto& [key, value] : params_) {
            if (!payload.empty()) payload += '&';
            payload.append(key).append("=").append(value);
        }
        std::string signature;
        signer_->sign(payload, signature);
        params_.emplace_back("signature", std::move(signature));
    }
    void send(std::string_view text) {
        base::check(client_.send(text).has_value(), "the queue holds what is on its way");
    }
    void await_answers(int count) {
        base::check(loop_.run_until([&] { return answered_ >= count; }, patience) && refused_ == 0,
                    "the server answers");
    }
    void take(std::string_view text) {
        if (text.starts_with(R"({"subscriptionId")")) {
            ++user_events_;
            return;
        }
        ++answered_;
        const bool succeeded = text.find(R"("status":200)") != std::string_view::npos &&
                               text.find(expected_) != std::string_view::npos;
        if (!succeeded && ++refused_ == 1)
            std::fprintf(stderr, "refused: %.*s\n", static_cast<int>(text.size()), text.data());
    }
    [[nodiscard]] std::string now_ms() const {
        const auto now = clock_.wall().time_since_epoch();
        return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
    }

    const base::SystemClock clock_;
    net::EventLoop loop_;
    net::WsClient client_{loop_,
                          {.on_open = [] {},
                           .on_text = [this](std::string_view text) { take(text); },
                           .on_closed = [](const net::WsClosed&) {},
                           .on_ping = {},
                           .on_pong = {}}};
    credentials::Signer* const signer_;  ///< null: on a session
    const std::string key_;
    std::string buy_;
    std::string sell_;
    std::string low_;
    std::vector<std::pair<std::string_view, std::string>> params_;
    std::string text_;
    std::string_view expected_;  ///< in every answer
    int answered_{0};
    int refused_{0};
    int user_events_{0};
};

struct Cost {
    double cpu_us{0};
    double wall_us{0};
};

Cost cost_of(ServerThread& server, Client& client, Flow flow, int requests) {
    const base::SystemClock clock;
    client.request(requests / 10, flow);  // warm
    const double cpu = server.cpu_us();
    const auto wall = clock.monotonic();
    client.request(requests, flow);
    const double wall_us = static_cast<double>((clock.monotonic() - wall).count()) / 1000.0;
    return {(server.cpu_us() - cpu) / requests, wall_us / requests};
}

/// Counts what the core tells.
class CountingSink final : public exchange::CoreSink {
  public:
    void on_execution(exchange::AccountId, const exchange::ExecutionEvent&) override { ++told; }
    void on_list_status(exchange::AccountId, const exchange::ListEvent&) override { ++told; }
    void on_account_position(exchange::AccountId, const domain::AccountPosition&) override { ++told; }
    void on_balance_update(exchange::AccountId, const domain::BalanceUpdate&) override { ++told; }
    void on_trade(const exchange::TradeEvent&) override { ++told; }
    void on_agg_trade(const exchange::AggTradeEvent&) override { ++told; }
    void on_book_ticker(const exchange::BookTickerEvent&) override { ++told; }
    void on_depth(const exchange::DepthEvent&) override { ++told; }
    void on_kline(const exchange::KlineEvent&) override { ++told; }
    void on_avg_price(const exchange::AvgPriceEvent&) override { ++told; }
    void on_feed_end(std::string_view, const base::Error*) override {}
    std::int64_t told{0};
};

/// A core under a virtual clock, with the default symbols' generated market and an account that trades in it.
class Market {
  public:
    Market() {
        exchange::CoreOptions options;
        options.start = now_ = base::exchange_time_ms(1'723'161'600'000);
        options.closed_orders_max = options.own_trades_max = options.recent_trades_max = 500;
        options.klines_max =
            100;  // so that those of a second and a minute are full when the measurement begins
        core_ = std::make_unique<exchange::ExchangeCore>(options, sink_);
        exchange::AccountOptions account;
        account.label = "bench";
        account.balances = {{*domain::Asset::from("BTC"), domain::Amount::of(100), {}},
                            {*domain::Asset::from("USDT"), domain::Amount::of(1'000'000), {}}};
        account_ = core_->add_account(account);
        exchange::MarketOptions market;
        base::check(exchange::install_market(*core_, market, now_).has_value(), "a market");
        order_.symbol = *domain::Symbol::from("BTCUSDT");
        order_.type = domain::OrderType::market;
        order_.quantity = domain::Quantity::literal("0.001");
    }
    /// Until so many events more have been told; an order every millisecond of the exchange's time.
    void run(std::int64_t events) {
        const std::int64_t end = sink_.told + events;
        while (sink_.told < end) {
            now_ += std::chrono::milliseconds{1};
            core_->advance(now_);
            order_.side = order_.side == domain::Side::buy ? domain::Side::sell : domain::Side::buy;
            base::check(core_->place(account_, order_, now_).has_value(), "every order is taken");
        }
    }
    [[nodiscard]] std::int64_t told() const { return sink_.told; }

  private:
    CountingSink sink_;
    base::ExchangeTime now_;
    std::unique_ptr<exchange::ExchangeCore> core_;
    exchange::AccountId account_;
    exchange::OrderRequest order_;
};

std::int64_t heap_bytes() {
    return static_cast<std::int64_t>(::mallinfo2().uordblks);
}

struct Arguments {
    bool quick{false};
    int orders{100'000};
    int events{10'000'000};
};

Arguments arguments_of(int argc, char** argv) {
    Arguments arguments;
    for (int i = 1; i < argc; ++i) {
        const std::string_view word{argv[i]};
        int* const number = word == "--orders"   ? &arguments.orders
                            : word == "--events" ? &arguments.events
                                                 : nullptr;
        if (word == "--quick") {
            arguments = {true, 2'000, 500'000};
        } else if (number != nullptr && i + 1 < argc) {
            const std::string_view text{argv[++i]};
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
            if (error != std::errc{} || end != text.data() + text.size() || *number < 100) {
                std::fprintf(stderr, "exchange_bench: %s: at least 100\n", argv[i - 1]);
                std::exit(64);
            }
        } else {
            std::fprintf(stderr, "exchange_bench [--quick] [--orders N] [--events N]\n");
            std::exit(64);
        }
    }
    return arguments;
}

/// Heap in use, in all arenas, at one moment and at a later one.
struct Growth {
    std::int64_t before;
    std::int64_t after;

    [[nodiscard]] bool bounded() const { return after - before < before / 10; }
    void print(const std::string& when) const {
        std::printf("  heap after %s more: %+lld KiB on %lld KiB%s\n", when.c_str(),
                    static_cast<long long>((after - before) / 1024), static_cast<long long>(before / 1024),
                    bounded() ? "" : ": memory GROWS");
    }
};

class Report {
  public:
    explicit Report(bool has_gates) : has_gates_{has_gates} {}

    void add(std::string what, double us, std::optional<double> gate) {
        rows_.push_back(
            {std::move(what), us, "us", std::nullopt, {}, has_gates_ ? gate : std::nullopt, {}, false});
    }
    void add(const std::string& what, const Cost& cost) {
        add(what + ", server", cost.cpu_us, order_gate_us);
        add("  the same, wall time, with the client", cost.wall_us, std::nullopt);
    }
    [[nodiscard]] const std::vector<Row>& rows() const { return rows_; }

  private:
    bool has_gates_;
    std::vector<Row> rows_;
};

/// Orders over one connection at a time.
Growth measure_orders(Report& report, int requests) {
    ServerThread server;
    Client client{server.ready(), Client::Access::session};
    client.request(server.kept_orders() + requests / 10, Flow::filled);  // until the oldest are forgotten
    const std::int64_t kept = heap_bytes();
    report.add("an order, on a session", cost_of(server, client, Flow::filled, requests));
    const Growth growth{kept, heap_bytes()};
    report.add("an order that rests, or its cancel", cost_of(server, client, Flow::resting, requests));
    client.subscribe_user_data();
    report.add("an order, on a session with user data", cost_of(server, client, Flow::filled, requests));
    base::check(client.user_events() > requests, "user data comes");
    Client signing{server.ready(), Client::Access::signs_each};
    report.add("an order, each signed with HMAC", cost_of(server, signing, Flow::filled, requests));
    return growth;
}

Growth measure_events(Report& report, int events) {
    Market market;
    market.run(events / 2);  // until every limit of what is kept has been reached
    const std::int64_t kept = heap_bytes();
    const double cpu = cpu_us(CLOCK_THREAD_CPUTIME_ID);
    market.run(events);
    report.add("an event in process, market and orders", (cpu_us(CLOCK_THREAD_CPUTIME_ID) - cpu) / events,
               event_gate_us);
    return {kept, heap_bytes()};
}

int run(int argc, char** argv) {
    const Arguments arguments = arguments_of(argc, argv);
    Report report{!arguments.quick};
    const Growth of_orders = measure_orders(report, arguments.orders);
    const Growth of_events = measure_events(report, arguments.events);
    std::printf("%s\n", machine().c_str());
    print_table(
        "The simulated exchange: 20,000 orders a second are 50 us, 1,000,000 events a second are 1 us",
        report.rows());
    std::printf("\n");
    of_orders.print(std::to_string(arguments.orders + arguments.orders / 10) + " orders");
    of_events.print(std::to_string(arguments.events) + " events");
    return of_orders.bounded() && of_events.bounded() ? 0 : 1;
}

}  // namespace
}  // namespace vigil::bench

int main(int argc, char** argv) {
    return vigil::bench::run(argc, argv);
}
