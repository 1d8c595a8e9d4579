// Another key while the service runs: what the configuration on disk says of the vault is opened anew, the
// key that it names is tried with a signed read, and only when it is fit and of the same account does
// everything new go out under it. Until then, and after any failure, the key before stays as it was.
//
// On the main thread. Private to the sources of lib/runtime.
#pragma once

#include <memory>
#include <string>

#include "binance/signing_key.h"
#include "runtime/session.h"

namespace vigil::runtime {

class KeyChange {
  public:
    explicit KeyChange(Session& session) : session_{session} {}

    /// Tells by events what became of it. Waits for the exchange's answers, asking the session's
    /// `interrupted` meanwhile.
    /// @return for the service manager's status: one sentence
    std::string take(const settings::CredentialSettings& credentials);
    /// Tells once nothing holds the key before any more: it can be retired.
    void look();

  private:
    std::string refuse(const std::string& why);
    base::Result<void> verify(const TradingKey& key, const settings::CredentialSettings& rules);

    Session& session_;
    std::weak_ptr<const binance::SigningKey> before_;
    std::string before_label_;  // empty: there is none
};

}  // namespace vigil::runtime
