// The feeds from files, each for one format; open_feed() picks the right one by content.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/error.h"
#include "exchange/feed.h"
#include "exchange/line_reader.h"

namespace vigil::exchange {

/// Captured stream frames and REST snapshots, one JSON a line: `{"recv_ns":N,"msg":{"stream":..,"data":..}}`
/// or `"recv":seconds`, `{"recv..":..,"rest":"GET /api/v3/depth?...","msg":{...}}`, and `"connect"` lines.
/// Depth, bookTicker, trade and, of symbols without trade, aggTrade are played; klines are made anew.
[[nodiscard]] base::Result<std::unique_ptr<Feed>> open_capture(std::unique_ptr<LineReader> reader,
                                                               const FeedOptions& options);

/// What a CSV file holds.
enum class CsvKind { trades, agg_trades, klines };

/// `id,price,qty,quote_qty,time,is_buyer_maker,is_best_match`, or
/// `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker,is_best_match`.
[[nodiscard]] base::Result<std::unique_ptr<Feed>> open_trades_csv(std::unique_ptr<LineReader> reader,
                                                                  const FeedOptions& options, CsvKind kind);

/// `open_time,open,high,low,close,volume,close_time,...`. A kline becomes prints along open-low-high-close
/// when it closed higher, open-high-low-close otherwise, spread evenly over its time and volume; klines built
/// from them equal the recorded ones. A kline without volume has no print.
[[nodiscard]] base::Result<std::unique_ptr<Feed>> open_klines_csv(std::unique_ptr<LineReader> reader,
                                                                  const FeedOptions& options);

/// The comma-separated fields of a line, at most 16. No quoting: the exchange's files have none.
class CsvFields {
  public:
    explicit CsvFields(std::string_view line);
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] std::string_view operator[](std::size_t index) const {
        return index < count_ ? fields_[index] : std::string_view{};
    }

  private:
    static constexpr std::size_t fields_max = 16;
    std::array<std::string_view, fields_max> fields_{};
    std::size_t count_{0};
};

/// Whether a line is a header: its first field is no number.
[[nodiscard]] bool is_header(const CsvFields& fields);

}  // namespace vigil::exchange
