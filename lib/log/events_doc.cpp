#include "log/events_doc.h"

#include <string_view>

#include "log/catalogue.h"
#include "log/journal_fields.h"

namespace vigil::log {

namespace {

std::string_view area_of(std::string_view dotted_name) {
    return dotted_name.substr(0, dotted_name.find('.'));
}

/// What a duration's field name promises, for a text that cannot convert it: "took_ms" -> " ms".
std::string_view unit_of(const FieldSpec& field) {
    if (field.type != FieldType::duration) return "";
    if (field.name.ends_with("_ns")) return " ns";
    if (field.name.ends_with("_us")) return " us";
    if (field.name.ends_with("_ms")) return " ms";
    return " s";
}

/// The message with @VIGIL_FIELD@ for each {field}.
std::string with_placeholders(const EventSpec& entry) {
    std::string out;
    std::string_view rest = entry.message;
    while (!rest.empty()) {
        const std::size_t open = rest.find('{');
        out += rest.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = rest.find('}', open);
        const std::string_view field_name = rest.substr(open + 1, close - open - 1);
        out += '@' + journal_name(field_name) + '@';
        if (const FieldSpec* field = entry.fields.find(field_name)) out += unit_of(*field);
        rest.remove_prefix(close + 1);
    }
    return out;
}

void append_wrapped(std::string_view text, std::string& out) {
    constexpr std::size_t width = 78;
    std::size_t column = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (column != 0) {
            const bool fits = column + 1 + end <= width;
            out += fits ? ' ' : '\n';
            column = fits ? column + 1 : 0;
        }
        out += text.substr(0, end);
        column += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    out += '\n';
}

}  // namespace

std::string events_markdown() {
    std::string out =
        "# Events\n"
        "\n"
        "Generated from the catalogue in `lib/log` by `vigil_events_doc`; do not edit.\n"
        "\n"
        "Every line that Vigil logs is one of these events. In the journal an event carries its id as "
        "`MESSAGE_ID`, its "
        "name as `VIGIL_EVENT` and each field as `VIGIL_<FIELD>`: `journalctl VIGIL_EVENT=order.rejected "
        "VIGIL_SYMBOL=BTCUSDT`; `journalctl -x` adds the remedy. In JSON lines the fields stand under "
        "`fields`: decimals "
        "are strings, durations are whole numbers in the unit that ends the field's name. Ids and names "
        "never change "
        "their meaning. Events of severity `warning`, `error` and `critical` are anomalies.\n";
    std::string_view area;
    for (const EventSpec* entry : catalogue::all) {
        if (area_of(entry->name) != area) {
            area = area_of(entry->name);
            out += "\n## ";
            out += area;
            out += '\n';
        }
        out += "\n### ";
        out += entry->name;
        out += "\n\n**";
        out += to_string(entry->severity);
        out += "** · `";
        out += entry->message_id;
        out += "`\n\n> ";
        out += entry->message;
        out += "\n\n";
        if (!entry->fields.view().empty()) {
            out += "Fields:";
            std::string_view separator = " ";
            for (const FieldSpec& field : entry->fields.view()) {
                out += separator;
                separator = ", ";
                out += '`';
                out += field.name;
                out += "` (";
                out += to_string(field.type);
                out += ')';
            }
            out += ".\n\n";
        }
        out += entry->remedy;
        out += '\n';
    }
    return out;
}

std::string journal_catalog() {
    std::string out =
        "# Message catalog of Vigil for journalctl -x.\n"
        "# Generated from the catalogue in lib/log by vigil_events_doc; do not edit.\n";
    for (const EventSpec* entry : catalogue::all) {
        out += "\n-- ";
        out += entry->message_id;
        out += "\nSubject: Vigil: ";
        out += entry->name;
        out += "\nDefined-By: Vigil\nDocumentation: file:///usr/share/doc/vigil/events.md\n\n";
        append_wrapped(with_placeholders(*entry), out);
        out += '\n';
        append_wrapped(entry->remedy, out);
    }
    return out;
}

}  // namespace vigil::log
