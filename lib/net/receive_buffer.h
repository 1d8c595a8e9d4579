// Bytes that have come in and are not used up yet, in one piece, with readable padding behind them.
#pragma once

#include <cstddef>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "net/ws_client.h"

namespace vigil::net {

class ReceiveBuffer {
  public:
    [[nodiscard]] char* data() { return bytes_.data() + begin_; }
    [[nodiscard]] const char* data() const { return bytes_.data() + begin_; }
    [[nodiscard]] std::size_t size() const { return end_ - begin_; }
    [[nodiscard]] bool empty() const { return begin_ == end_; }

    /// Room for at least `least` more bytes behind the present ones; moves them when it must.
    char* prepare(std::size_t least) {
        if (begin_ == end_) {
            begin_ = end_ = 0;
            // One huge message must not pin its memory for ever.
            if (bytes_.size() > keep_bytes_max) bytes_ = {};
        }
        if (room() < least && begin_ > 0) {
            std::memmove(bytes_.data(), bytes_.data() + begin_, size());
            end_ -= begin_;
            begin_ = 0;
        }
        if (room() < least) bytes_.resize(std::max(bytes_.size() * 2, end_ + least + text_padding_bytes));
        return bytes_.data() + end_;
    }
    /// Bytes that may be written at prepare's answer.
    [[nodiscard]] std::size_t room() const {
        return bytes_.size() < end_ + text_padding_bytes ? 0 : bytes_.size() - end_ - text_padding_bytes;
    }
    void commit(std::size_t count) {
        base::check(count <= room(), "no more was received than there was room for");
        end_ += count;
    }
    void consume(std::size_t count) {
        base::check(count <= size(), "no more is consumed than was received");
        begin_ += count;
    }

  private:
    static constexpr std::size_t keep_bytes_max = 1U << 20U;

    std::vector<char> bytes_;
    std::size_t begin_{0};
    std::size_t end_{0};
};

}  // namespace vigil::net
