// Every question that is asked over REST: built, signed at the last moment, sent through the RestClient,
// judged by status and body, decoded. What an answer tells on the side (weights, limits, a refused timestamp,
// a retired endpoint) goes to the listener before the callback runs.
//
// On the trading thread only.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "binance/rest_client.h"
#include "binance/signing_key.h"
#include "binance/timestamp_source.h"
#include "credentials/request_form.h"
#include "domain/exchange_port.h"
#include "net/event_loop.h"

namespace vigil::binance {

struct RestReadsParts {
    net::EventLoop& loop;
    RestClient& client;
    KeyInUse key;
    TimestampSource timestamp;
    base::milliseconds recv_window{5'000};
    base::milliseconds deadline{10'000};
    bool has_sapi{true};  ///< false on testnet and demo: apiRestrictions is unsupported there
    domain::ExchangeListener& listener;
};

class RestReads {
  public:
    explicit RestReads(RestReadsParts parts) : parts_{std::move(parts)} {}

    /// For whatever is asked from now on.
    void change_key(KeyInUse key) { parts_.key = std::move(key); }

    void exchange_info(const std::vector<domain::Symbol>& symbols,
                       domain::Callback<domain::ExchangeInfo> done);
    void account(domain::Callback<domain::AccountSnapshot> done);
    void key_permissions(domain::Callback<domain::KeyPermissions> done);
    void open_orders(std::optional<domain::Symbol> symbol,
                     domain::Callback<std::vector<domain::OrderView>> done);
    void order(const domain::Symbol& symbol, const domain::ClientOrderId& id,
               domain::Callback<domain::OrderView> done);
    void order(const domain::Symbol& symbol, domain::OrderId number,
               domain::Callback<domain::OrderView> done);
    void trades(const domain::Symbol& symbol, std::optional<domain::OrderId> order_id,
                std::optional<domain::TradeId> from, domain::Callback<std::vector<domain::Fill>> done);
    void depth(const domain::Symbol& symbol, int limit, domain::Callback<domain::DepthSnapshot> done);
    void candles(const domain::Symbol& symbol, domain::CandleInterval interval, int limit,
                 domain::Callback<std::vector<domain::Candle>> done);

  private:
    enum class Security { none, signed_ };
    /// Of the order that `form_` names.
    void ask_for_order(domain::Callback<domain::OrderView> done);
    /// Sends what is in `form_`; `decode` turns a body of status 200 into the value.
    template <class T, class Decode>
    void ask(std::string_view path, Security security, Decode decode, domain::Callback<T> done);

    RestReadsParts parts_;
    credentials::RequestForm form_;
};

/// What an answer says before its body is decoded. Tells the listener what concerns it.
/// @return nothing for status 200; else: not_found for -2013, unavailable for limits and server trouble (and
/// -1021, -1003, -1007),
///         denied for a wrong key or signature, rejected for every other `{code,msg}`, corrupt for a body
///         that is none
[[nodiscard]] std::optional<base::Error> judge(const RestAnswer& answer, std::string_view path,
                                               domain::ExchangeListener& listener);

/// GET /api/v3/time for the clock thread.
class RestTimeSource final : public domain::TimeSource {
  public:
    /// What an answer told on the side; called on the clock thread, so it posts to the trading loop.
    struct News {
        std::function<void(domain::RateLimitReport)> on_rate_limits;
        std::function<void(domain::RateLimited)> on_rate_limited;
    };
    /// @param client must outlive this object
    RestTimeSource(RestClient& client, News news) : client_{client}, news_{std::move(news)} {}
    [[nodiscard]] base::Result<domain::TimeSample> sample(base::milliseconds deadline) override;

  private:
    RestClient& client_;
    News news_;
};

}  // namespace vigil::binance
