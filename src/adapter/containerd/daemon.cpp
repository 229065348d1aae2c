#include "adapter/containerd/daemon.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapter/containerd/call.h"
#include "adapter/containerd/file.h"
#include "adapter/containerd/process.h"
#include "base/log.h"

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace gantry::adapter::containerd {

Daemon::Daemon(asio::any_io_executor executor, DaemonConfig config)
    : executor_(executor), config_(std::move(config)), group_(executor) {}

static std::string end_of(const std::string& path) {
    auto text = read_file(path).value_or("");
    return text.size() > 1000 ? text.substr(text.size() - 1000) : text;
}

static bool runs(int pid) {
    // A zombie has no command line.
    return pid > 0 && !read_file("/proc/" + std::to_string(pid) + "/cmdline").value_or("").empty();
}

// The process of the pid file, if it still is the containerd of these directories.
bool Daemon::adopt() {
    auto text = read_file(config_.pid_file());
    if (!text) return false;
    int pid = std::atoi(text->c_str());
    if (pid <= 0) return false;
    auto command = read_file("/proc/" + std::to_string(pid) + "/cmdline").value_or("");
    if (command.find(config_.config_file()) == std::string::npos) return false;
    pid_ = pid;
    return true;
}

// Waits until containerd answers a question; ends early when it dies.
// Whether somebody listens on a Unix socket.
static bool listens(const std::string& path) {
    const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return false;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(fd);
    return connected;
}

asio::awaitable<Result<>> Daemon::answer() {
    asio::steady_timer timer(executor_);
    auto give_up = std::chrono::steady_clock::now() + 30s;
    // gRPC 1.51 has been seen to abort while a first connection fails and its calls run into their deadlines.
    while (!listens(config_.socket()) && runs(pid_) && std::chrono::steady_clock::now() < give_up) {
        timer.expires_after(10ms);
        auto [code] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (code) co_return trouble(Errc::cancelled, "stopped while containerd started");
    }
    auto client = std::make_shared<Client>(config_.socket(), "gantry");
    google::protobuf::Empty nothing;
    while (true) {
        auto reply = co_await CONTAINERD_CALL(*client, version, Version, api::version::VersionResponse,
                                              nothing, 5s);
        if (reply) co_return Result<>{};
        if (reply.error().errc == Errc::cancelled) co_return tl::unexpected(reply.error());
        if (!runs(pid_))
            co_return trouble(Errc::unavailable, "containerd ended while starting; its log " + config_.log_file() +
                                                     " ends with: " + end_of(config_.log_file()));
        if (std::chrono::steady_clock::now() > give_up)
            co_return trouble(Errc::timeout, "containerd does not answer; see its log " + config_.log_file());
    }
}

asio::awaitable<Result<>> Daemon::bring_up() {
    if (adopt()) {
        log::info("adopting the containerd that runs already", {{"pid", pid_}});
        co_return co_await answer();
    }
    CO_TRY(auto text, daemon_config_text(config_));
    CO_TRY_VOID(make_directories(config_.root));
    CO_TRY_VOID(make_directories(config_.state));
    (void)chmod(config_.root.c_str(), 0711);
    (void)chmod(config_.state.c_str(), 0711);
    CO_TRY_VOID(replace_file(config_.config_file(), text));
    // The log is a crash's evidence, not an archive.
    if (struct stat about; stat(config_.log_file().c_str(), &about) == 0 && about.st_size > (8 << 20))
        (void)truncate(config_.log_file().c_str(), 0);
    auto pid = spawn_detached({config_.program, "--config", config_.config_file()}, config_.log_file());
    if (!pid && pid.error().errc == Errc::not_found)
        co_return trouble(Errc::not_found, "the program \"" + config_.program +
                                               "\" is not installed; Gantry runs containers with it "
                                               "(Debian: apt-get install containerd runc)");
    if (!pid) co_return tl::unexpected(pid.error());
    pid_ = *pid;
    CO_TRY_VOID(replace_file(config_.pid_file(), std::to_string(pid_) + "\n"));
    co_return co_await answer();
}

asio::awaitable<Result<>> Daemon::start() {
    auto up = co_await bring_up();
    if (up) group_.spawn("watch over containerd", watch_over());
    co_return up;
}

asio::awaitable<void> Daemon::watch_over() {
    auto pause = 0ms;
    asio::steady_timer timer(executor_);
    while (true) {
        auto since = std::chrono::steady_clock::now();
        if (auto ended = co_await wait_end(pid_); !ended) {
            if (ended.error().errc != Errc::cancelled) log::error("containerd cannot be watched", {{"error", ended.error()}});
            co_return;
        }
        auto lived = std::chrono::steady_clock::now() - since;
        pause = lived > 10s ? 0ms : std::min<std::chrono::milliseconds>(std::max(2 * pause, 50ms), 5'000ms);
        log::warn("containerd died and is started again; containers are not touched by that", {{"pid", pid_}});
        while (true) {
            timer.expires_after(pause);
            if (auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable)); stopped) co_return;
            auto up = co_await bring_up();
            if (up) break;
            if (up.error().errc == Errc::cancelled) co_return;
            log::error("containerd could not be started again", {{"error", up.error()}});
            pause = std::min<std::chrono::milliseconds>(std::max(2 * pause, 100ms), 5'000ms);
        }
        log::info("containerd runs again", {{"pid", pid_}});
        if (on_restarted) on_restarted();
    }
}

asio::awaitable<void> Daemon::stop() {
    co_await group_.stop();
}

asio::awaitable<Result<>> Daemon::shut_down() {
    co_await group_.stop();
    if (!runs(pid_) && !adopt()) co_return Result<>{};
    if (kill(pid_, SIGTERM) != 0) co_return Result<>{};
    auto ended = co_await wait_end(pid_);
    (void)unlink(config_.pid_file().c_str());
    co_return ended;
}

}  // namespace gantry::adapter::containerd
