#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "port/descriptor.h"

namespace gantry::adapter::haproxy {

// A web server for tests at 127.0.0.1: answers each request with its own name, a line end and the request's
// head; "GET /slow" only after release() was called; "/die" ends the connection without an answer, "/once-die" if its
// name is "dying". Keep-alive. A request to become a web socket is granted,
// and from then on every byte comes back.
class Origin {
  public:
    Origin(std::string name, std::uint16_t port);
    ~Origin();

    std::uint16_t port() const { return port_; }
    int served() const { return served_; }
    void release() { released_ = true; }

  private:
    void serve(int connection);
    void echo(int connection, std::string begun);

    std::string name_;
    std::uint16_t port_;
    port::Descriptor listener_;
    std::atomic<bool> stopping_ = false, released_ = false;
    std::atomic<int> served_ = 0;
    std::vector<std::thread> threads_;
    std::thread accepting_;
};

// One answer of a balancer.
struct Answer {
    int status = 0;
    std::string head, body;
    std::string header(const std::string& name) const;
};

// A client with one connection.
class Client {
  public:
    explicit Client(std::uint16_t port);
    bool connected() const { return static_cast<bool>(socket_); }
    void send(const std::string& method, const std::string& target, const std::string& headers = {});
    Answer receive();
    Answer ask(const std::string& target, const std::string& headers = {});
    void send_bytes(const std::string& bytes);
    std::string receive_bytes(std::size_t size);
    // Whether the other end has closed.
    bool closed();

  private:
    port::Descriptor socket_;
    std::string buffer_;
};

}  // namespace gantry::adapter::haproxy
