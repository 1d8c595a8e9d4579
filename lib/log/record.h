// One event that happened, with its fields, as plain bytes: no heap, cheap to build, cheap to copy between
// threads.
//
// The pure rooms make records as values ("this is what I have to tell"); the shell hands them to a Logger.
// Text is copied into the record and bounded: a single text to `max_text_bytes`, all texts together to
// `text_capacity`; what does not fit is cut at a character boundary and marked `cut`. In builds with
// assertions the constructor checks that the catalogue declares every field for the event, with its type; a
// release build writes the record all the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "base/time.h"
#include "log/event.h"
#include "log/field.h"
#include "log/source_line.h"

namespace vigil::log {

class Record {
  public:
    static constexpr std::size_t max_fields = 12;
    static constexpr std::size_t max_text_bytes = 320;
    static constexpr std::size_t text_capacity = 640;

    /// @param where the line that had something to tell; becomes CODE_FILE and CODE_LINE in the journal
    Record(Event event, std::initializer_list<Field> fields, SourceLine where = SourceLine::current());
    Record(Event event, std::span<const Field> fields, SourceLine where);

    /// Copies what is used, not the whole capacity.
    Record(const Record& other);
    Record& operator=(const Record& other);
    ~Record() = default;

    [[nodiscard]] Event event() const { return event_; }
    [[nodiscard]] SourceLine where() const { return where_; }
    /// When it was emitted, by this machine's wall clock; the epoch until a Logger has stamped it.
    [[nodiscard]] base::WallTime time() const { return time_; }
    void stamp(base::WallTime now) { time_ = now; }

    [[nodiscard]] std::size_t field_count() const { return count_; }
    /// @param index below field_count(); views stay valid as long as the record does
    [[nodiscard]] Field at(std::size_t index) const;
    /// True when the text of this field did not fit whole.
    [[nodiscard]] bool cut(std::size_t index) const;
    /// The field of that name, if the record carries it.
    [[nodiscard]] std::optional<Field> find(std::string_view field_name) const;

    /// Takes secrets out of every text (redact.h), in place. The logger does this once, before any sink or
    /// observer.
    void redact_texts();

  private:
    struct Slot {
        std::string_view name;
        std::int64_t number;  // for texts: where the text begins in bytes_
        std::uint16_t text_size;
        FieldType type;
        bool cut;
    };

    void add(const Field& field);

    Event event_;
    std::uint8_t count_{0};
    std::uint16_t used_{0};
    base::WallTime time_{};
    SourceLine where_;
    std::array<Slot, max_fields> slots_;     // the first count_ are set
    std::array<char, text_capacity> bytes_;  // the first used_ are set
};

}  // namespace vigil::log
