// One text frame of the WebSocket API, read ("Request format", web-socket-api.md): its id as it came, its
// method, and its parameters as names and raw texts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "exchange/server_error.h"
#include "exchange/server_params.h"

namespace vigil::exchange {

/// Views into the frame and into the reader's buffer: valid until the next read.
struct WsApiRequest {
    std::string_view id{"null"};  ///< JSON text, to be echoed
    std::string_view method;
};

/// Keeps the parser's buffers from frame to frame. Loop thread only.
class WsApiReader {
  public:
    WsApiReader();
    ~WsApiReader();
    WsApiReader(const WsApiReader&) = delete;
    WsApiReader& operator=(const WsApiReader&) = delete;

    /// Fills `request` as far as it can be read, and `parameters` (cleared before). A number keeps the text
    /// that it was sent as, since that is what was signed; an array or object is its JSON text; null is
    /// empty.
    /// @param frame net::text_padding_bytes behind it may be read
    /// @returns -1135 for anything that is not such a request
    [[nodiscard]] std::optional<RequestError> read(std::string_view frame, WsApiRequest& request,
                                                   ParameterList& parameters);

  private:
    struct Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace vigil::exchange
