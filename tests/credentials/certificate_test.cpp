#include "credentials/certificate.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

namespace vigil::credentials {
namespace {

using namespace std::chrono_literals;
using std::chrono::hours;

struct FreeX509 {
    void operator()(X509* object) const { X509_free(object); }
    void operator()(X509_STORE* object) const { X509_STORE_free(object); }
    void operator()(X509_STORE_CTX* object) const { X509_STORE_CTX_free(object); }
    void operator()(BIO* object) const { BIO_free(object); }
    void operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeX509>;

Owned<BIO> reading(const std::string& text) {
    return Owned<BIO>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}
Owned<X509> certificate_of(const std::string& pem) {
    return Owned<X509>{PEM_read_bio_X509(reading(pem).get(), nullptr, nullptr, nullptr)};
}

/// The verdict of OpenSSL's chain check at `at`: X509_V_OK or the reason.
int verdict(X509* authority, X509* server, std::time_t at, const char* host, const char* address) {
    const Owned<X509_STORE> store{X509_STORE_new()};
    X509_STORE_add_cert(store.get(), authority);
    const Owned<X509_STORE_CTX> context{X509_STORE_CTX_new()};
    X509_STORE_CTX_init(context.get(), store.get(), server, nullptr);
    X509_STORE_CTX_set_default(context.get(), "ssl_server");
    X509_VERIFY_PARAM* const parameters = X509_STORE_CTX_get0_param(context.get());
    X509_VERIFY_PARAM_set_time(parameters, at);
    if (host != nullptr) X509_VERIFY_PARAM_set1_host(parameters, host, 0);
    if (address != nullptr) X509_VERIFY_PARAM_set1_ip_asc(parameters, address);
    if (X509_verify_cert(context.get()) == 1) return X509_V_OK;
    return X509_STORE_CTX_get_error(context.get());
}

class CertificateTest : public ::testing::Test {
  protected:
    const base::WallTime from_{1'784'000'000s};
    const Validity validity_{from_, from_ + hours{48}};
    const std::time_t inside_ = 1'784'000'000 + 3600;
    CertificateAuthority authority_ = CertificateAuthority::make("Vigil test authority", validity_).value();
    ServerCertificate made_ =
        authority_.issue({"localhost", {"localhost", "api.test"}, {"127.0.0.1", "::1"}}, validity_).value();
    Owned<X509> root_ = certificate_of(authority_.certificate_pem());
    Owned<X509> server_ = certificate_of(made_.certificate_pem);
};

TEST_F(CertificateTest, IsGoodForItsNamesAndAddresses) {
    ASSERT_TRUE(root_ && server_);
    EXPECT_EQ(verdict(root_.get(), server_.get(), inside_, "localhost", nullptr), X509_V_OK);
    EXPECT_EQ(verdict(root_.get(), server_.get(), inside_, "api.test", nullptr), X509_V_OK);
    EXPECT_EQ(verdict(root_.get(), server_.get(), inside_, nullptr, "127.0.0.1"), X509_V_OK);
    EXPECT_EQ(verdict(root_.get(), server_.get(), inside_, nullptr, "::1"), X509_V_OK);
    EXPECT_EQ(verdict(root_.get(), server_.get(), inside_, "example.com", nullptr),
              X509_V_ERR_HOSTNAME_MISMATCH);
    EXPECT_EQ(verdict(root_.get(), server_.get(), inside_, nullptr, "127.0.0.2"),
              X509_V_ERR_IP_ADDRESS_MISMATCH);
}

TEST_F(CertificateTest, KeepsItsDates) {
    EXPECT_EQ(verdict(root_.get(), server_.get(), 1'784'000'000 - 1, "localhost", nullptr),
              X509_V_ERR_CERT_NOT_YET_VALID);
    EXPECT_EQ(verdict(root_.get(), server_.get(), 1'784'000'000 + 48 * 3600 + 1, "localhost", nullptr),
              X509_V_ERR_CERT_HAS_EXPIRED);
    const auto expired = authority_.issue({"localhost", {"localhost"}, {}}, {from_, from_ + 10min}).value();
    EXPECT_EQ(
        verdict(root_.get(), certificate_of(expired.certificate_pem).get(), inside_, "localhost", nullptr),
        X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST_F(CertificateTest, IsNotTrustedByAnotherAuthorityOfTheSameName) {
    const auto other = CertificateAuthority::make("Vigil test authority", validity_).value();
    const auto other_root = certificate_of(other.certificate_pem());
    EXPECT_NE(verdict(other_root.get(), server_.get(), inside_, "localhost", nullptr), X509_V_OK);
}

TEST_F(CertificateTest, ComesWithItsKey) {
    const Owned<EVP_PKEY> key{
        PEM_read_bio_PrivateKey(reading(made_.private_key_pem).get(), nullptr, nullptr, nullptr)};
    ASSERT_TRUE(key);
    EXPECT_EQ(X509_check_private_key(server_.get(), key.get()), 1);
}

TEST_F(CertificateTest, RefusesNamesThatAreNone) {
    EXPECT_FALSE(authority_.issue({"x", {}, {}}, validity_));
    EXPECT_FALSE(authority_.issue({"x", {"a,IP:1.2.3.4"}, {}}, validity_));
    EXPECT_FALSE(authority_.issue({"x", {}, {"not an address"}}, validity_));
    EXPECT_FALSE(authority_.issue({"x", {}, {"300.1.1.1"}}, validity_));
}

}  // namespace
}  // namespace vigil::credentials
