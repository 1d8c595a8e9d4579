#include "house.h"

#include <chrono>
#include <utility>

#include "base/check.h"
#include "binance/order_request.h"
#include "binance/order_session.h"
#include "binance/stream_decoder.h"
#include "credentials/secret.h"
#include "engine/engine.h"
#include "engine_setup.h"
#include "journal/journal_gate.h"
#include "journal/memory_journal.h"
#include "market_data.h"

namespace vigil::bench {

namespace {

constexpr base::seconds patience{20};
constexpr base::seconds step{2};
// The two clocks are read one after the other, so that a purchase due in a tick must be surely due.
constexpr base::microseconds slack{100};
constexpr std::string_view api_key = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";

const base::SystemClock& system_clock() {
    static const base::SystemClock clock;
    return clock;
}

binance::KeyInUse make_key() {
    const auto secret = credentials::Secret::random(32);
    std::string text;
    secret.value().use([&text](auto bytes) {
        for (const auto byte : bytes)
            text += "0123456789abcdef"[byte & 15U], text += "fedcba9876543210"[byte >> 4U];
    });
    auto made =
        credentials::Signer::make(credentials::KeyType::hmac_sha256, credentials::Secret::take(text).value());
    return std::make_shared<const binance::SigningKey>(
        binance::SigningKey{std::string{api_key}, std::move(made.value())});
}

base::Result<base::ExchangeTime> timestamp() {
    return base::ExchangeTime{system_clock().wall().time_since_epoch()};
}

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

/// A listener to which nothing happens but what a bench looks at.
class QuietListener : public domain::ExchangeListener {
  public:
    void on_book_ticker(const domain::BookTicker&) override {}
    void on_depth(const domain::DepthDiff&) override {}
    void on_trade(const domain::PublicTrade&) override {}
    void on_candle(const domain::Candle&) override {}
    void on_order_outcome(const domain::OrderOutcome&) override {}
    void on_execution(const domain::ExecutionReport&) override {}
    void on_account_position(const domain::AccountPosition&) override {}
    void on_balance_update(const domain::BalanceUpdate&) override {}
    void on_connection(domain::Connection, domain::ConnectionState, std::string_view) override {}
    void on_rate_limits(const domain::RateLimitReport&) override {}
    void on_rate_limited(const domain::RateLimited&) override { base::check(false, "no limit is reached"); }
    void on_endpoint_retired(std::string_view) override { base::check(false, "no endpoint is retired"); }
    void on_signature_refused(std::string_view) override { base::check(false, "signatures are accepted"); }
    void on_timestamp_refused() override { base::check(false, "timestamps are accepted"); }
    void on_malformed(std::string_view, std::string_view) override {
        base::check(false, "the server's answers are understood");
    }
};

/// Log records end here: how they are written is another thread's business.
class CountingLogger final : public log::Logger {
  public:
    [[nodiscard]] log::Counts counts() const override { return counts_; }

  private:
    void submit(const log::Record& record) noexcept override {
        ++counts_.by_event[static_cast<std::size_t>(record.event())];
    }
    log::Counts counts_;
};

binance::ApiConnection::Parts connection_parts(const Wire& wire, net::EventLoop& loop,
                                               domain::ExchangeListener& listener, binance::KeyInUse key) {
    return {.loop = loop,
            .listener = listener,
            .key = std::move(key),
            .timestamp = timestamp,
            .recv_window = base::milliseconds{5'000},
            .order_deadline = base::milliseconds{5'000},
            .url = net::Url::parse("wss://127.0.0.1:" + std::to_string(wire.port) + "/ws-api/v3").value(),
            .tls = net::ClientTls::make_from_pem(wire.ca_pem).value(),
            .local_address = {},
            .leave = [](domain::OwnRequest) { return std::nullopt; }};
}

class SessionClient final : public Client, private QuietListener {
  public:
    explicit SessionClient(const Wire& wire)
        : Client{1},
          key_{make_key()},
          decoder_{*this},
          tick_{ticker_text()},
          connection_{connection_parts(wire, loop_, *this, key_),
                      {.on_orders_up = [] {},
                       .on_user_data_up = [this] { up_ = true; },
                       .on_user_data_lost = [](std::string_view) {},
                       .on_shutdown = [] {},
                       .on_down = [this](const std::string&, std::size_t) { down_ = true; }}} {
        intent_.action = sample_order();
        connection_.open();
        base::check(loop_.run_until([this] { return up_; }, patience), "the session comes up");
    }
    ~SessionClient() override {
        connection_.close(base::milliseconds{200});
        loop_.run_until([this] { return down_; }, patience);
    }

  private:
    net::EventLoop& loop() override { return loop_; }
    void tick() override {
        tick_.patch("\"u\":", ++update_);
        base::check(decoder_.decode(tick_.view(), loop_.turn_time()) == binance::StreamMessage::event,
                    "the tick is understood");
    }
    void on_book_ticker(const domain::BookTicker&) override {
        ++decided_;
        connection_.send(intent_);
    }
    void on_order_outcome(const domain::OrderOutcome& outcome) override { answered(outcome); }

    net::EventLoop loop_;
    binance::KeyInUse key_;
    binance::StreamDecoder decoder_;
    Message tick_;
    domain::Intent intent_{};
    std::int64_t update_{first_update + 1000};
    bool up_{false};
    bool down_{false};
    binance::ApiConnection connection_;
};

class HouseClient final : public Client, private QuietListener {
  public:
    HouseClient(const Wire& wire, int strategies)
        : Client{strategies},
          key_{make_key()},
          decoder_{*this},
          tick_{ticker_text()},
          fallback_{{.loop = loop_,
                     .listener = *this,
                     .key = key_,
                     .timestamp = timestamp,
                     .recv_window = base::milliseconds{5'000},
                     .order_deadline = base::milliseconds{5'000},
                     .url = net::Url::parse("https://127.0.0.1:" + std::to_string(wire.port)).value(),
                     .tls = net::ClientTls::make_from_pem(wire.ca_pem).value(),
                     .local_address = {},
                     .leave = [](domain::OwnRequest) { return std::nullopt; }}},
          session_{{.connection = connection_parts(wire, loop_, *this, key_),
                    .logger = logger_,
                    .fallback = fallback_}},
          virtual_start_{system_clock().monotonic()},
          exchange_start_{base::exchange_time_ms(1'723'161'600'000)} {
        advance();
        start(strategies);
    }
    ~HouseClient() override {
        bool closed = false;
        fallback_.close();
        session_.close(base::milliseconds{200}, [&closed] { closed = true; });
        loop_.run_until([&closed] { return closed; }, patience);
    }

  private:
    net::EventLoop& loop() override { return loop_; }

    void advance() {
        ++ticks_;
        offset_ = virtual_start_ + step * ticks_ - system_clock().monotonic();
        exchange_offset_ = exchange_start_ + step * ticks_ + slack -
                           base::ExchangeTime{system_clock().wall().time_since_epoch()};
    }
    /// Both clocks are read, as the trading loop does.
    [[nodiscard]] engine::Now now() const {
        engine::Now now;
        now.monotonic = system_clock().monotonic() + offset_;
        now.wall = system_clock().wall();
        now.exchange = base::ExchangeTime{now.wall.time_since_epoch()} + exchange_offset_;
        now.uncertainty = base::microseconds{500};
        now.may_sign = true;
        return now;
    }

    void start(int strategies) {
        engine_ = std::move(engine::Engine::make(engine_options(strategies, exchange_start_, step)).value());
        base::check(engine_->recover(journal_, now()).has_value(), "an empty journal can be read");
        flush();
        base::check(engine_->learn({now().exchange, rate_limits(), {rules()}}, now()).has_value(),
                    "the symbol is known");
        flush();
        session_.open();
        base::check(loop_.run_until([this] { return up_ == 2; }, patience), "the session comes up");
        engine_->on_connection(domain::Connection::market, domain::ConnectionState::connected, now());

        base::check(engine_->reconcile(fresh_account(now().moment()), now()).is_sound(),
                    "a fresh account is sound");
        flush();
        // The first diff makes the engine ask for the book, the second one finds it whole.
        for (const bool odd : {true, false}) {
            const Message diff{depth_text(odd)};
            base::check(decoder_.decode(diff.view(), now().monotonic) == binance::StreamMessage::event,
                        "the diff is understood");
        }
        base::check(snapshots_ == 1, "the book was asked for once");
        patch_and_decode();
        // The first purchases are due at once; they are no tick of the bench.
        const std::int64_t before = accepted();
        base::check(loop_.post([this] {
            engine_->start_trading(now());
            flush();
        }),
                    "the loop takes a task");
        base::check(loop_.run_until([&] { return accepted() == before + strategies; }, patience),
                    "the first orders are accepted");
    }

    void patch_and_decode() {
        tick_.patch("\"u\":", ++update_);
        base::check(decoder_.decode(tick_.view(), now().monotonic) == binance::StreamMessage::event,
                    "the tick is understood");
    }
    void tick() override {
        advance();
        patch_and_decode();
    }

    /// As the trading loop does it, with the journal in place of its thread.
    void flush() {
        if (std::exchange(flushing_, true)) return;
        engine::Outbox& outbox = engine_->outbox();
        while (!outbox.empty()) {
            outbox.hand_over(batch_);
            for (const log::Record& record : batch_.records) logger_.emit(record);
            const std::int64_t before = allocations_now();
            std::vector<journal::Submission> group;
            for (engine::Command& command : batch_.commands)
                std::visit([&](auto& one) { carry_out(std::move(one), group); }, command);
            journal::Commit commit;
            if (!group.empty()) commit = gate_.commit(std::move(group));
            gate_allocations_ += allocations_now() - before;
            base::check(!commit.error, "memory takes every record");
            for (const orders::CounterBlock& block : blocks_) engine_->on_block_journaled(block, true);
            blocks_.clear();
            for (domain::Journaled& journaled : commit.journaled) {
                engine_->on_sent(journaled.intent(), now());
                ++decided_;
                session_.send(journaled);
            }
        }
        flushing_ = false;
    }
    static void carry_out(engine::PersistOrder command, std::vector<journal::Submission>& group) {
        group.push_back({command.stamp, std::move(command.permitted)});
    }
    void carry_out(engine::PersistRecord command, std::vector<journal::Submission>& group) {
        if (const auto* block = std::get_if<journal::CounterBlockReserved>(&command.record))
            blocks_.push_back({block->first, block->count});
        group.push_back({command.stamp, std::move(command.record)});
    }
    void carry_out(engine::Ask command, std::vector<journal::Submission>&) {
        base::check(std::holds_alternative<engine::ReadDepth>(command.read), "only the book is asked for");
        ++snapshots_;
        engine_->on_answer(command, engine::Answer{snapshot(50'093'239'195)}, now());
    }

    void on_book_ticker(const domain::BookTicker& event) override {
        engine_->on_book_ticker(event, now());
        flush();
    }
    void on_depth(const domain::DepthDiff& event) override {
        engine_->on_depth(event, now());
        flush();
    }
    void on_order_outcome(const domain::OrderOutcome& outcome) override {
        engine_->on_outcome(outcome, now());
        flush();
        answered(outcome);
    }
    void on_rate_limits(const domain::RateLimitReport& report) override {
        engine_->on_rate_limits(report, now());
        flush();
    }
    void on_connection(domain::Connection which, domain::ConnectionState state, std::string_view) override {
        up_ += state == domain::ConnectionState::connected ? 1 : -1;
        engine_->on_connection(which, state, now());
        flush();
    }

    net::EventLoop loop_;
    CountingLogger logger_;
    binance::KeyInUse key_;
    binance::StreamDecoder decoder_;
    Message tick_;
    journal::MemoryJournal journal_{false};
    journal::JournalGate gate_{journal_};
    std::unique_ptr<engine::Engine> engine_;
    engine::Outbox batch_;
    std::vector<orders::CounterBlock> blocks_;
    std::int64_t update_{first_update + 1000};
    std::int64_t ticks_{0};
    int snapshots_{0};
    int up_{0};
    bool flushing_{false};
    binance::OrderFallback fallback_;
    binance::OrderSession session_;
    const base::MonotonicTime virtual_start_;
    const base::ExchangeTime exchange_start_;
    base::nanoseconds offset_{0};
    base::microseconds exchange_offset_{0};
};

}  // namespace

Client::~Client() = default;

Run Client::run(int ticks) {
    run_ = {};
    run_.us.reserve(static_cast<std::size_t>(ticks));
    run_.sends.reserve(static_cast<std::size_t>(ticks));
    run_.system_calls.reserve(static_cast<std::size_t>(ticks));
    run_.allocations.reserve(static_cast<std::size_t>(ticks));
    left_ = ticks;
    gate_allocations_ = 0;
    const bool posted = loop().post([this] { begin_tick(); });
    base::check(posted, "the loop takes a task");
    base::check(loop().run_until([this] { return left_ == 0; }, patience), "every order is answered");
    run_.gate_allocations = gate_allocations_;
    return std::exchange(run_, {});
}

void Client::begin_tick() {
    waiting_ = orders_a_tick_;
    const std::int64_t decided_before = decided_;
    before_tick_ = counters_now();
    gate_before_tick_ = gate_allocations_;
    // From here, and not from the task that begins the run: that wakes the loop.
    if (run_.us.empty()) before_run_ = before_tick_;
    started_ = system_clock().monotonic();
    tick();
    base::check(decided_ == decided_before + orders_a_tick_, "the tick made its orders");
}

void Client::answered(const domain::OrderOutcome& outcome) {
    base::check(std::holds_alternative<domain::OutcomeAccepted>(outcome.result), "every order is accepted");
    ++accepted_;
    if (waiting_ == 0 || --waiting_ > 0) return;
    const base::nanoseconds took = system_clock().monotonic() - started_;
    run_.us.push_back(static_cast<double>(took.count()) / 1000.0);
    const Counters now = counters_now();
    run_.sends.push_back((now - before_tick_).sends);
    run_.system_calls.push_back((now - before_tick_).system_calls());
    run_.allocations.push_back((now - before_tick_).allocations - (gate_allocations_ - gate_before_tick_));
    run_.counters = now - before_run_;
    if (--left_ > 0) loop().after_callback([this] { begin_tick(); });
}

std::unique_ptr<Client> make_session(const Wire& wire) {
    return std::make_unique<SessionClient>(wire);
}
std::unique_ptr<Client> make_house(const Wire& wire, int strategies) {
    return std::make_unique<HouseClient>(wire, strategies);
}

std::string sample_request() {
    credentials::RequestForm form;
    binance::add_order(sample_order(), form);
    form.add("apiKey", api_key);
    form.add("recvWindow", std::int64_t{5000});
    form.add("timestamp", base::to_ms(timestamp().value()));
    std::string signature;
    make_key()->signer->sign(form.websocket_payload(), signature);
    std::string text;
    binance::append_api_request(text, 1000, "order.place", form, signature);
    return text;
}

}  // namespace vigil::bench
