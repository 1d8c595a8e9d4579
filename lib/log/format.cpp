#include "log/format.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "log/catalogue.h"
#include "log/escape.h"

namespace vigil::log {

namespace {

struct Unit {
    std::string_view suffix;
    std::int64_t ns;
};
constexpr Unit name_units[] = {{"_ns", 1}, {"_us", 1'000}, {"_ms", 1'000'000}, {"_s", 1'000'000'000}};

void append_number(std::int64_t value, std::string& out) {
    char digits[24];
    const auto result = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, result.ptr);
}

/// A duration in the largest unit that leaves a whole part, with one decimal: "12.5 ms".
void append_duration(std::int64_t ns, std::string& out) {
    constexpr Unit units[] = {{" h", 3'600'000'000'000}, {" min", 60'000'000'000}, {" s", 1'000'000'000},
                              {" ms", 1'000'000},        {" us", 1'000},           {" ns", 1}};
    const std::uint64_t size = ns < 0 ? ~static_cast<std::uint64_t>(ns) + 1 : static_cast<std::uint64_t>(ns);
    for (const Unit& unit : units) {
        const auto step = static_cast<std::uint64_t>(unit.ns);
        if (size < step && unit.ns != 1) continue;
        if (ns < 0) out += '-';
        append_number(static_cast<std::int64_t>(size / step), out);
        const std::uint64_t tenth = step == 1 ? 0 : (size % step) / (step / 10);
        if (tenth != 0) {
            out += '.';
            out += static_cast<char>('0' + tenth);
        }
        out += unit.suffix;
        return;
    }
}

void append_for_people(const Field& field, bool cut, std::string& out) {
    switch (field.type) {
        case FieldType::integer:
            append_number(field.number, out);
            return;
        case FieldType::boolean:
            out += field.number != 0 ? "yes" : "no";
            return;
        case FieldType::duration:
            append_duration(field.number, out);
            return;
        case FieldType::text:
        case FieldType::decimal:
            escape_controls(field.text, out);
            if (cut) out += "...";
            return;
    }
}

void append_field_of(const Record& record, std::string_view field_name, std::string& out) {
    for (std::size_t i = 0; i < record.field_count(); ++i) {
        const Field field = record.at(i);
        if (field.name != field_name) continue;
        append_for_people(field, record.cut(i), out);
        return;
    }
    out += '?';
}

void append_json_value(const Field& field, bool cut, std::string& out) {
    switch (field.type) {
        case FieldType::integer:
        case FieldType::duration:
        case FieldType::boolean:
            out += value_text(field);
            return;
        case FieldType::text:
        case FieldType::decimal: {
            std::string text{field.text};
            if (cut) text += "...";
            append_json_string(text, out);
            return;
        }
    }
}

std::tm to_utc(base::WallTime time) {
    const auto whole = std::chrono::floor<base::seconds>(time.time_since_epoch());
    const std::time_t since_epoch = whole.count();
    std::tm utc{};
    gmtime_r(&since_epoch, &utc);
    return utc;
}

int microseconds_of(base::WallTime time) {
    const auto since_epoch = time.time_since_epoch();
    return static_cast<int>((since_epoch - std::chrono::floor<base::seconds>(since_epoch)).count());
}

std::string_view base_name(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::string message(const Record& record) {
    std::string out;
    std::string_view rest = spec(record.event()).message;
    while (!rest.empty()) {
        const std::size_t open = rest.find('{');
        out += rest.substr(0, open);
        if (open == std::string_view::npos) break;
        const std::size_t close = rest.find('}', open);
        append_field_of(record, rest.substr(open + 1, close - open - 1), out);
        rest.remove_prefix(close + 1);
    }
    return out;
}

std::string value_text(const Field& field) {
    std::string out;
    switch (field.type) {
        case FieldType::integer:
            append_number(field.number, out);
            break;
        case FieldType::boolean:
            out = field.number != 0 ? "true" : "false";
            break;
        case FieldType::text:
        case FieldType::decimal:
            out = field.text;
            break;
        case FieldType::duration: {
            std::int64_t unit_ns = 1;
            for (const Unit& unit : name_units)
                if (field.name.ends_with(unit.suffix)) unit_ns = unit.ns;
            append_number(field.number / unit_ns, out);
            break;
        }
    }
    return out;
}

std::string json_line(const Record& record) {
    std::string out;
    out.reserve(512);
    const EventSpec& entry = spec(record.event());
    out += R"({"time":")";
    out += rfc3339(record.time());
    out += R"(","event":")";
    out += entry.name;
    out += R"(","severity":")";
    out += to_string(entry.severity);
    out += R"(","message":)";
    append_json_string(message(record), out);
    out += R"(,"fields":{)";
    for (std::size_t i = 0; i < record.field_count(); ++i) {
        const Field field = record.at(i);
        if (i > 0) out += ',';
        append_json_string(field.name, out);
        out += ':';
        append_json_value(field, record.cut(i), out);
    }
    out += R"(},"source":)";
    std::string source{base_name(record.where().file)};
    source += ':';
    append_number(record.where().line, source);
    append_json_string(source, out);
    out += '}';
    return out;
}

std::string console_line(const Record& record) {
    const EventSpec& entry = spec(record.event());
    const std::tm utc = to_utc(record.time());
    char head[48];
    const std::string_view level = to_string(entry.severity);
    const int head_size =
        std::snprintf(head, sizeof head, "%02d:%02d:%02d.%03d %-8.*s ", utc.tm_hour, utc.tm_min, utc.tm_sec,
                      microseconds_of(record.time()) / 1000, static_cast<int>(level.size()), level.data());
    std::string out{head, static_cast<std::size_t>(head_size)};
    out += entry.name;
    out += "  ";
    out += message(record);
    if (entry.severity >= Severity::error) {
        out += "  [";
        out += entry.remedy;
        out += ']';
    }
    return out;
}

std::string rfc3339(base::WallTime time) {
    const std::tm utc = to_utc(time);
    char text[64];
    const int size = std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ",
                                   utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min,
                                   utc.tm_sec, microseconds_of(time));
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace vigil::log
