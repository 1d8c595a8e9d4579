// The system calls under a Stream: a non-blocking socket, and TLS on it when wanted. It knows whether the
// socket is empty (the last recv did not fill its buffer, or found nothing), and then answers "wait" without
// asking the kernel; the owner says with mark_readable() that epoll has reported more. Level-triggered epoll
// makes that safe: whatever came in behind such a recv, an end of file too, is reported again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/unique_fd.h"
#include "net/tls_impl.h"

namespace vigil::net {

class Transport {
  public:
    enum class Status {
        done,        ///< `count` bytes moved (handshake: complete)
        wait_read,   ///< again when the socket is readable
        wait_write,  ///< again when the socket is writable
        ended,       ///< the peer has closed: with TLS's goodbye, or in the clear with an end of file
        failed,      ///< `error` says why
    };
    struct Outcome {
        Status status;
        std::size_t count{0};
        base::Error error{base::ErrorKind::io, {}};
    };

    explicit Transport(base::UniqueFd socket) : socket_{std::move(socket)} {}

    [[nodiscard]] base::Result<void> use_client_tls(const ClientTls& tls, const std::string& host,
                                                    std::uint16_t port);
    [[nodiscard]] base::Result<void> use_server_tls(const ServerTls& tls);
    [[nodiscard]] bool has_tls() const { return ssl_ != nullptr; }

    [[nodiscard]] Outcome handshake();
    [[nodiscard]] Outcome read(char* place, std::size_t room);
    /// When it has to wait, the same bytes (and maybe more behind them) must be offered again.
    [[nodiscard]] Outcome write(const char* bytes, std::size_t size);
    /// TLS goodbye if that is possible at once, and the end of the outgoing direction.
    void say_goodbye();
    /// The socket will be reset, not closed in order, when this object goes.
    void reset_on_close();

    void mark_readable() { empty_ = false; }
    [[nodiscard]] bool is_empty() const { return empty_; }
    [[nodiscard]] int fd() const { return socket_.get(); }
    [[nodiscard]] std::uint64_t writes() const { return writes_; }
    [[nodiscard]] bool session_reused() const { return ssl_ && SSL_session_reused(ssl_.get()) == 1; }

    ~Transport();
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;

  private:
    static BIO_METHOD* bio_method();
    static int bio_read(BIO* bio, char* place, int room);
    static int bio_write(BIO* bio, const char* bytes, int size);
    static long bio_control(BIO* bio, int command, long number, void* pointer);
    [[nodiscard]] base::Result<void> attach();
    [[nodiscard]] Outcome classify(int returned, const char* doing);
    ssize_t receive(char* place, std::size_t room);
    ssize_t send(const char* bytes, std::size_t size);

    base::UniqueFd socket_;
    bool empty_{false};
    bool end_of_file_{false};
    bool broken_{false};  ///< no further TLS call is allowed
    int last_errno_{0};
    std::uint64_t writes_{0};
    std::string peer_key_;                     ///< name in the session cache; before ssl_, which points to it
    std::shared_ptr<ClientTls::Impl> client_;  ///< before ssl_, whose session callback uses it
    std::shared_ptr<ServerTls::Impl> server_;
    SslPtr ssl_;
};

}  // namespace vigil::net
