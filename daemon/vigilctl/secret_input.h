// Secrets as an operator gives them: typed at a terminal without echo, or piped into standard input. Never
// from an argument or the environment, where other programs could see them.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "credentials/secret.h"

namespace vigil::vigilctl {

/// Longer input is refused.
inline constexpr std::size_t secret_input_bytes_max = 8192;

class SecretInput {
  public:
    /// @param input_fd standard input; a terminal is prompted on it
    explicit SecretInput(int input_fd);

    [[nodiscard]] bool is_terminal() const { return terminal_; }

    /// One line, without its end. What follows stays unread. At a terminal `prompt` is shown and nothing is
    /// echoed. ErrorKind::not_found at the end of input, invalid when it is too long or Ctrl-C was typed.
    [[nodiscard]] base::Result<credentials::Secret> line(std::string_view prompt);

    /// All that is left, without white space at its end; at a terminal: lines up to one that begins with
    /// "-----END".
    [[nodiscard]] base::Result<credentials::Secret> block(std::string_view prompt);

  private:
    int fd_;
    bool terminal_;
};

}  // namespace vigil::vigilctl
