#include "strategy/wishes.h"

namespace vigil::strategy {

namespace {

template <class Text>
Text cut(std::string_view text) {
    if (text.size() > Text::capacity) {
        std::size_t end = Text::capacity;
        // 10xxxxxx continues a character: go back to its first byte.
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
        text = text.substr(0, end);
    }
    return *Text::from(text);
}

}  // namespace

Reason reason(std::string_view text) {
    return cut<Reason>(text);
}

Note note(std::string_view text) {
    return Note{cut<NoteText>(text)};
}

}  // namespace vigil::strategy
