// Memory for secrets: key material, passphrases, decrypted vault bytes.
//
// A Secret owns bytes in OpenSSL's secure heap: locked into RAM, left out of core dumps, between guard pages,
// wiped when it goes. What OpenSSL itself makes of a key lives there too (secret_scope.h). It can be moved
// but not copied, and there is on purpose no way to format or stream it: a log call with a Secret does not
// compile. The bytes are reached through `use`, for as long as a callback runs.
//
// `SecureArena` makes the heap; main makes one before its first Secret. Without one (a small tool, a test) a
// Secret still is wiped and unprintable, but its memory is not locked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace vigil::credentials {

/// Proof that the secure heap exists. One a process, made by main before other threads start; the heap lives
/// until the process ends, so Secrets may outlive this object.
class SecureArena {
  public:
    static constexpr std::size_t default_size_bytes = std::size_t{2} * 1024 * 1024;

    /// @param size_bytes a power of two, at least 64 KiB
    /// @return ErrorKind::exhausted when the memory cannot be mapped; unsupported when OpenSSL's own copies
    /// of keys cannot be kept in it. That it could not be locked (RLIMIT_MEMLOCK) is not
    ///         an error: ask locked() and tell the operator.
    [[nodiscard]] static base::Result<SecureArena> make(std::size_t size_bytes = default_size_bytes);

    /// False when the kernel refused to lock the pages: secrets could then reach the swap device.
    [[nodiscard]] bool locked() const { return locked_; }

  private:
    explicit SecureArena(bool locked) : locked_{locked} {}
    bool locked_;
};

/// Bytes that are wiped. Any thread; one object is used by one thread at a time.
class Secret {
  public:
    /// Empty.
    Secret() noexcept = default;
    Secret(Secret&& other) noexcept
        : bytes_{std::exchange(other.bytes_, nullptr)}, size_{std::exchange(other.size_, 0)} {}
    Secret& operator=(Secret&& other) noexcept;
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    ~Secret() { wipe(); }

    /// `size` zero bytes. ErrorKind::exhausted when the arena is full.
    [[nodiscard]] static base::Result<Secret> zeros(std::size_t size);
    /// `size` bytes from the operating system's random generator.
    [[nodiscard]] static base::Result<Secret> random(std::size_t size);
    [[nodiscard]] static base::Result<Secret> copy_of(std::string_view bytes);
    [[nodiscard]] static base::Result<Secret> copy_of(std::span<const std::uint8_t> bytes);
    /// A copy; `source` is wiped and emptied whether or not the copy succeeds.
    [[nodiscard]] static base::Result<Secret> take(std::string& source);

    /// Runs `callback(std::span<const std::uint8_t>)`; what it is given must not be kept.
    template <class Callback>
    decltype(auto) use(Callback&& callback) const {
        return std::invoke(std::forward<Callback>(callback), std::span<const std::uint8_t>{bytes_, size_});
    }
    /// Runs `callback(std::string_view)`; what it is given must not be kept.
    template <class Callback>
    decltype(auto) use_text(Callback&& callback) const {
        return std::invoke(std::forward<Callback>(callback), text());
    }
    /// Runs `callback(std::span<std::uint8_t>)` to write the bytes.
    template <class Callback>
    decltype(auto) fill(Callback&& callback) {
        return std::invoke(std::forward<Callback>(callback), std::span<std::uint8_t>{bytes_, size_});
    }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    /// Equal bytes, in a time that depends on the sizes only.
    [[nodiscard]] bool same_as(const Secret& other) const;
    /// Drops the bytes after `size`, wiping them; nothing when it is not shorter.
    void truncate(std::size_t size);

  private:
    Secret(std::uint8_t* bytes, std::size_t size) : bytes_{bytes}, size_{size} {}
    [[nodiscard]] std::string_view text() const;
    void wipe() noexcept;

    std::uint8_t* bytes_{nullptr};
    std::size_t size_{0};
};

/// Wipes a string that held something secret on its way into a Secret, and empties it.
void wipe(std::string& text) noexcept;

}  // namespace vigil::credentials
