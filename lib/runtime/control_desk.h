// What the control socket can be asked for, carried out in a running session.
//
// The main thread owns it. Whatever concerns trading is posted to the trading loop with a deadline; the
// answer says so when that has passed, and that what was posted is carried out all the same. An answer to a
// command that moves the ladder comes after the journal has made it durable, or says that it could not.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "control/server.h"
#include "control/snapshot.h"

namespace vigil::runtime {

struct Session;

class ControlDesk {
  public:
    /// Opens the socket that the settings name: under systemd in RUNTIME_DIRECTORY, else in the state folder.
    /// The session's log is there already. Errors: those of control::Server::open, and not_found for a group.
    [[nodiscard]] static base::Result<std::unique_ptr<ControlDesk>> open(Session& session);

    /// One turn; see control::Server::serve.
    void serve(base::milliseconds patience, int also = -1) { server_->serve(patience, also); }

  private:
    explicit ControlDesk(Session& session);
    [[nodiscard]] control::Pending take(const control::Request& request, const control::Peer& peer);
    [[nodiscard]] control::Pending status() const;
    [[nodiscard]] control::Pending halt(const std::string& by, const std::string& reason);
    [[nodiscard]] control::Pending kill(const std::string& by, const control::Kill& command);
    [[nodiscard]] control::Pending resume(const std::string& by, const control::Resume& command);
    void tell_refused(const control::Peer& peer, std::string_view why);
    /// Whether there is a trading loop to ask.
    [[nodiscard]] bool has_loop() const;

    Session& session_;
    std::unique_ptr<control::Server> server_;
    std::optional<base::MonotonicTime> refusal_told_;
    std::int64_t refusals_{0};  // since the last that was told
};

/// All that `status` tells but for what the trading loop knows. On the main thread.
[[nodiscard]] control::Snapshot snapshot_of(const Session& session);

}  // namespace vigil::runtime
