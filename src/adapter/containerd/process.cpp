#include "adapter/containerd/process.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <utility>

#include "adapter/containerd/file.h"
#include "base/spawn.h"

namespace asio = boost::asio;

namespace gantry::adapter::containerd {

Result<int> spawn_detached(const std::vector<std::string>& arguments, const std::string& log_path) {
    int log = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log < 0) return system_trouble("opening " + log_path, errno);
    auto pid = spawn({arguments, -1, log, log, true});
    close(log);
    return pid;
}

static int pidfd_open(int pid) {
    return static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
}

static asio::awaitable<Result<>> wait_end_unreaped(int pid) {
    int fd = pidfd_open(pid);
    if (fd < 0 && errno == ESRCH) co_return Result<>{};
    if (fd < 0) co_return system_trouble("watching process " + std::to_string(pid), errno);
    asio::posix::stream_descriptor process(co_await asio::this_coro::executor, fd);
    auto [error] = co_await process.async_wait(asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable));
    if (error) co_return trouble(Errc::cancelled, "the wait for a process was cancelled");
    co_return Result<>{};
}

asio::awaitable<Result<>> wait_end(int pid) {
    CO_TRY_VOID(co_await wait_end_unreaped(pid));
    int status = 0;
    waitpid(pid, &status, WNOHANG);
    co_return Result<>{};
}

namespace {

// Kills and reaps the child on every way out that did not see it end.
struct Child {
    int pid = 0;
    ~Child() {
        if (pid <= 0) return;
        kill(-pid, SIGKILL);
        kill(pid, SIGKILL);
        reap(pid);
    }
    int end() { return reap(std::exchange(pid, 0)); }
};

class Lines {
  public:
    explicit Lines(std::function<void(const std::string&)>& on_line) : on_line_(on_line) {}
    void add(char c) {
        if (c != '\n' && c != '\r') {
            if (line_.size() < 4096) line_ += c;
            return;
        }
        if (on_line_ && !line_.empty()) on_line_(line_);
        line_.clear();
    }
    const std::string& unfinished() const { return line_; }

  private:
    std::function<void(const std::string&)>& on_line_;
    std::string line_;
};

}  // namespace

static Result<std::pair<int, int>> terminal() {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    char name[128];
    if (master < 0) return system_trouble("opening a terminal", errno);
    if (grantpt(master) != 0 || unlockpt(master) != 0 || ptsname_r(master, name, sizeof name) != 0) {
        close(master);
        return system_trouble("opening a terminal", errno);
    }
    int slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) {
        close(master);
        return system_trouble("opening a terminal", errno);
    }
    // What we type is not to come back as output.
    termios mode;
    if (tcgetattr(slave, &mode) == 0) {
        mode.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(slave, TCSANOW, &mode);
    }
    winsize size{50, 250, 0, 0};
    ioctl(master, TIOCSWINSZ, &size);
    return std::pair(master, slave);
}

static Result<std::pair<int, int>> pipe_pair() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return system_trouble("opening a pipe", errno);
    return std::pair(ends[0], ends[1]);
}

asio::awaitable<Result<Finished>> run(Subprocess subprocess) {
    bool prompt = !subprocess.password.empty();
    CO_TRY(auto ends, prompt ? terminal() : pipe_pair());
    asio::posix::stream_descriptor output(co_await asio::this_coro::executor, ends.first);
    auto spawned = spawn({subprocess.arguments, prompt ? ends.second : -1, ends.second, ends.second, true});
    close(ends.second);
    CO_TRY(int pid, std::move(spawned));
    Child child{pid};

    Finished finished;
    Lines lines(subprocess.on_line);
    char buffer[4096];
    while (true) {
        auto [error, length] = co_await output.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
        if (error == asio::error::operation_aborted)
            co_return trouble(Errc::cancelled, subprocess.arguments[0] + " was stopped");
        if (error) break;  // end of file, or EIO of a terminal whose other side is closed
        for (std::size_t i = 0; i < length; ++i) lines.add(buffer[i]);
        finished.tail.append(buffer, length);
        if (finished.tail.size() > 8192) finished.tail.erase(0, finished.tail.size() - 4096);
        if (prompt && lines.unfinished().ends_with("Password: ")) {
            auto answer = subprocess.password + "\n";
            prompt = false;
            if (write(ends.first, answer.data(), answer.size()) < 0)
                co_return system_trouble("answering " + subprocess.arguments[0], errno);
        }
    }
    CO_TRY_VOID(co_await wait_end_unreaped(pid));
    finished.exit_code = child.end();
    co_return finished;
}

}  // namespace gantry::adapter::containerd
