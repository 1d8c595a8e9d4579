// Where OpenSSL puts what it makes of a secret. By itself it keeps a loaded key, and the steps on the way to
// it, in ordinary memory, and leaves some of them behind there when it frees them. While a SecretScope lives,
// what OpenSSL takes on this thread comes from the secure arena instead: locked, left out of dumps, and wiped
// when it is freed, be it within the scope or long after. For this folder's .cpp files; without an arena a
// scope does nothing.
#pragma once

namespace vigil::credentials {

/// Scopes may nest. Not around what needs much memory (scrypt).
class SecretScope {
  public:
    SecretScope() noexcept;
    ~SecretScope();
    SecretScope(const SecretScope&) = delete;
    SecretScope& operator=(const SecretScope&) = delete;

    /// False when something made OpenSSL take memory before this program could have a say.
    [[nodiscard]] static bool is_in_force() noexcept;
};

}  // namespace vigil::credentials
