// A text with the readable memory behind it that the decoders want.
#pragma once

#include <string>
#include <string_view>

#include "net/ws_client.h"

namespace vigil::binance::test {

class Padded {
  public:
    explicit Padded(std::string_view text) : size_{text.size()} {
        bytes_.reserve(size_ + net::text_padding_bytes);
        bytes_ = text;
        bytes_.append(net::text_padding_bytes, '\0');
    }
    [[nodiscard]] std::string_view view() const { return std::string_view{bytes_}.substr(0, size_); }

  private:
    std::size_t size_;
    std::string bytes_;
};

}  // namespace vigil::binance::test
