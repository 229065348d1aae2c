#include "adapter/haproxy/command_socket.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "port/descriptor.h"

namespace gantry::adapter::haproxy {
namespace {

using Clock = std::chrono::steady_clock;

Result<> wait_for(int fd, short events, Clock::time_point deadline) {
    while (true) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) return trouble(Errc::timeout, "haproxy does not answer");
        pollfd wait{fd, events, 0};
        const int ready = ::poll(&wait, 1, static_cast<int>(left.count()));
        if (ready > 0) return {};
        if (ready < 0 && errno != EINTR) return trouble(Errc::unavailable, std::strerror(errno));
    }
}

}  // namespace

Result<std::string> ask(const std::string& socket_path, const std::string& command) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof address.sun_path) {
        return trouble(Errc::unavailable, "the path is too long for a socket: " + socket_path);
    }
    std::memcpy(address.sun_path, socket_path.c_str(), socket_path.size() + 1);
    const port::Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket ||
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return trouble(
            Errc::unavailable, "haproxy does not listen at " + socket_path + ": " + std::strerror(errno)
        );
    }
    const auto deadline = Clock::now() + std::chrono::seconds(2);
    const std::string line = command + "\n";
    std::size_t sent = 0;
    while (sent < line.size()) {
        TRY_VOID(wait_for(socket.get(), POLLOUT, deadline));
        const auto n = ::send(socket.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return trouble(
                Errc::unavailable, std::string("haproxy closed its command socket: ") + std::strerror(errno)
            );
        }
        if (n > 0) sent += static_cast<std::size_t>(n);
    }
    // The master keeps the connection open after some commands; told that no other will come, it closes.
    ::shutdown(socket.get(), SHUT_WR);
    std::string answer;
    char buffer[16'384];
    while (true) {
        TRY_VOID(wait_for(socket.get(), POLLIN, deadline));
        const auto n = ::recv(socket.get(), buffer, sizeof buffer, 0);
        if (n == 0) return answer;
        if (n > 0) answer.append(buffer, static_cast<std::size_t>(n));
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return trouble(
                Errc::unavailable, std::string("haproxy closed its command socket: ") + std::strerror(errno)
            );
        }
    }
}

}  // namespace gantry::adapter::haproxy
