#include "credentials/secret.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <limits>

#include "base/check.h"
#include "credentials/secret_scope.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

base::Result<SecureArena> SecureArena::make(std::size_t size_bytes) {
    base::check(size_bytes >= std::size_t{64} * 1024 && (size_bytes & (size_bytes - 1)) == 0,
                "the secure arena's size is a power of two, at least 64 KiB");
    base::check(CRYPTO_secure_malloc_initialized() == 0, "the secure arena is made once");
    if (!SecretScope::is_in_force())
        return fail(ErrorKind::unsupported, "OpenSSL was in use before its memory could be guarded");
    constexpr std::size_t smallest_piece_bytes = 32;
    const int made = CRYPTO_secure_malloc_init(size_bytes, smallest_piece_bytes);
    if (made == 0) return fail(ErrorKind::exhausted, "cannot map memory for secrets");
    return SecureArena{made == 1};
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        wipe();
        bytes_ = std::exchange(other.bytes_, nullptr);
        size_ = std::exchange(other.size_, 0);
    }
    return *this;
}

base::Result<Secret> Secret::zeros(std::size_t size) {
    if (size == 0) return Secret{};
    auto* bytes = static_cast<std::uint8_t*>(OPENSSL_secure_zalloc(size));
    if (bytes == nullptr) return fail(ErrorKind::exhausted, "no room left in the memory for secrets");
    return Secret{bytes, size};
}

base::Result<Secret> Secret::random(std::size_t size) {
    auto secret = zeros(size);
    if (!secret) return secret;
    base::check(size <= static_cast<std::size_t>(std::numeric_limits<int>::max()), "a secret is small");
    if (size > 0 && RAND_priv_bytes(secret->bytes_, static_cast<int>(size)) != 1)
        return fail(ErrorKind::io, "the random generator gave nothing");
    return secret;
}

base::Result<Secret> Secret::copy_of(std::span<const std::uint8_t> bytes) {
    auto secret = zeros(bytes.size());
    if (!secret) return secret;
    std::copy(bytes.begin(), bytes.end(), secret->bytes_);
    return secret;
}

base::Result<Secret> Secret::copy_of(std::string_view bytes) {
    return copy_of(std::span{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

base::Result<Secret> Secret::take(std::string& source) {
    auto secret = copy_of(std::string_view{source});
    credentials::wipe(source);
    return secret;
}

bool Secret::same_as(const Secret& other) const {
    return size_ == other.size_ && (size_ == 0 || CRYPTO_memcmp(bytes_, other.bytes_, size_) == 0);
}

void Secret::truncate(std::size_t size) {
    if (size >= size_) return;
    if (size == 0) return wipe();
    OPENSSL_cleanse(bytes_ + size, size_ - size);
    size_ = size;
}

std::string_view Secret::text() const {
    return {reinterpret_cast<const char*>(bytes_), size_};
}

void Secret::wipe() noexcept {
    if (bytes_ != nullptr) OPENSSL_secure_clear_free(bytes_, size_);
    bytes_ = nullptr;
    size_ = 0;
}

void wipe(std::string& text) noexcept {
    // The whole capacity: a longer text may have stood there before.
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

}  // namespace vigil::credentials
