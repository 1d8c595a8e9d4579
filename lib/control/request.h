// What an operator may ask of a running service: one JSON object a line, and its text form.
//
//   {"v": 1, "operator": "alice", "command": "status"}
//   {"v": 1, "operator": "alice", "command": "halt", "reason": "the market is mad"}
//   {"v": 1, "operator": "alice", "command": "kill", "reason": "...", "wait_ms": 10000}
//   {"v": 1, "operator": "alice", "command": "resume", "reason": "...", "level": "reduce"}
//
// What comes in is hostile: a member that is unknown, missing, of another type or too long is an error that
// names it, and nothing is done. The operator's name is what the other side says of itself; who it really is,
// is told by the kernel (server.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "base/error.h"
#include "base/time.h"

namespace vigil::control {

inline constexpr int protocol_version = 1;
inline constexpr std::size_t request_max = 4'096;  ///< bytes of a request, its line end included
inline constexpr std::size_t reason_max = 300;     ///< bytes of a reason
inline constexpr std::size_t name_max = 64;        ///< bytes of an operator's name
/// How long the answer to a kill may wait for the cancels.
inline constexpr base::milliseconds kill_wait{10'000};
inline constexpr base::milliseconds kill_wait_most{120'000};

struct Status {};
/// The ladder goes to HALT; what is open stays open.
struct Halt {
    std::string reason;
};
/// The ladder goes to HALT, and every own order is cancelled.
struct Kill {
    std::string reason;
    base::milliseconds wait{kill_wait};  ///< for the cancels, before it is told how far they came
};
/// The ladder comes down to `level`.
struct Resume {
    std::string reason;
    std::string level{"normal"};
};

struct Request {
    std::string operator_name;
    std::variant<Status, Halt, Kill, Resume> command;
};

/// "status", "halt", "kill", "resume".
[[nodiscard]] std::string_view name_of(const Request& request) noexcept;
/// @param line with or without its line end. Errors: invalid.
[[nodiscard]] base::Result<Request> parse_request(std::string_view line);
/// One line with its end.
[[nodiscard]] std::string to_line(const Request& request);

}  // namespace vigil::control
