// Judges the key again and again while the service runs (daily, credentials.check_interval): somebody may
// have changed it at the exchange, and it grows older. A key that is no longer fit ends placements, with one
// critical event that names what to change; cancels go on, and once the key is fit again, so do placements.
//
// On the trading thread, with the governor's leave; nothing waits for it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/error.h"
#include "domain/account.h"
#include "log/logger.h"
#include "net/event_loop.h"
#include "runtime/trading_loop.h"
#include "settings/settings.h"

namespace vigil::runtime {

class KeyWatch {
  public:
    struct Parts {
        net::EventLoop& loop;
        TradingLoop& trading;  ///< with its port; outlives this
        log::Logger& logger;
        bool needs_permissions;  ///< production: a key whose permissions cannot be asked for is not fit
    };
    explicit KeyWatch(Parts parts) : parts_{std::move(parts)}, timer_{parts_.loop} {}

    /// The key was judged and is fit: the next look is an interval from now. Again for another key.
    /// @param created the vault's date
    void start(std::string label, std::string created, settings::CredentialSettings rules);
    void stop() { timer_.cancel(); }

  private:
    void look();
    void on_answer(base::Result<domain::KeyPermissions> answer);
    void fit();
    void judge(const domain::KeyPermissions* permissions);
    void refuse(const std::string& why);

    Parts parts_;
    net::Timer timer_;
    std::string label_;
    std::string created_;
    settings::CredentialSettings rules_;
    std::uint64_t key_number_{0};  // an answer that was asked for another key is let go
    std::string refusal_;          // as it was told; empty while the key is fit
    bool told_silent_{false};      // that the exchange did not answer
};

}  // namespace vigil::runtime
