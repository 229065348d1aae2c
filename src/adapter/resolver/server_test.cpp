#include "adapter/resolver/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <fstream>
#include <thread>

#include "adapter/resolver/message.h"

namespace gantry::adapter::resolver {
namespace {

using namespace std::string_literals;

struct Sockets {
    port::Descriptor udp, tcp;
    sockaddr_in name{};

    Sockets() {
        // A port that is free for both.
        for (bool both = false; !both;) {
            udp = port::Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
            tcp = port::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
            name = {};
            name.sin_family = AF_INET;
            name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
            socklen_t size = sizeof name;
            auto* plain = reinterpret_cast<sockaddr*>(&name);
            both = ::bind(udp.get(), plain, size) == 0 && ::getsockname(udp.get(), plain, &size) == 0 &&
                   ::bind(tcp.get(), plain, size) == 0 && ::listen(tcp.get(), 10) == 0;
        }
    }
};

std::string receive(int fd, int ms) {
    pollfd wait{fd, POLLIN, 0};
    if (::poll(&wait, 1, ms) <= 0) return {};
    char buffer[65536];
    auto got = ::recv(fd, buffer, sizeof buffer, 0);
    return got > 0 ? std::string(buffer, static_cast<std::size_t>(got)) : std::string();
}

// The world's name server: 9.9.9.9 for every name but "silent", which it never answers; it says a forged
// answer before each true one.
class World {
  public:
    World() : thread_([this](std::stop_token stop) { serve(std::move(stop)); }) {}

    std::uint16_t port() const { return ntohs(sockets_.name.sin_port); }
    std::atomic<int> asked = 0;

  private:
    std::string reply_to(const std::string& query) {
        auto question = read_question(query);
        if (!question || question->name == "silent") return {};
        ++asked;
        return write_answer(query, *question, Code::none, {"\x09\x09\x09\x09"s}, 60);
    }

    void serve(std::stop_token stop) {
        while (!stop.stop_requested()) {
            pollfd waits[2] = {{sockets_.udp.get(), POLLIN, 0}, {sockets_.tcp.get(), POLLIN, 0}};
            if (::poll(waits, 2, 20) <= 0) continue;
            if (waits[0].revents != 0) {
                char buffer[4096];
                sockaddr_in from{};
                socklen_t size = sizeof from;
                auto* plain = reinterpret_cast<sockaddr*>(&from);
                auto got = ::recvfrom(sockets_.udp.get(), buffer, sizeof buffer, 0, plain, &size);
                auto reply = reply_to(std::string(buffer, static_cast<std::size_t>(std::max<long>(got, 0))));
                if (reply.empty()) continue;
                auto forged = reply;
                set_id(forged, static_cast<std::uint16_t>(id_of(reply) + 1));
                forged.back() = 1;
                ::sendto(sockets_.udp.get(), forged.data(), forged.size(), 0, plain, size);
                ::sendto(sockets_.udp.get(), reply.data(), reply.size(), 0, plain, size);
            }
            if (waits[1].revents != 0) {
                port::Descriptor client(::accept(sockets_.tcp.get(), nullptr, nullptr));
                auto query = receive(client.get(), 1000);
                if (query.size() < 3) continue;
                auto reply = reply_to(query.substr(2));
                auto framed = "\0"s + static_cast<char>(reply.size()) + reply;
                ::send(client.get(), framed.data(), framed.size(), MSG_NOSIGNAL);
            }
        }
    }

    Sockets sockets_;
    std::jthread thread_;
};

class ServerTest : public ::testing::Test {
  protected:
    ServerTest() : guard_(context_.get_executor()), thread_([this] { context_.run(); }) {
        char path[] = "/tmp/resolver-test-XXXXXX";
        ::close(::mkstemp(path));
        file_ = path;
        std::ofstream(file_) << "# of the host\nnameserver 127.0.0.1\noptions edns0\n";
    }
    ~ServerTest() override {
        if (server_) run([](Server& server) -> boost::asio::awaitable<void> { co_await server.stop(); });
        server_.reset();
        guard_.reset();
        thread_.join();
        ::unlink(file_.c_str());
    }

    void start(ServerOptions options = {}) {
        options.upstreams.resolv_conf = file_;
        options.upstreams.port = world_.port();
        name_ = sockets_.name;
        server_ = std::make_unique<Server>(context_.get_executor(), options);
        run([this](Server& server) -> boost::asio::awaitable<void> {
            port::Names names;
            names.zones = {"gantry.internal"};
            names.addresses["web.gantry.internal"] = {"10.0.0.1", "10.0.0.2"};
            names.addresses["idle.gantry.internal"] = {};
            names.addresses["override.example.com"] = {"10.0.0.9"};
            server.set_names(names);
            server.start(std::move(sockets_.udp), std::move(sockets_.tcp));
            co_return;
        });
    }

    template <class What>
    void run(What what) {
        boost::asio::co_spawn(context_, what(*server_), boost::asio::use_future).get();
    }

    static std::string query(const std::string& name, std::uint16_t type = 1) {
        auto made = "\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"s;
        for (std::size_t at = 0; at < name.size();) {
            auto end = std::min(name.find('.', at), name.size());
            made += static_cast<char>(end - at) + name.substr(at, end - at);
            at = end + 1;
        }
        return made + "\0\0"s + static_cast<char>(type) + "\0\1"s;
    }

    std::string ask(const std::string& message, int ms = 3000) {
        port::Descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ::connect(socket.get(), reinterpret_cast<sockaddr*>(&name_), sizeof name_);
        ::send(socket.get(), message.data(), message.size(), 0);
        return receive(socket.get(), ms);
    }

    port::Descriptor connect() {
        port::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        EXPECT_EQ(::connect(socket.get(), reinterpret_cast<sockaddr*>(&name_), sizeof name_), 0);
        return socket;
    }

    std::string ask_tcp(port::Descriptor& socket, const std::string& message) {
        auto framed = "\0"s + static_cast<char>(message.size()) + message;
        ::send(socket.get(), framed.data(), framed.size(), MSG_NOSIGNAL);
        auto reply = receive(socket.get(), 3000);
        return reply.size() < 2 ? reply : reply.substr(2);
    }

    static int code(const std::string& reply) { return reply.size() < 12 ? -1 : reply[3] & 15; }
    static int count(const std::string& reply) { return reply.size() < 12 ? -1 : reply[7]; }

    World world_;
    Sockets sockets_;
    sockaddr_in name_{};
    std::string file_;
    boost::asio::io_context context_;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
    std::thread thread_;
    std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersWhatItKnowsItself) {
    start();
    auto first = ask(query("Web.gantry.internal"));
    EXPECT_EQ(code(first), 0);
    EXPECT_EQ(count(first), 2);
    EXPECT_NE(first.substr(first.size() - 4), ask(query("web.gantry.internal")).substr(first.size() - 4))
        << "in turns";
    EXPECT_EQ(count(ask(query("web.gantry.internal", 28))), 0) << "no IPv6 address, but the name exists";
    EXPECT_EQ(code(ask(query("web.gantry.internal", 28))), 0);
    EXPECT_EQ(code(ask(query("idle.gantry.internal"))), 0);
    EXPECT_EQ(count(ask(query("idle.gantry.internal"))), 0);
    EXPECT_EQ(code(ask(query("nobody.gantry.internal"))), 3);
    EXPECT_EQ(code(ask(query("gantry.internal"))), 3);
    EXPECT_EQ(
        ask(query("override.example.com")).substr(ask(query("override.example.com")).size() - 4),
        "\x0a\0\0\x09"s
    );
    EXPECT_EQ(world_.asked, 0) << "nothing of it left the machine";
}

TEST_F(ServerTest, ForwardsTheRest) {
    start();
    auto reply = ask(query("example.com"));
    EXPECT_EQ(id_of(reply), 0x1234);
    EXPECT_EQ(reply.substr(reply.size() - 4), "\x09\x09\x09\x09"s) << "the true answer, not the forged one";
    EXPECT_EQ(code(ask(query("notgantry.internal"))), 0) << "beside the zone, not in it";
    auto socket = connect();
    EXPECT_EQ(count(ask_tcp(socket, query("web.gantry.internal"))), 2);
    reply = ask_tcp(socket, query("example.com"));
    EXPECT_EQ(reply.substr(reply.size() - 4), "\x09\x09\x09\x09"s);
    EXPECT_EQ(id_of(reply), 0x1234);
}

TEST_F(ServerTest, ASilentWorldIsAFailureInTime) {
    ServerOptions options;
    options.upstreams.patience = std::chrono::milliseconds(50);
    start(options);
    EXPECT_EQ(code(ask(query("silent"))), 2);
    auto socket = connect();
    EXPECT_EQ(code(ask_tcp(socket, query("silent"))), 2);
    // A dead server is left for the next.
    std::ofstream(file_) << "nameserver 127.0.0.77\nnameserver 127.0.0.1\n";
    EXPECT_EQ(count(ask(query("example.com"))), 1);
}

TEST_F(ServerTest, IsBounded) {
    ServerOptions options;
    options.questions_max = 1;
    options.connections_max = 1;
    options.idle = std::chrono::milliseconds(50);
    start(options);
    port::Descriptor slow(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ::connect(slow.get(), reinterpret_cast<sockaddr*>(&name_), sizeof name_);
    auto silent = query("silent");
    ::send(slow.get(), silent.data(), silent.size(), 0);
    // The socket keeps the order: this one is looked at after the silent one.
    EXPECT_EQ(code(ask(query("example.com"))), 2) << "too many under way";
    EXPECT_EQ(count(ask(query("web.gantry.internal"))), 2) << "own names always";
    auto idle = connect();
    EXPECT_EQ(receive(idle.get(), 2000), "") << "closed";
    char byte;
    EXPECT_EQ(::recv(idle.get(), &byte, 1, MSG_DONTWAIT), 0);
}

TEST_F(ServerTest, GarbageCostsNothing) {
    start();
    EXPECT_EQ(code(ask("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\xff\xff"s)), 1);
    EXPECT_EQ(code(ask("\x12\x34\x28\x00\x00\x01\x00\x00\x00\x00\x00\x00"s)), 4) << "an update";
    EXPECT_EQ(ask("x", 50), "");
    EXPECT_EQ(ask("\x12\x34\x81\x00\x00\x01\x00\x00\x00\x00\x00\x00"s, 50), "")
        << "a reply is not replied to";
    auto socket = connect();
    ::send(socket.get(), "\xff\xffgarbage", 9, MSG_NOSIGNAL);
    EXPECT_EQ(code(ask(query("nobody.gantry.internal"))), 3);
}

}  // namespace
}  // namespace gantry::adapter::resolver
