#include "runtime/state_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

namespace vigil::runtime {

namespace {

constexpr std::size_t small_file_max = 1U << 20U;

base::Result<void> write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            return base::fail(base::system_error("write", errno));
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

}  // namespace

StateFolder::StateFolder(std::filesystem::path path, base::UniqueFd folder, base::UniqueFd lock)
    : path_{std::move(path)}, folder_{std::move(folder)}, lock_{std::move(lock)} {}

base::Result<StateFolder> StateFolder::open(const std::filesystem::path& path) {
    const std::string context = "state folder " + path.string();
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return base::fail(base::system_error("cannot make it", errno).within(context));
    base::UniqueFd folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)};
    if (!folder) return base::fail(base::system_error("cannot open it", errno).within(context));

    struct stat status {};
    if (::fstat(folder.get(), &status) != 0)
        return base::fail(base::system_error("stat", errno).within(context));
    if (status.st_uid != ::geteuid())
        return base::fail(base::ErrorKind::denied, context + ": belongs to another user");
    if ((status.st_mode & 077U) != 0)
        return base::fail(base::ErrorKind::denied,
                          context + ": is open to others, want mode 0700 (chmod go= it)");

    base::UniqueFd lock{::openat(folder.get(), "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!lock) return base::fail(base::system_error("cannot open its lock", errno).within(context));
    if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return base::fail(base::ErrorKind::exhausted, context + ": another vigild uses it");
        return base::fail(base::system_error("cannot lock it", errno).within(context));
    }
    return StateFolder{path, std::move(folder), std::move(lock)};
}

base::Result<void> StateFolder::replace(std::string_view name, std::string_view text) const {
    const std::string target{name};
    const std::string temporary = target + ".new";
    const std::string context = "writing " + file(name).string();
    {
        const base::UniqueFd fd{::openat(folder_.get(), temporary.c_str(),
                                         O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
        if (!fd) return base::fail(base::system_error("open", errno).within(context));
        if (auto written = write_all(fd.get(), text); !written)
            return base::fail(written.error().within(context));
        if (::fsync(fd.get()) != 0) return base::fail(base::system_error("fsync", errno).within(context));
    }
    if (::renameat(folder_.get(), temporary.c_str(), folder_.get(), target.c_str()) != 0)
        return base::fail(base::system_error("rename", errno).within(context));
    if (::fsync(folder_.get()) != 0)
        return base::fail(base::system_error("fsync of the folder", errno).within(context));
    return {};
}

base::Result<void> StateFolder::remove(std::string_view name) const {
    const std::string target{name};
    const std::string context = "removing " + file(name).string();
    if (::unlinkat(folder_.get(), target.c_str(), 0) != 0) {
        if (errno == ENOENT) return {};
        return base::fail(base::system_error("unlink", errno).within(context));
    }
    if (::fsync(folder_.get()) != 0)
        return base::fail(base::system_error("fsync of the folder", errno).within(context));
    return {};
}

base::Result<std::string> StateFolder::read(std::string_view name) const {
    const std::string target{name};
    const std::string context = "reading " + file(name).string();
    const base::UniqueFd fd{::openat(folder_.get(), target.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (!fd) return base::fail(base::system_error("open", errno).within(context));
    std::string text;
    char chunk[4096];
    for (;;) {
        const ssize_t got = ::read(fd.get(), chunk, sizeof chunk);
        if (got < 0) {
            if (errno == EINTR) continue;
            return base::fail(base::system_error("read", errno).within(context));
        }
        if (got == 0) return text;
        text.append(chunk, static_cast<std::size_t>(got));
        if (text.size() > small_file_max)
            return base::fail(base::ErrorKind::corrupt, context + ": larger than 1 MiB");
    }
}

}  // namespace vigil::runtime
