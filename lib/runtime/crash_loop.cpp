#include "runtime/crash_loop.h"

#include <charconv>
#include <string>
#include <vector>

namespace vigil::runtime {

namespace {

constexpr std::string_view starts_file = "starts";
constexpr std::size_t starts_kept = 64;

std::string starts_text(const std::vector<base::WallTime>& starts) {
    std::string text;
    for (const base::WallTime start : starts) text += std::to_string(start.time_since_epoch().count()) + "\n";
    return text;
}

/// The times in the file; a line that is none reads as `now`: there was a start.
std::vector<base::WallTime> parse_starts(std::string_view text, base::WallTime now) {
    std::vector<base::WallTime> starts;
    while (!text.empty() && starts.size() < starts_kept) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        std::int64_t since_epoch_us = 0;
        const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), since_epoch_us);
        const bool is_time = error == std::errc{} && stop == line.data() + line.size();
        starts.push_back(is_time ? base::WallTime{base::microseconds{since_epoch_us}} : now);
    }
    return starts;
}

}  // namespace

base::Result<int> note_start(const StateFolder& state, base::WallTime now, base::seconds window) {
    const auto text = state.read(starts_file);
    if (!text && text.error().kind != base::ErrorKind::not_found) return base::fail(text.error());
    std::vector<base::WallTime> starts = text ? parse_starts(*text, now) : std::vector<base::WallTime>{};
    // Compared, not subtracted: a damaged file may hold any number.
    std::erase_if(starts, [&](base::WallTime each) { return each < now - window || each > now + window; });
    const int earlier = static_cast<int>(starts.size());
    if (starts.size() == starts_kept) starts.erase(starts.begin());
    starts.push_back(now);
    if (auto written = state.replace(starts_file, starts_text(starts)); !written)
        return base::fail(std::move(written.error()));
    return earlier;
}

base::Result<void> note_end(const StateFolder& state) {
    return state.remove(starts_file);
}

base::Result<void> forget_earlier_starts(const StateFolder& state, base::WallTime now) {
    return state.replace(starts_file, starts_text({now}));
}

}  // namespace vigil::runtime
