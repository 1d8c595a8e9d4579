#include "exchange/state_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <span>

#include "credentials/secret.h"
#include "credentials/sha256.h"

namespace vigil::exchange {

namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view magic = "vigil-exchange-state ";

std::string_view next_word(std::string_view& text) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return word;
}

base::Result<std::string> checked(const std::string& name, std::string_view text) {
    const auto damaged = [&name](const char* what) {
        return fail(ErrorKind::corrupt, name + ": the state is damaged (" + what +
                                            "); move it away to begin anew, or put a copy in its place");
    };
    const std::size_t line_end = text.find('\n');
    if (!text.starts_with(magic) || line_end == std::string_view::npos) return damaged("no heading");
    std::string_view heading = text.substr(magic.size(), line_end - magic.size());
    const std::string_view json = text.substr(line_end + 1);
    const std::string_view version = next_word(heading);
    if (version != std::to_string(StateFile::version))
        return fail(ErrorKind::unsupported,
                    name + ": a state of version " + std::string{version.substr(0, 10)} +
                        "; this program reads version " + std::to_string(StateFile::version));
    if (next_word(heading) != std::to_string(json.size())) return damaged("its length is not what it was");
    if (next_word(heading) != credentials::sha256_hex(json)) return damaged("its checksum does not fit");
    return std::string{json};
}

}  // namespace

base::Result<StateFile> StateFile::open(const std::filesystem::path& folder) {
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(base::system_error("making the folder " + folder.string(), errno));
    auto path = folder / "state";
    auto lock = credentials::ChangeLock::take(path);
    if (!lock) return fail(lock.error());
    return StateFile{std::move(path), *std::move(lock)};
}

base::Result<std::optional<std::string>> StateFile::read() const {
    const auto bytes = credentials::read_private_file(path_, bytes_max);
    if (!bytes) {
        if (bytes.error().kind == ErrorKind::not_found) return std::nullopt;
        return fail(bytes.error());
    }
    auto json = bytes->use_text([this](std::string_view text) { return checked(path_.string(), text); });
    if (!json) return fail(json.error());
    return *std::move(json);
}

base::Result<void> StateFile::write(std::string_view json) const {
    std::string text{magic};
    text += std::to_string(version) + " " + std::to_string(json.size()) + " " + credentials::sha256_hex(json);
    text += '\n';
    text += json;
    if (text.size() > bytes_max) {
        credentials::wipe(text);
        return fail(ErrorKind::exhausted, path_.string() + ": the state has grown beyond 1 GiB");
    }
    const std::span<const std::uint8_t> bytes{reinterpret_cast<const std::uint8_t*>(text.data()),
                                              text.size()};
    struct stat status {};
    const bool exists = ::lstat(path_.c_str(), &status) == 0;
    auto written = exists ? credentials::replace_private_file(path_, bytes)
                          : credentials::create_private_file(path_, bytes, 0600);
    credentials::wipe(text);
    return written;
}

}  // namespace vigil::exchange
