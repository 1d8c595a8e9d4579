// Where the recorded market data lies, and readers for its line formats (see the data's README). The project
// carries none of it: a test that finds nothing skips itself.
#pragma once

#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/market_events.h"

namespace vigil::market::testing {

/// Full path of a recorded file, or nothing when it is not there.
inline std::optional<std::filesystem::path> recorded(const std::string& name) {
    std::filesystem::path base;
    if (const char* data = std::getenv("VIGIL_TEST_DATA"); data != nullptr && *data != '\0')
        base = data;
    else if (const char* source = std::getenv("VIGIL_SOURCE_DIR"); source != nullptr)
        base = std::filesystem::path{source} / ".." / "shared" / "data";
    else
        return std::nullopt;
    std::error_code ignored;
    if (!std::filesystem::exists(base / name, ignored)) return std::nullopt;
    return base / name;
}

/// Calls `each` for every line of a plain or gzip-compressed file. False when the file cannot be read whole.
inline bool for_each_line(const std::filesystem::path& path,
                          const std::function<void(std::string_view)>& each) {
    gzFile file = gzopen(path.c_str(), "rb");
    if (file == nullptr) return false;
    std::string pending;
    std::vector<char> chunk(1 << 18);
    int got = 0;
    while ((got = gzread(file, chunk.data(), static_cast<unsigned>(chunk.size()))) > 0) {
        pending.append(chunk.data(), static_cast<std::size_t>(got));
        std::size_t begin = 0;
        for (std::size_t end = 0; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1)
            each(std::string_view{pending}.substr(begin, end - begin));
        pending.erase(0, begin);
    }
    if (!pending.empty()) each(pending);
    return gzclose(file) == Z_OK && got == 0;
}

inline std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = line.find(',', begin)) != std::string_view::npos; begin = end + 1)
        fields.push_back(line.substr(begin, end - begin));
    fields.push_back(line.substr(begin));
    return fields;
}

/// Closed candles of a klines CSV with header, times in ms.
inline std::vector<domain::Candle> read_klines(const std::filesystem::path& path, std::string_view interval) {
    std::vector<domain::Candle> candles;
    bool header = true;
    for_each_line(path, [&](std::string_view line) {
        if (header || line.empty()) {
            header = false;
            return;
        }
        const auto field = split(line);
        domain::Candle candle;
        candle.interval = domain::parse_candle_interval(interval).value();
        candle.open_time = base::exchange_time_ms(std::stoll(std::string{field.at(0)}));
        candle.open = domain::Price::parse(field.at(1)).value();
        candle.high = domain::Price::parse(field.at(2)).value();
        candle.low = domain::Price::parse(field.at(3)).value();
        candle.close = domain::Price::parse(field.at(4)).value();
        candle.volume = domain::Quantity::parse(field.at(5)).value();
        candle.close_time = base::exchange_time_ms(std::stoll(std::string{field.at(6)}));
        candle.quote_volume = domain::Amount::parse(field.at(7)).value();
        candle.trade_count = std::stoll(std::string{field.at(8)});
        candle.taker_buy_volume = domain::Quantity::parse(field.at(9)).value();
        candle.taker_buy_quote_volume = domain::Amount::parse(field.at(10)).value();
        candle.closed = true;
        candles.push_back(candle);
    });
    return candles;
}

}  // namespace vigil::market::testing
