#include "runtime/diagnose.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "binance/error_codes.h"
#include "governor/weights.h"
#include "log/async_logger.h"
#include "runtime/dry_run.h"
#include "runtime/start_steps.h"
#include "runtime/unlock.h"

namespace vigil::runtime {

namespace {

using base::ErrorKind;
using credentials::KeyType;

bool is_blank_or_quote(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '"' || c == '\'' ||
           static_cast<unsigned char>(c) >= 0x7f;
}

/// A private key as PEM, or as the base64 of its DER form (PKCS #8: of Ed25519 it always begins so).
bool looks_like_private_key(std::string_view secret) {
    constexpr std::string_view ed25519_begin = "MC4CAQAwBQYDK2Vw";
    constexpr std::size_t hmac_secret_size = 64;
    return secret.find("PRIVATE KEY") != std::string_view::npos || secret.starts_with(ed25519_begin) ||
           (secret.starts_with("MII") && secret.size() > hmac_secret_size);
}

SignatureDiagnosis undecided(const base::Error& error) {
    return {SignatureCause::undecided, error.message, "mend that first; vigilctl preflight tells more",
            error.kind};
}

SignatureDiagnosis clock_trouble(const std::string& what) {
    return {SignatureCause::clock, what,
            "look at this machine's clock and at the delay of its connection; widen exchange.recv_window (at "
            "most 60s) "
            "or clock.max_uncertainty",
            ErrorKind::unavailable};
}

using Answer = base::Result<binance::ProbeAnswer>;

/// Whether the exchange looked at the request itself, and not only at its sender, its time or its own load:
/// an answer of status 200, or an error of 4xx that is none of those (errors.md, "10xx - General Server or
/// Network issues": -1003, -1015, -1021, -1022; -2008, -2014 and -2015 are about the key).
bool is_about_the_request(const binance::ProbeAnswer& answer) {
    if (!answer.error) return answer.status == 200;
    const int code = answer.error->code;
    return answer.status >= 400 && answer.status < 500 && !binance::is_about_the_key(code) &&
           !binance::is_limit(code) && !binance::is_outcome_unknown(code) &&
           code != binance::error_codes::invalid_timestamp;
}

/// What the answer to a signed request says against it; nothing when the exchange looked at the request
/// itself.
std::optional<SignatureDiagnosis> judge(const Answer& answer, Session& session) {
    if (!answer)
        return answer.error().kind == ErrorKind::stale ? clock_trouble(answer.error().message)
                                                       : undecided(answer.error());
    if (is_about_the_request(*answer)) return std::nullopt;
    if (!answer->error) return undecided({ErrorKind::unavailable, "the exchange answered " + answer->str()});
    const int code = answer->error->code;
    if (code == binance::error_codes::invalid_timestamp)
        return clock_trouble("the exchange answered " + answer->str());
    const std::string label = session.key->label;
    if (code == binance::error_codes::invalid_signature) {
        if (session.key->type == KeyType::hmac_sha256)
            return SignatureDiagnosis{
                SignatureCause::wrong_secret,
                "the secret of " + label + " is not the one that belongs to its API key",
                "put the secret that the exchange showed with this API key into the vault; if the API key "
                "was made for "
                "a public key (Ed25519, RSA), the private key is wanted instead, with --type"};
        return SignatureDiagnosis{SignatureCause::wrong_secret,
                                  "the private key of " + label +
                                      " is not the one whose public key the exchange has for this API key",
                                  "compare vigilctl vault export-public with what was uploaded; an API key "
                                  "that came with a secret is of type "
                                  "hmac"};
    }
    if (binance::is_about_the_key(code))
        return SignatureDiagnosis{
            SignatureCause::unknown_key, "the exchange answered " + answer->str(),
            "the signature was not looked at: see at the exchange whether the API key exists, may read, and "
            "allows the "
            "address that this machine's requests come from (exchange.bind_address chooses among several)"};
    return undecided({ErrorKind::unavailable, "the exchange answered " + answer->str()});
}

/// @param vault is open already: nobody is asked twice for a passphrase
SignatureDiagnosis ask_exchange(Session& session, const credentials::Vault& vault) {
    auto key =
        take_key(vault, session.settings.credentials, session.settings.exchange.environment, *session.state);
    if (!key) return undecided(key.error().within("vault"));
    session.key = std::move(*key);
    for (const NamedStep& step : start_steps(session)) {
        if (step.name == "vault") continue;
        if (step.name == "permissions") break;  // from there on requests are signed
        if (auto done = step.take(); !done) return undecided(done.error().within(step.name));
    }
    binance::ProbeRequest plain;
    plain.path = "/api/v3/account";
    plain.is_signed = true;
    const Answer account = take_probe(session, governor::weights::account, plain);
    if (auto found = judge(account, session)) return *found;
    if (!account->is_good())
        return undecided({ErrorKind::rejected, "the exchange answered " + account->str()});
    // The same with what has to be encoded: a name that no symbol has, in digits beyond ASCII.
    binance::ProbeRequest encoded;
    encoded.path = "/api/v3/order";
    encoded.is_signed = true;
    encoded.parameters = {{"origClientOrderId", "vigil-signature"},
                          {"symbol", "\uff11\uff12\uff13\uff14\uff15\uff16"}};
    const Answer answer = take_probe(session, governor::weights::query_order, encoded);
    auto found = judge(answer, session);
    if (!found) {
        // Which of a request's faults is told first is not documented (errors.md), so that an answer about
        // the symbol alone proves nothing. The same request with a wrong signature does: when that is refused
        // for its signature, the one before was believed.
        encoded.spoilt = binance::Spoilt::signature;
        const Answer control = take_probe(session, governor::weights::query_order, encoded);
        if (!control) return undecided(control.error());
        if (!control->error || control->error->code != binance::error_codes::invalid_signature)
            return undecided(
                {ErrorKind::rejected,
                 "a plain request is accepted; of one with percent-encoded values the exchange said " +
                     answer->str() + ", and with a wrong signature " + control->str() +
                     ": whether it looked at the signature cannot be told"});
        return {
            SignatureCause::none, "the exchange accepts what key " + session.key->label + " signs", {}, {}};
    }
    if (found->cause == SignatureCause::wrong_secret)
        return {SignatureCause::encoding,
                "a plain request is accepted, one with percent-encoded values is not: its bytes were altered "
                "on the way",
                "take away what rewrites requests between here and the exchange (a proxy, an inspecting "
                "firewall)",
                ErrorKind::unavailable};
    return *found;
}

}  // namespace

std::string_view to_string(SignatureCause cause) noexcept {
    switch (cause) {
        case SignatureCause::none:
            return "signatures are accepted";
        case SignatureCause::retired:
            return "retired key";
        case SignatureCause::not_activated:
            return "key without an API key";
        case SignatureCause::environment:
            return "key of another environment";
        case SignatureCause::white_space:
            return "white space in the stored secret";
        case SignatureCause::key_type:
            return "wrong key type";
        case SignatureCause::wrong_secret:
            return "wrong secret for the key";
        case SignatureCause::unknown_key:
            return "key not accepted";
        case SignatureCause::clock:
            return "clock";
        case SignatureCause::encoding:
            return "encoding";
        case SignatureCause::undecided:
            return "not found out";
    }
    return "unknown";
}

std::optional<SignatureDiagnosis> examine_entry(const credentials::VaultEntry& entry,
                                                settings::Environment environment) {
    if (entry.is_retired())
        return SignatureDiagnosis{SignatureCause::retired,
                                  "key " + entry.label + " was retired on " + entry.retired,
                                  "set credentials.label to the key that took its place"};
    if (entry.api_key.empty())
        return SignatureDiagnosis{
            SignatureCause::not_activated,
            "the exchange's API key for " + entry.label + " has not been entered",
            "upload the public key (vigilctl vault export-public), then vigilctl vault activate"};
    if (entry.environment != settings::to_string(environment))
        return SignatureDiagnosis{SignatureCause::environment,
                                  "key " + entry.label + " is of " + entry.environment +
                                      ", exchange.environment is " +
                                      std::string{settings::to_string(environment)},
                                  "set credentials.label to a key of this environment"};
    if (entry.type != KeyType::hmac_sha256) return std::nullopt;
    if (entry.secret.use_text(looks_like_private_key))
        return SignatureDiagnosis{
            SignatureCause::key_type,
            "key " + entry.label + " is stored as hmac, but its secret is a private key",
            "remove it and add it again with --type ed25519 or rsa, as PEM"};
    const bool has_blanks = entry.secret.use_text(
        [](std::string_view text) { return std::any_of(text.begin(), text.end(), is_blank_or_quote); });
    if (has_blanks)
        return SignatureDiagnosis{
            SignatureCause::white_space,
            "the secret of " + entry.label + " contains blanks, line ends or quotation marks",
            "remove it and add it again: the secret alone, as the exchange shows it"};
    return std::nullopt;
}

SignatureDiagnosis diagnose_signature(settings::Settings settings, const PreflightOptions& options) {
    credentials::SecretInput terminal{STDIN_FILENO};
    const auto vault = open_vault(settings.credentials, &terminal);
    if (!vault) return undecided(vault.error().within("vault"));
    const auto entry = vault->find(settings.credentials.label);
    if (!entry) return undecided(entry.error());
    if (auto found = examine_entry(**entry, settings.exchange.environment)) return *found;
    Session session;
    if (auto ready = begin_rehearsal(session, std::move(settings), options); !ready)
        return undecided(ready.error());
    SignatureDiagnosis found = ask_exchange(session, *vault);
    end_rehearsal(session, "diagnosis");
    return found;
}

}  // namespace vigil::runtime
