// A throw-away certificate authority, for the simulated exchange and for tests: TLS with names and dates as
// wished. Its keys live in ordinary memory and protect nothing but a loopback session.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"

namespace vigil::credentials {

struct Validity {
    base::WallTime not_before;  ///< whole seconds count
    base::WallTime not_after;
};

struct ServerNames {
    std::string common_name;
    std::vector<std::string> dns_names;
    std::vector<std::string> ip_addresses;  ///< "127.0.0.1", "::1"
};

struct ServerCertificate {
    std::string certificate_pem;
    std::string private_key_pem;
};

/// An EC P-256 root. Any thread, one at a time.
class CertificateAuthority {
  public:
    [[nodiscard]] static base::Result<CertificateAuthority> make(const std::string& common_name,
                                                                 Validity validity);

    CertificateAuthority(CertificateAuthority&&) noexcept;
    CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
    ~CertificateAuthority();

    /// What a client must trust.
    [[nodiscard]] const std::string& certificate_pem() const;

    /// A server certificate (EC P-256, serverAuth) signed by this authority. ErrorKind::invalid for an
    /// address that is none.
    [[nodiscard]] base::Result<ServerCertificate> issue(const ServerNames& names, Validity validity) const;

  private:
    struct State;
    explicit CertificateAuthority(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace vigil::credentials
