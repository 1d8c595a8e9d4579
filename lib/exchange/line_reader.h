// Lines of a text file, gzip-compressed or not, read piece by piece: memory stays the same however large the
// file is, and however much a small compressed file unpacks to. A line longer than a bound is an error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace vigil::exchange {

class LineReader {
  public:
    /// A depth snapshot of 5,000 levels a side takes half a MiB.
    static constexpr std::size_t line_bytes_max = 8U * 1024 * 1024;

    [[nodiscard]] static base::Result<std::unique_ptr<LineReader>> open(const std::filesystem::path& file);
    ~LineReader();
    LineReader(const LineReader&) = delete;
    LineReader& operator=(const LineReader&) = delete;

    /// The next line without its end, nothing at the end of the file; valid until the next call.
    [[nodiscard]] base::Result<std::optional<std::string_view>> next();
    /// Number of the line that next() gave last, from 1.
    [[nodiscard]] std::int64_t line() const { return line_; }
    /// To the beginning.
    [[nodiscard]] base::Result<void> rewind();
    [[nodiscard]] const std::string& name() const { return name_; }
    /// "file:line: what", kind invalid.
    [[nodiscard]] base::Error wrong(std::string_view what) const;

  private:
    struct Handle;
    LineReader(std::string name, std::unique_ptr<Handle> handle);
    [[nodiscard]] base::Result<bool> fill();

    std::string name_;
    std::unique_ptr<Handle> handle_;
    std::string buffer_;
    std::size_t begin_{0};  ///< of what was not given yet
    std::int64_t line_{0};
    bool at_end_{false};
};

}  // namespace vigil::exchange
