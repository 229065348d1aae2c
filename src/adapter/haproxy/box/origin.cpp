#include "adapter/haproxy/box/origin.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <strings.h>
#include <algorithm>
#include <cstdlib>
#include <utility>

namespace gantry::adapter::haproxy {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

void send_all(int fd, const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto n = ::send(fd, text.data() + at, text.size() - at, MSG_NOSIGNAL);
        if (n <= 0) return;
        at += static_cast<std::size_t>(n);
    }
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

}  // namespace

Origin::Origin(std::string name, std::uint16_t port) : name_(std::move(name)), port_(port) {
    listener_ = port::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int one = 1;
    ::setsockopt(listener_.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const auto address = loopback(port);
    if (::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        std::abort();
    ::listen(listener_.get(), 128);
    accepting_ = std::thread([this] {
        while (!stopping_) {
            pollfd wait{listener_.get(), POLLIN, 0};
            if (::poll(&wait, 1, 50) <= 0) continue;
            const int connection = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
            if (connection >= 0) threads_.emplace_back([this, connection] { serve(connection); });
        }
    });
}

Origin::~Origin() {
    stopping_ = true;
    accepting_.join();
    for (auto& thread : threads_) thread.join();
}

void Origin::serve(int connection) {
    const port::Descriptor socket(connection);
    std::string buffer;
    char chunk[4096];
    while (!stopping_) {
        const auto end = buffer.find("\r\n\r\n");
        if (end == std::string::npos) {
            pollfd wait{connection, POLLIN, 0};
            if (::poll(&wait, 1, 50) <= 0) continue;
            const auto n = ::recv(connection, chunk, sizeof chunk, 0);
            if (n <= 0) return;
            buffer.append(chunk, static_cast<std::size_t>(n));
            continue;
        }
        const auto head = buffer.substr(0, end + 2);
        buffer.erase(0, end + 4);
        while (head.starts_with("GET /slow") && !released_ && !stopping_) {
            pollfd wait{connection, 0, 0};
            ::poll(&wait, 1, 20);
        }
        ++served_;
        const auto path = head.substr(0, head.find(" HTTP/"));
        if (path.ends_with(" /die") || (path.ends_with(" /once-die") && name_ == "dying")) return;
        if (head.find("pgrade: websocket") != std::string::npos) return echo(connection, buffer);
        const auto body = name_ + "\n" + head;
        send_all(
            connection, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " +
                            std::to_string(body.size()) + "\r\n\r\n" + body
        );
    }
}

void Origin::echo(int connection, std::string begun) {
    send_all(
        connection,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n" +
            begun
    );
    char chunk[4096];
    while (!stopping_) {
        pollfd wait{connection, POLLIN, 0};
        if (::poll(&wait, 1, 50) <= 0) continue;
        const auto n = ::recv(connection, chunk, sizeof chunk, 0);
        if (n <= 0) return;
        send_all(connection, std::string(chunk, static_cast<std::size_t>(n)));
    }
}

std::string Answer::header(const std::string& name) const {
    const auto text = lower(head);
    const auto at = text.find("\r\n" + lower(name) + ": ");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
}

Client::Client(std::uint16_t port) {
    port::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const auto address = loopback(port);
    const timeval patience{10, 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        socket_ = std::move(socket);
    }
}

void Client::send(const std::string& method, const std::string& target, const std::string& headers) {
    const bool with_host = lower(headers).find("host:") != std::string::npos;
    send_all(
        socket_.get(), method + " " + target + " HTTP/1.1\r\n" +
                           (with_host ? "" : "Host: www.example.com:8080\r\n") + headers + "\r\n"
    );
}

Answer Client::receive() {
    Answer answer;
    char chunk[4096];
    while (true) {
        const auto end = buffer_.find("\r\n\r\n");
        if (end != std::string::npos) {
            answer.head = buffer_.substr(0, end + 2);
            if (answer.head.size() > 12) answer.status = std::atoi(answer.head.c_str() + 9);
            const auto length = static_cast<std::size_t>(std::atoi(answer.header("Content-Length").c_str()));
            if (buffer_.size() >= end + 4 + length) {
                answer.body = buffer_.substr(end + 4, length);
                buffer_.erase(0, end + 4 + length);
                return answer;
            }
        }
        const auto n = ::recv(socket_.get(), chunk, sizeof chunk, 0);
        if (n <= 0) return {};
        buffer_.append(chunk, static_cast<std::size_t>(n));
    }
}

Answer Client::ask(const std::string& target, const std::string& headers) {
    send("GET", target, headers);
    return receive();
}

void Client::send_bytes(const std::string& bytes) { send_all(socket_.get(), bytes); }

std::string Client::receive_bytes(std::size_t size) {
    char chunk[4096];
    while (buffer_.size() < size) {
        const auto n = ::recv(socket_.get(), chunk, sizeof chunk, 0);
        if (n <= 0) break;
        buffer_.append(chunk, static_cast<std::size_t>(n));
    }
    return std::exchange(buffer_, {});
}

bool Client::closed() {
    char byte;
    pollfd wait{socket_.get(), POLLIN, 0};
    return ::poll(&wait, 1, 2'000) > 0 && ::recv(socket_.get(), &byte, 1, MSG_PEEK) <= 0;
}

}  // namespace gantry::adapter::haproxy
