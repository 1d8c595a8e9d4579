#include "credentials/private_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string>

#include "base/check.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;
using base::Result;
using base::system_error;
using base::UniqueFd;

namespace {

std::string mode_text(mode_t mode) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
    return text.data();
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
}

std::filesystem::path beside(const std::filesystem::path& path, std::string_view suffix) {
    std::filesystem::path other = path;
    other += suffix;
    return other;
}

Result<struct stat> checked_status(int fd, const std::string& name, FileTrust trust) {
    struct stat status {};
    if (::fstat(fd, &status) != 0) return fail(system_error(name, errno));
    if (!S_ISREG(status.st_mode)) return fail(ErrorKind::invalid, name + ": is not a regular file");
    const mode_t permissions = status.st_mode & 07777U;
    const uid_t self = ::geteuid();
    if (trust == FileTrust::own) {
        if (status.st_uid != self)
            return fail(ErrorKind::denied, name + ": is owned by user " + std::to_string(status.st_uid) +
                                               ", not by " + std::to_string(self) + " who reads it");
        if (permissions != 0600 && permissions != 0400)
            return fail(ErrorKind::denied, name + ": has mode " + mode_text(permissions) +
                                               "; it must be 0600 or 0400 (chmod 0600 " + name + ")");
    } else {
        if (status.st_uid != self && status.st_uid != 0)
            return fail(ErrorKind::denied, name + ": is owned by user " + std::to_string(status.st_uid) +
                                               ", neither root nor the service");
        if ((permissions & ~mode_t{0640}) != 0)
            return fail(ErrorKind::denied,
                        name + ": has mode " + mode_text(permissions) + "; a credential has 0400");
    }
    return status;
}

Result<UniqueFd> open_existing(const std::filesystem::path& path) {
    // O_NONBLOCK: a FIFO put there must not make us wait.
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd >= 0) return UniqueFd{fd};
    if (errno == ELOOP)
        return fail(ErrorKind::denied, path.string() + ": is a symbolic link, which is not followed");
    return fail(system_error(path.string(), errno));
}

Result<void> write_all(int fd, std::span<const std::uint8_t> bytes, const std::string& name) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return fail(system_error("writing " + name, written == 0 ? EIO : errno));
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    if (::fsync(fd) != 0) return fail(system_error("writing " + name, errno));
    return {};
}

Result<void> sync_folder(const std::filesystem::path& path) {
    const std::string name = folder_of(path).string();
    const UniqueFd fd{::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!fd || ::fsync(fd.get()) != 0) return fail(system_error("folder " + name, errno));
    return {};
}

enum class Existing { refuse, replace };

/// Writes "<path>.new", then gives it its name.
Result<void> write_and_rename(const std::filesystem::path& path, std::span<const std::uint8_t> bytes,
                              mode_t mode, Existing existing) {
    const std::filesystem::path fresh = beside(path, ".new");
    // What a crash left behind; nobody else writes here now.
    if (::unlink(fresh.c_str()) != 0 && errno != ENOENT) return fail(system_error(fresh.string(), errno));
    UniqueFd fd{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!fd) return fail(system_error(fresh.string(), errno));
    auto written = write_all(fd.get(), bytes, fresh.string());
    // The creation mode passed through the umask; this one does not.
    if (written && ::fchmod(fd.get(), mode) != 0) written = fail(system_error(fresh.string(), errno));
    if (written) {
        const unsigned flags = existing == Existing::refuse ? RENAME_NOREPLACE : 0U;
        if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), flags) != 0) {
            written = errno == EEXIST ? fail(ErrorKind::invalid, path.string() + ": exists already")
                                      : fail(system_error(path.string(), errno));
        }
    }
    if (!written) {
        ::unlink(fresh.c_str());
        return written;
    }
    return sync_folder(path);
}

}  // namespace

Result<Secret> read_private_file(const std::filesystem::path& path, std::size_t size_bytes_max,
                                 FileTrust trust) {
    const std::string name = path.string();
    const auto fd = open_existing(path);
    if (!fd) return fail(fd.error());
    const auto status = checked_status(fd->get(), name, trust);
    if (!status) return fail(status.error());
    if (status->st_size < 0 || static_cast<std::size_t>(status->st_size) > size_bytes_max)
        return fail(ErrorKind::invalid, name + ": has " + std::to_string(status->st_size) +
                                            " bytes, more than the " + std::to_string(size_bytes_max) +
                                            " that are possible");
    auto bytes = Secret::zeros(static_cast<std::size_t>(status->st_size));
    if (!bytes) return bytes;
    std::size_t filled = 0;
    while (filled < bytes->size()) {
        const ssize_t got = bytes->fill([&](std::span<std::uint8_t> room) {
            return ::read(fd->get(), room.data() + filled, room.size() - filled);
        });
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(system_error(name, errno));
        if (got == 0) break;  // became shorter meanwhile: the caller's format check says so
        filled += static_cast<std::size_t>(got);
    }
    bytes->truncate(filled);
    return bytes;
}

Result<void> check_private_file(const std::filesystem::path& path) {
    const auto fd = open_existing(path);
    if (!fd) return fail(fd.error());
    const auto status = checked_status(fd->get(), path.string(), FileTrust::own);
    if (!status) return fail(status.error());
    return {};
}

Result<void> create_private_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes,
                                 unsigned mode) {
    base::check(mode == 0600 || mode == 0400, "a private file is its owner's alone");
    return write_and_rename(path, bytes, mode, Existing::refuse);
}

Result<void> replace_private_file(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
    const auto fd = open_existing(path);
    if (!fd) return fail(fd.error());
    const auto status = checked_status(fd->get(), path.string(), FileTrust::own);
    if (!status) return fail(status.error());
    return write_and_rename(path, bytes, status->st_mode & 07777U, Existing::replace);
}

Result<ChangeLock> ChangeLock::take(const std::filesystem::path& path) {
    const std::filesystem::path lock_path = beside(path, ".lock");
    UniqueFd fd{::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
    if (!fd) return fail(system_error(lock_path.string(), errno));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return fail(ErrorKind::unavailable, path.string() + ": another program is changing it just now");
        return fail(system_error(lock_path.string(), errno));
    }
    return ChangeLock{std::move(fd)};
}

}  // namespace vigil::credentials
