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

// As many as the exchange gives one account.
constexpr std::size_t keys_max = 30;

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
    std::vector<credentials::KeyType> types;
    bool good = parts.size() == 3 && is_label(parts[0]);
    if (good) {
        for (const std::string_view name : split(parts[1], '+')) {
            const auto type = credentials::key_type_from(name);
            good = good && type.has_value() && types.size() < keys_max;
            if (good) types.push_back(*type);
        }
    }
    if (!good || types.empty())
        return base::fail(ErrorKind::invalid,
                          "'" + std::string{text} +
                              "' is not LABEL:KEY-TYPE:ASSET=AMOUNT,... with a key type of hmac, ed25519 or "
                              "rsa, or up to " +
                              std::to_string(keys_max) + " of them with + between");
    AccountRequest request{std::string{parts[0]}, types.front(), {}, {types.begin() + 1, types.end()}};
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

void know_key(ServerState& state, AccountId account, const SavedKey& key,
              std::unique_ptr<credentials::Verifier> verifier) {
    ApiKey known;
    known.api_key = key.api_key;
    known.account = account;
    known.permissions = key.permissions;
    known.allowed_addresses = key.allowed_addresses;
    known.revoked = key.revoked;
    known.verifier = std::move(verifier);
    state.keys.add(std::move(known));
}

void open_account(ServerState& state, AccountOptions options, const SavedKey& key,
                  std::unique_ptr<credentials::Verifier> verifier, credentials::GeneratedKey secret,
                  std::vector<OpenedAccount>& opened) {
    const std::string label = options.label;
    const AccountId account = state.core->add_account(std::move(options));
    know_key(state, account, key, std::move(verifier));
    opened.push_back({label, key.api_key, account, std::move(secret), {}});
}

void add_key(ServerState& state, const SavedKey& key, std::unique_ptr<credentials::Verifier> verifier,
             credentials::GeneratedKey secret, OpenedAccount& account) {
    know_key(state, account.account, key, std::move(verifier));
    account.more_keys.push_back({key.api_key, std::move(secret)});
}

struct FreshKey {
    SavedKey saved;
    credentials::GeneratedKey secret;
    std::unique_ptr<credentials::Verifier> verifier;
};

/// May read and trade, from the loopback addresses.
base::Result<FreshKey> make_key(const ServerState& state, credentials::KeyType type) {
    auto api_key = credentials::random_alphanumeric();
    if (!api_key) return base::fail(api_key.error());
    auto key = credentials::generate_key(type);
    if (!key) return base::fail(key.error());
    auto verifier = verifier_of(*key);
    if (!verifier) return base::fail(verifier.error());
    FreshKey fresh{{}, *std::move(key), *std::move(verifier)};
    fresh.saved.api_key = *std::move(api_key);
    fresh.saved.permissions.reading = true;
    fresh.saved.permissions.spot_trading = true;
    fresh.saved.permissions.ip_restricted = true;
    fresh.saved.permissions.created = state.clock.core_now();
    fresh.saved.allowed_addresses = {"127.0.0.1", "::1"};
    return fresh;
}

}  // namespace

base::Result<std::vector<OpenedAccount>> open_accounts(ServerState& state, const AccountRequests& requests,
                                                       const std::vector<SavedKey>& saved) {
    std::vector<OpenedAccount> opened;
    std::set<std::string> kept;
    std::set<std::string_view> kept_keys;
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
        if (!known_type || !is_label(one.label) || !is_api_key_text(one.api_key) ||
            !kept_keys.insert(one.api_key).second)
            return damaged("its names are not possible");
        auto secret = credentials::Secret::copy_of(one.private_key);
        if (!secret) return base::fail(secret.error());
        credentials::GeneratedKey key{one.type, *std::move(secret), one.public_key};
        auto verifier = verifier_of(key);
        if (!verifier) return damaged(verifier.error().message);
        if (kept.insert(one.label).second) {
            open_account(state, options_of(one.label), one, *std::move(verifier), std::move(key), opened);
            continue;
        }
        const auto account = std::find_if(opened.begin(), opened.end(), [&one](const OpenedAccount& other) {
            return other.label == one.label;
        });
        add_key(state, one, *std::move(verifier), std::move(key), *account);
    }
    std::set<std::string_view> labels;
    for (const AccountRequest& request : requests.accounts) {
        if (!labels.insert(request.label).second)
            return base::fail(ErrorKind::invalid, "there are two accounts '" + request.label + "'");
        if (kept.contains(request.label)) continue;
        auto first = make_key(state, request.key_type);
        if (!first) return base::fail(first.error());
        AccountOptions options = options_of(request.label);
        options.balances = request.balances;
        open_account(state, std::move(options), first->saved, std::move(first->verifier),
                     std::move(first->secret), opened);
        for (const credentials::KeyType type : request.more_keys) {
            auto another = make_key(state, type);
            if (!another) return base::fail(another.error());
            add_key(state, another->saved, std::move(another->verifier), std::move(another->secret),
                    opened.back());
        }
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
    const auto save = [&](const OpenedAccount& account, const std::string& api_key,
                          const credentials::GeneratedKey& secret) -> base::Result<void> {
        const auto found = std::find_if(state.keys.keys().begin(), state.keys.keys().end(),
                                        [&api_key](const auto& key) { return key->api_key == api_key; });
        if (found == state.keys.keys().end())
            return base::fail(ErrorKind::not_found, "there is no key of the account " + account.label);
        SavedKey& key = saved.emplace_back();
        key.label = account.label;
        key.api_key = api_key;
        key.type = secret.type;
        secret.private_key.use_text([&key](std::string_view text) { key.private_key = text; });
        key.public_key = secret.public_key;
        key.permissions = (*found)->permissions;
        key.allowed_addresses = (*found)->allowed_addresses;
        key.revoked = (*found)->revoked;
        return {};
    };
    for (const OpenedAccount& account : accounts) {
        if (auto done = save(account, account.api_key, account.key); !done) return base::fail(done.error());
        for (const OpenedKey& one : account.more_keys)
            if (auto done = save(account, one.api_key, one.key); !done) return base::fail(done.error());
    }
    return saved;
}

}  // namespace vigil::exchange
