#include "net/transport.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace vigil::net {

namespace {

using base::Error;
using base::ErrorKind;

Error socket_error(const char* doing, int reason) {
    const Error system = base::system_error(std::string{"connection lost while "} + doing, reason);
    return {ErrorKind::unavailable, system.message};
}

}  // namespace

// A BIO of our own on the socket, for the knowledge of is_empty and the count of the writes.

BIO_METHOD* Transport::bio_method() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "vigil socket");
        base::check(made != nullptr, "a BIO method can be made");
        BIO_meth_set_read(made, &Transport::bio_read);
        BIO_meth_set_write(made, &Transport::bio_write);
        BIO_meth_set_ctrl(made, &Transport::bio_control);
        return made;
    }();
    return method;
}

int Transport::bio_read(BIO* bio, char* place, int room) {
    auto* self = static_cast<Transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t count = self->receive(place, static_cast<std::size_t>(room));
    if (count < 0 && self->last_errno_ == EAGAIN) BIO_set_retry_read(bio);
    return static_cast<int>(count);
}

int Transport::bio_write(BIO* bio, const char* bytes, int size) {
    auto* self = static_cast<Transport*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t count = self->send(bytes, static_cast<std::size_t>(size));
    if (count < 0 && self->last_errno_ == EAGAIN) BIO_set_retry_write(bio);
    return static_cast<int>(count);
}

long Transport::bio_control(BIO* bio, int command, long, void*) {
    const auto* self = static_cast<const Transport*>(BIO_get_data(bio));
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return self->end_of_file_ ? 1 : 0;
    return 0;
}

ssize_t Transport::receive(char* place, std::size_t room) {
    if (empty_ && !end_of_file_) {
        last_errno_ = EAGAIN;
        return -1;
    }
    ssize_t count = 0;
    do count = ::recv(socket_.get(), place, room, 0);
    while (count < 0 && errno == EINTR);
    last_errno_ = count < 0 ? errno : 0;
    if (count < 0 && last_errno_ == EWOULDBLOCK) last_errno_ = EAGAIN;
    if (count == 0) end_of_file_ = true;
    empty_ = count < static_cast<ssize_t>(room);
    return count;
}

ssize_t Transport::send(const char* bytes, std::size_t size) {
    ssize_t count = 0;
    do count = ::send(socket_.get(), bytes, size, MSG_NOSIGNAL);
    while (count < 0 && errno == EINTR);
    last_errno_ = count < 0 ? errno : 0;
    if (count < 0 && last_errno_ == EWOULDBLOCK) last_errno_ = EAGAIN;
    ++writes_;
    return count;
}

base::Result<void> Transport::use_client_tls(const ClientTls& tls, const std::string& host,
                                             std::uint16_t port) {
    client_ = tls.impl();
    peer_key_ = host + ":" + std::to_string(port);
    auto ssl = client_->new_session(host, peer_key_);
    if (!ssl) return base::fail(ssl.error());
    ssl_ = std::move(*ssl);
    return attach();
}

base::Result<void> Transport::use_server_tls(const ServerTls& tls) {
    server_ = tls.impl();
    ERR_clear_error();
    ssl_.reset(SSL_new(server_->context.get()));
    if (!ssl_) return base::fail(ErrorKind::exhausted, ssl_error_text("no TLS session"));
    SSL_set_accept_state(ssl_.get());
    return attach();
}

base::Result<void> Transport::attach() {
    BIO* bio = BIO_new(bio_method());
    if (bio == nullptr) return base::fail(ErrorKind::exhausted, ssl_error_text("no TLS session"));
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    return {};
}

Transport::Outcome Transport::classify(int returned, const char* doing) {
    switch (SSL_get_error(ssl_.get(), returned)) {
        case SSL_ERROR_WANT_READ:
            return {Status::wait_read};
        case SSL_ERROR_WANT_WRITE:
            return {Status::wait_write};
        case SSL_ERROR_ZERO_RETURN:
            return {Status::ended};
        case SSL_ERROR_SYSCALL:
            broken_ = true;
            if (last_errno_ != 0) return {Status::failed, 0, socket_error(doing, last_errno_)};
            return {Status::failed, 0,
                    Error{ErrorKind::unavailable, std::string{"the peer dropped the connection while "} +
                                                      doing + ", without a TLS goodbye"}};
        default:
            break;
    }
    broken_ = true;
    const unsigned long code = ERR_peek_error();
    const int reason = ERR_GET_LIB(code) == ERR_LIB_SSL ? ERR_GET_REASON(code) : 0;
    if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
        ERR_clear_error();
        return {Status::failed, 0,
                Error{ErrorKind::unavailable, std::string{"the peer dropped the connection while "} + doing +
                                                  ", without a TLS goodbye"}};
    }
    if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) {
        ERR_clear_error();
        const long verdict = SSL_get_verify_result(ssl_.get());
        return {Status::failed, 0,
                Error{ErrorKind::denied, "the certificate of " + peer_key_ +
                                             " is refused: " + X509_verify_cert_error_string(verdict)}};
    }
    // A fatal alert is what the peer says of us; everything else is what we say of its bytes.
    const bool alert = reason > SSL_AD_REASON_OFFSET;
    return {Status::failed, 0,
            Error{alert ? ErrorKind::unavailable : ErrorKind::corrupt,
                  ssl_error_text(std::string{"TLS error while "} + doing)}};
}

Transport::Outcome Transport::handshake() {
    if (!ssl_) return {Status::done};
    ERR_clear_error();
    const int returned = SSL_do_handshake(ssl_.get());
    if (returned == 1) return {Status::done};
    return classify(returned, "shaking hands");
}

Transport::Outcome Transport::read(char* place, std::size_t room) {
    if (!ssl_) {
        const ssize_t count = receive(place, room);
        if (count > 0) return {Status::done, static_cast<std::size_t>(count)};
        if (count == 0) return {Status::ended};
        if (last_errno_ == EAGAIN) return {Status::wait_read};
        return {Status::failed, 0, socket_error("reading", last_errno_)};
    }
    if (broken_) return {Status::failed, 0, Error{ErrorKind::io, "the TLS session is broken"}};
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_read_ex(ssl_.get(), place, room, &count);
    if (returned == 1) return {Status::done, count};
    return classify(returned, "reading");
}

Transport::Outcome Transport::write(const char* bytes, std::size_t size) {
    if (!ssl_) {
        const ssize_t count = send(bytes, size);
        if (count >= 0) return {Status::done, static_cast<std::size_t>(count)};
        if (last_errno_ == EAGAIN) return {Status::wait_write};
        return {Status::failed, 0, socket_error("writing", last_errno_)};
    }
    if (broken_) return {Status::failed, 0, Error{ErrorKind::io, "the TLS session is broken"}};
    ERR_clear_error();
    std::size_t count = 0;
    const int returned = SSL_write_ex(ssl_.get(), bytes, size, &count);
    if (returned == 1) return {Status::done, count};
    return classify(returned, "writing");
}

void Transport::say_goodbye() {
    if (ssl_ && !broken_ && SSL_is_init_finished(ssl_.get()) == 1) {
        ERR_clear_error();
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
    if (socket_) ::shutdown(socket_.get(), SHUT_WR);
}

void Transport::reset_on_close() {
    const linger at_once{1, 0};
    if (socket_) ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    broken_ = true;
}

Transport::~Transport() {
    // Without these flags OpenSSL would call the session bad, and it could not be resumed.
    if (ssl_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

}  // namespace vigil::net
