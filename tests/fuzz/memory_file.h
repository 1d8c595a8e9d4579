// A file that exists in memory only, for targets whose room opens files by name.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/unique_fd.h"

namespace vigil::fuzz {

class MemoryFile {
  public:
    explicit MemoryFile(std::string_view content) : fd_{::memfd_create("fuzz", MFD_CLOEXEC)} {
        base::check(static_cast<bool>(fd_), "a file in memory");
        std::size_t written = 0;
        while (written < content.size()) {
            const auto count = ::write(fd_.get(), content.data() + written, content.size() - written);
            base::check(count > 0, "memory takes what is written");
            written += static_cast<std::size_t>(count);
        }
    }
    [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }

  private:
    base::UniqueFd fd_;
};

}  // namespace vigil::fuzz
