// Which kind of recording a file is, by its first lines.
#include <algorithm>
#include <cctype>

#include "exchange/feed_files.h"
#include "exchange/replay_feed.h"

namespace vigil::exchange {

using base::ErrorKind;
using base::fail;
using base::Result;

CsvFields::CsvFields(std::string_view line) {
    while (count_ < fields_max) {
        const std::size_t comma = line.find(',');
        fields_[count_++] = line.substr(0, comma);
        if (comma == std::string_view::npos) return;
        line.remove_prefix(comma + 1);
    }
}

bool is_header(const CsvFields& fields) {
    return !fields[0].empty() && std::isdigit(static_cast<unsigned char>(fields[0].front())) == 0;
}

namespace {

constexpr int lines_looked_at = 20;

bool is_decimal(std::string_view text) {
    return domain::parse_decimal(text).has_value();
}
bool is_boolean(std::string_view text) {
    return text == "true" || text == "false" || text == "True" || text == "False" || text == "TRUE" ||
           text == "FALSE";
}

std::optional<CsvKind> csv_kind(const CsvFields& row) {
    if (row.size() >= 6 && parse_market_time(row[0]) && is_decimal(row[1]) && is_decimal(row[2]) &&
        is_decimal(row[3]) && is_decimal(row[4]) && is_decimal(row[5]) &&
        (row.size() == 6 || parse_market_time(row[6])))
        return CsvKind::klines;
    if (row.size() >= 7 && is_decimal(row[1]) && is_decimal(row[2]) && parse_market_time(row[5]) &&
        is_boolean(row[6]))
        return CsvKind::agg_trades;
    if (row.size() >= 6 && is_decimal(row[1]) && is_decimal(row[2]) && is_decimal(row[3]) &&
        parse_market_time(row[4]) && is_boolean(row[5]))
        return CsvKind::trades;
    return std::nullopt;
}

}  // namespace

Result<std::unique_ptr<Feed>> open_feed(const std::filesystem::path& file, const FeedOptions& options) {
    auto opened = LineReader::open(file);
    if (!opened) return fail(opened.error());
    std::unique_ptr<LineReader> reader = std::move(*opened);
    bool is_capture = false;
    std::optional<CsvKind> kind;
    for (int i = 0; i < lines_looked_at && !is_capture && !kind; ++i) {
        const auto line = reader->next();
        if (!line) return fail(line.error());
        if (!*line) break;
        const std::size_t begin = (*line)->find_first_not_of(" \t");
        if (begin == std::string_view::npos) continue;
        is_capture = (**line)[begin] == '{';
        if (is_capture) break;
        const CsvFields fields{**line};
        if (i == 0 && is_header(fields)) continue;
        kind = csv_kind(fields);
        if (!kind)
            return fail(reader->wrong("neither a capture nor trades, aggTrades or klines of the exchange"));
    }
    if (auto again = reader->rewind(); !again) return fail(again.error());
    if (is_capture) return open_capture(std::move(reader), options);
    if (!kind) return fail(ErrorKind::invalid, file.string() + ": there is no market event in it");
    if (*kind == CsvKind::klines) return open_klines_csv(std::move(reader), options);
    return open_trades_csv(std::move(reader), options, *kind);
}

}  // namespace vigil::exchange
