#include "exchange/server.h"

#include <algorithm>
#include <utility>

#include "credentials/certificate.h"
#include "exchange/admin.h"
#include "exchange/fault_plan.h"
#include "exchange/random.h"
#include "exchange/rest_frontend.h"
#include "exchange/server_accounts.h"
#include "exchange/server_dispatch.h"
#include "exchange/server_sockets.h"
#include "exchange/server_state.h"
#include "exchange/state_keeper.h"
#include "exchange/virtual_clock.h"
#include "exchange/ws_api.h"
#include "exchange/ws_render.h"
#include "net/server.h"

namespace vigil::exchange {

namespace {

// The market is advanced when something is due, but not more often than each millisecond, and looked after a
// few times a second when it is quiet.
constexpr base::nanoseconds tick_min = std::chrono::milliseconds{1};
constexpr base::nanoseconds tick_max = std::chrono::milliseconds{20};
constexpr std::size_t notices_max = 100;
constexpr std::uint16_t going_away = 1001;

}  // namespace

class ExchangeServer::Impl final : public CoreSink {
  public:
    Impl(net::EventLoop& loop, const base::Clock& clock, ExchangeServerOptions options)
        : loop_{loop},
          options_{std::move(options)},
          state_{clock, options_.limits},
          dispatcher_{state_},
          rest_{state_, dispatcher_},
          api_{loop, state_, dispatcher_, options_.api_keep_alive},
          streams_{loop, state_, options_.streams},
          port_{state_, rest_, api_, streams_},
          faults_{{state_, api_, streams_, accounts_, [this] { return port_.server(); },
                   [this](std::optional<CertificateFault> fault) { return show_certificate(fault); },
                   [this](std::string line) { note(std::move(line)); }}},
          admin_{{state_, api_, streams_, accounts_, notices_, faults_, advancer(),
                  [this] { keeper_.account_changed(); }, [this] { request_shutdown(); }}},
          keeper_{loop, state_, options_.state_interval},
          timer_{loop} {
        options_.core.start = state_.clock.core_now();
        state_.core_options = options_.core;
        state_.faults.configure(mix64(options_.core.seed), options_.market_speed);
        state_.counters.by_method.resize(all_methods().size());
        core_ = std::make_unique<ExchangeCore>(options_.core, *this);
        state_.core = core_.get();
    }

    /// Reads the state, if there is one; its core is taken up later, by restore().
    base::Result<void> open_state() {
        if (!options_.state_folder) return {};
        auto opened = keeper_.open(*options_.state_folder);
        const auto then = keeper_.time_found();
        // A clock that only moves when it is told to goes on from where it was.
        if (then && options_.virtual_clock != nullptr && *then > now())
            options_.virtual_clock->advance(*then - now());
        return opened;
    }

    base::Result<void> open_accounts() {
        auto opened = exchange::open_accounts(
            state_, {options_.accounts, options_.commission, options_.account_settings}, keeper_.keys());
        if (!opened) return base::fail(opened.error());
        accounts_ = *std::move(opened);
        return {};
    }

    base::Result<void> restore() {
        auto anew = keeper_.restore();
        if (!anew) return base::fail(anew.error());
        for (const std::string& feed : *anew) note(feed + ": not the market of the state; it begins anew");
        return {};
    }
    base::Result<void> save() { return keeper_.save(accounts_); }

    base::Result<void> listen() {
        auto authority = credentials::CertificateAuthority::make("vigil-exchange throw-away CA", validity());
        if (!authority) return base::fail(authority.error().within("making a certificate authority"));
        authority_ = std::make_unique<credentials::CertificateAuthority>(*std::move(authority));
        auto tls = make_tls(std::nullopt);
        if (!tls) return base::fail(tls.error());
        if (auto done = port_.listen(loop_, *std::move(tls), options_.address, options_.port); !done)
            return base::fail(done.error());

        net::ServerHandlers handlers;
        handlers.on_http = [this](net::ServerRequest request, net::Responder responder) {
            admin_.handle(request, std::move(responder));
        };
        net::ServerOptions admin;
        admin.port = options_.admin_port;
        auto server = net::Server::listen(loop_, std::nullopt, std::move(handlers), admin);
        if (!server) return base::fail(server.error().within("the admin port"));
        admin_server_ = *std::move(server);
        for (FaultRequest& request : options_.faults) {
            const std::string kind = request.kind;
            if (auto ordered = faults_.submit(std::move(request)); !ordered)
                return base::fail(ordered.error().within("the fault " + kind));
        }
        tick();
        return {};
    }

    [[nodiscard]] ReadyInformation ready_information() const {
        const std::string host =
            options_.address.find(':') == std::string::npos ? options_.address : "[" + options_.address + "]";
        const std::string authority = host + ":" + std::to_string(port_.port());
        ReadyInformation information;
        information.rest = "https://" + authority;
        information.stream = "wss://" + authority;
        information.ws_api = "wss://" + authority + "/ws-api/v3";
        information.admin = "http://127.0.0.1:" + std::to_string(admin_server_->port());
        information.ca_pem = authority_->certificate_pem();
        for (const OpenedAccount& account : accounts_) {
            ReadyAccount ready{account.label, account.api_key, &account.key, {}};
            for (const OpenedKey& one : account.more_keys) ready.more_keys.push_back({one.api_key, &one.key});
            information.accounts.push_back(std::move(ready));
        }
        return information;
    }

    void begin_shutdown() {
        timer_.cancel();
        streams_.announce_shutdown();
        api_.announce_shutdown();
        streams_.close_all(going_away, "shutting down");
        api_.close_all(going_away, "shutting down");
    }

    // CoreSink

    void on_execution(AccountId account, const ExecutionEvent& event) override {
        keeper_.account_changed();
        if (event.is_first_fill && event.fill)
            state_.limits.first_fill(account.value, event.fill->is_maker, state_.clock.shown());
        api_.publish(account, [&event](JsonWriter& out) { write_execution(event, out); });
    }
    void on_list_status(AccountId account, const ListEvent& event) override {
        api_.publish(account, [&event](JsonWriter& out) { write_list_status(event, out); });
    }
    void on_account_position(AccountId account, const domain::AccountPosition& event) override {
        keeper_.account_changed();
        api_.publish(account, [&event](JsonWriter& out) { write_account_position(event, out); });
    }
    void on_balance_update(AccountId account, const domain::BalanceUpdate& event) override {
        api_.publish(account, [&event](JsonWriter& out) { write_balance_update(event, out); });
    }
    void on_external_lock(AccountId account, const ExternalLockUpdate& event) override {
        api_.publish(account, [&event](JsonWriter& out) { write_external_lock(event, out); });
    }
    void on_trade(const TradeEvent& event) override { streams_.on_trade(event); }
    void on_agg_trade(const AggTradeEvent& event) override { streams_.on_agg_trade(event); }
    void on_book_ticker(const BookTickerEvent& event) override { streams_.on_book_ticker(event); }
    void on_depth(const DepthEvent& event) override { streams_.on_depth(event); }
    void on_kline(const KlineEvent& event) override { streams_.on_kline(event); }
    void on_avg_price(const AvgPriceEvent& event) override { streams_.on_avg_price(event); }
    void on_traded(const TradedEvent& event) override { streams_.on_traded(event); }
    void on_feed_end(std::string_view feed, const base::Error* error) override {
        std::string line{feed};
        line += error == nullptr ? ": the recording has ended" : ": " + error->message;
        note(std::move(line));
    }

    [[nodiscard]] ExchangeCore& core() { return *core_; }
    [[nodiscard]] base::ExchangeTime now() const { return state_.clock.core_now(); }
    [[nodiscard]] bool idle() const { return api_.connections() + streams_.connections() == 0; }

    std::function<void()> shutdown_;
    std::function<void(std::string_view)> notice_;

  private:
    void note(std::string line) {
        if (notices_.size() < notices_max) notices_.push_back(line);
        if (notice_) notice_(line);
    }

    // Certificates are held against the machine's date, whatever the exchange's clock says.
    static credentials::Validity validity() {
        const auto now = base::SystemClock{}.wall();
        return {now - std::chrono::hours{24}, now + std::chrono::hours{24 * 90}};
    }

    base::Result<net::ServerTls> make_tls(std::optional<CertificateFault> fault) {
        credentials::Validity valid = validity();
        credentials::ServerNames names{"localhost", {"localhost"}, {"127.0.0.1", "::1"}};
        if (fault == CertificateFault::expired) valid.not_after = valid.not_before + std::chrono::hours{23};
        if (fault == CertificateFault::wrong_name) names = {"elsewhere.invalid", {"elsewhere.invalid"}, {}};
        auto certificate = authority_->issue(names, valid);
        if (!certificate) return base::fail(certificate.error().within("making a certificate"));
        return net::ServerTls::make_from_pem(certificate->certificate_pem, certificate->private_key_pem);
    }

    base::Result<void> show_certificate(std::optional<CertificateFault> fault) {
        auto tls = make_tls(fault);
        if (!tls) return base::fail(tls.error());
        if (net::Server* server = port_.server()) server->set_tls(*std::move(tls));
        return {};
    }

    std::function<void(base::nanoseconds)> advancer() {
        if (options_.virtual_clock == nullptr) return {};
        return [this](base::nanoseconds time) {
            options_.virtual_clock->advance(time);
            catch_up();
        };
    }

    // Whatever is due by now.
    void catch_up() {
        faults_.tick();
        if (state_.clock.paused()) return;
        const base::ExchangeTime now = state_.clock.core_now();
        core_->advance(now);
        streams_.flush(now);
    }

    void tick() {
        base::nanoseconds next = tick_max;
        catch_up();
        if (auto failure = keeper_.save_in_time(accounts_)) note(*std::move(failure));
        if (!state_.clock.paused() && options_.virtual_clock == nullptr) {
            if (const auto due = core_->next_due())
                next = std::clamp<base::nanoseconds>(*due - state_.clock.core_now(), tick_min, tick_max);
        }
        timer_.after(next, [this] { tick(); });
    }

    // From inside an answer: the loop's next turn, so that the answer is written first.
    void request_shutdown() {
        loop_.call_after(base::nanoseconds{0}, [this] {
            if (shutdown_) shutdown_();
        });
    }

    net::EventLoop& loop_;
    ExchangeServerOptions options_;
    ServerState state_;
    std::unique_ptr<ExchangeCore> core_;
    std::vector<OpenedAccount> accounts_;
    std::vector<std::string> notices_;
    std::unique_ptr<credentials::CertificateAuthority> authority_;
    Dispatcher dispatcher_;
    RestFrontend rest_;
    WsApi api_;
    WsStreams streams_;
    PublicPort port_;
    FaultPlan faults_;
    Admin admin_;
    StateKeeper keeper_;
    std::unique_ptr<net::Server> admin_server_;
    net::Timer timer_;
};

ExchangeServer::ExchangeServer(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
ExchangeServer::~ExchangeServer() = default;

base::Result<std::unique_ptr<ExchangeServer>> ExchangeServer::make(net::EventLoop& loop,
                                                                   const base::Clock& clock,
                                                                   ExchangeServerOptions options) {
    auto impl = std::make_unique<Impl>(loop, clock, std::move(options));
    if (auto opened = impl->open_state(); !opened) return base::fail(opened.error());
    if (auto opened = impl->open_accounts(); !opened) return base::fail(opened.error());
    return std::unique_ptr<ExchangeServer>{new ExchangeServer{std::move(impl)}};
}

ExchangeCore& ExchangeServer::core() {
    return impl_->core();
}
base::ExchangeTime ExchangeServer::now() const {
    return impl_->now();
}
base::Result<void> ExchangeServer::restore() {
    return impl_->restore();
}
base::Result<void> ExchangeServer::save() {
    return impl_->save();
}
base::Result<void> ExchangeServer::listen() {
    return impl_->listen();
}
ReadyInformation ExchangeServer::ready_information() const {
    return impl_->ready_information();
}
void ExchangeServer::on_shutdown(std::function<void()> callback) {
    impl_->shutdown_ = std::move(callback);
}
void ExchangeServer::on_notice(std::function<void(std::string_view)> callback) {
    impl_->notice_ = std::move(callback);
}
void ExchangeServer::begin_shutdown() {
    impl_->begin_shutdown();
}
bool ExchangeServer::idle() const {
    return impl_->idle();
}

}  // namespace vigil::exchange
