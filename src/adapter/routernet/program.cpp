#include "adapter/routernet/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "adapter/routernet/netlink_socket.h"
#include "base/spawn.h"

namespace gantry::adapter::routernet {
namespace {

constexpr std::size_t kept_errors = 64 << 10;

struct Pipe {
    port::Descriptor read, write;
};

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return system_trouble("cannot make a pipe", errno);
    return Pipe{port::Descriptor(ends[0]), port::Descriptor(ends[1])};
}

void read_some(port::Descriptor& from, std::string& into, std::size_t limit) {
    char buffer[16384];
    auto got = ::read(from.get(), buffer, sizeof buffer);
    if (got > 0) {
        into.append(buffer, std::min(static_cast<std::size_t>(got), limit - std::min(limit, into.size())));
    } else if (got == 0 || errno != EINTR) {
        from.reset();
    }
}

}  // namespace

Result<pid_t> start(const std::vector<std::string>& command, int in, int out, int err) {
    auto child = spawn({command, in, out, err, false});
    if (!child) child.error().errc = Errc::unavailable;
    return child;
}

Result<Outcome> run(const std::vector<std::string>& command, const std::string& input) {
    TRY(auto in, make_pipe());
    TRY(auto out, make_pipe());
    TRY(auto err, make_pipe());
    TRY(pid_t pid, start(command, in.read.get(), out.write.get(), err.write.get()));
    in.read.reset();
    out.write.reset();
    err.write.reset();
    ::fcntl(in.write.get(), F_SETFL, O_NONBLOCK);

    Outcome outcome;
    std::size_t written = 0;
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    bool late = false;
    while (out.read || err.read) {
        if (in.write && written == input.size()) in.write.reset();
        auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now()
        );
        late = left.count() <= 0;
        if (late) break;
        pollfd waits[3] = {
            {in.write.get(), POLLOUT, 0}, {out.read.get(), POLLIN, 0}, {err.read.get(), POLLIN, 0}
        };
        if (::poll(waits, 3, static_cast<int>(left.count())) <= 0) continue;
        if (waits[0].revents != 0) {
            // A program that ends early closes its end; its exit code tells the story .
            auto sent = ::write(in.write.get(), input.data() + written, input.size() - written);
            if (sent > 0) written += static_cast<std::size_t>(sent);
            if (sent < 0 && errno != EAGAIN && errno != EINTR) in.write.reset();
        }
        if (waits[1].revents != 0) read_some(out.read, outcome.output, 16 << 20);
        if (waits[2].revents != 0) read_some(err.read, outcome.errors, kept_errors);
    }
    if (late) ::kill(pid, SIGKILL);
    outcome.exit_code = reap(pid);
    if (late) return trouble(Errc::timeout, command[0] + " did not end within 20 s and was killed");
    return outcome;
}

}  // namespace gantry::adapter::routernet
