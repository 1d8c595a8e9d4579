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

namespace {

void open_account(ServerState& state, AccountOptions options, SavedKey key,
                  std::unique_ptr<credentials::Verifier> verifier, credentials::GeneratedKey secret,
                  std::vector<OpenedAccount>& opened) {
    const std::string label = options.label;
    const AccountId account = state.core->add_account(std::move(options));
    ApiKey known;
    known.api_key = key.api_key;
    known.account = account;
    known.permissions = key.permissions;
    known.allowed_addresses = key.allowed_addresses;
    known.revoked = key.revoked;
    known.verifier = std::move(verifier);
    state.keys.add(std::move(known));
    opened.push_back({label, key.api_key, account, std::move(secret)});
}

}  // namespace

base::Result<std::vector<OpenedAccount>> open_accounts(ServerState& state, const AccountRequests& requests,
                                                       const std::vector<SavedKey>& saved) {
    std::vector<OpenedAccount> opened;
    std::set<std::string> kept;
    const auto options_of = [&requests](const std::string& label) {
        AccountOptions options;
        options.label = label;
        options.commission = requests.commission;
        for (const AccountSetting& setting : requests.settings)
            if (setting.is_for(label)) apply_setting(setting, options);
        return options;
    };
    for (const SavedKey& one : saved) {
        const auto damaged = [&one](const std::string& why) {
            return base::fail(ErrorKind::corrupt, "the key of the account " + one.label + ": " + why);
        };
        const bool known_type = one.type == credentials::KeyType::hmac_sha256 ||
                                one.type == credentials::KeyType::ed25519 ||
                                one.type == credentials::KeyType::rsa;
        if (!known_type || !is_label(one.label) || !kept.insert(one.label).second ||
            !is_api_key_text(one.api_key))
            return damaged("its names are not possible");
        auto secret = credentials::Secret::copy_of(one.private_key);
        if (!secret) return base::fail(secret.error());
        credentials::GeneratedKey key{one.type, *std::move(secret), one.public_key};
        auto verifier = verifier_of(key);
        if (!verifier) return damaged(verifier.error().message);
        SavedKey copy;
        copy.api_key = one.api_key;
        copy.permissions = one.permissions;
        copy.allowed_addresses = one.allowed_addresses;
        copy.revoked = one.revoked;
        open_account(state, options_of(one.label), std::move(copy), *std::move(verifier), std::move(key),
                     opened);
    }
    std::set<std::string_view> labels;
    for (const AccountRequest& request : requests.accounts) {
        if (!labels.insert(request.label).second)
            return base::fail(ErrorKind::invalid, "there are two accounts '" + request.label + "'");
        if (kept.contains(request.label)) continue;
        auto api_key = credentials::random_alphanumeric();
        if (!api_key) return base::fail(api_key.error());
        auto key = credentials::generate_key(request.key_type);
        if (!key) return base::fail(key.error());
        auto verifier = verifier_of(*key);
        if (!verifier) return base::fail(verifier.error());
        AccountOptions options = options_of(request.label);
        options.balances = request.balances;
        SavedKey fresh;
        fresh.api_key = *std::move(api_key);
        fresh.permissions.reading = true;
        fresh.permissions.spot_trading = true;
        fresh.permissions.ip_restricted = true;
        fresh.permissions.created = state.clock.core_now();
        fresh.allowed_addresses = {"127.0.0.1", "::1"};
        open_account(state, std::move(options), std::move(fresh), *std::move(verifier), *std::move(key),
                     opened);
    }
    for (const AccountSetting& setting : requests.settings) {
        if (std::none_of(opened.begin(), opened.end(),
                         [&setting](const OpenedAccount& one) { return setting.is_for(one.label); }))
            return base::fail(ErrorKind::invalid,
                              "there is no account '" + setting.label + "' to set anything of");
    }
    return opened;
}

base::Result<std::vector<SavedKey>> save_keys(const ServerState& state,
                                              const std::vector<OpenedAccount>& accounts) {
    std::vector<SavedKey> saved;
    for (const OpenedAccount& account : accounts) {
        const auto found =
            std::find_if(state.keys.keys().begin(), state.keys.keys().end(),
                         [&account](const auto& key) { return key->api_key == account.api_key; });
        if (found == state.keys.keys().end())
            return base::fail(ErrorKind::not_found, "there is no key of the account " + account.label);
        SavedKey& key = saved.emplace_back();
        key.label = account.label;
        key.api_key = account.api_key;
        key.type = account.key.type;
        account.key.private_key.use_text([&key](std::string_view text) { key.private_key = text; });
        key.public_key = account.key.public_key;
        key.permissions = (*found)->permissions;
        key.allowed_addresses = (*found)->allowed_addresses;
        key.revoked = (*found)->revoked;
    }
    return saved;
}

}  // namespace vigil::exchange
