// Where events go: the interface that every room with something to tell is handed by reference.
//
//     logger.emit(Event::order_rejected, {field("symbol", symbol), field("code", -2010), field("reason",
//     text)});
//
// emit() may be called from any thread, never blocks and never throws. The daemon uses AsyncLogger
// (async_logger.h); tests and backtests use RecordingLogger (recording_logger.h).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "log/event.h"
#include "log/field.h"
#include "log/record.h"
#include "log/source_line.h"

namespace vigil::log {

/// How often each event happened since the logger was made, whether or not its line was written.
struct Counts {
    std::array<std::uint64_t, event_count> by_event{};
    std::array<std::uint64_t, severity_count> by_severity{};
    std::uint64_t dropped{0};  ///< records lost to a full queue, of any severity

    [[nodiscard]] std::uint64_t of(Event event) const { return by_event[static_cast<std::size_t>(event)]; }
    [[nodiscard]] std::uint64_t of(Severity severity) const {
        return by_severity[static_cast<std::size_t>(severity)];
    }
    /// Events of severity warning or above.
    [[nodiscard]] std::uint64_t anomalies() const {
        return of(Severity::warning) + of(Severity::error) + of(Severity::critical);
    }
};

class Logger {
  public:
    Logger() = default;
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;
    virtual ~Logger() = default;

    void emit(Event event, std::initializer_list<Field> fields = {},
              SourceLine where = SourceLine::current()) noexcept {
        submit(Record{event, fields, where});
    }
    /// A record that was made elsewhere (by a pure room); its own source location is kept.
    void emit(const Record& record) noexcept { submit(record); }

    [[nodiscard]] virtual Counts counts() const = 0;

  private:
    virtual void submit(const Record& record) noexcept = 0;
};

}  // namespace vigil::log
