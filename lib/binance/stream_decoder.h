// Decodes messages of the market data streams (web-socket-streams.md), raw or combined, and hands them to the
// listener. Quick: one pass over the text, decimals straight to fixed point, levels into buffers that are
// kept.
//
// One object a connection, on the trading thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/time.h"
#include "domain/exchange_port.h"

namespace vigil::binance {

/// What a message was.
enum class StreamMessage : std::uint8_t {
    event,      ///< handed to the listener
    answer,     ///< to a SUBSCRIBE: it was accepted
    refusal,    ///< to a SUBSCRIBE: it was not
    shutdown,   ///< `serverShutdown`: connect anew at once
    ignored,    ///< well-formed, of a kind unheard of
    malformed,  ///< not understood; nothing was handed on
};

class StreamDecoder {
  public:
    explicit StreamDecoder(domain::ExchangeListener& listener);
    ~StreamDecoder();
    StreamDecoder(const StreamDecoder&) = delete;
    StreamDecoder& operator=(const StreamDecoder&) = delete;

    /// @param text may be read net::text_padding_bytes beyond its end
    StreamMessage decode(std::string_view text, base::MonotonicTime received);

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace vigil::binance
