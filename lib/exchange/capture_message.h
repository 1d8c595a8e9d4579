// One line of a capture, understood. Decoding only: what to do with it is the feed's business.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "domain/decimal.h"
#include "domain/market_events.h"
#include "domain/names.h"
#include "exchange/feed.h"

namespace vigil::exchange {

enum class CaptureKind : std::uint8_t { snapshot, depth, ticker, trade, agg_trade, other };

struct CaptureMessage {
    CaptureKind kind{CaptureKind::other};
    MarketTime received;
    domain::Symbol symbol;
    std::int64_t first_id{0};             ///< depth: U
    std::int64_t last_id{0};              ///< depth, ticker: u; snapshot: lastUpdateId
    std::vector<domain::BookLevel> bids;  ///< ticker: the best one
    std::vector<domain::BookLevel> asks;
    domain::Price price;  ///< trade, agg_trade
    domain::Quantity quantity;
    bool buyer_is_maker{false};
};

/// Reuses its buffers from line to line.
class CaptureDecoder {
  public:
    CaptureDecoder();
    ~CaptureDecoder();
    CaptureDecoder(const CaptureDecoder&) = delete;
    CaptureDecoder& operator=(const CaptureDecoder&) = delete;

    /// @returns kind invalid with the reason (without file and line); lines about anything else ("connect",
    /// klines, tickers) are `other`
    [[nodiscard]] base::Result<void> decode(std::string_view line, CaptureMessage& out);

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace vigil::exchange
