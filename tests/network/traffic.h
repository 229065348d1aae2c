#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
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
    // Waits for more bytes without sending any; whether the connection was reset meanwhile (900 ms).
    bool is_reset();

  private:
    port::Descriptor socket_;
    std::string greeting_;
};

// A UDP socket that stays the same flow.
class Datagrams {
  public:
    Datagrams(const std::string& from, const std::string& address, std::uint16_t port);
    // Sends one and waits for its echo; false after 700 ms.
    bool echo(const std::string& text);

  private:
    port::Descriptor socket_;
};

// Opens connection after connection, each with a greeting and an echo, until it goes.
class Load {
  public:
    Load(std::string from, std::string address, std::uint16_t port);
    ~Load();
    Load(const Load&) = delete;
    // Waits until so many more connections were served, at most 20 s.
    bool more(int connections);
    int failures() const { return failures_; }

  private:
    std::atomic<int> served_ = 0, failures_ = 0;
    std::jthread thread_;
};

// Listens on TCP and UDP: greets with the peer's address, then echoes.
class Server {
  public:
    Server(const std::string& in, const std::string& address, std::uint16_t port);
    // Serves a listening TCP socket made elsewhere.
    explicit Server(port::Descriptor listener);
    ~Server();
    Server(const Server&) = delete;

    int accepted() const { return accepted_; }
    int datagrams() const { return datagrams_; }
    // Where the last client wanted to connect to, before the router sent it here.
    std::string wanted();

  private:
    void serve(std::stop_token stop);

    std::atomic<int> accepted_ = 0, datagrams_ = 0;
    std::mutex mutex_;
    std::string wanted_;

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
