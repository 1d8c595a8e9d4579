#include "credentials/unlock.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;
using base::Result;

Result<MachineKey> read_machine_key(const std::filesystem::path& path, FileTrust trust) {
    auto bytes = read_private_file(path, 4096, trust);
    if (!bytes) return fail(bytes.error());
    if (bytes->size() != MachineKey::size_bytes)
        return fail(ErrorKind::invalid, path.string() + ": is no machine key: it has " +
                                            std::to_string(bytes->size()) + " bytes, a machine key has 32");
    return MachineKey{std::move(*bytes)};
}

Result<Passphrase> read_passphrase(const std::filesystem::path& path, FileTrust trust) {
    auto bytes = read_private_file(path, 4096, trust);
    if (!bytes) return fail(bytes.error());
    const std::size_t line =
        bytes->use_text([](std::string_view text) { return text.find_first_of("\r\n"); });
    const std::size_t last =
        bytes->use_text([](std::string_view text) { return text.find_last_not_of("\r\n"); });
    if (last == std::string_view::npos)
        return fail(ErrorKind::invalid, path.string() + ": holds no passphrase");
    if (line < last)
        return fail(ErrorKind::invalid, path.string() + ": holds more than one line; a passphrase is one");
    bytes->truncate(last + 1);
    return Passphrase{std::move(*bytes)};
}

Result<MachineKey> create_machine_key(const std::filesystem::path& path) {
    auto key = Secret::random(MachineKey::size_bytes);
    if (!key) return fail(key.error());
    const auto written = key->use(
        [&path](std::span<const std::uint8_t> bytes) { return create_private_file(path, bytes, 0400); });
    if (!written) return fail(written.error());
    return MachineKey{std::move(*key)};
}

Result<std::filesystem::path> credential_path(const char* directory, const std::string& name) {
    if (directory == nullptr || *directory == '\0')
        return fail(
            ErrorKind::not_found,
            "the credential \"" + name + "\" is wanted, but systemd gave none (LoadCredential= in the unit)");
    return std::filesystem::path{directory} / name;
}

}  // namespace vigil::credentials
