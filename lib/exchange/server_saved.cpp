#include "exchange/server_saved.h"

#include "credentials/secret.h"
#include "exchange/state_fields.h"

namespace vigil::exchange {

SavedKey::~SavedKey() {
    credentials::wipe(private_key);
}

template <class Archive>
void describe(Archive& archive, SavedKey& key) {
    archive.field("label", key.label);
    archive.field("api_key", key.api_key);
    archive.field("type", key.type);
    archive.field("private_key", key.private_key);
    archive.field("public_key", key.public_key);
    archive.field("permissions", key.permissions);
    archive.field("allowed_addresses", key.allowed_addresses);
    archive.field("revoked", key.revoked);
}

template <class Archive>
void describe(Archive& archive, SavedWindow& window) {
    archive.field("index", window.index);
    archive.field("count", window.count);
}

template <class Archive>
void describe(Archive& archive, SavedAddress& address) {
    archive.field("address", address.address);
    archive.field("weight", address.weight);
    archive.field("sapi_weight", address.sapi_weight);
    archive.field("raw", address.raw);
    archive.field("connections", address.connections);
    archive.field("refusals", address.refusals);
    archive.field("banned_until", address.banned_until);
    archive.field("last_seen", address.last_seen);
    archive.field("offences", address.offences);
}

template <class Archive>
void describe(Archive& archive, SavedOrderCount& count) {
    archive.field("account", count.account);
    archive.field("ten_seconds", count.ten_seconds);
    archive.field("day", count.day);
}

template <class Archive>
void describe(Archive& archive, SavedLimits& limits) {
    archive.field("addresses", limits.addresses);
    archive.field("orders", limits.orders);
}

template <class Archive>
void describe(Archive& archive, SavedExchange& saved) {
    archive.field("core", saved.core);
    archive.field("limits", saved.limits);
    archive.field("keys", saved.keys);
}

namespace {

// A copy of the keys is in the tree; it goes with them.
void wipe_keys(nlohmann::json& root) {
    if (!root.is_object() || !root.contains("keys")) return;
    for (nlohmann::json& key : root["keys"]) {
        if (key.is_object() && key.contains("private_key") && key["private_key"].is_string())
            credentials::wipe(key["private_key"].get_ref<std::string&>());
    }
}

}  // namespace

std::string write_saved(const SavedExchange& saved, std::size_t bytes_expected) {
    // Room for all of it at once: a string that grows leaves copies of the keys behind.
    std::string text;
    text.reserve(bytes_expected + bytes_expected / 4 + saved.keys.size() * 8'192);
    StateWriter::write_object(text, saved);
    return text;
}

base::Result<SavedExchange> read_saved(std::string_view json) {
    nlohmann::json root = nlohmann::json::parse(json, nullptr, false);
    StateProblem problem;
    SavedExchange saved;
    StateReader::read_object(root, saved, problem);
    wipe_keys(root);
    if (problem.text) return base::fail(base::ErrorKind::corrupt, *problem.text);
    return saved;
}

}  // namespace vigil::exchange
