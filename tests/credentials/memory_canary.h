// Bytes that are searched for in this process's own memory. They are kept masked, so that the search does not
// find itself.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/unique_fd.h"

namespace vigil::credentials::testing {

class MemoryCanary {
  public:
    explicit MemoryCanary(std::span<const std::uint8_t> bytes) {
        for (const std::uint8_t byte : bytes) masked_.push_back(static_cast<std::uint8_t>(byte ^ mask));
    }

    /// Runs `use(i, byte)` for every byte, which never stand together in plain anywhere.
    template <class Use>
    void each(Use&& use) const {
        for (std::size_t i = 0; i < masked_.size(); ++i) use(i, static_cast<std::uint8_t>(masked_[i] ^ mask));
    }
    /// As a number's limbs have them: the last byte first.
    [[nodiscard]] MemoryCanary reversed() const {
        MemoryCanary other = *this;
        std::reverse(other.masked_.begin(), other.masked_.end());
        return other;
    }

    struct Found {
        std::size_t guarded{0};  ///< in memory that is left out of core dumps: the secure arena
        std::size_t elsewhere{0};
        [[nodiscard]] std::string str() const {
            return std::to_string(guarded) + " in the arena, " + std::to_string(elsewhere) + " elsewhere";
        }
        friend bool operator==(const Found&, const Found&) = default;
    };

    /// Reads every writable mapping of this process.
    [[nodiscard]] Found search() const {
        Found found;
        const base::UniqueFd memory{::open("/proc/self/mem", O_RDONLY | O_CLOEXEC)};
        base::check(static_cast<bool>(memory), "/proc/self/mem can be read");
        auto* const buffer = static_cast<std::uint8_t*>(
            ::mmap(nullptr, buffer_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        base::check(buffer != MAP_FAILED, "memory to search with");
        for (const Mapping& mapping : mappings()) {
            if (mapping.holds(reinterpret_cast<std::uintptr_t>(buffer))) continue;
            const std::size_t step = buffer_bytes - masked_.size();
            for (std::uintptr_t at = mapping.begin; at < mapping.end; at += step) {
                const std::size_t wanted = std::min<std::size_t>(buffer_bytes, mapping.end - at);
                const ssize_t got = ::pread(memory.get(), buffer, wanted, static_cast<off_t>(at));
                if (got <= 0) continue;  // a guard page
                const std::size_t count = count_in({buffer, static_cast<std::size_t>(got)}, step);
                (mapping.guarded ? found.guarded : found.elsewhere) += count;
            }
        }
        // Also what the search itself has read must not stay.
        std::memset(buffer, 0, buffer_bytes);
        ::munmap(buffer, buffer_bytes);
        return found;
    }

  private:
    static constexpr std::uint8_t mask = 0xa5;
    static constexpr std::size_t buffer_bytes = std::size_t{1} << 20U;

    struct Mapping {
        std::uintptr_t begin{0};
        std::uintptr_t end{0};
        bool guarded{false};
        [[nodiscard]] bool holds(std::uintptr_t address) const { return begin <= address && address < end; }
    };

    static std::vector<Mapping> mappings() {
        constexpr std::uintptr_t shadow_bytes = std::uintptr_t{1} << 30U;  // of a sanitizer: holds no copies
        std::vector<Mapping> all;
        bool wanted = false;
        std::ifstream maps{"/proc/self/smaps"};
        for (std::string line; std::getline(maps, line);) {
            unsigned long begin = 0;
            unsigned long end = 0;
            char access[8] = {};
            if (std::sscanf(line.c_str(), "%lx-%lx %7s", &begin, &end, access) == 3) {
                wanted = access[0] == 'r' && access[1] == 'w' && end - begin < shadow_bytes;
                if (wanted) all.push_back({begin, end, false});
            } else if (wanted && line.rfind("VmFlags:", 0) == 0) {
                all.back().guarded = (line + " ").find(" dd ") != std::string::npos;
            }
        }
        return all;
    }

    /// Hits that begin in the first `step` bytes; one that begins later is met again with the next step.
    [[nodiscard]] std::size_t count_in(std::span<const std::uint8_t> bytes, std::size_t step) const {
        std::size_t count = 0;
        if (bytes.size() < masked_.size()) return 0;
        const std::size_t last = std::min(bytes.size() - masked_.size() + 1, step);
        const int first = masked_[0] ^ mask;
        for (std::size_t at = 0; at < last; ++at) {
            const void* const hit = std::memchr(bytes.data() + at, first, last - at);
            if (hit == nullptr) break;
            at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(hit) - bytes.data());
            std::size_t same = 0;
            while (same < masked_.size() && (bytes[at + same] ^ mask) == masked_[same]) ++same;
            if (same == masked_.size()) ++count;
        }
        return count;
    }

    std::vector<std::uint8_t> masked_;
};

}  // namespace vigil::credentials::testing
