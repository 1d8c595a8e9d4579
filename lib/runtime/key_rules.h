// What makes a key fit for an unattended service: what it may do, for how long yet, and how old it is.
//
// Judged at start, by the preflight, and daily while the service runs (key_watch.h). Pure, but for tell().
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "domain/account.h"
#include "log/logger.h"
#include "settings/settings.h"

namespace vigil::runtime {

struct KeyVerdict {
    std::string refusal;                     ///< what is wrong, with what to change; empty: it may trade
    std::string granted;                     ///< what it may do, for people
    std::optional<std::int64_t> age_days;    ///< when it is time for another key
    std::optional<std::int64_t> valid_days;  ///< when its permission to trade ends soon
    bool is_of_main_account{false};          ///< as far as its permissions tell

    /// What is not wrong, but worth a word; empty: nothing.
    [[nodiscard]] std::string advice() const;
};

/// @param permissions null when the environment cannot be asked for them
/// @param created     the vault's date, YYYY-MM-DD; of this and the exchange's word the earlier one counts
[[nodiscard]] KeyVerdict judge_key(const domain::KeyPermissions* permissions, std::string_view created,
                                   const settings::CredentialSettings& rules, base::ExchangeTime now);

/// The events of a verdict: refused or granted (when `permissions` were there), age, expiry, main account.
void tell(const KeyVerdict& verdict, std::string_view label, log::Logger& logger);

}  // namespace vigil::runtime
