// Keeps what an exchange remembers in a StateFile (`--state FOLDER`), and takes it up at the start. What it
// promises: a change of an account is on disk within an interval, the market within ten; and writing, during
// which nobody is served, takes no more than a twentieth of the time, however large the state is: then both
// wait longer.
//
// Owned by ExchangeServer; loop thread only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "exchange/server_accounts.h"
#include "exchange/server_saved.h"
#include "exchange/server_state.h"
#include "exchange/state_file.h"
#include "net/event_loop.h"

namespace vigil::exchange {

class StateKeeper {
  public:
    /// @param interval of the machine's time: it is about what a kill may cost
    StateKeeper(net::EventLoop& loop, ServerState& state, base::nanoseconds interval)
        : loop_{loop}, state_{state}, interval_{interval} {}

    /// Reads the state, if there is one; it is taken up by restore(). unavailable when another exchange uses
    /// the folder, corrupt for a damaged file, unsupported for another version's.
    [[nodiscard]] base::Result<void> open(const std::filesystem::path& folder);
    /// The keys found, in the order of their accounts.
    [[nodiscard]] const std::vector<SavedKey>& keys() const;
    /// When what was found was written, on the core's clock.
    [[nodiscard]] std::optional<base::ExchangeTime> time_found() const;
    /// Once symbols, accounts and feeds are there.
    /// @returns the feeds that begin anew; the errors of ExchangeCore::restore
    [[nodiscard]] base::Result<std::vector<std::string>> restore();

    void account_changed() { account_changed_ = true; }
    /// Writes now, if there is a folder for it. Durable when it returns. Nothing before restore(): what was
    /// found stays as it is until then.
    [[nodiscard]] base::Result<void> save(const std::vector<OpenedAccount>& accounts);
    /// Writes if it is time.
    /// @returns what to tell the operator, once, when writing begins to fail
    [[nodiscard]] std::optional<std::string> save_in_time(const std::vector<OpenedAccount>& accounts);

  private:
    [[nodiscard]] bool is_due(base::MonotonicTime now) const;

    net::EventLoop& loop_;
    ServerState& state_;
    base::nanoseconds interval_;
    std::optional<StateFile> file_;
    std::optional<SavedExchange> found_;  ///< until it is taken up
    bool account_changed_{true};
    bool failing_{false};
    std::uint64_t bans_saved_{0};
    std::size_t bytes_last_{0};
    base::MonotonicTime next_;
    base::MonotonicTime next_of_market_;
};

}  // namespace vigil::exchange
