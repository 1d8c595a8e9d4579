#include "credentials/vault_format.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "credentials/hmac.h"
#include "credentials/openssl_handles.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;
using base::Result;

namespace {

using View = std::span<const std::uint8_t>;

// Offsets in the header, docs/vault.md.
constexpr std::string_view magic = "VIGVAULT";
constexpr std::uint16_t format_version = 1;
constexpr std::size_t at_version = 8;
constexpr std::size_t at_header_size = 10;
constexpr std::size_t at_payload_size = 12;
constexpr std::size_t at_id = 16;
constexpr std::size_t at_generation = 32;
constexpr std::size_t at_machine_slot = 40;
constexpr std::size_t at_passphrase_slot = at_machine_slot + vault_slot_bytes;
constexpr std::size_t at_nonce = at_passphrase_slot + vault_slot_bytes;
constexpr std::size_t at_reserved = at_nonce + 12;
constexpr std::size_t at_mac = at_reserved + 4;
static_assert(at_mac + 32 == vault_header_bytes);

// Offsets in a slot.
constexpr std::size_t slot_at_kind = 0;
constexpr std::size_t slot_at_log2_n = 1;
constexpr std::size_t slot_at_r = 2;
constexpr std::size_t slot_at_p = 4;
constexpr std::size_t slot_at_salt = 8;
constexpr std::size_t slot_at_nonce = 40;
constexpr std::size_t slot_at_wrapped = 52;
constexpr std::size_t slot_at_tag = 84;
constexpr std::size_t salt_bytes = 32;
constexpr std::size_t nonce_bytes = 12;
constexpr std::size_t key_bytes = 32;
constexpr std::size_t slot_authenticated_bytes = slot_at_nonce;  // kind, parameters, salt

enum class SlotKind : std::uint8_t { empty = 0, machine = 1, passphrase = 2 };

template <class Integer>
void put(std::span<std::uint8_t> bytes, std::size_t at, Integer value) {
    for (std::size_t i = 0; i < sizeof value; ++i)
        bytes[at + i] = static_cast<std::uint8_t>(value >> (8U * (sizeof value - 1 - i)));
}

template <class Integer>
Integer get(View bytes, std::size_t at) {
    Integer value = 0;
    for (std::size_t i = 0; i < sizeof value; ++i) value = static_cast<Integer>(value << 8U | bytes[at + i]);
    return value;
}

void append(Bytes& out, std::string_view text) {
    out.insert(out.end(), text.begin(), text.end());
}
void append(Bytes& out, View bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

bool draw(std::span<std::uint8_t> bytes) {
    return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

OSSL_PARAM octets(const char* name, View bytes) {
    // The library reads these parameters only; its type for them has no const.
    return OSSL_PARAM_construct_octet_string(name, const_cast<std::uint8_t*>(bytes.data()), bytes.size());
}

Result<Secret> derive(const char* kdf_name, const OSSL_PARAM* parameters) {
    const KdfPtr kdf{EVP_KDF_fetch(nullptr, kdf_name, nullptr)};
    const KdfContextPtr context{kdf ? EVP_KDF_CTX_new(kdf.get()) : nullptr};
    if (!context) return fail(openssl_error(ErrorKind::unsupported, "key derivation"));
    auto key = Secret::zeros(key_bytes);
    if (!key) return key;
    const int done = key->fill([&](std::span<std::uint8_t> out) {
        return EVP_KDF_derive(context.get(), out.data(), out.size(), parameters);
    });
    if (done != 1) return fail(openssl_error(ErrorKind::exhausted, "key derivation"));
    return key;
}

Result<Secret> hkdf(const Secret& from, View salt, View info) {
    std::string digest = "SHA256";
    return from.use([&](View key) {
        const std::array<OSSL_PARAM, 5> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest.data(), 0),
            octets(OSSL_KDF_PARAM_KEY, key), octets(OSSL_KDF_PARAM_SALT, salt),
            octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
        return derive(OSSL_KDF_NAME_HKDF, parameters.data());
    });
}

Result<Secret> scrypt(const Passphrase& passphrase, View salt, ScryptCost cost) {
    std::uint64_t n = std::uint64_t{1} << cost.log2_n;
    std::uint32_t r = cost.r;
    std::uint32_t p = cost.p;
    // 128 N r bytes for the table, 128 r p for the blocks, and some room: without it OpenSSL stops at 32 MiB.
    std::uint64_t memory_max = 128 * n * r + std::uint64_t{128} * r * p + (std::uint64_t{1} << 20U);
    return passphrase.text.use([&](View password) {
        const std::array<OSSL_PARAM, 7> parameters{
            octets(OSSL_KDF_PARAM_PASSWORD, password),
            octets(OSSL_KDF_PARAM_SALT, salt),
            OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
            OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
            OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
            OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory_max),
            OSSL_PARAM_construct_end()};
        return derive("SCRYPT", parameters.data());
    });
}

/// AES-256-GCM; `out` has the size of `in`.
bool encrypt(const Secret& key, View nonce, View associated, View in, std::span<std::uint8_t> out,
             std::span<std::uint8_t> tag) {
    const CipherContextPtr context{EVP_CIPHER_CTX_new()};
    int size = 0;
    return context && key.use([&](View bytes) {
        return EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes.data(), nonce.data());
    }) == 1 &&
           EVP_EncryptUpdate(context.get(), nullptr, &size, associated.data(),
                             static_cast<int>(associated.size())) == 1 &&
           EVP_EncryptUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) == 1 &&
           EVP_EncryptFinal_ex(context.get(), out.data() + size, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                               tag.data()) == 1;
}

/// False when key, nonce, associated bytes, text and tag do not belong together; `out` is to be thrown away
/// then.
bool decrypt(const Secret& key, View nonce, View associated, View in, std::span<std::uint8_t> out, View tag) {
    const CipherContextPtr context{EVP_CIPHER_CTX_new()};
    int size = 0;
    const bool good =
        context && key.use([&](View bytes) {
            return EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes.data(), nonce.data());
        }) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &size, associated.data(),
                          static_cast<int>(associated.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), out.data(), &size, in.data(), static_cast<int>(in.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()),
                            const_cast<std::uint8_t*>(tag.data())) == 1 &&
        EVP_DecryptFinal_ex(context.get(), out.data() + size, &size) == 1;
    ERR_clear_error();
    return good;
}

Bytes labelled(std::string_view label, const VaultId& id) {
    Bytes bytes;
    append(bytes, label);
    append(bytes, id);
    return bytes;
}

/// What binds a wrapped data key to its vault, its slot and the parameters of its derivation.
Bytes slot_associated(const VaultId& id, View slot) {
    Bytes bytes = labelled("vigil vault slot", id);
    append(bytes, slot.first(slot_authenticated_bytes));
    return bytes;
}

Result<VaultSlot> wrap(const VaultId& id, const Secret& data_key, VaultSlot slot,
                       const Secret& wrapping_key) {
    const std::span<std::uint8_t> bytes{slot};
    if (!draw(bytes.subspan(slot_at_nonce, nonce_bytes)))
        return fail(openssl_error(ErrorKind::io, "the random generator gave nothing"));
    const bool done = data_key.use([&](View key) {
        return encrypt(wrapping_key, bytes.subspan(slot_at_nonce, nonce_bytes), slot_associated(id, slot),
                       key, bytes.subspan(slot_at_wrapped, key_bytes),
                       bytes.subspan(slot_at_tag, vault_tag_bytes));
    });
    if (!done) return fail(openssl_error(ErrorKind::unsupported, "AES-256-GCM"));
    return slot;
}

Result<Secret> unwrap(const VaultId& id, View slot, const Secret& wrapping_key, std::string_view what) {
    auto data_key = Secret::zeros(key_bytes);
    if (!data_key) return data_key;
    const bool good = data_key->fill([&](std::span<std::uint8_t> out) {
        return decrypt(wrapping_key, slot.subspan(slot_at_nonce, nonce_bytes), slot_associated(id, slot),
                       slot.subspan(slot_at_wrapped, key_bytes), out,
                       slot.subspan(slot_at_tag, vault_tag_bytes));
    });
    if (!good) return fail(ErrorKind::denied, std::string{what} + " does not open this vault");
    return data_key;
}

Result<Secret> machine_wrapping_key(const VaultId& id, View slot, const MachineKey& key) {
    return hkdf(key.bytes, slot.subspan(slot_at_salt, salt_bytes), labelled("vigil vault machine slot", id));
}

Result<Secret> data_key_from(const VaultHeader& header, const MachineKey& key) {
    const View slot{header.machine_slot};
    if (slot[slot_at_kind] == static_cast<std::uint8_t>(SlotKind::empty))
        return fail(ErrorKind::denied,
                    "this vault does not open with a machine key, only with its passphrase");
    if (slot[slot_at_kind] != static_cast<std::uint8_t>(SlotKind::machine))
        return fail(ErrorKind::corrupt, "the machine key's slot is of an unknown kind");
    if (key.bytes.size() != MachineKey::size_bytes)
        return fail(ErrorKind::invalid,
                    "a machine key has 32 bytes, not " + std::to_string(key.bytes.size()));
    const auto wrapping_key = machine_wrapping_key(header.id, slot, key);
    if (!wrapping_key) return fail(wrapping_key.error());
    return unwrap(header.id, slot, *wrapping_key, "the machine key");
}

Result<Secret> data_key_from(const VaultHeader& header, const Passphrase& passphrase) {
    const View slot{header.passphrase_slot};
    if (slot[slot_at_kind] == static_cast<std::uint8_t>(SlotKind::empty))
        return fail(ErrorKind::denied,
                    "this vault does not open with a passphrase, only with its machine key");
    if (slot[slot_at_kind] != static_cast<std::uint8_t>(SlotKind::passphrase))
        return fail(ErrorKind::corrupt, "the passphrase's slot is of an unknown kind");
    // Before any derivation: a forged slot must not make us take gigabytes or hours.
    const ScryptCost cost{slot[slot_at_log2_n], get<std::uint16_t>(slot, slot_at_r),
                          get<std::uint16_t>(slot, slot_at_p)};
    if (!cost.in_bounds())
        return fail(ErrorKind::corrupt, "the passphrase's slot asks for an impossible scrypt cost");
    const auto wrapping_key = scrypt(passphrase, slot.subspan(slot_at_salt, salt_bytes), cost);
    if (!wrapping_key) return fail(wrapping_key.error());
    return unwrap(header.id, slot, *wrapping_key, "the passphrase");
}

Result<Hmac::Digest> header_mac(const VaultId& id, const Secret& data_key, View header) {
    const auto key = hkdf(data_key, id, labelled("vigil vault header", id));
    if (!key) return fail(key.error());
    auto hmac = Hmac::make(*key);
    if (!hmac) return fail(hmac.error());
    return hmac->digest(header.first(at_mac));
}

/// A key of its own for every generation: a nonce that came up twice would still not meet the same key.
Result<Secret> payload_key(const VaultId& id, std::uint64_t generation, const Secret& data_key) {
    Bytes info = labelled("vigil vault payload", id);
    std::array<std::uint8_t, 8> number{};
    put(number, 0, generation);
    append(info, number);
    return hkdf(data_key, id, info);
}

Result<VaultHeader> read_header(View file) {
    if (file.size() < magic.size() || !std::equal(magic.begin(), magic.end(), file.begin()))
        return fail(ErrorKind::invalid, "is not a Vigil vault");
    if (file.size() < vault_header_bytes + vault_tag_bytes)
        return fail(ErrorKind::corrupt, "the vault is cut short: " + std::to_string(file.size()) + " bytes");
    if (const auto version = get<std::uint16_t>(file, at_version); version != format_version)
        return fail(ErrorKind::invalid, "the vault has format " + std::to_string(version) +
                                            ", this program knows " + std::to_string(format_version));
    if (get<std::uint16_t>(file, at_header_size) != vault_header_bytes)
        return fail(ErrorKind::corrupt, "the vault's header has an impossible size");
    const std::size_t payload_size = get<std::uint32_t>(file, at_payload_size);
    if (payload_size > vault_payload_bytes_max ||
        file.size() != vault_header_bytes + payload_size + vault_tag_bytes)
        return fail(ErrorKind::corrupt,
                    "the vault has " + std::to_string(file.size()) + " bytes, its header says " +
                        std::to_string(vault_header_bytes + payload_size + vault_tag_bytes));
    VaultHeader header;
    const auto copy = [file](auto& to, std::size_t at) {
        std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(at), to.size(), to.begin());
    };
    copy(header.id, at_id);
    copy(header.machine_slot, at_machine_slot);
    copy(header.passphrase_slot, at_passphrase_slot);
    header.generation = get<std::uint64_t>(file, at_generation);
    return header;
}

}  // namespace

Result<VaultSlot> wrap_for_machine(const VaultId& id, const Secret& data_key, const MachineKey& key) {
    if (key.bytes.size() != MachineKey::size_bytes)
        return fail(ErrorKind::invalid,
                    "a machine key has 32 bytes, not " + std::to_string(key.bytes.size()));
    VaultSlot slot{};
    slot[slot_at_kind] = static_cast<std::uint8_t>(SlotKind::machine);
    if (!draw(std::span{slot}.subspan(slot_at_salt, salt_bytes)))
        return fail(openssl_error(ErrorKind::io, "the random generator gave nothing"));
    const auto wrapping_key = machine_wrapping_key(id, slot, key);
    if (!wrapping_key) return fail(wrapping_key.error());
    return wrap(id, data_key, slot, *wrapping_key);
}

Result<VaultSlot> wrap_for_passphrase(const VaultId& id, const Secret& data_key, const Passphrase& passphrase,
                                      ScryptCost cost) {
    base::check(cost.in_bounds(), "a scrypt cost within its bounds");
    VaultSlot slot{};
    slot[slot_at_kind] = static_cast<std::uint8_t>(SlotKind::passphrase);
    slot[slot_at_log2_n] = static_cast<std::uint8_t>(cost.log2_n);
    put(slot, slot_at_r, static_cast<std::uint16_t>(cost.r));
    put(slot, slot_at_p, static_cast<std::uint16_t>(cost.p));
    if (!draw(std::span{slot}.subspan(slot_at_salt, salt_bytes)))
        return fail(openssl_error(ErrorKind::io, "the random generator gave nothing"));
    const auto wrapping_key = scrypt(passphrase, View{slot}.subspan(slot_at_salt, salt_bytes), cost);
    if (!wrapping_key) return fail(wrapping_key.error());
    return wrap(id, data_key, slot, *wrapping_key);
}

Result<Bytes> seal_vault(const VaultHeader& header, const Secret& data_key, const Secret& payload) {
    if (payload.size() > vault_payload_bytes_max) return fail(ErrorKind::exhausted, "the vault is full");
    Bytes file(vault_header_bytes + payload.size() + vault_tag_bytes);
    const std::span<std::uint8_t> bytes{file};
    std::copy(magic.begin(), magic.end(), file.begin());
    put(bytes, at_version, format_version);
    put(bytes, at_header_size, static_cast<std::uint16_t>(vault_header_bytes));
    put(bytes, at_payload_size, static_cast<std::uint32_t>(payload.size()));
    put(bytes, at_generation, header.generation);
    std::copy(header.id.begin(), header.id.end(), bytes.subspan(at_id).begin());
    std::copy(header.machine_slot.begin(), header.machine_slot.end(), bytes.subspan(at_machine_slot).begin());
    std::copy(header.passphrase_slot.begin(), header.passphrase_slot.end(),
              bytes.subspan(at_passphrase_slot).begin());
    if (!draw(bytes.subspan(at_nonce, nonce_bytes)))
        return fail(openssl_error(ErrorKind::io, "the random generator gave nothing"));
    const auto mac = header_mac(header.id, data_key, bytes);
    if (!mac) return fail(mac.error());
    std::copy(mac->begin(), mac->end(), bytes.subspan(at_mac).begin());
    const auto key = payload_key(header.id, header.generation, data_key);
    if (!key) return fail(key.error());
    const bool done = payload.use([&](View plain) {
        return encrypt(*key, bytes.subspan(at_nonce, nonce_bytes), bytes.first(vault_header_bytes), plain,
                       bytes.subspan(vault_header_bytes, plain.size()),
                       bytes.subspan(vault_header_bytes + plain.size(), vault_tag_bytes));
    });
    if (!done) return fail(openssl_error(ErrorKind::unsupported, "AES-256-GCM"));
    return file;
}

Result<OpenedVault> open_vault(View file, const UnlockKey& key) {
    const auto header = read_header(file);
    if (!header) return fail(header.error());
    auto data_key = std::visit([&header](const auto& way) { return data_key_from(*header, way); }, key);
    if (!data_key) return fail(data_key.error());
    const auto mac = header_mac(header->id, *data_key, file);
    if (!mac) return fail(mac.error());
    if (CRYPTO_memcmp(mac->data(), file.data() + at_mac, mac->size()) != 0)
        return fail(ErrorKind::corrupt, "the vault's header was changed");
    const auto sealing_key = payload_key(header->id, header->generation, *data_key);
    if (!sealing_key) return fail(sealing_key.error());
    const std::size_t payload_size = file.size() - vault_header_bytes - vault_tag_bytes;
    auto payload = Secret::zeros(payload_size);
    if (!payload) return fail(payload.error());
    const bool good = payload->fill([&](std::span<std::uint8_t> out) {
        return decrypt(*sealing_key, file.subspan(at_nonce, nonce_bytes), file.first(vault_header_bytes),
                       file.subspan(vault_header_bytes, payload_size), out, file.last(vault_tag_bytes));
    });
    if (!good) return fail(ErrorKind::corrupt, "the vault's content was changed");
    return OpenedVault{*header, std::move(*data_key), std::move(*payload)};
}

}  // namespace vigil::credentials
