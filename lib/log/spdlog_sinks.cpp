// The sinks that are made of spdlog's: console, JSON lines on standard error, JSON lines in a rotating file.
// The only translation unit that sees spdlog.
#include <fcntl.h>
#include <spdlog/details/log_msg.h>
#include <spdlog/formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <functional>
#include <utility>

#include "base/check.h"
#include "base/unique_fd.h"
#include "log/catalogue.h"
#include "log/format.h"
#include "log/journal_sink.h"
#include "log/sink.h"

namespace vigil::log {

namespace {

constexpr std::size_t severity_column = 13;  // of console_line: after "HH:MM:SS.mmm "

/// Writes the line as it is; colours the word that names the severity.
class Verbatim final : public spdlog::formatter {
  public:
    explicit Verbatim(bool coloured) : coloured_{coloured} {}

    void format(const spdlog::details::log_msg& msg, spdlog::memory_buf_t& dest) override {
        dest.append(msg.payload.data(), msg.payload.data() + msg.payload.size());
        dest.push_back('\n');
        if (!coloured_ || msg.payload.size() < severity_column) return;
        const std::string_view line{msg.payload.data(), msg.payload.size()};
        msg.color_range_start = severity_column;
        msg.color_range_end = std::min(line.find(' ', severity_column), line.size());
    }
    std::unique_ptr<spdlog::formatter> clone() const override {
        return std::make_unique<Verbatim>(coloured_);
    }

  private:
    bool coloured_;
};

spdlog::level::level_enum level_of(Severity severity) {
    switch (severity) {
        case Severity::debug:
            return spdlog::level::debug;
        case Severity::info:
        case Severity::notice:
            return spdlog::level::info;
        case Severity::warning:
            return spdlog::level::warn;
        case Severity::error:
            return spdlog::level::err;
        case Severity::critical:
            return spdlog::level::critical;
    }
    return spdlog::level::info;
}

class SpdlogSink final : public Sink {
  public:
    using LineOf = std::string (*)(const Record&);

    /// @param stream where the inner sink swallows write errors (spdlog's console sinks): asked after each
    /// line
    SpdlogSink(std::string_view label, std::shared_ptr<spdlog::sinks::sink> inner, LineOf line_of,
               bool coloured, std::FILE* stream)
        : label_{label}, inner_{std::move(inner)}, line_of_{line_of}, stream_{stream} {
        inner_->set_formatter(std::make_unique<Verbatim>(coloured));
    }

    base::Result<void> write(const Record& record) override {
        return guarded([&] {
            const std::string line = line_of_(record);
            inner_->log(spdlog::details::log_msg{"", level_of(severity(record.event())), line});
        });
    }
    base::Result<void> flush() override {
        return guarded([&] { inner_->flush(); });
    }
    std::string_view label() const override { return label_; }

  private:
    template <class Action>
    base::Result<void> guarded(const Action& action) {
        try {
            action();
        } catch (const spdlog::spdlog_ex& failure) {
            return base::fail(base::ErrorKind::io, failure.what());
        }
        if (stream_ != nullptr && std::ferror(stream_) != 0) {
            std::clearerr(stream_);
            return base::fail(base::ErrorKind::io, "the stream cannot be written");
        }
        return {};
    }

    std::string_view label_;
    std::shared_ptr<spdlog::sinks::sink> inner_;
    LineOf line_of_;
    std::FILE* stream_;
};

}  // namespace

std::unique_ptr<Sink> make_sink(SinkKind kind, std::string_view identifier) {
    if (kind == SinkKind::automatic) {
        const char* stream = std::getenv("JOURNAL_STREAM");
        kind = choose_sink(STDERR_FILENO, stream == nullptr ? std::string_view{} : std::string_view{stream});
    }
    switch (kind) {
        case SinkKind::journal:
            return make_journal_sink(identifier);
        case SinkKind::console:
            return std::make_unique<SpdlogSink>(
                "console",
                std::make_shared<spdlog::sinks::ansicolor_stderr_sink_st>(spdlog::color_mode::automatic),
                &console_line, true, stderr);
        case SinkKind::json:
            return std::make_unique<SpdlogSink>("json", std::make_shared<spdlog::sinks::stderr_sink_st>(),
                                                &json_line, false, stderr);
        case SinkKind::automatic:
            break;
    }
    base::unreachable("a kind of sink was chosen");
}

SinkKind choose_sink(int stderr_fd, std::string_view journal_stream) {
    struct stat status {};
    if (!journal_stream.empty() && fstat(stderr_fd, &status) == 0) {
        const std::string here = std::to_string(status.st_dev) + ':' + std::to_string(status.st_ino);
        if (journal_stream == here) return SinkKind::journal;
    }
    return isatty(stderr_fd) == 1 ? SinkKind::console : SinkKind::json;
}

base::Result<std::unique_ptr<Sink>> make_file_sink(const std::string& path, const FileLimits& limits) {
    {
        const base::UniqueFd fd{
            ::open(path.c_str(),
                   O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600)};
        if (!fd) return base::fail(base::system_error("log file " + path, errno));
        struct stat status {};
        if (fstat(fd.get(), &status) != 0) return base::fail(base::system_error("log file " + path, errno));
        if (!S_ISREG(status.st_mode))
            return base::fail(base::ErrorKind::invalid, path + " is not a plain file");
        if (status.st_uid != geteuid())
            return base::fail(base::ErrorKind::denied, path + " belongs to another user");
        if (fchmod(fd.get(), 0600) != 0) return base::fail(base::system_error("log file " + path, errno));
    }
    spdlog::file_event_handlers handlers;
    // A file made by rotation would get the process's umask. A mode that cannot be set is no reason to lose
    // the line.
    handlers.after_open = [](const spdlog::filename_t&, std::FILE* file) {
        if (fchmod(fileno(file), 0600) != 0) std::fputs("vigil: log file keeps its mode\n", stderr);
    };
    try {
        return std::make_unique<SpdlogSink>("file",
                                            std::make_shared<spdlog::sinks::rotating_file_sink_st>(
                                                path, limits.bytes, limits.older_files, false, handlers),
                                            &json_line, false, nullptr);
    } catch (const spdlog::spdlog_ex& failure) {
        return base::fail(base::ErrorKind::io, failure.what());
    }
}

}  // namespace vigil::log
