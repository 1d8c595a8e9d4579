#include "floor.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/check.h"
#include "net/ws_codec.h"
#include "net/ws_primitives.h"

namespace vigil::bench {

namespace {

std::array<char, 16'384>& block() {
    static thread_local std::array<char, 16'384> bytes;
    return bytes;
}

}  // namespace

Floor::Floor(std::uint16_t port, const std::string& ca_pem, const std::string& request, int at_once,
             bool with_epoll) {
    SSL_CTX* context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    BIO* pem = BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size()));
    X509* authority = PEM_read_bio_X509(pem, nullptr, nullptr, nullptr);
    base::check(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority) == 1, "the authority is one");
    X509_free(authority);
    BIO_free(pem);

    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    base::check(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
                "the server of this program listens");
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    tls_ = SSL_new(context);
    SSL_CTX_free(context);
    SSL_set_fd(tls_, socket_);
    base::check(SSL_connect(tls_) == 1, "the floor's connection stands");
    const std::string upgrade = "GET / HTTP/1.1\r\nSec-WebSocket-Key: " + net::ws_make_key() + "\r\n\r\n";
    base::check(SSL_write(tls_, upgrade.data(), static_cast<int>(upgrade.size())) > 0 &&
                    SSL_read(tls_, block().data(), static_cast<int>(block().size())) > 0,
                "the server upgrades");

    const std::size_t one = net::ws_frame_bytes(net::WsRole::client, request.size());
    bytes_.resize(one * static_cast<std::size_t>(at_once));
    for (std::size_t place = 0; place < bytes_.size(); place += one)
        net::ws_write_frame(bytes_.data() + place, net::WsRole::client, net::WsOpcode::text, request,
                            0x5A17C3E9U);
    if (!with_epoll) return;
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    base::check(::fcntl(socket_, F_SETFL, O_NONBLOCK) == 0 &&
                    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket_, &event) == 0,
                "the socket can be watched");
}

Floor::~Floor() {
    SSL_free(tls_);
    ::close(socket_);
    if (epoll_ >= 0) ::close(epoll_);
}

void Floor::wait_until_readable() const {
    epoll_event event{};
    while (::epoll_wait(epoll_, &event, 1, -1) < 1) {
    }
}

void Floor::exchange() {
    base::check(SSL_write(tls_, bytes_.data(), static_cast<int>(bytes_.size())) > 0,
                "the server takes bytes");
    for (;;) {
        if (epoll_ >= 0) wait_until_readable();
        const int count = SSL_read(tls_, block().data(), static_cast<int>(block().size()));
        if (count > 0) return;
        // A ticket of TLS 1.3 is no data: then there is more to come.
        base::check(SSL_get_error(tls_, count) == SSL_ERROR_WANT_READ, "the server answers");
    }
}

}  // namespace vigil::bench
