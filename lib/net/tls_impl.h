// What stands behind ClientTls and ServerTls; only for this folder's .cpp files.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "net/tls.h"

namespace vigil::net {

struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SslPtr = std::unique_ptr<SSL, FreeSsl>;
using SslContextPtr = std::unique_ptr<SSL_CTX, FreeSsl>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, FreeSsl>;

/// What OpenSSL's error queue of this thread says, which is emptied: "<what>: <reason>".
[[nodiscard]] std::string ssl_error_text(std::string_view what);

class ClientTls::Impl : public std::enable_shared_from_this<ClientTls::Impl> {
  public:
    /// With no trusted authority yet.
    [[nodiscard]] static base::Result<std::shared_ptr<Impl>> make();

    /// A session towards `host`: SNI, verification of chain and name, and an earlier session to resume if one
    /// is kept. `peer_key` ("host:port") names it in the session cache and must live as long as the SSL.
    [[nodiscard]] base::Result<SslPtr> new_session(const std::string& host, const std::string& peer_key);

    [[nodiscard]] SSL_CTX* context() const { return context_.get(); }

  private:
    static int keep_session(SSL* ssl, SSL_SESSION* session);

    SslContextPtr context_;
    std::mutex mutex_;  ///< guards sessions_
    std::unordered_map<std::string, std::vector<SslSessionPtr>> sessions_;
};

class ServerTls::Impl {
  public:
    SslContextPtr context;
};

}  // namespace vigil::net
