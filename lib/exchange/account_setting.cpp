#include "exchange/account_setting.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/check.h"

namespace vigil::exchange {

namespace {

using base::ErrorKind;
using base::fail;

/// Nothing when there is no such rate.
domain::Rate* rate_named(std::string_view name, CommissionSchedule& commission) {
    CommissionRates* rates = &commission.standard;
    const auto of = [&](std::string_view prefix, CommissionRates& kind) {
        if (!name.starts_with(prefix)) return;
        name.remove_prefix(prefix.size());
        rates = &kind;
    };
    if (name == "discount") return &commission.discount;
    of("special-", commission.special);
    of("tax-", commission.tax);
    if (name == "maker") return &rates->maker;
    if (name == "taker") return &rates->taker;
    if (name == "buyer") return &rates->buyer;
    if (name == "seller") return &rates->seller;
    return nullptr;
}

bool* flag_named(std::string_view name, AccountOptions& options) {
    if (name == "bnb-discount") return &options.commission.discount_enabled_for_account;
    if (name == "can-trade") return &options.can_trade;
    if (name == "require-self-trade-prevention") return &options.require_self_trade_prevention;
    return nullptr;
}

constexpr std::string_view max_asset = "max-asset-";

/// Sets it, or says what is expected.
std::optional<std::string> set(std::string_view name, const std::string& value, AccountOptions& options) {
    if (domain::Rate* rate = rate_named(name, options.commission)) {
        const auto parsed = domain::Rate::parse(value);
        if (!parsed || parsed->is_negative() || *parsed > domain::Rate::of(1)) return "a rate from 0 to 1";
        *rate = *parsed;
        return std::nullopt;
    }
    if (bool* flag = flag_named(name, options)) {
        if (value != "true" && value != "false") return "true or false";
        *flag = value == "true";
        return std::nullopt;
    }
    if (name == "trade-group") {
        std::int64_t group = 0;
        const auto [end, code] = std::from_chars(value.data(), value.data() + value.size(), group);
        if (code != std::errc{} || end != value.data() + value.size() || group < 0) return "a number from 0";
        options.trade_group_id = group;
        return std::nullopt;
    }
    if (name.starts_with(max_asset)) {
        const auto asset = domain::Asset::from(name.substr(max_asset.size()));
        const auto amount = domain::Amount::parse(value);
        if (!asset || asset->empty() || !amount || !amount->is_positive())
            return "an asset and a positive amount, as in max-asset-BTC=2";
        options.asset_limits[*asset] = *amount;
        return std::nullopt;
    }
    return "another name; see --help";
}

}  // namespace

base::Result<std::vector<AccountSetting>> parse_account_settings(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0)
        return fail(ErrorKind::invalid, "'" + std::string{text} + "' is not LABEL:NAME=VALUE,...");
    const std::string label{text.substr(0, colon)};
    std::vector<AccountSetting> settings;
    std::string_view rest = text.substr(colon + 1);
    while (!rest.empty()) {
        const std::string_view part = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(part.size() + 1, rest.size()));
        const std::size_t equals = part.find('=');
        if (equals == std::string_view::npos)
            return fail(ErrorKind::invalid, "'" + std::string{part} + "' is not NAME=VALUE");
        AccountSetting setting{label, std::string{part.substr(0, equals)},
                               std::string{part.substr(equals + 1)}};
        AccountOptions tried;
        if (const auto expected = set(setting.name, setting.value, tried))
            return fail(ErrorKind::invalid, "'" + std::string{part} + "': expected " + *expected);
        settings.push_back(std::move(setting));
    }
    if (settings.empty()) return fail(ErrorKind::invalid, "'" + std::string{text} + "' sets nothing");
    return settings;
}

void apply_setting(const AccountSetting& setting, AccountOptions& options) {
    const auto expected = set(setting.name, setting.value, options);
    base::check(!expected, "a setting was read by parse_account_settings()");
}

}  // namespace vigil::exchange
