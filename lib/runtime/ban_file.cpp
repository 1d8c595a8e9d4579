#include "runtime/ban_file.h"

#include <charconv>
#include <fstream>
#include <optional>

namespace vigil::runtime {

namespace {

std::optional<std::string_view> value_of(std::string_view text, std::string_view name) {
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        const std::size_t space = line.find(' ');
        if (space != std::string_view::npos && line.substr(0, space) == name) return line.substr(space + 1);
    }
    return std::nullopt;
}

std::optional<std::int64_t> number(std::string_view text, std::string_view name) {
    const auto value = value_of(text, name);
    if (!value) return std::nullopt;
    std::int64_t parsed = 0;
    const auto [end, failure] = std::from_chars(value->data(), value->data() + value->size(), parsed);
    if (failure != std::errc{} || end != value->data() + value->size()) return std::nullopt;
    return parsed;
}

}  // namespace

std::string to_text(const governor::BanRecord& ban) {
    std::string text;
    const auto line = [&text](std::string_view name, std::string_view value) {
        text += name;
        text += ' ';
        text += value;
        text += '\n';
    };
    line("status", std::to_string(ban.status));
    line("offences", std::to_string(ban.offences));
    line("until_ns", std::to_string(ban.until.time_since_epoch().count()));
    line("imposed_ns", std::to_string(ban.imposed.time_since_epoch().count()));
    line("wall_until_us", std::to_string(ban.wall_until.time_since_epoch().count()));
    line("wall_imposed_us", std::to_string(ban.wall_imposed.time_since_epoch().count()));
    line("boot_id", ban.boot_id.view());
    return text;
}

base::Result<governor::BanRecord> parse_ban(std::string_view text) {
    const auto status = number(text, "status");
    const auto offences = number(text, "offences");
    const auto until = number(text, "until_ns");
    const auto imposed = number(text, "imposed_ns");
    const auto wall_until = number(text, "wall_until_us");
    const auto wall_imposed = number(text, "wall_imposed_us");
    const auto boot = value_of(text, "boot_id");
    const auto boot_id = boot ? governor::BootId::from(*boot) : std::nullopt;
    if (!status || !offences || !until || !imposed || !wall_until || !wall_imposed || !boot_id)
        return base::fail(base::ErrorKind::corrupt, "the ban file is damaged");
    governor::BanRecord ban;
    ban.status = static_cast<std::int32_t>(*status);
    ban.offences = static_cast<std::int32_t>(*offences);
    ban.until = base::MonotonicTime{base::nanoseconds{*until}};
    ban.imposed = base::MonotonicTime{base::nanoseconds{*imposed}};
    ban.wall_until = base::WallTime{base::microseconds{*wall_until}};
    ban.wall_imposed = base::WallTime{base::microseconds{*wall_imposed}};
    ban.boot_id = *boot_id;
    return ban;
}

governor::BootId read_boot_id() {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string text;
    std::getline(file, text);
    return governor::BootId::from(text).value_or(governor::BootId{});
}

}  // namespace vigil::runtime
