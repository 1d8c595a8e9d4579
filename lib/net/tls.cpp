#include "net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <climits>

#include "net/socket_address.h"
#include "net/tls_impl.h"

namespace vigil::net {

namespace {

using base::ErrorKind;
using base::fail;

constexpr std::size_t sessions_per_peer_max = 4;
constexpr std::size_t peers_max = 64;
/// ALPN's wire form of the one protocol that is spoken here.
constexpr std::array<unsigned char, 9> alpn_http11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

struct FreeBio {
    void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeX509 {
    void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;
using X509Ptr = std::unique_ptr<X509, FreeX509>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeKey>;

BioPtr reader_of(std::string_view text) {
    if (text.size() > INT_MAX) return nullptr;
    return BioPtr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

/// No terminal is ever asked for a passphrase.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

/// At its end PEM_read says "no start line"; anything else in the queue is a real error.
bool at_end_of_pem() {
    const unsigned long last = ERR_peek_last_error();
    const bool end = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    if (end) ERR_clear_error();
    return end;
}

base::Result<SslContextPtr> new_context(const SSL_METHOD* method) {
    ERR_clear_error();
    SslContextPtr context{SSL_CTX_new(method)};
    if (!context) return fail(ErrorKind::exhausted, ssl_error_text("no TLS context"));
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    // Moving: the output buffer may be reallocated while a record waits for the socket. Read-ahead: one recv
    // for a record's header and body, and for the records behind it.
    SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context.get(), 1);
    return context;
}

int choose_http11(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                  unsigned int offered_size, void*) {
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, alpn_http11.data(), static_cast<unsigned>(alpn_http11.size()),
                              offered, offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

}  // namespace

std::string ssl_error_text(std::string_view what) {
    std::string text{what};
    const unsigned long code = ERR_get_error();
    if (code != 0) {
        std::array<char, 256> buffer{};
        const char* reason = ERR_reason_error_string(code);
        if (reason == nullptr) {
            ERR_error_string_n(code, buffer.data(), buffer.size());
            reason = buffer.data();
        }
        text += ": ";
        text += reason;
    }
    ERR_clear_error();
    return text;
}

base::Result<std::shared_ptr<ClientTls::Impl>> ClientTls::Impl::make() {
    auto context = new_context(TLS_client_method());
    if (!context) return fail(context.error());
    auto made = std::make_shared<Impl>();
    made->context_ = std::move(*context);
    SSL_CTX* raw = made->context_.get();
    SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_alpn_protos(raw, alpn_http11.data(), static_cast<unsigned>(alpn_http11.size()));
    SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(raw, &Impl::keep_session);
    SSL_CTX_set_app_data(raw, made.get());
    return made;
}

int ClientTls::Impl::keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<Impl*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    const auto* key = static_cast<const std::string*>(SSL_get_app_data(ssl));
    if (key == nullptr) return 0;
    const std::scoped_lock lock{self->mutex_};
    if (!self->sessions_.contains(*key) && self->sessions_.size() >= peers_max) return 0;
    auto& kept = self->sessions_[*key];
    if (kept.size() >= sessions_per_peer_max) kept.erase(kept.begin());
    kept.emplace_back(session);
    return 1;  // the reference is ours now
}

base::Result<SslPtr> ClientTls::Impl::new_session(const std::string& host, const std::string& peer_key) {
    ERR_clear_error();
    SslPtr ssl{SSL_new(context_.get())};
    if (!ssl) return fail(ErrorKind::exhausted, ssl_error_text("no TLS session"));
    X509_VERIFY_PARAM* wanted = SSL_get0_param(ssl.get());
    bool named = false;
    if (SocketAddress::parse(host, 1)) {
        named = X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
    } else {
        SSL_set_hostflags(ssl.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        named = SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
                SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
    }
    if (!named) return fail(ErrorKind::invalid, ssl_error_text("the host name cannot be verified"));
    SSL_set_app_data(ssl.get(), const_cast<std::string*>(&peer_key));
    SSL_set_connect_state(ssl.get());

    const std::scoped_lock lock{mutex_};
    if (const auto kept = sessions_.find(peer_key); kept != sessions_.end()) {
        // A TLS 1.3 ticket is used once (RFC 8446 appendix C.4); the connection brings new ones.
        while (!kept->second.empty()) {
            const SslSessionPtr session = std::move(kept->second.back());
            kept->second.pop_back();
            if (SSL_SESSION_is_resumable(session.get()) == 1 &&
                SSL_set_session(ssl.get(), session.get()) == 1)
                break;
        }
    }
    ERR_clear_error();
    return ssl;
}

base::Result<ClientTls> ClientTls::make(const std::string& ca_file) {
    auto impl = Impl::make();
    if (!impl) return fail(impl.error());
    SSL_CTX* context = (*impl)->context();
    if (ca_file.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) != 1)
            return fail(ErrorKind::not_found,
                        ssl_error_text("the system's certificate store cannot be read"));
    } else if (SSL_CTX_load_verify_file(context, ca_file.c_str()) != 1) {
        return fail(ErrorKind::not_found, ssl_error_text("no certificate authority in '" + ca_file + "'"));
    }
    return ClientTls{std::move(*impl)};
}

base::Result<ClientTls> ClientTls::make_from_pem(std::string_view ca_pem) {
    auto impl = Impl::make();
    if (!impl) return fail(impl.error());
    X509_STORE* store = SSL_CTX_get_cert_store((*impl)->context());
    const BioPtr reader = reader_of(ca_pem);
    std::size_t count = 0;
    while (reader) {
        const X509Ptr certificate{PEM_read_bio_X509(reader.get(), nullptr, no_passphrase, nullptr)};
        if (!certificate) break;
        if (X509_STORE_add_cert(store, certificate.get()) != 1)
            return fail(ErrorKind::invalid, ssl_error_text("a certificate authority cannot be used"));
        ++count;
    }
    if (!at_end_of_pem() || count == 0)
        return fail(ErrorKind::invalid, ssl_error_text("no certificate authority in the PEM text"));
    return ClientTls{std::move(*impl)};
}

base::Result<ServerTls> ServerTls::make_from_pem(std::string_view chain_pem, std::string_view key_pem) {
    auto context = new_context(TLS_server_method());
    if (!context) return fail(context.error());
    SSL_CTX* raw = context->get();

    const BioPtr chain = reader_of(chain_pem);
    if (!chain) return fail(ErrorKind::invalid, "the certificate chain cannot be read");
    const X509Ptr leaf{PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)};
    if (!leaf || SSL_CTX_use_certificate(raw, leaf.get()) != 1)
        return fail(ErrorKind::invalid, ssl_error_text("the server certificate cannot be used"));
    for (;;) {
        X509Ptr next{PEM_read_bio_X509(chain.get(), nullptr, no_passphrase, nullptr)};
        if (!next) break;
        if (SSL_CTX_add0_chain_cert(raw, next.get()) != 1)
            return fail(ErrorKind::invalid, ssl_error_text("a certificate of the chain cannot be used"));
        (void)next.release();  // the context owns it now
    }
    if (!at_end_of_pem()) return fail(ErrorKind::invalid, ssl_error_text("the certificate chain is damaged"));

    const BioPtr key_reader = reader_of(key_pem);
    if (!key_reader) return fail(ErrorKind::invalid, "the server's key cannot be read");
    const KeyPtr key{PEM_read_bio_PrivateKey(key_reader.get(), nullptr, no_passphrase, nullptr)};
    if (!key || SSL_CTX_use_PrivateKey(raw, key.get()) != 1 || SSL_CTX_check_private_key(raw) != 1)
        return fail(ErrorKind::invalid,
                    ssl_error_text("the server's key cannot be used with its certificate"));

    SSL_CTX_set_alpn_select_cb(raw, choose_http11, nullptr);
    auto impl = std::make_shared<Impl>();
    impl->context = std::move(*context);
    return ServerTls{std::move(impl)};
}

}  // namespace vigil::net
