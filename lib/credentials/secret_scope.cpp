#include "credentials/secret_scope.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace vigil::credentials {

namespace {

thread_local int depth = 0;
bool in_force = false;

// No file and line of ours for CRYPTO_secure_*: they are for OpenSSL's own leak check, which is not built in.
constexpr const char* nowhere = "";

void* take(std::size_t size, const char* /*file*/, int /*line*/) {
    if (depth > 0 && CRYPTO_secure_malloc_initialized() == 1) return CRYPTO_secure_malloc(size, nowhere, 0);
    return std::malloc(size);
}

void give_back(void* memory, const char* /*file*/, int /*line*/) {
    if (memory != nullptr && CRYPTO_secure_allocated(memory) == 1)
        CRYPTO_secure_clear_free(memory, 0, nowhere, 0);  // wipes the whole piece, whatever size is said
    else
        std::free(memory);
}

void* resize(void* memory, std::size_t size, const char* file, int line) {
    if (memory == nullptr) return take(size, file, line);
    // A guarded piece stays guarded, whoever resizes it; one that began outside stays outside.
    if (CRYPTO_secure_allocated(memory) != 1) return std::realloc(memory, size);
    void* const other = CRYPTO_secure_malloc(size, nowhere, 0);
    if (other == nullptr) return nullptr;
    std::memcpy(other, memory, std::min(size, CRYPTO_secure_actual_size(memory)));
    CRYPTO_secure_clear_free(memory, 0, nowhere, 0);
    return other;
}

void install() {
    in_force = CRYPTO_set_mem_functions(take, resize, give_back) == 1;
}

// OpenSSL takes these functions only before its first allocation, and initialisers of shared libraries make
// it allocate before main. This runs before all of them (ELF gABI, "Initialization and Termination
// Functions").
[[gnu::used, gnu::section(".preinit_array")]] void (*const install_early)() = install;

}  // namespace

SecretScope::SecretScope() noexcept {
    ++depth;
}

SecretScope::~SecretScope() {
    --depth;
}

bool SecretScope::is_in_force() noexcept {
    return in_force;
}

}  // namespace vigil::credentials
