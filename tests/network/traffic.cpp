#include "network/traffic.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <vector>

namespace gantry::network_test {
namespace {

constexpr int silence_ms = 700;

sockaddr_in name_of(const std::string& address, std::uint16_t port) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
    return name;
}

const sockaddr* plain(const sockaddr_in& name) { return reinterpret_cast<const sockaddr*>(&name); }

bool readable(int fd, int ms) {
    pollfd wait{fd, POLLIN, 0};
    return ::poll(&wait, 1, ms) > 0;
}

Reach by_errno(int error) {
    if (error == 0) return Reach::open;
    if (error == ECONNREFUSED) return Reach::refused;
    if (error == EHOSTUNREACH || error == ENETUNREACH || error == EACCES || error == EPERM)
        return Reach::unreachable;
    return Reach::silent;
}

port::Descriptor try_connect(
    const std::string& address,
    std::uint16_t port,
    const std::string& source,
    Reach& reach
) {
    port::Descriptor made(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!source.empty()) {
        int on = 1;
        ::setsockopt(made.get(), SOL_IP, IP_FREEBIND, &on, sizeof on);
        auto from = name_of(source, 0);
        if (::bind(made.get(), plain(from), sizeof from) != 0) std::abort();
    }
    auto to = name_of(address, port);
    int error = ::connect(made.get(), plain(to), sizeof to) == 0 ? 0 : errno;
    if (error == EINPROGRESS) {
        pollfd wait{made.get(), POLLOUT, 0};
        if (::poll(&wait, 1, silence_ms) <= 0) {
            error = ETIMEDOUT;
        } else {
            socklen_t size = sizeof error;
            ::getsockopt(made.get(), SOL_SOCKET, SO_ERROR, &error, &size);
        }
    }
    reach = by_errno(error);
    return error == 0 ? std::move(made) : port::Descriptor();
}

std::string read_line(int fd, int ms) {
    std::string line;
    char c = 0;
    while (readable(fd, ms) && ::read(fd, &c, 1) == 1 && c != '\n') line += c;
    return c == '\n' ? line : std::string();
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Reach reach) {
    const char* names[] = {"open", "refused", "unreachable", "silent"};
    return out << names[static_cast<int>(reach)];
}

void inside(const std::string& netns, const std::function<void()>& what) {
    std::jthread([&] {
        if (!netns.empty()) {
            port::Descriptor file(::open(netns.c_str(), O_RDONLY | O_CLOEXEC));
            if (::setns(file.get(), CLONE_NEWNET) != 0) {
                std::cerr << "cannot enter " << netns << '\n';
                std::abort();
            }
        }
        what();
    }).join();
}

Reach tcp(
    const std::string& from, const std::string& address, std::uint16_t port, const std::string& source
) {
    auto reach = Reach::silent;
    inside(from, [&] { try_connect(address, port, source, reach); });
    return reach;
}

Reach udp(const std::string& from, const std::string& address, std::uint16_t port) {
    auto reach = Reach::silent;
    inside(from, [&] {
        port::Descriptor made(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        auto to = name_of(address, port);
        if (::connect(made.get(), plain(to), sizeof to) != 0 || ::send(made.get(), "hi", 2, 0) != 2) {
            reach = by_errno(errno);
            return;
        }
        if (!readable(made.get(), silence_ms)) return;
        char buffer[100];
        reach = ::recv(made.get(), buffer, sizeof buffer, 0) >= 0 ? Reach::open : by_errno(errno);
    });
    return reach;
}

Reach ping(const std::string& from, const std::string& address) {
    auto reach = Reach::silent;
    inside(from, [&] {
        port::Descriptor made(::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMP));
        icmphdr echo{};
        echo.type = ICMP_ECHO;
        echo.un.echo.id = 7;
        std::uint16_t words[4] = {0, 0, 0, 0};
        std::memcpy(words, &echo, sizeof words);
        std::uint32_t sum = 0;
        for (auto word : words) sum += word;
        echo.checksum = static_cast<std::uint16_t>(~((sum & 0xffff) + (sum >> 16)));
        auto to = name_of(address, 0);
        if (::sendto(made.get(), &echo, sizeof echo, 0, plain(to), sizeof to) < 0) {
            reach = by_errno(errno);
            return;
        }
        while (readable(made.get(), silence_ms)) {
            unsigned char answer[200];
            if (::recv(made.get(), answer, sizeof answer, 0) >= 28 && answer[20] == ICMP_ECHOREPLY) {
                reach = Reach::open;
                return;
            }
        }
    });
    return reach;
}

Client::Client(const std::string& from, const std::string& address, std::uint16_t port) {
    inside(from, [&] {
        Reach reach;
        socket_ = try_connect(address, port, {}, reach);
    });
    if (socket_) greeting_ = read_line(socket_.get(), 3000);
}

bool Client::echo(const std::string& line) {
    auto text = line + '\n';
    if (::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) < 0) return false;
    return read_line(socket_.get(), 900) == line;
}

bool Client::is_reset() {
    if (!readable(socket_.get(), 900)) return false;
    char c = 0;
    return ::recv(socket_.get(), &c, 1, 0) < 0 && errno == ECONNRESET;
}

Datagrams::Datagrams(const std::string& from, const std::string& address, std::uint16_t port) {
    inside(from, [&] {
        socket_ = port::Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        auto to = name_of(address, port);
        ::connect(socket_.get(), plain(to), sizeof to);
    });
}

bool Datagrams::echo(const std::string& text) {
    if (::send(socket_.get(), text.data(), text.size(), 0) < 0) return false;
    char buffer[2000];
    while (readable(socket_.get(), silence_ms)) {
        auto got = ::recv(socket_.get(), buffer, sizeof buffer, 0);
        if (got < 0) return false;
        if (std::string(buffer, static_cast<std::size_t>(got)) == text) return true;
    }
    return false;
}

Load::Load(std::string from, std::string address, std::uint16_t port)
    : thread_([this, from = std::move(from), address = std::move(address), port](std::stop_token stop) {
          while (!stop.stop_requested()) {
              Client client(from, address, port);
              if (client.connected() && client.echo("load")) {
                  ++served_;
              } else {
                  ++failures_;
              }
          }
      }) {}

Load::~Load() = default;

bool Load::more(int connections) {
    int goal = served_ + connections;
    for (int wait = 0; wait < 2000 && served_ < goal; ++wait) ::poll(nullptr, 0, 10);
    return served_ >= goal;
}

std::string Server::wanted() {
    std::lock_guard lock(mutex_);
    return wanted_;
}

Server::Server(const std::string& in, const std::string& address, std::uint16_t port) {
    inside(in, [&] {
        tcp_ = port::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        udp_ = port::Descriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        int on = 1;
        ::setsockopt(tcp_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        auto name = name_of(address, port);
        if (::bind(tcp_.get(), plain(name), sizeof name) != 0 || ::listen(tcp_.get(), 100) != 0 ||
            ::bind(udp_.get(), plain(name), sizeof name) != 0) {
            std::cerr << "cannot listen at " << address << ':' << port << ": " << std::strerror(errno)
                      << '\n';
            std::_Exit(1);
        }
    });
    wake_ = port::Descriptor(::eventfd(0, EFD_CLOEXEC));
    thread_ = std::jthread([this](std::stop_token stop) { serve(std::move(stop)); });
}

Server::Server(port::Descriptor listener) : tcp_(std::move(listener)), wake_(::eventfd(0, EFD_CLOEXEC)) {
    thread_ = std::jthread([this](std::stop_token stop) { serve(std::move(stop)); });
}

Server::~Server() {
    thread_.request_stop();
    ::eventfd_write(wake_.get(), 1);
    thread_.join();
}

void Server::serve(std::stop_token stop) {
    std::vector<port::Descriptor> clients;
    while (!stop.stop_requested()) {
        std::vector<pollfd> waits{{wake_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}, {udp_.get(), POLLIN, 0}};
        for (auto& client : clients) waits.push_back({client.get(), POLLIN, 0});
        ::poll(waits.data(), waits.size(), -1);
        sockaddr_in peer{};
        socklen_t size = sizeof peer;
        char buffer[2000];
        if (waits[2].revents != 0) {
            auto got =
                ::recvfrom(udp_.get(), buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&peer), &size);
            if (got >= 0) ++datagrams_;
            if (got >= 0) ::sendto(udp_.get(), buffer, static_cast<std::size_t>(got), 0, plain(peer), size);
        }
        for (std::size_t i = 3; i < waits.size(); ++i) {
            if (waits[i].revents == 0) continue;
            auto got = ::recv(waits[i].fd, buffer, sizeof buffer, 0);
            if (got > 0) {
                ::send(waits[i].fd, buffer, static_cast<std::size_t>(got), MSG_NOSIGNAL);
            } else {
                clients[i - 3].reset();
            }
        }
        std::erase_if(clients, [](const auto& client) { return !client; });
        if (waits[1].revents != 0) {
            port::Descriptor client(
                ::accept4(tcp_.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC)
            );
            if (!client) continue;
            ++accepted_;
            sockaddr_in original{};
            socklen_t original_size = sizeof original;
            if (::getsockopt(client.get(), SOL_IP, SO_ORIGINAL_DST, &original, &original_size) == 0) {
                char address[32];
                ::inet_ntop(AF_INET, &original.sin_addr, address, sizeof address);
                std::lock_guard lock(mutex_);
                wanted_ = std::string(address) + ':' + std::to_string(ntohs(original.sin_port));
            }
            char text[32];
            ::inet_ntop(AF_INET, &peer.sin_addr, text, sizeof text);
            auto greeting = std::string(text) + '\n';
            ::send(client.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL);
            clients.push_back(std::move(client));
        }
    }
}

Shell shell(const std::string& command, const std::string& netns) {
    Shell result;
    auto line = netns.empty() ? command : "nsenter --net=" + netns + " sh -c '" + command + "'";
    auto* pipe = ::popen((line + " 2>&1").c_str(), "re");
    char buffer[4096];
    while (auto got = std::fread(buffer, 1, sizeof buffer, pipe)) result.output.append(buffer, got);
    int status = ::pclose(pipe);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return result;
}

}  // namespace gantry::network_test
