#include "adapter/logfiles/pump.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace gantry::adapter::logfiles {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kStep = 64 << 10;
constexpr std::chrono::milliseconds kFullPause(500);

tl::unexpected<Error> failed(const std::string& what) {
    const int code = errno;
    return trouble(code == ENOSPC ? Errc::exhausted : Errc::unavailable, what + ": " + std::strerror(code));
}

}  // namespace

Pump::Pump(asio::any_io_executor executor, std::string fifo, std::string file, std::uint64_t buffer_bytes)
    : fifo_path_(std::move(fifo)),
      file_path_(std::move(file)),
      buffer_bytes_(buffer_bytes),
      fifo_(executor),
      space_(executor) {}

Result<> Pump::open() {
    if (::mkfifo(fifo_path_.c_str(), 0600) != 0 && errno != EEXIST)
        return failed("cannot make " + fifo_path_);
    // splice refuses a file opened for appending; this end is the only one that writes to it.
    file_ = port::Descriptor(::open(file_path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    if (!file_) return failed("cannot open " + file_path_);
    if (::lseek(file_.get(), 0, SEEK_END) < 0) return failed("cannot seek in " + file_path_);
    const int fifo = ::open(fifo_path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fifo < 0) return failed("cannot open " + fifo_path_);
    fifo_.assign(fifo);
    return {};
}

std::uint64_t Pump::waiting() const {
    struct stat status{};
    if (::fstat(file_.get(), &status) != 0) return 0;
    const auto size = static_cast<std::uint64_t>(status.st_size);
    return size > discarded_ ? size - discarded_ : 0;
}

Result<std::size_t> Pump::move(std::size_t bytes_max) {
    while (true) {
        const auto moved =
            ::splice(fifo_.native_handle(), nullptr, file_.get(), nullptr, bytes_max, SPLICE_F_NONBLOCK);
        if (moved >= 0) return static_cast<std::size_t>(moved);
        if (errno == EAGAIN) return 0;
        if (errno != EINTR) return failed("cannot move output into " + file_path_);
    }
}

Result<> Pump::drain() {
    while (true) {
        TRY(const auto moved, move(kStep));
        if (moved == 0) return {};
    }
}

void Pump::discarded(std::uint64_t before) {
    discarded_ = before;
    space_.set();
}

asio::awaitable<void> Pump::run() {
    bool said = false;
    asio::steady_timer pause(fifo_.get_executor());
    while (true) {
        if (waiting() >= buffer_bytes_) {
            if (auto waited = co_await space_.wait(); !waited) co_return;
            continue;
        }
        auto moved = move(kStep);
        if (!moved) {
            // Full disk: the container waits until the reader, or somebody else, has made room.
            if (!said) log::warn("a container's output waits", {{"why", moved.error()}});
            said = true;
            pause.expires_after(kFullPause);
            const auto [stopped] = co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
            if (stopped) co_return;
            continue;
        }
        said = false;
        if (*moved > 0) continue;
        const auto [code] = co_await fifo_.async_wait(
            asio::posix::stream_descriptor::wait_read, asio::as_tuple(asio::use_awaitable)
        );
        if (code) co_return;
    }
}

}  // namespace gantry::adapter::logfiles
