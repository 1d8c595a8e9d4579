#include "settings/source_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"
#include "settings/load.h"

namespace vigil::settings {

std::optional<std::string> read_file(const std::filesystem::path& path, const Place& asked_at,
                                     Problems& problems) {
    // A file that another one names is named itself; otherwise the place says which it is.
    const std::string name = path.string() == asked_at.source ? "" : path.string() + ": ";
    const auto refuse = [&](base::ErrorKind kind, const std::string& what) {
        problems.push_back({asked_at, name + what, kind});
        return std::nullopt;
    };
    const auto refuse_errno = [&](int number) {
        const base::Error cause = base::system_error("cannot be read", number);
        return refuse(cause.kind, cause.message);
    };
    // O_NONBLOCK: a FIFO must not make us wait.
    const base::UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
    if (!fd) return refuse_errno(errno);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return refuse_errno(errno);
    if (!S_ISREG(status.st_mode)) return refuse(base::ErrorKind::invalid, "is not a regular file");
    std::string bytes;
    std::array<char, 16'384> piece{};
    while (bytes.size() <= file_bytes_max) {
        const ssize_t got = ::read(fd.get(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return refuse_errno(errno);
        if (got == 0) return bytes;
        bytes.append(piece.data(), static_cast<std::size_t>(got));
    }
    return refuse(base::ErrorKind::invalid,
                  "is larger than " + std::to_string(file_bytes_max) + " bytes; is it a configuration?");
}

}  // namespace vigil::settings
