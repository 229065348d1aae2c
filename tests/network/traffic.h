#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>

#include "port/descriptor.h"

namespace gantry::network_test {

// Runs something on a thread inside a namespace; an empty path is the box's own ("the host").
void inside(const std::string& netns, const std::function<void()>& what);

enum class Reach { open, refused, unreachable, silent };
std::ostream& operator<<(std::ostream& out, Reach reach);

// One TCP connection attempt; silent after 700 ms. source: bind to it first (also when the namespace does not
// own it).
Reach tcp(
    const std::string& from, const std::string& address, std::uint16_t port, const std::string& source = {}
);
// One UDP datagram and its answer.
Reach udp(const std::string& from, const std::string& address, std::uint16_t port);
// One ICMP echo.
Reach ping(const std::string& from, const std::string& address);

// An open connection that lines can be sent over.
class Client {
  public:
    Client(const std::string& from, const std::string& address, std::uint16_t port);
    bool connected() const { return static_cast<bool>(socket_); }
    // Sends a line and waits for the echo; false after 900 ms.
    bool echo(const std::string& line);
    // The first line from the server: the client's address as the server sees it.
    const std::string& seen_as() const { return greeting_; }

  private:
    port::Descriptor socket_;
    std::string greeting_;
};

// Listens on TCP and UDP: greets with the peer's address, then echoes.
class Server {
  public:
    Server(const std::string& in, const std::string& address, std::uint16_t port);
    // Serves a listening TCP socket made elsewhere.
    explicit Server(port::Descriptor listener);
    ~Server();
    Server(const Server&) = delete;

  private:
    void serve(std::stop_token stop);

    port::Descriptor tcp_, udp_, wake_;
    std::jthread thread_;
};

// A shell command in a namespace: exit code and what it printed.
struct Shell {
    int code = 0;
    std::string output;
};
Shell shell(const std::string& command, const std::string& netns = {});

}  // namespace gantry::network_test
