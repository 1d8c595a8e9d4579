#include "log/record.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "log/redact.h"

#ifndef NDEBUG
#include "log/catalogue.h"
#endif

namespace vigil::log {

namespace {

/// Longest prefix of at most `room` bytes that does not end within a UTF-8 character.
std::size_t cut_at_character(std::string_view text, std::size_t room) {
    if (text.size() <= room) return text.size();
    std::size_t end = room;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return end;
}

/// A count of 1e-8 as a decimal without an exponent or trailing zeros; `out` has room for 21 characters.
std::size_t print_scaled(std::int64_t scaled, char* out) {
    constexpr std::uint64_t scale = 100'000'000;
    char* next = out;
    if (scaled < 0) *next++ = '-';
    const std::uint64_t size =
        scaled < 0 ? ~static_cast<std::uint64_t>(scaled) + 1 : static_cast<std::uint64_t>(scaled);
    char digits[20];
    std::size_t count = 0;
    std::uint64_t whole = size / scale;
    do {
        digits[count++] = static_cast<char>('0' + whole % 10);
        whole /= 10;
    } while (whole != 0);
    while (count > 0) *next++ = digits[--count];
    std::uint64_t fraction = size % scale;
    if (fraction != 0) {
        *next++ = '.';
        for (std::uint64_t unit = scale / 10; fraction != 0; unit /= 10) {
            *next++ = static_cast<char>('0' + fraction / unit);
            fraction %= unit;
        }
    }
    return static_cast<std::size_t>(next - out);
}

#ifndef NDEBUG
bool declared(Event event, const Field& field) {
    const FieldSpec* spec_of_field = spec(event).fields.find(field.name);
    return spec_of_field != nullptr && spec_of_field->type == field.type;
}
#endif

}  // namespace

Record::Record(Event event, std::initializer_list<Field> fields, SourceLine where)
    : Record{event, std::span<const Field>{fields.begin(), fields.size()}, where} {}

// slots_ and bytes_ stay unset beyond what is used: clearing 1 KiB would cost more than all the rest.
// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
Record::Record(Event event, std::span<const Field> fields, SourceLine where) : event_{event}, where_{where} {
    for (const Field& field : fields) {
#ifndef NDEBUG
        base::check(declared(event, field), "a field is declared in the catalogue, with this type");
#endif
        add(field);
    }
}

// NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init)
Record::Record(const Record& other)
    : event_{other.event_},
      count_{other.count_},
      used_{other.used_},
      time_{other.time_},
      where_{other.where_} {
    std::copy_n(other.slots_.begin(), count_, slots_.begin());
    std::copy_n(other.bytes_.begin(), used_, bytes_.begin());
}

Record& Record::operator=(const Record& other) {
    if (this == &other) return *this;
    event_ = other.event_;
    count_ = other.count_;
    used_ = other.used_;
    time_ = other.time_;
    where_ = other.where_;
    std::copy_n(other.slots_.begin(), count_, slots_.begin());
    std::copy_n(other.bytes_.begin(), used_, bytes_.begin());
    return *this;
}

void Record::add(const Field& field) {
    if (count_ == max_fields)
        return;  // cannot be when the catalogue declares the fields: it has at most as many
    Slot slot{field.name, field.number, 0, field.type, false};
    if (field.type == FieldType::text || field.type == FieldType::decimal) {
        char printed[24];
        std::string_view text = field.text;
        if (field.type == FieldType::decimal && text.empty())
            text = {printed, print_scaled(field.number, printed)};
        const std::size_t room = std::min(max_text_bytes, text_capacity - used_);
        const std::size_t size = cut_at_character(text, room);
        if (size > 0) std::memcpy(bytes_.data() + used_, text.data(), size);
        slot.number = used_;
        slot.text_size = static_cast<std::uint16_t>(size);
        slot.cut = size < text.size();
        used_ = static_cast<std::uint16_t>(used_ + size);
    }
    slots_[count_++] = slot;
}

Field Record::at(std::size_t index) const {
    base::check(index < count_, "a field's index is below the count");
    const Slot& slot = slots_[index];
    if (slot.type == FieldType::text || slot.type == FieldType::decimal)
        return {slot.name, slot.type, 0, {bytes_.data() + slot.number, slot.text_size}};
    return {slot.name, slot.type, slot.number, {}};
}

bool Record::cut(std::size_t index) const {
    base::check(index < count_, "a field's index is below the count");
    return slots_[index].cut;
}

std::optional<Field> Record::find(std::string_view field_name) const {
    for (std::size_t i = 0; i < count_; ++i)
        if (slots_[i].name == field_name) return at(i);
    return std::nullopt;
}

void Record::redact_texts() {
    for (std::size_t i = 0; i < count_; ++i) {
        Slot& slot = slots_[i];
        if (slot.type != FieldType::text && slot.type != FieldType::decimal) continue;
        const std::span<char> text{bytes_.data() + slot.number, slot.text_size};
        slot.text_size = static_cast<std::uint16_t>(redact_in_place(text));
    }
}

}  // namespace vigil::log
