// Probes of small servers on loopback.
#include "adapter/prober/prober.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <functional>

#include "base/task_group.h"
#include "sim/network.h"
#include "sim/virtual_clock.h"

namespace gantry::adapter::prober {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;
using End = port::Probed::End;

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

// Sockets from 127.0.0.7.
class Loopback : public sim::Network {
  public:
    using sim::Network::Network;
    Async<port::Descriptor> socket_from(std::string address) override {
        if (address != "127.0.0.7") co_return trouble(Errc::not_found, "no such balancer");
        port::Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_in from{};
        from.sin_family = AF_INET;
        ::inet_pton(AF_INET, address.c_str(), &from.sin_addr);
        if (::bind(made.get(), reinterpret_cast<sockaddr*>(&from), sizeof from) != 0)
            co_return trouble(Errc::unavailable, "bind");
        co_return std::move(made);
    }
};

struct Probes : testing::Test {
    using Serve = std::function<awaitable<void>(tcp::socket)>;

    asio::io_context context;
    sim::VirtualClock clock{context};
    sim::Faults faults{clock, 1};
    Loopback network{faults};
    Prober prober{context.get_executor(), network};
    tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
    TaskGroup group{context.get_executor()};
    Serve serve;
    std::string request, client;

    ~Probes() override { run(group.stop()); }

    template <class T>
    T run(awaitable<T> work) {
        auto done = asio::co_spawn(context, std::move(work), asio::use_future);
        context.restart();
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready) context.run_one();
        return done.get();
    }
    awaitable<void> accept() {
        for (;;) {
            auto [failed, socket] = co_await acceptor.async_accept(no_throw);
            if (failed) co_return;
            client = socket.remote_endpoint().address().to_string();
            group.spawn("serve", serve(std::move(socket)));
        }
    }
    awaitable<void> answer(tcp::socket socket, std::string text) {
        asio::streambuf buffer;
        auto [failed, size] = co_await asio::async_read_until(socket, buffer, "\r\n\r\n", no_throw);
        request.assign(asio::buffers_begin(buffer.data()), asio::buffers_begin(buffer.data()) + std::ptrdiff_t(size));
        co_await asio::async_write(socket, asio::buffer(text), no_throw);
    }
    // Speaks first, as SSH does.
    awaitable<void> greet(tcp::socket socket) {
        const std::string text = "SSH-2.0-OpenSSH_9.2p1\r\n";
        co_await asio::async_write(socket, asio::buffer(text), no_throw);
        co_await hang(std::move(socket));
    }
    awaitable<void> hang(tcp::socket socket) {
        std::string never(1, ' ');
        co_await asio::async_read(socket, asio::buffer(never), no_throw);
        co_await asio::async_read(socket, asio::dynamic_buffer(never), no_throw);
    }
    port::Probe a_probe(const std::string& protocol) {
        port::Probe probe;
        probe.from = "127.0.0.7";
        probe.address = "127.0.0.1";
        probe.port = acceptor.local_endpoint().port();
        probe.protocol = protocol;
        probe.path = "/health?deep=1";
        return probe;
    }
    port::Probed probe(const std::string& protocol) {
        group.spawn("accept", accept());
        return run(prober.probe(a_probe(protocol)));
    }
    void answers(const std::string& text) {
        serve = [this, text](tcp::socket socket) { return answer(std::move(socket), text); };
    }
};

TEST_F(Probes, TcpNeedsAConnectionOnly) {
    serve = [this](tcp::socket socket) { return hang(std::move(socket)); };
    EXPECT_EQ(probe("TCP"), (port::Probed{End::answered, 0}));
    EXPECT_EQ(client, "127.0.0.7");
}

TEST_F(Probes, NobodyListens) {
    auto asked = a_probe("TCP");
    acceptor.close();
    EXPECT_EQ(run(prober.probe(asked)).end, End::refused);
}

TEST_F(Probes, WithoutASocketNobodyWasAsked) {
    auto asked = a_probe("TCP");
    asked.from = "127.0.0.8";
    EXPECT_EQ(run(prober.probe(asked)).end, End::not_made);
}

TEST_F(Probes, HttpTellsTheStatus) {
    answers("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
    EXPECT_EQ(probe("HTTP"), (port::Probed{End::answered, 503}));
    EXPECT_NE(request.find("GET /health?deep=1 HTTP/1.1\r\n"), std::string::npos) << request;
    EXPECT_NE(request.find("User-Agent: ELB-HealthChecker/2.0\r\n"), std::string::npos) << request;
    const auto host = "Host: 127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()) + "\r\n";
    EXPECT_NE(request.find(host), std::string::npos) << request;
}

TEST_F(Probes, SomethingElseAnswers) {
    answers("SSH-2.0-OpenSSH_9.2p1\r\n\r\n");
    EXPECT_EQ(probe("HTTP").end, End::garbage);
    serve = [this](tcp::socket socket) { return greet(std::move(socket)); };
    EXPECT_EQ(run(prober.probe(a_probe("HTTPS"))).end, End::garbage);
}

TEST_F(Probes, ClosedBeforeAnAnswer) {
    answers("");
    EXPECT_EQ(probe("HTTP").end, End::refused);
    answers("HTTP/1.1 20");
    EXPECT_EQ(run(prober.probe(a_probe("HTTP"))).end, End::refused);
}

TEST_F(Probes, NoAnswerInTime) {
    serve = [this](tcp::socket socket) { return hang(std::move(socket)); };
    group.spawn("accept", accept());
    for (const char* protocol : {"HTTP", "HTTPS"}) {
        auto asked = a_probe(protocol);
        asked.timeout = Duration{20};
        EXPECT_EQ(run(prober.probe(asked)).end, End::timeout) << protocol;
    }
}

// A certificate that nobody trusts, of today's key.
asio::ssl::context self_signed() {
    asio::ssl::context context(asio::ssl::context::tls_server);
    EVP_PKEY* key = ::EVP_EC_gen("P-256");
    X509* certificate = ::X509_new();
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate), 1);
    ::X509_gmtime_adj(::X509_getm_notBefore(certificate), -2);
    ::X509_gmtime_adj(::X509_getm_notAfter(certificate), -1);  // expired, too
    ::X509_set_pubkey(certificate, key);
    ::X509_sign(certificate, key, ::EVP_sha256());
    ::SSL_CTX_use_certificate(context.native_handle(), certificate);
    ::SSL_CTX_use_PrivateKey(context.native_handle(), key);
    ::X509_free(certificate);
    ::EVP_PKEY_free(key);
    return context;
}

awaitable<void> serve_tls(asio::ssl::context& context, tcp::socket socket) {
    asio::ssl::stream<tcp::socket> stream(std::move(socket), context);
    const auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::server, no_throw);
    if (failed) co_return;
    asio::streambuf buffer;
    co_await asio::async_read_until(stream, buffer, "\r\n\r\n", no_throw);
    const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    co_await asio::async_write(stream, asio::buffer(text), no_throw);
}

TEST_F(Probes, TlsIsNotVerified) {
    auto tls = self_signed();
    serve = [&](tcp::socket socket) { return serve_tls(tls, std::move(socket)); };
    EXPECT_EQ(probe("HTTPS"), (port::Probed{End::answered, 200}));
    // HTTP to a TLS port.
    EXPECT_NE(run(prober.probe(a_probe("HTTP"))).end, End::answered);
}

}  // namespace
}  // namespace gantry::adapter::prober
