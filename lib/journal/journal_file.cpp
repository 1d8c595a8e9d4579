#include "journal/journal_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

namespace vigil::journal {

base::Result<base::UniqueFd> lock_journal(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "journal.lock";
    base::UniqueFd lock{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) return base::fail(base::system_error("cannot open " + path.string(), errno));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return base::fail(base::system_error("cannot lock " + path.string(), errno));
        std::array<char, 32> text{};
        const ssize_t size = ::pread(lock.get(), text.data(), text.size() - 1, 0);
        std::string message = "the journal in " + folder.string() + " is in use by another process";
        if (size > 0) message += ", pid " + std::string{text.data(), static_cast<std::size_t>(size)};
        return base::fail(base::ErrorKind::unavailable, std::move(message));
    }
    // For the message above only: a failure to write it changes nothing.
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(lock.get(), 0) == 0) static_cast<void>(!::pwrite(lock.get(), pid.data(), pid.size(), 0));
    return lock;
}

base::Result<void> check_journal_file(const std::filesystem::path& path, bool create) {
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | (create ? O_CREAT : 0);
    const base::UniqueFd file{::open(path.c_str(), flags, 0600)};
    if (!file) return base::fail(base::system_error("cannot open " + path.string(), errno));
    struct stat status {};
    if (::fstat(file.get(), &status) != 0)
        return base::fail(base::system_error("cannot look at " + path.string(), errno));
    if (!S_ISREG(status.st_mode))
        return base::fail(base::ErrorKind::denied, path.string() + " is not a regular file");
    if (status.st_uid != ::geteuid())
        return base::fail(base::ErrorKind::denied, path.string() + " belongs to another user");
    if ((status.st_mode & 077) != 0) {
        std::array<char, 8> mode{};
        std::snprintf(mode.data(), mode.size(), "%04o", static_cast<unsigned>(status.st_mode & 07777));
        return base::fail(base::ErrorKind::denied,
                          path.string() + " has mode " + mode.data() + ", it must be 0600");
    }
    return {};
}

base::Result<void> sync_folder(const std::filesystem::path& folder) {
    const base::UniqueFd opened{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (!opened || ::fsync(opened.get()) != 0)
        return base::fail(base::system_error("cannot sync " + folder.string(), errno));
    return {};
}

base::Result<std::string> random_id() {
    std::array<unsigned char, 16> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        return base::fail(base::system_error("cannot get random bytes", errno));
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    return text;
}

}  // namespace vigil::journal
