#include "runtime/key_change.h"

#include <optional>
#include <utility>

#include "binance/rest_answers.h"
#include "governor/weights.h"
#include "runtime/dry_run.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using log::Event;
using log::field;

/// A signed read under a key that is not in use yet.
base::Result<std::string> read_with(Session& session, const TradingKey& key, governor::Cost cost,
                                    std::string path) {
    binance::ProbeRequest request;
    request.path = std::move(path);
    request.is_signed = true;
    auto answer = take_probe(session, cost, request, key.signing);
    if (!answer) return base::fail(std::move(answer.error()));
    if (!answer->is_good()) return base::fail(as_error(*answer, request.path));
    return std::move(answer->body);
}

}  // namespace

std::string KeyChange::take(const settings::CredentialSettings& credentials) {
    auto key = unlock(credentials, session_.settings.exchange.environment, *session_.state, nullptr);
    if (!key) return refuse(key.error().within("vault " + credentials.vault.string()).message);
    if (key->signing->api_key == session_.key->signing->api_key) return "key unchanged";
    if (!before_label_.empty())
        return refuse("the change before is not done: key " + before_label_ + " still has answers to come");
    if (auto good = verify(*key, credentials); !good)
        return refuse("key " + key->label + ": " + good.error().message);
    auto changed = on_loop(
        session_.loop, loop_patience,
        [this, signing = key->signing, label = key->label, created = key->created, credentials]() mutable {
            session_.gateway->change_key(std::move(signing));
            session_.key_watch->start(std::move(label), std::move(created), credentials);
            return true;
        });
    // A loop that does not come round in time will do it all the same, since it has been asked.
    if (!changed && changed.error().kind != ErrorKind::timeout) return refuse(changed.error().message);
    before_ = session_.key->signing;
    before_label_ = session_.key->label;
    session_.key = std::move(*key);
    session_.logger->emit(Event::credentials_key_changed,
                          {field("label", session_.key->label), field("before", before_label_),
                           field("algorithm", credentials::to_string(session_.key->type))});
    return "signs with key " + session_.key->label;
}

void KeyChange::look() {
    if (before_label_.empty() || !before_.expired()) return;
    session_.logger->emit(Event::credentials_key_released, {field("label", before_label_)});
    before_label_.clear();
}

std::string KeyChange::refuse(const std::string& why) {
    session_.logger->emit(Event::credentials_key_change_refused,
                          {field("label", session_.key->label), field("reason", why)});
    return "key not changed: " + why;
}

base::Result<void> KeyChange::verify(const TradingKey& key, const settings::CredentialSettings& rules) {
    auto body = read_with(session_, key, governor::weights::account, "/api/v3/account");
    if (!body) return base::fail(std::move(body.error()));
    const auto account = binance::parse_account(*body);
    if (!account) return base::fail(account.error());
    if (account->uid != session_.account_uid)
        return base::fail(ErrorKind::denied,
                          "belongs to another account, whose orders are not those of this service");
    if (!account->can_trade)
        return base::fail(ErrorKind::denied, "the exchange says that this account may not trade");
    auto now = on_loop(session_.loop, loop_patience, [this] { return session_.trading->now().exchange; });
    if (!now) return base::fail(std::move(now.error()));
    std::optional<domain::KeyPermissions> permissions;
    if (session_.has_sapi()) {
        auto answer =
            read_with(session_, key, governor::weights::key_permissions, "/sapi/v1/account/apiRestrictions");
        if (!answer) return base::fail(std::move(answer.error()));
        auto parsed = binance::parse_key_permissions(*answer);
        if (!parsed) return base::fail(std::move(parsed.error()));
        permissions = *parsed;
    }
    KeyVerdict verdict = judge_key(permissions ? &*permissions : nullptr, key.created, rules, *now);
    if (!verdict.refusal.empty())
        return base::fail(ErrorKind::denied, "is not fit for an unattended service: " + verdict.refusal);
    tell(verdict, key.label, *session_.logger);
    return {};
}

}  // namespace vigil::runtime
