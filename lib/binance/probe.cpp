#include "binance/probe.h"

#include <algorithm>
#include <memory>

#include "binance/json_fields.h"
#include "binance/order_answer.h"
#include "binance/order_request.h"
#include "binance/rest_client.h"
#include "credentials/request_form.h"
#include "net/http_client.h"

namespace vigil::binance {

namespace {

using base::ErrorKind;

constexpr base::seconds too_old{60};
// The form of a key, and of nobody.
constexpr std::string_view unknown_key = "0000000000000000000000000000000000000000000000000000000000000000";

/// Signs other bytes than it was given.
class WrongSigner final : public credentials::Signer {
  public:
    explicit WrongSigner(credentials::Signer& signer) : signer_{signer} {}
    [[nodiscard]] credentials::KeyType type() const noexcept override { return signer_.type(); }
    void append_signature(std::string_view payload, std::string& out) override {
        signer_.append_signature(std::string{payload} + "&spoilt=1", out);
    }

  private:
    credentials::Signer& signer_;
};

ProbeAnswer to_answer(net::HttpResponse response, base::MonotonicTime now,
                      domain::ExchangeListener& listener) {
    ProbeAnswer answer;
    answer.status = response.status;
    if (response.status != 200) answer.error = parse_api_error(response.body);
    for (const auto& [name, value] : response.headers.fields())
        if (const auto usage = parse_usage_header(name, value)) answer.usage.push_back(*usage);
    answer.body = std::move(response.body);
    if (!answer.usage.empty()) listener.on_rate_limits({answer.usage, now});
    if (answer.status == 429 || answer.status == 418 || answer.status == 403 || answer.status >= 500)
        listener.on_rate_limited({.status = answer.status,
                                  .retry_after = parse_retry_after(response.headers.find("Retry-After")),
                                  .retry_after_time = std::nullopt,
                                  .received = now});
    return answer;
}

}  // namespace

std::string ProbeAnswer::str() const {
    std::string text = std::to_string(status);
    if (error) text += " (" + std::to_string(error->code) + " " + error->message + ")";
    return text;
}

std::optional<std::int64_t> ProbeAnswer::used(domain::RateLimitType type, base::seconds window) const {
    const auto found = std::find_if(usage.begin(), usage.end(), [&](const domain::RateLimitUsage& each) {
        return each.type == type && each.window == window;
    });
    if (found == usage.end()) return std::nullopt;
    return found->count;
}

void probe(const ProbeParts& parts, const ProbeRequest& request, domain::Callback<ProbeAnswer> done) {
    credentials::RequestForm form;
    if (request.order) add_order(*request.order, form);
    for (const auto& [name, value] : request.parameters) form.add(name, value);
    net::HttpRequest sent;
    sent.target = request.order ? "/api/v3/order/test" : request.path;
    sent.method = request.order ? "POST" : "GET";
    if (request.is_signed || request.order) {
        auto timestamp = parts.timestamp();
        if (!timestamp) {
            parts.loop.call_after(
                base::milliseconds{0},
                [done = std::move(done), why = std::move(timestamp.error().message)]() mutable {
                    done(base::fail(base::ErrorKind::stale, std::move(why)));
                });
            return;
        }
        if (request.spoilt == Spoilt::timestamp) *timestamp -= parts.recv_window + too_old;
        form.add("recvWindow", parts.recv_window.count());
        form.add("timestamp", base::to_ms(*timestamp));
        sent.target += '?';
        WrongSigner wrong{*parts.key->signer};
        credentials::Signer& signer = request.spoilt == Spoilt::signature ? wrong : *parts.key->signer;
        form.append_rest_signed(signer, sent.target);
        sent.headers.add("X-MBX-APIKEY",
                         request.spoilt == Spoilt::api_key ? std::string{unknown_key} : parts.key->api_key);
    } else if (form.size() > 0) {
        sent.target += '?';
        form.append_rest(sent.target);
    }
    // Lives until its one callback has run, which the deadline sees to.
    auto client = std::make_shared<net::HttpClient>(
        parts.loop, parts.url, parts.tls, net::HttpClientOptions{.local_address = parts.local_address});
    client->request(std::move(sent), parts.deadline,
                    [client, &loop = parts.loop, &listener = parts.listener,
                     done = std::move(done)](net::HttpResult result) {
                        if (!result) return done(base::fail(std::move(result.error().error)));
                        done(to_answer(std::move(*result), loop.now(), listener));
                    });
}

base::Result<std::vector<domain::RateLimitUsage>> parse_order_counts(std::string_view body) {
    simdjson::dom::parser parser;
    simdjson::dom::array counts;
    if (parser.parse(body.data(), body.size()).get_array().get(counts) != simdjson::SUCCESS)
        return base::fail(ErrorKind::corrupt, "rateLimit/order is no list");
    std::vector<domain::RateLimitUsage> usage;
    for (const simdjson::dom::element each : counts) {
        JsonFields fields{each, "rateLimit/order"};
        const std::string_view interval = fields.text("interval");
        const std::int64_t times = fields.integer("intervalNum");
        domain::RateLimitUsage one;
        one.type = domain::RateLimitType::orders;
        one.count = fields.integer("count");
        one.limit = fields.integer("limit");
        const std::int64_t unit = interval == "SECOND"   ? 1
                                  : interval == "MINUTE" ? 60
                                  : interval == "HOUR"   ? 3'600
                                  : interval == "DAY"    ? 86'400
                                                         : 0;
        if (times < 1 || times > 10'000) fields.wrong("intervalNum", "makes no sense");
        if (fields.error()) return base::fail(*fields.error());
        one.window = base::seconds{unit * times};
        if (unit > 0) usage.push_back(one);
    }
    return usage;
}

}  // namespace vigil::binance
