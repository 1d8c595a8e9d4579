// A place that log lines go to. Sinks are called by the log worker alone, one record at a time, and may
// block: only the worker waits for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"
#include "log/record.h"

namespace vigil::log {

class Sink {
  public:
    Sink() = default;
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;
    virtual ~Sink() = default;

    /// `record` is stamped and redacted. An error is reported through the other sinks, and writing goes on.
    [[nodiscard]] virtual base::Result<void> write(const Record& record) = 0;
    [[nodiscard]] virtual base::Result<void> flush() = 0;
    /// For messages about the sink itself: "journal", "console", "json", "file".
    [[nodiscard]] virtual std::string_view label() const = 0;
};

enum class SinkKind : std::uint8_t {
    automatic,  ///< journal when standard error is the journal, console when it is a terminal, JSON lines
                ///< otherwise
    journal,    ///< native fields to journald
    console,    ///< readable lines on standard error, coloured on a terminal
    json,       ///< one JSON object a line on standard error
};

/// What `automatic` means for this process: compares JOURNAL_STREAM (systemd.exec(5): "device:inode") with
/// the descriptor, then asks isatty.
/// @param journal_stream the value of the environment variable, or empty
[[nodiscard]] SinkKind choose_sink(int stderr_fd, std::string_view journal_stream);

/// @param identifier SYSLOG_IDENTIFIER in the journal: the program's name
[[nodiscard]] std::unique_ptr<Sink> make_sink(SinkKind kind, std::string_view identifier);

/// A full file is renamed (events.1.jsonl, events.2.jsonl ...) and the oldest removed, so the log has a bound
/// on disk.
struct FileLimits {
    std::size_t bytes{32 * 1024 * 1024};  ///< of each file
    std::size_t older_files{3};
};

/// JSON lines appended to a file of mode 0600; one that is not a plain file, or belongs to somebody else, is
/// refused.
[[nodiscard]] base::Result<std::unique_ptr<Sink>> make_file_sink(const std::string& path,
                                                                 const FileLimits& limits = {});

}  // namespace vigil::log
