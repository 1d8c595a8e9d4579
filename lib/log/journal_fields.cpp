#include "log/journal_fields.h"

#include "log/catalogue.h"
#include "log/escape.h"
#include "log/format.h"

namespace vigil::log {

namespace {

/// syslog(3) priorities, as PRIORITY wants them.
std::string_view priority(Severity severity) {
    switch (severity) {
        case Severity::debug:
            return "7";
        case Severity::info:
            return "6";
        case Severity::notice:
            return "5";
        case Severity::warning:
            return "4";
        case Severity::error:
            return "3";
        case Severity::critical:
            return "2";
    }
    return "6";
}

std::string assigned(std::string_view name, std::string_view value) {
    std::string out;
    out.reserve(name.size() + 1 + value.size());
    out += name;
    out += '=';
    out += value;
    return out;
}

}  // namespace

std::string journal_name(std::string_view field_name) {
    std::string out = "VIGIL_";
    for (const char c : field_name) out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

std::vector<std::string> journal_fields(const Record& record, std::string_view identifier) {
    const EventSpec& entry = spec(record.event());
    std::vector<std::string> fields;
    fields.reserve(8 + record.field_count());
    fields.push_back(assigned("MESSAGE", message(record)));
    fields.push_back(assigned("MESSAGE_ID", entry.message_id));
    fields.push_back(assigned("PRIORITY", priority(entry.severity)));
    fields.push_back(assigned("SYSLOG_IDENTIFIER", identifier));
    fields.push_back(assigned("CODE_FILE", record.where().file));
    fields.push_back(assigned("CODE_LINE", std::to_string(record.where().line)));
    fields.push_back(assigned("CODE_FUNC", record.where().function));
    fields.push_back(assigned("VIGIL_EVENT", entry.name));
    for (std::size_t i = 0; i < record.field_count(); ++i) {
        const Field field = record.at(i);
        std::string line = assigned(journal_name(field.name), "");
        escape_controls(value_text(field), line);
        if (record.cut(i)) line += "...";
        fields.push_back(std::move(line));
    }
    return fields;
}

}  // namespace vigil::log
