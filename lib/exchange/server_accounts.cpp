#include "exchange/server_accounts.h"

#include <algorithm>
#include <set>
#include <utility>

namespace vigil::exchange {

namespace {

using base::ErrorKind;

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t end = text.find(separator);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return parts;
        text.remove_prefix(end + 1);
    }
}

// Labels become part of file names.
bool is_label(std::string_view text) {
    return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_';
    });
}

base::Result<domain::Balance> parse_balance(std::string_view text) {
    const std::size_t equals = text.find('=');
    const auto asset = domain::Asset::from(text.substr(0, equals));
    if (equals == std::string_view::npos || !asset || asset->empty())
        return base::fail(ErrorKind::invalid, "'" + std::string{text} + "' is not ASSET=AMOUNT");
    const auto amount = domain::Amount::parse(text.substr(equals + 1));
    if (!amount || amount->is_negative())
        return base::fail(ErrorKind::invalid, "'" + std::string{text.substr(equals + 1)} +
                                                  "' is not an amount with at most 8 places");
    return domain::Balance{*asset, *amount, {}};
}

std::vector<domain::Balance> default_balances() {
    const auto balance = [](std::string_view asset, std::int64_t units) {
        return domain::Balance{*domain::Asset::from(asset), domain::Amount::of(units), {}};
    };
    return {balance("USDT", 100'000), balance("BTC", 2), balance("ETH", 20), balance("BNB", 50)};
}

base::Result<std::unique_ptr<credentials::Verifier>> verifier_of(const credentials::GeneratedKey& key) {
    if (key.type == credentials::KeyType::hmac_sha256)
        return credentials::Verifier::from_shared_secret(key.private_key);
    return credentials::Verifier::from_public_key(key.type, key.public_key);
}

}  // namespace

base::Result<AccountRequest> parse_account(std::string_view text) {
    const auto parts = split(text, ':');
    const auto type = parts.size() == 3 ? credentials::key_type_from(parts[1]) : std::nullopt;
    if (!type || !is_label(parts[0]))
        return base::fail(
            ErrorKind::invalid,
            "'" + std::string{text} +
                "' is not LABEL:KEY-TYPE:ASSET=AMOUNT,... with a key type of hmac, ed25519 or rsa");
    AccountRequest request{std::string{parts[0]}, *type, {}};
    for (const std::string_view part : split(parts[2], ',')) {
        if (part.empty()) continue;
        auto balance = parse_balance(part);
        if (!balance) return base::fail(balance.error().within("account " + request.label));
        request.balances.push_back(*balance);
    }
    return request;
}

std::vector<AccountRequest> default_accounts() {
    return {{"hmac", credentials::KeyType::hmac_sha256, default_balances()},
            {"ed25519", credentials::KeyType::ed25519, default_balances()},
            {"rsa", credentials::KeyType::rsa, default_balances()}};
}

base::Result<std::vector<OpenedAccount>> open_accounts(ServerState& state,
                                                       const std::vector<AccountRequest>& requests,
                                                       const CommissionSchedule& commission) {
    std::vector<OpenedAccount> opened;
    std::set<std::string_view> labels;
    for (const AccountRequest& request : requests) {
        if (!labels.insert(request.label).second)
            return base::fail(ErrorKind::invalid, "there are two accounts '" + request.label + "'");
        auto api_key = credentials::random_alphanumeric();
        if (!api_key) return base::fail(api_key.error());
        auto key = credentials::generate_key(request.key_type);
        if (!key) return base::fail(key.error());
        auto verifier = verifier_of(*key);
        if (!verifier) return base::fail(verifier.error());

        AccountOptions options;
        options.label = request.label;
        options.balances = request.balances;
        options.commission = commission;
        const AccountId account = state.core->add_account(std::move(options));

        ApiKey known;
        known.api_key = *api_key;
        known.account = account;
        known.permissions.reading = true;
        known.permissions.spot_trading = true;
        known.permissions.ip_restricted = true;
        known.permissions.created = state.clock.core_now();
        known.allowed_addresses = {"127.0.0.1", "::1"};
        known.verifier = std::move(*verifier);
        state.keys.add(std::move(known));
        opened.push_back({request.label, *std::move(api_key), account, *std::move(key)});
    }
    return opened;
}

}  // namespace vigil::exchange
