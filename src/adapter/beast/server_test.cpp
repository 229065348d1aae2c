#include "adapter/beast/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <thread>

#include "base/event.h"

namespace gantry::adapter::beast {
namespace {

namespace asio = boost::asio;

// A blocking client: what it reads, it waits for.
class Client {
  public:
    explicit Client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        timeval patience{10, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    }
    ~Client() { ::close(fd_); }
    Client(const Client&) = delete;

    bool send(const std::string& text) {
        return ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
    }
    // Reads until the text so far contains `end`; everything until the connection's end for "".
    std::string read_to(const std::string& end) {
        std::string text;
        char byte = 0;
        while (end.empty() || text.find(end) == std::string::npos) {
            if (::recv(fd_, &byte, 1, 0) != 1) break;
            text.push_back(byte);
        }
        return text;
    }
    bool connected() const { return connected_; }

  private:
    int fd_;
    bool connected_ = false;
};

class ServerTest : public testing::Test {
  protected:
    void serve(ServerLimits limits) {
        server_ = std::make_unique<Server>(
            context_.get_executor(),
            [this](port::HttpRequest request, port::HttpPeer peer) {
                return answer(std::move(request), std::move(peer));
            },
            limits
        );
        port_ = server_->listen("127.0.0.1", 0).value();
        thread_ = std::thread([this] { context_.run(); });
    }
    void SetUp() override { serve({}); }
    void TearDown() override { stop(); }
    void stop() {
        if (!thread_.joinable()) return;
        std::promise<void> stopped;
        asio::co_spawn(context_, server_->stop(), [&](std::exception_ptr) { stopped.set_value(); });
        stopped.get_future().wait();
        server_.reset();
        work_.reset();
        thread_.join();
    }
    void again(ServerLimits limits) {
        stop();
        context_.restart();
        work_.emplace(context_.get_executor());
        serve(limits);
    }
    asio::awaitable<port::HttpResponse> answer(port::HttpRequest request, port::HttpPeer peer) {
        ++requests_;
        if (request.target == "/hold") (void)co_await release_.wait();
        co_return port::HttpResponse{
            200,
            {{"X-Method", request.method},
             {"X-Loopback", peer.loopback ? "yes" : "no"},
             {"X-Bad", "a\r\nb: c"}},
            request.target + " " + std::to_string(request.body.size())
        };
    }

    asio::io_context context_{1};
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_{context_.get_executor()};
    Event release_{context_.get_executor()};
    std::atomic<int> requests_ = 0;
    std::unique_ptr<Server> server_;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

constexpr const char* kGet = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(ServerTest, KeepsTheConnectionForTheNextRequest) {
    Client client(port_);
    for (int i = 0; i < 3; ++i) {
        client.send(kGet);
        const auto text = client.read_to("/a?b 0");
        EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n")) << text;
        EXPECT_NE(text.find("X-Loopback: yes\r\n"), std::string::npos);
        EXPECT_NE(text.find("Content-Length: 6\r\n"), std::string::npos);
        EXPECT_NE(text.find("Date: "), std::string::npos);
        EXPECT_EQ(text.find("X-Bad"), std::string::npos);
    }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    Client client(port_);
    client.send(
        "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\nHost: "
        "x\r\nConnection: close\r\n\r\n"
    );
    const auto text = client.read_to("");
    EXPECT_LT(text.find("/1 3"), text.find("/2 0"));
    EXPECT_NE(text.find("/2 0"), std::string::npos);
}

TEST_F(ServerTest, ReadsChunkedBodies) {
    Client client(port_);
    client.send(
        "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    );
    EXPECT_NE(client.read_to("/c 5").find("/c 5"), std::string::npos);
}

TEST_F(ServerTest, HeadHasNoBody) {
    Client client(port_);
    client.send("HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const auto text = client.read_to("");
    EXPECT_NE(text.find("Content-Length: 4\r\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST_F(ServerTest, SaysContinueBeforeTheBody) {
    Client client(port_);
    client.send("POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_TRUE(client.read_to("\r\n\r\n").starts_with("HTTP/1.1 100 Continue"));
    client.send("ab");
    EXPECT_NE(client.read_to("/x 2").find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, RefusesWhatItCannotTake) {
    again({.header_bytes = 1'000, .body_bytes = 1'000});
    const auto status_of = [&](const std::string& text) {
        Client client(port_);
        client.send(text);
        return client.read_to("").substr(0, 12);
    };
    EXPECT_EQ(status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"), "HTTP/1.1 413");
    EXPECT_EQ(
        status_of("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n" + std::string(5000, 'x')),
        "HTTP/1.1 413"
    );
    EXPECT_EQ(
        status_of("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n"),
        "HTTP/1.1 413"
    );
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nX: " + std::string(5000, 'x') + "\r\n\r\n"), "HTTP/1.1 431");
    EXPECT_EQ(status_of("hello, server\r\n\r\n"), "HTTP/1.1 400");
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"), "HTTP/1.1 400");
    EXPECT_EQ(
        status_of("GET / HTTP/1.1\r\nHost: x\r\nExpect: coffee\r\nConnection: close\r\n\r\n"), "HTTP/1.1 417"
    );
    EXPECT_EQ(requests_, 0);
}

TEST_F(ServerTest, ASilentClientLosesItsConnection) {
    again({.idle = Duration{50}});
    Client client(port_);
    client.send("GET / HT");
    EXPECT_EQ(client.read_to(""), "");
}

TEST_F(ServerTest, ASlowBodyLosesItsConnection) {
    again({.body = Duration{50}});
    Client client(port_);
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab");
    EXPECT_EQ(client.read_to(""), "");
    EXPECT_EQ(requests_, 0);
}

TEST_F(ServerTest, SilentClientsMakeRoomForOthers) {
    again({.connections = 4});
    std::vector<std::unique_ptr<Client>> slow;
    for (int i = 0; i < 20; ++i) {
        slow.push_back(std::make_unique<Client>(port_));
        slow.back()->send("GET /slow HTTP/1.1\r\nHo");
    }
    Client client(port_);
    client.send(kGet);
    EXPECT_NE(client.read_to("/a?b 0").find("200 OK"), std::string::npos);
    EXPECT_EQ(slow.front()->read_to(""), "");
}

TEST_F(ServerTest, AClientThatGoesAwayCostsNothing) {
    for (int i = 0; i < 50; ++i) {
        Client client(port_);
        client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab");
    }
    Client client(port_);
    client.send(kGet);
    EXPECT_NE(client.read_to("/a?b 0").find("200 OK"), std::string::npos);
}

TEST_F(ServerTest, StopLetsARunningRequestEnd) {
    Client idle(port_);
    Client client(port_);
    client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    while (requests_ == 0) std::this_thread::yield();
    std::promise<void> stopped;
    asio::co_spawn(context_, server_->stop(), [&](std::exception_ptr) { stopped.set_value(); });
    EXPECT_EQ(idle.read_to(""), "");
    asio::post(context_, [this] { release_.set(); });
    const auto text = client.read_to("");
    EXPECT_NE(text.find("/hold 0"), std::string::npos);
    EXPECT_NE(text.find("Connection: close"), std::string::npos);
    stopped.get_future().wait();
    EXPECT_FALSE(Client(port_).connected());
}

TEST_F(ServerTest, StopDoesNotWaitForEver) {
    again({.stopping = Duration{50}});
    Client client(port_);
    client.send("GET /hold HTTP/1.1\r\nHost: x\r\n\r\n");
    while (requests_ == 0) std::this_thread::yield();
    stop();
    EXPECT_EQ(client.read_to(""), "");
}

TEST_F(ServerTest, ATakenPortIsAConflict) {
    asio::io_context other;
    Server second(other.get_executor(), {});
    const auto taken = second.listen("127.0.0.1", port_);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().errc, Errc::conflict);
}

TEST_F(ServerTest, ServesOnAGivenSocket) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    ASSERT_EQ(::listen(fd, 10), 0);
    std::promise<std::uint16_t> port;
    asio::post(context_, [&] { port.set_value(server_->adopt(fd).value_or(0)); });
    Client client(port.get_future().get());
    client.send(kGet);
    EXPECT_NE(client.read_to("/a?b 0").find("200 OK"), std::string::npos);
}

}  // namespace
}  // namespace gantry::adapter::beast
