#include <memory>
#include <utility>

#include "binance/api_decoder.h"
#include "binance/probe.h"
#include "net/ws_client.h"

namespace vigil::binance {

namespace {

using base::ErrorKind;

constexpr base::seconds close_patience{1};

/// One connection; it owns itself until it has told its outcome.
class Ping : public std::enable_shared_from_this<Ping> {
  public:
    Ping(const ProbeParts& parts, net::Url url, bool is_api, domain::Callback<PingAnswer> done)
        : loop_{parts.loop},
          listener_{parts.listener},
          tls_{parts.tls},
          url_{std::move(url)},
          deadline_{parts.deadline},
          is_api_{is_api},
          done_{std::move(done)},
          ws_{loop_,
              {.on_open = [this] { on_open(); },
               .on_text = [this](std::string_view text) { on_text(text); },
               .on_closed = [this](const net::WsClosed& closed) { finish(base::fail(closed.error)); },
               .on_ping = {},
               .on_pong = [this](std::string_view) { on_pong(); }},
              {.local_address = parts.local_address, .headers = {}}},
          timer_{loop_} {}

    void start() {
        self_ = shared_from_this();
        timer_.after(deadline_, [this] {
            finish(base::fail(ErrorKind::timeout,
                              "no answer within " + std::to_string(deadline_.count()) + " ms"));
        });
        if (auto connecting = ws_.connect(url_, tls_); !connecting)
            loop_.call_after(base::milliseconds{0},
                             [keep = self_, error = connecting.error()] { keep->finish(base::fail(error)); });
    }

  private:
    void on_open() {
        began_ = loop_.now();
        ws_.ping("vigil");
        if (!is_api_) return;
        if (auto sent = ws_.send(R"({"id":1,"method":"ping"})"); !sent) finish(base::fail(sent.error()));
    }
    void on_pong() {
        answer_.round_trip = loop_.now() - began_;
        has_pong_ = true;
        if (!is_api_ || has_answer_) finish(answer_);
    }
    void on_text(std::string_view text) {
        if (!is_api_ || decoder_.decode(text, listener_).kind != ApiNote::Kind::answer) return;
        ApiAnswer& api = decoder_.answer();
        if (api.error)
            return finish(base::fail(ErrorKind::rejected, "ping answered " + std::to_string(api.error->code) +
                                                              " " + api.error->message));
        answer_.usage = api.limits.usage;
        if (!answer_.usage.empty()) listener_.on_rate_limits({answer_.usage, loop_.now()});
        has_answer_ = true;
        if (has_pong_) finish(answer_);
    }
    void finish(base::Result<PingAnswer> result) {
        const auto done = std::exchange(done_, nullptr);
        if (!done) return;
        timer_.cancel();
        ws_.close(close_patience);
        // The close frame leaves before the connection goes with this object.
        loop_.call_after(close_patience / 10, [keep = std::exchange(self_, nullptr)] {});
        done(std::move(result));
    }

    net::EventLoop& loop_;
    domain::ExchangeListener& listener_;
    const net::ClientTls tls_;
    const net::Url url_;
    const base::milliseconds deadline_;
    const bool is_api_;
    domain::Callback<PingAnswer> done_;
    ApiDecoder decoder_;
    PingAnswer answer_;
    base::MonotonicTime began_{};
    bool has_pong_{false};
    bool has_answer_{false};
    std::shared_ptr<Ping> self_;
    net::WsClient ws_;
    net::Timer timer_;
};

}  // namespace

void ping_probe(const ProbeParts& parts, const net::Url& url, bool is_api,
                domain::Callback<PingAnswer> done) {
    std::make_shared<Ping>(parts, url, is_api, std::move(done))->start();
}

}  // namespace vigil::binance
