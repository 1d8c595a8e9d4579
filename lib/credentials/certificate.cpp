#include "credentials/certificate.h"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include <array>
#include <chrono>

#include "credentials/openssl_handles.h"

namespace vigil::credentials {

using base::ErrorKind;
using base::fail;

struct CertificateAuthority::State {
    CertificatePtr certificate;
    KeyPtr key;
    std::string pem;
};

namespace {

std::time_t whole_seconds(base::WallTime time) {
    return std::chrono::floor<base::seconds>(time.time_since_epoch()).count();
}

base::Result<std::string> text_of(const BioPtr& bio) {
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return std::string{text, static_cast<std::size_t>(size)};
}

base::Result<std::string> certificate_text(X509* certificate) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1)
        return fail(openssl_error(ErrorKind::exhausted, "writing a certificate"));
    return text_of(bio);
}

base::Result<std::string> key_text(EVP_PKEY* key) {
    const BioPtr bio{BIO_new(BIO_s_mem())};
    if (!bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(openssl_error(ErrorKind::exhausted, "writing a private key"));
    return text_of(bio);
}

bool set_random_serial(X509* certificate) {
    std::array<unsigned char, 8> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
    std::uint64_t serial = 0;
    for (const unsigned char byte : bytes) serial = serial << 8U | byte;
    return ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1U | 1U) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context{};
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension{X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
    return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

/// A certificate with everything but extensions and signature. `issuer` null: it names itself as issuer.
base::Result<CertificatePtr> begin_certificate(const std::string& common_name, EVP_PKEY* key, X509* issuer,
                                               Validity validity) {
    CertificatePtr certificate{X509_new()};
    X509* const made = certificate.get();
    bool good = made != nullptr && X509_set_version(made, X509_VERSION_3) == 1 && set_random_serial(made) &&
                X509_set_pubkey(made, key) == 1;
    good = good && ASN1_TIME_set(X509_getm_notBefore(made), whole_seconds(validity.not_before)) != nullptr &&
           ASN1_TIME_set(X509_getm_notAfter(made), whole_seconds(validity.not_after)) != nullptr;
    good = good && X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_UTF8,
                                              reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                              -1, 0) == 1;
    good = good && X509_set_issuer_name(made, X509_get_subject_name(issuer != nullptr ? issuer : made)) == 1;
    if (!good)
        return fail(openssl_error(ErrorKind::invalid, "making a certificate for \"" + common_name + "\""));
    return certificate;
}

/// Text for OpenSSL's "subjectAltName", whose syntax is "DNS:a,IP:b": a name must not bring its own syntax
/// along.
base::Result<std::string> alternative_names(const ServerNames& names) {
    std::string text;
    const auto append = [&text](std::string_view kind, const std::string& value, std::string_view not_in_it) {
        if (value.empty() || value.find_first_of(not_in_it) != std::string::npos) return false;
        if (!text.empty()) text += ',';
        text += kind;
        text += value;
        return true;
    };
    for (const std::string& name : names.dns_names)
        if (!append("DNS:", name, ",:= \t\n"))
            return fail(ErrorKind::invalid, "\"" + name + "\" is no DNS name");
    for (const std::string& address : names.ip_addresses)
        if (!append("IP:", address, ",= \t\n"))
            return fail(ErrorKind::invalid, "\"" + address + "\" is no IP address");
    if (text.empty())
        return fail(ErrorKind::invalid, "a server certificate needs a DNS name or an IP address");
    return text;
}

}  // namespace

CertificateAuthority::CertificateAuthority(std::unique_ptr<State> state) : state_{std::move(state)} {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

const std::string& CertificateAuthority::certificate_pem() const {
    return state_->pem;
}

base::Result<CertificateAuthority> CertificateAuthority::make(const std::string& common_name,
                                                              Validity validity) {
    KeyPtr key{EVP_EC_gen("P-256")};
    if (!key) return fail(openssl_error(ErrorKind::unsupported, "generating a P-256 key"));
    auto certificate = begin_certificate(common_name, key.get(), nullptr, validity);
    if (!certificate) return fail(certificate.error());
    X509* const made = certificate->get();
    const bool good = add_extension(made, made, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                      add_extension(made, made, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                      add_extension(made, made, NID_subject_key_identifier, "hash") &&
                      X509_sign(made, key.get(), EVP_sha256()) > 0;
    if (!good) return fail(openssl_error(ErrorKind::invalid, "making a certificate authority"));
    auto pem = certificate_text(made);
    if (!pem) return fail(pem.error());
    return CertificateAuthority{
        std::make_unique<State>(State{std::move(*certificate), std::move(key), std::move(*pem)})};
}

base::Result<ServerCertificate> CertificateAuthority::issue(const ServerNames& names,
                                                            Validity validity) const {
    const auto alternatives = alternative_names(names);
    if (!alternatives) return fail(alternatives.error());
    const KeyPtr key{EVP_EC_gen("P-256")};
    if (!key) return fail(openssl_error(ErrorKind::unsupported, "generating a P-256 key"));
    X509* const issuer = state_->certificate.get();
    const auto certificate = begin_certificate(names.common_name, key.get(), issuer, validity);
    if (!certificate) return fail(certificate.error());
    X509* const made = certificate->get();
    const bool good = add_extension(made, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(made, issuer, NID_key_usage, "critical,digitalSignature") &&
                      add_extension(made, issuer, NID_ext_key_usage, "serverAuth") &&
                      add_extension(made, issuer, NID_subject_key_identifier, "hash") &&
                      add_extension(made, issuer, NID_authority_key_identifier, "keyid:always") &&
                      add_extension(made, issuer, NID_subject_alt_name, *alternatives) &&
                      X509_sign(made, state_->key.get(), EVP_sha256()) > 0;
    if (!good) return fail(openssl_error(ErrorKind::invalid, "making a certificate for " + *alternatives));
    auto certificate_pem = certificate_text(made);
    if (!certificate_pem) return fail(certificate_pem.error());
    auto private_key_pem = key_text(key.get());
    if (!private_key_pem) return fail(private_key_pem.error());
    return ServerCertificate{std::move(*certificate_pem), std::move(*private_key_pem)};
}

}  // namespace vigil::credentials
