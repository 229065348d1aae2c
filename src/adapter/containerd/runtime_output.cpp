#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "adapter/containerd/call.h"
#include "adapter/containerd/file.h"
#include "adapter/containerd/runtime.h"
#include "adapter/containerd/runtime_process.h"
#include "base/log.h"

// A shim copies a container's output into files and gives that up for good when a write fails. Then the container's pipe
// fills and its writes wait for ever, though the disk has room again. Here they are taken on.
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace gantry::adapter::containerd {

namespace {

constexpr std::uint64_t tight_bytes = 64 << 20;

bool is_tight(const std::string& directory) {
    struct statvfs about;
    if (statvfs(directory.c_str(), &about) != 0) return false;
    return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize < tight_bytes;
}

bool same_file(const struct stat& a, const struct stat& b) { return a.st_dev == b.st_dev && a.st_ino == b.st_ino; }

std::string descriptors_of(int pid) { return "/proc/" + std::to_string(pid) + "/fd"; }

bool holds(int pid, const struct stat& file) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(descriptors_of(pid), error)) {
        struct stat about;
        if (stat(entry.path().c_str(), &about) == 0 && same_file(about, file)) return true;
    }
    return false;
}

int parent_of(int pid) {
    auto text = read_file("/proc/" + std::to_string(pid) + "/stat").value_or("");
    auto name_end = text.rfind(')');
    return name_end == std::string::npos || name_end + 4 > text.size() ? 0 : std::atoi(text.c_str() + name_end + 4);
}

// The reading end of the pipe that nobody reads any more; -1 where the shim still copies, or nothing is to be had.
int given_up_pipe(int pid, int descriptor, const std::string& path) {
    struct stat file, pipe;
    const int shim = parent_of(pid);
    const auto written = descriptors_of(pid) + "/" + std::to_string(descriptor);
    if (path.empty() || shim <= 1 || stat(path.c_str(), &file) != 0 || !S_ISREG(file.st_mode) || holds(shim, file)) return -1;
    // What the container itself made of its output is no matter of ours: it must be the shim's own pipe.
    if (stat(written.c_str(), &pipe) != 0 || !S_ISFIFO(pipe.st_mode) || !holds(shim, pipe)) return -1;
    return open(written.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

}  // namespace

asio::awaitable<void> Runtime::keep_outputs() {
    asio::steady_timer timer(executor_);
    bool look = true;  // the disk may have been full before this Gantry came
    while (true) {
        timer.expires_after(1s);
        if (auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable)); stopped) co_return;
        const bool tight = is_tight(config_.data_dir);
        if (!look && !tight) continue;
        look = tight;
        const std::vector<std::string> running(watched_.begin(), watched_.end());
        for (const auto& id : running) co_await take_output_on(id);
    }
}

asio::awaitable<void> Runtime::take_output_on(std::string id) {
    auto known = co_await record(id);
    if (!known) co_return;
    if (pids_[id] == 0) {
        auto seen = co_await process(id);
        if (seen && seen->seen.status() == api::TaskStatus::RUNNING) pids_[id] = static_cast<int>(seen->seen.pid());
    }
    for (int stream : {1, 2}) {
        const auto& path = stream == 1 ? known->stdout_path : known->stderr_path;
        if (taken_on_.contains(path)) continue;
        const int pipe = given_up_pipe(pids_[id], stream, path);
        if (pipe < 0) continue;
        log::warn("a container's output is taken on: its shim gave up, when the disk was full", {{"container", id}, {"file", path}});
        taken_on_.insert(path);
        group_.spawn("output of " + id, copy_output(pipe, path));
    }
}

asio::awaitable<void> Runtime::copy_output(int from, std::string path) {
    asio::posix::stream_descriptor pipe(executor_, from);
    asio::steady_timer timer(executor_);
    const int file = open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    std::array<char, 16 << 10> buffer;
    while (file >= 0) {
        auto [failure, length] = co_await pipe.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
        if (failure) break;  // the last writer is gone
        std::size_t done = 0;
        while (done < length) {
            const auto written = write(file, buffer.data() + done, length - done);
            if (written >= 0) {
                done += static_cast<std::size_t>(written);
                continue;
            }
            if (errno == EINTR) continue;
            timer.expires_after(500ms);
            auto [stopped] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
            if (stopped) break;
        }
        if (done < length) break;
    }
    if (file >= 0) close(file);
    taken_on_.erase(path);
}

}  // namespace gantry::adapter::containerd
