// Secrets as an operator gives them: typed at a terminal without echo, or piped into standard input. Never
// from an argument or the environment, where other programs could see them.
//
// What comes goes byte by byte from the kernel into a Secret. While a terminal is asked, its echo is off, and
// the signals that would end the program wait: whatever ends the question, the terminal is as it was before
// them.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "credentials/secret.h"

namespace vigil::credentials {

/// Longer input is refused.
inline constexpr std::size_t secret_input_bytes_max = 8192;

/// For the thread that takes a program's signals (the main one); one object is used by one thread.
class SecretInput {
  public:
    /// @param input_fd standard input; a terminal is prompted on it
    /// @param patience how long a terminal is waited for, from the prompt to the last line
    explicit SecretInput(int input_fd, base::milliseconds patience = std::chrono::minutes{10});

    [[nodiscard]] bool is_terminal() const { return terminal_; }
    /// The last call was ended by Ctrl-C, or by a signal that ends a program. Such a signal stays pending
    /// when it was blocked before the call, and else is delivered at its end.
    [[nodiscard]] bool is_interrupted() const { return interrupted_; }

    /// One line, without its end. What follows stays unread. At a terminal `prompt` is shown and nothing is
    /// echoed. ErrorKind::not_found at the end of input, invalid when it is too long or was interrupted,
    /// timeout when nobody ended the line in time, unsupported in the background of a terminal.
    [[nodiscard]] base::Result<Secret> line(std::string_view prompt);

    /// All that is left, without white space at its end; at a terminal: lines up to one that begins with
    /// "-----END". Errors like line().
    [[nodiscard]] base::Result<Secret> block(std::string_view prompt);

  private:
    template <class Enough>
    [[nodiscard]] base::Result<bool> read_until(std::string_view prompt, Secret& into, std::size_t& size,
                                                Enough enough);

    int fd_;
    base::milliseconds patience_;
    bool terminal_;
    bool interrupted_{false};
};

}  // namespace vigil::credentials
