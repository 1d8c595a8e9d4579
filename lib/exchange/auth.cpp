#include "exchange/auth.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vigil::exchange {

namespace {

constexpr ParamSpec timestamp_spec{"timestamp", ParamKind::whole, true};
constexpr ParamSpec window_spec{"recvWindow", ParamKind::decimal, false};
constexpr std::string_view signature_name = "signature";
/// Milliseconds stay below this until the year 5138; microseconds have been above it since 1973.
constexpr std::int64_t first_microsecond_count = 100'000'000'000'000;

// Copies `form` to `out` without its `signature=...` pair and one '&' beside it.
void append_without_signature(std::string_view form, std::string& out) {
    const std::size_t begin = out.size();
    while (!form.empty()) {
        const std::size_t end = form.find('&');
        const std::string_view pair = form.substr(0, end);
        form = end == std::string_view::npos ? std::string_view{} : form.substr(end + 1);
        if (pair.substr(0, pair.find('=')) == signature_name) continue;
        if (out.size() > begin) out += '&';
        out += pair;
    }
}

}  // namespace

ApiKey& KeyRing::add(ApiKey key) {
    keys_.push_back(std::make_unique<ApiKey>(std::move(key)));
    ApiKey& kept = *keys_.back();
    by_text_.emplace(kept.api_key, &kept);
    return kept;
}

ApiKey* KeyRing::find(std::string_view api_key) {
    const auto found = by_text_.find(api_key);
    return found == by_text_.end() || found->second->revoked ? nullptr : found->second;
}

base::ExchangeTime time_of_parameter(std::int64_t value) {
    if (value >= first_microsecond_count) return base::ExchangeTime{base::microseconds{value}};
    return base::exchange_time_ms(value);
}

RequestResult<RequestTiming> read_timing(const ParameterList& parameters) {
    RequestTiming timing;
    std::int64_t number = 0;
    if (const ReceivedParameter* window = parameters.find(window_spec.name)) {
        if (window->value.empty()) return tl::unexpected(errors::empty(window_spec.name));
        if (auto error = check_value(window_spec, window->value, number)) return tl::unexpected(*error);
        constexpr std::int64_t scaled_per_us = domain::decimal_scale / 1000;
        if (number > 60'000 * domain::decimal_scale) return tl::unexpected(errors::receive_window_too_wide());
        if (number % scaled_per_us != 0) return tl::unexpected(errors::too_precise(window_spec.name));
        timing.window = base::microseconds{number / scaled_per_us};
    }
    const ReceivedParameter* timestamp = parameters.find(timestamp_spec.name);
    if (timestamp == nullptr || timestamp->value.empty())
        return tl::unexpected(errors::missing(timestamp_spec.name));
    if (auto error = check_value(timestamp_spec, timestamp->value, number)) return tl::unexpected(*error);
    timing.timestamp = time_of_parameter(number);
    return timing;
}

std::optional<RequestError> check_timing(const RequestTiming& timing, base::ExchangeTime server_time) {
    // Compared as whole numbers: a timestamp near the end of 64 bits must not overflow a difference.
    if (timing.timestamp.time_since_epoch().count() < 0) return errors::outside_window();
    if (timing.timestamp >= server_time + base::seconds{1}) return errors::ahead_of_server();
    if (server_time - timing.timestamp > timing.window) return errors::outside_window();
    return std::nullopt;
}

bool is_api_key_text(std::string_view text) {
    return text.size() == 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
           });
}

std::optional<RequestError> check_permission(const ApiKey& key, Security security, std::string_view address) {
    if (key.revoked) return errors::rejected_key();
    if (key.permissions.ip_restricted && std::find(key.allowed_addresses.begin(), key.allowed_addresses.end(),
                                                   address) == key.allowed_addresses.end()) {
        return errors::rejected_key();
    }
    const bool allowed = security == Security::trade ? key.permissions.spot_trading : key.permissions.reading;
    if (security != Security::none && !allowed) return errors::rejected_key();
    return std::nullopt;
}

RequestResult<const ApiKey*> authenticate(KeyRing& ring, const Credentials& credentials,
                                          const ParameterList& parameters, Security security,
                                          base::ExchangeTime server_time) {
    const bool by_session = credentials.api_key.empty() && credentials.session_key != nullptr;
    if (!by_session && credentials.api_key.empty() && credentials.key_is_parameter)
        return tl::unexpected(errors::missing("apiKey"));
    if (!by_session && !is_api_key_text(credentials.api_key)) return tl::unexpected(errors::bad_key_format());
    const ReceivedParameter* signature = parameters.find(signature_name);
    const auto timing = read_timing(parameters);
    if (!timing) return tl::unexpected(timing.error());
    if (!by_session && (signature == nullptr || signature->value.empty()))
        return tl::unexpected(errors::missing(signature_name));
    if (auto error = check_timing(*timing, server_time)) return tl::unexpected(*error);
    const ApiKey* key = by_session ? credentials.session_key : ring.find(credentials.api_key);
    if (key == nullptr) return tl::unexpected(errors::rejected_key());
    if (auto error = check_permission(*key, security, credentials.address)) return tl::unexpected(*error);
    if (signature != nullptr && !key->verifier->verify(credentials.signed_bytes, signature->value))
        return tl::unexpected(errors::bad_signature());
    return key;
}

void append_rest_payload(std::string_view query, std::string_view body, std::string& out) {
    append_without_signature(query, out);
    append_without_signature(body, out);
}

void append_websocket_payload(const ParameterList& parameters, std::string& out) {
    std::array<const ReceivedParameter*, ParameterList::count_max> sorted{};
    std::size_t count = 0;
    for (const ReceivedParameter& item : parameters.items()) {
        if (item.name != signature_name && count < sorted.size()) sorted[count++] = &item;
    }
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count),
              [](const ReceivedParameter* a, const ReceivedParameter* b) { return a->name < b->name; });
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out += '&';
        out += sorted[i]->name;
        out += '=';
        out += sorted[i]->value;
    }
}

}  // namespace vigil::exchange
