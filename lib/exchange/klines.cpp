#include "exchange/klines.h"

#include <algorithm>

namespace vigil::exchange {

void append(Kline& whole, const Kline& next) {
    whole.high = std::max(whole.high, next.high);
    whole.low = std::min(whole.low, next.low);
    whole.close = next.close;
    grow(whole.volume, next.volume);
    grow(whole.quote_volume, next.quote_volume);
    whole.trade_count += next.trade_count;
    grow(whole.taker_buy_volume, next.taker_buy_volume);
    grow(whole.taker_buy_quote_volume, next.taker_buy_quote_volume);
    if (whole.first_trade_id < 0) whole.first_trade_id = next.first_trade_id;
    if (next.last_trade_id >= 0) whole.last_trade_id = next.last_trade_id;
    whole.synthetic = whole.synthetic || next.synthetic;
}

}  // namespace vigil::exchange
