// One TCP connection with or without TLS on an event loop: bytes in, bytes out, and how it ended.
//
// Output is gathered: write() appends to a buffer, which is encrypted and written when the running callback
// of the loop has returned, or at flush(). Input is read until the socket is known to be empty (a read that
// did not fill its buffer), so that an answer costs one recv and no read that finds nothing.
//
// Held by shared pointer by its user; the user is told through StreamUser as long as it is attached. Loop
// thread only. A user that goes away calls close(), abort() or finish() first. None of these, nor write or
// flush, calls the user.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "base/unique_fd.h"
#include "net/event_loop.h"
#include "net/receive_buffer.h"
#include "net/tls.h"
#include "net/transport.h"

namespace vigil::net {

class StreamUser {
  public:
    StreamUser() = default;
    StreamUser(const StreamUser&) = delete;
    StreamUser& operator=(const StreamUser&) = delete;
    /// TCP and, if wanted, TLS stand; bytes can be written.
    virtual void on_stream_ready() = 0;
    /// input() holds new bytes.
    virtual void on_stream_bytes() = 0;
    /// Output that had to wait for the socket has all been written.
    virtual void on_stream_drained() {}
    /// The last call: the stream is closed already. `orderly`: the peer said that it has no more to send
    /// (TLS's goodbye, or in the clear an end of file), so nothing was cut off.
    virtual void on_stream_end(const base::Error& error, bool orderly) = 0;

  protected:
    ~StreamUser() = default;
};

class Stream final : public std::enable_shared_from_this<Stream> {
  public:
    /// Begins the TLS handshake as a client of `host`. The socket is connected and non-blocking.
    [[nodiscard]] static base::Result<std::shared_ptr<Stream>> client(EventLoop& loop, base::UniqueFd socket,
                                                                      StreamUser& user, const ClientTls* tls,
                                                                      const std::string& host,
                                                                      std::uint16_t port);
    /// The same as a server; without `tls` in the clear.
    [[nodiscard]] static base::Result<std::shared_ptr<Stream>> server(EventLoop& loop, base::UniqueFd socket,
                                                                      StreamUser& user, const ServerTls* tls);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void set_user(StreamUser& user) { user_ = &user; }
    [[nodiscard]] bool is_open() const { return state_ == State::handshaking || state_ == State::open; }

    [[nodiscard]] ReceiveBuffer& input() { return input_; }

    /// Makes room for `size` bytes at the end of the output and returns where they go.
    char* write_place(std::size_t size);
    void write(std::string_view bytes);
    void flush();
    /// Appended by write(), and of those handed to the socket (rounded up to what may have left), since the
    /// start.
    [[nodiscard]] std::uint64_t bytes_written() const { return output_base_ + output_.size(); }
    [[nodiscard]] std::uint64_t bytes_handed() const { return bytes_handed_; }
    [[nodiscard]] std::size_t bytes_waiting() const { return output_.size() - output_at_; }

    /// Nothing is read while paused.
    void pause_reading(bool on);

    /// Ends it now, politely towards TLS; what waits in the output is lost.
    void close();
    /// Ends it now without a word; `reset` makes the peer see a TCP reset.
    void abort(bool reset);
    /// Detaches the user, writes what waits, says goodbye, waits for the peer to close, at most `patience`.
    void finish(base::nanoseconds patience);

    [[nodiscard]] base::MonotonicTime last_received() const { return last_received_; }
    [[nodiscard]] std::uint64_t socket_writes() const;
    [[nodiscard]] bool session_reused() const;

  private:
    enum class State { handshaking, open, finishing, closed };

    Stream(EventLoop& loop, base::UniqueFd socket, StreamUser& user);
    base::Result<void> start(std::uint32_t events);
    void on_events(std::uint32_t events);
    void shake_hands();
    void read();
    void read_soon();
    void write_output();
    void fail_soon(base::Error error);
    void update_watch();
    void end(const base::Error& error, bool orderly);
    void release();

    EventLoop& loop_;
    StreamUser* user_;
    State state_{State::handshaking};
    std::optional<Transport> transport_;  ///< until closed
    ReceiveBuffer input_;
    std::size_t read_bytes_;  ///< room for one read; grows with what comes
    std::string output_;      ///< from output_at_ on: not yet taken by the socket
    std::size_t output_at_{0};
    std::uint64_t output_base_{0};  ///< bytes that went through output_ before its present first one
    std::uint64_t bytes_handed_{0};
    std::uint64_t writes_before_close_{0};
    bool flush_scheduled_{false};
    bool read_scheduled_{false};
    bool write_blocked_{false};
    bool write_failed_{false};
    bool read_wants_write_{false};
    bool paused_{false};
    bool said_goodbye_{false};
    std::uint32_t watched_events_{0};
    WatchId watch_;
    Timer timer_;
    base::MonotonicTime last_received_;
};

}  // namespace vigil::net
