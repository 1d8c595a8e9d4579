// Who is trusted, and who is not.
#include "net/tls.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/net_fixture.h"
#include "net/transport.h"

namespace vigil::net::test {
namespace {

class Tls : public NetTest {
  protected:
    /// How an attempt to connect ends; nothing when it opened.
    std::optional<base::Error> attempt(const ClientTls& tls, std::string_view host = "127.0.0.1") {
        const int before = opened;
        ends.clear();
        const auto client = make_client();
        EXPECT_TRUE(client->connect(url("wss", "/ws", host), tls));
        EXPECT_TRUE(wait([&] { return opened > before || ends.size() == 1; }));
        if (opened > before) return std::nullopt;
        return ends.at(0).error;
    }
};

TEST_F(Tls, AcceptsNameAndAddressOfTheCertificate) {
    serve_tls();
    EXPECT_FALSE(attempt(Pki::shared().client(), "localhost"));
    EXPECT_FALSE(attempt(Pki::shared().client(), "127.0.0.1"));
}

TEST_F(Tls, RefusesAnotherHostName) {
    serve(Pki::tls_of(Pki::shared().ca,
                      {"api.binance.com", {"api.binance.com", "*.example.com"}, {"127.0.0.2"}}, valid_now()));
    for (const char* host : {"localhost", "127.0.0.1"}) {
        const auto error = attempt(Pki::shared().client(), host);
        ASSERT_TRUE(error) << host;
        EXPECT_EQ(error->kind, base::ErrorKind::denied) << error->message;
    }
}

TEST_F(Tls, ACommonNameAloneIsNoHostName) {
    serve(Pki::tls_of(Pki::shared().ca, {"localhost", {"elsewhere.example"}, {}}, valid_now()));
    const auto error = attempt(Pki::shared().client(), "localhost");
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, base::ErrorKind::denied);
}

TEST_F(Tls, RefusesAnExpiredCertificate) {
    serve(Pki::tls_of(Pki::shared().ca, {"localhost", {"localhost"}, {"127.0.0.1"}}, valid_last_week()));
    const auto error = attempt(Pki::shared().client());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, base::ErrorKind::denied);
    EXPECT_NE(error->message.find("expired"), std::string::npos) << error->message;
}

TEST_F(Tls, RefusesAnUnknownAuthority) {
    const auto other = credentials::CertificateAuthority::make("someone else", valid_now());
    ASSERT_TRUE(other);
    serve(Pki::tls_of(*other, {"localhost", {"localhost"}, {"127.0.0.1"}}, valid_now()));
    const auto error = attempt(Pki::shared().client());
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, base::ErrorKind::denied);
    const auto system = ClientTls::make();
    ASSERT_TRUE(system);
    EXPECT_EQ(attempt(*system)->kind, base::ErrorKind::denied)
        << "the system's store does not know it either";
}

TEST_F(Tls, AServerWithoutTlsIsNotSpokenTo) {
    serve(std::nullopt);
    const auto error = attempt(Pki::shared().client());
    ASSERT_TRUE(error);
    EXPECT_TRUE(error->kind == base::ErrorKind::corrupt || error->kind == base::ErrorKind::unavailable)
        << error->message;
}

TEST_F(Tls, ACertificateCanBeSwappedWhileTheServerRuns) {
    serve_tls();
    const ClientTls trusting = Pki::shared().client();
    EXPECT_FALSE(attempt(trusting));
    const auto other = credentials::CertificateAuthority::make("someone else", valid_now());
    ASSERT_TRUE(other);
    server->set_tls(Pki::tls_of(*other, {"localhost", {"localhost"}, {"127.0.0.1"}}, valid_now()));
    // A fresh context: the one above may resume a session that it has verified before.
    EXPECT_TRUE(attempt(Pki::shared().client()));
    const auto new_trust = ClientTls::make_from_pem(other->certificate_pem());
    ASSERT_TRUE(new_trust);
    EXPECT_FALSE(attempt(*new_trust));
}

TEST_F(Tls, SessionsAreResumed) {
    serve_tls();
    const ClientTls tls = Pki::shared().client();
    // A transport of our own shows what a client does not: whether the session was resumed.
    const auto handshake = [&] {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server->port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        Transport transport{base::UniqueFd{fd}};
        EXPECT_EQ(::fcntl(fd, F_SETFL, O_NONBLOCK), 0);
        EXPECT_TRUE(transport.use_client_tls(tls, "127.0.0.1", server->port()));
        EXPECT_TRUE(wait([&] {
            transport.mark_readable();
            return transport.handshake().status == Transport::Status::done;
        }));
        // The tickets come behind the handshake, in front of the first answer.
        const std::string_view request = "GET /x HTTP/1.1\r\nHost: x\r\n\r\n";
        EXPECT_EQ(transport.write(request.data(), request.size()).status, Transport::Status::done);
        std::array<char, 4096> place{};
        EXPECT_TRUE(wait([&] {
            while (!requests.empty()) {
                requests.back().responder.respond({200, {}, "y"});
                requests.pop_back();
            }
            transport.mark_readable();
            return transport.read(place.data(), place.size()).status == Transport::Status::done;
        }));
        return transport.session_reused();
    };
    EXPECT_FALSE(handshake());
    EXPECT_TRUE(handshake());
    EXPECT_TRUE(handshake());
}

TEST(TlsContext, SaysWhatIsWrongWithItsInput) {
    EXPECT_EQ(ClientTls::make("/no/such/file.pem").error().kind, base::ErrorKind::not_found);
    EXPECT_EQ(ClientTls::make_from_pem("").error().kind, base::ErrorKind::invalid);
    EXPECT_EQ(ClientTls::make_from_pem("junk").error().kind, base::ErrorKind::invalid);
    const std::string pem = Pki::shared().ca_pem;
    EXPECT_EQ(ClientTls::make_from_pem(pem.substr(0, pem.size() / 2)).error().kind, base::ErrorKind::invalid);
    EXPECT_TRUE(ClientTls::make_from_pem(pem + pem));

    const auto one = Pki::shared().ca.issue({"a", {"a"}, {}}, valid_now());
    const auto two = Pki::shared().ca.issue({"b", {"b"}, {}}, valid_now());
    ASSERT_TRUE(one && two);
    EXPECT_TRUE(ServerTls::make_from_pem(one->certificate_pem + pem, one->private_key_pem));
    EXPECT_EQ(ServerTls::make_from_pem(one->certificate_pem, two->private_key_pem).error().kind,
              base::ErrorKind::invalid);
    EXPECT_FALSE(ServerTls::make_from_pem("", one->private_key_pem));
    EXPECT_FALSE(ServerTls::make_from_pem(one->certificate_pem, ""));
    EXPECT_FALSE(ServerTls::make_from_pem(one->certificate_pem + "-----BEGIN CERTIFICATE-----\njunk\n",
                                          one->private_key_pem));
}

TEST(TlsContext, ReadsAnAuthorityFromAFile) {
    std::string folder = "/tmp/vigil-net-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    const std::string path = folder + "/ca.pem";
    std::FILE* file = std::fopen(path.c_str(), "w");
    ASSERT_NE(file, nullptr);
    std::fputs(Pki::shared().ca_pem.c_str(), file);
    std::fclose(file);
    EXPECT_TRUE(ClientTls::make(path));
    ::unlink(path.c_str());
    ::rmdir(folder.c_str());
}

}  // namespace
}  // namespace vigil::net::test
