// The service's side of the control socket: a Unix stream socket on which each line is a request and each
// answer a line.
//
// It never waits: `serve` polls, takes what is there, and comes back. What takes time is a Pending that the
// handler hands over and that is asked at each turn. Everything that comes in is bounded: connections, bytes
// of a request, the time for a request to arrive and for an answer to be taken. Who is not allowed, sends too
// much or nothing at all, gets an error and is closed.
//
// Who may speak: root, this process's own user, and the members of a group if one is given (the file's mode
// says the same, and SO_PEERCRED and SO_PEERGROUPS are asked besides).
//
// Owned by the main thread, which makes every call; callbacks run in it.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "control/request.h"

namespace vigil::control {

/// Who is at the other end, by the kernel's word. Inside a user namespace an unmapped user reads as the
/// overflow user (65534).
struct Peer {
    uid_t user{0};
    pid_t process{0};
};

/// Gives the line of the answer, with its end, once it has it. Asked several times a second; it must not
/// block and must come to an end by itself.
using Pending = std::function<std::optional<std::string>()>;

struct ServerOptions {
    std::filesystem::path path;  ///< of the socket
    std::optional<gid_t> group;  ///< whose members may speak too; the file's mode is 0660 then, else 0600
    std::size_t connections_max{8};
    base::milliseconds request_patience{2'000};  ///< for a whole line to arrive, and for the next one
    base::milliseconds answer_patience{2'000};   ///< for the other side to take its answer
};

class Server {
  public:
    struct Callbacks {
        std::function<Pending(const Request&, const Peer&)> request;
        /// Somebody was turned away, or sent what is no request.
        std::function<void(const Peer&, std::string_view why)> refused;
    };

    /// Makes the socket. One that an earlier process has left is replaced; one on which somebody listens, or
    /// a file of another kind, is left alone. Errors: exhausted (somebody listens), invalid, denied, io.
    [[nodiscard]] static base::Result<std::unique_ptr<Server>> open(ServerOptions options,
                                                                    const base::Clock& clock,
                                                                    Callbacks callbacks);
    /// Takes the socket away.
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// One turn: waits at most `patience` for something to happen, here or on `also` (a descriptor that
    /// becomes readable), and does what can be done at once.
    void serve(base::milliseconds patience, int also = -1);

    [[nodiscard]] std::size_t connections() const { return connections_.size(); }
    [[nodiscard]] const std::filesystem::path& path() const { return options_.path; }

  private:
    struct Connection {
        base::UniqueFd fd;
        Peer peer;
        std::string in;
        std::string out;
        Pending pending;
        base::MonotonicTime deadline;  ///< of the request, or of the answer once there is one
        bool is_last{false};           ///< closed when `out` has gone
        bool is_gone{false};
    };
    Server(ServerOptions options, const base::Clock& clock, Callbacks callbacks, base::UniqueFd listener);

    void take_connections();
    [[nodiscard]] bool is_allowed(int fd, Peer& peer) const;
    void read(Connection& one);
    void take_line(Connection& one);
    void write(Connection& one);
    void refuse(Connection& one, base::ErrorKind kind, const std::string& why);
    void answer(Connection& one, std::string line);
    /// What can be done without waiting.
    void advance(Connection& one);

    ServerOptions options_;
    const base::Clock& clock_;
    Callbacks callbacks_;
    base::UniqueFd listener_;
    base::MonotonicTime accept_again_{};  // not before: the process is out of descriptors
    std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace vigil::control
