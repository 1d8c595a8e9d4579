// TLS contexts. A client always verifies the certificate chain and the host name and speaks TLS 1.2 or newer;
// there is no switch to turn that off.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace vigil::net {

/// What a client trusts, and the sessions it may resume. A cheap handle: copies share the context. May be
/// copied and used from several threads.
class ClientTls {
  public:
    /// @param ca_file PEM file of trusted authorities; empty: the system's store
    [[nodiscard]] static base::Result<ClientTls> make(const std::string& ca_file = {});
    /// The same with the authorities' PEM text in memory.
    [[nodiscard]] static base::Result<ClientTls> make_from_pem(std::string_view ca_pem);

    class Impl;
    [[nodiscard]] const std::shared_ptr<Impl>& impl() const { return impl_; }

  private:
    explicit ClientTls(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
    std::shared_ptr<Impl> impl_;
};

/// A server's certificate chain and key. A cheap handle.
class ServerTls {
  public:
    /// @param chain_pem server certificate first, then what leads to the authority
    /// @param key_pem   its private key, not encrypted
    [[nodiscard]] static base::Result<ServerTls> make_from_pem(std::string_view chain_pem,
                                                               std::string_view key_pem);

    class Impl;
    [[nodiscard]] const std::shared_ptr<Impl>& impl() const { return impl_; }

  private:
    explicit ServerTls(std::shared_ptr<Impl> impl) : impl_{std::move(impl)} {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace vigil::net
