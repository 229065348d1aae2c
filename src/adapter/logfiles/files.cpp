#include "adapter/logfiles/files.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "adapter/logfiles/pump.h"
#include "base/assertion.h"
#include "base/event.h"
#include "base/log.h"
#include "base/task_group.h"

namespace gantry::adapter::logfiles {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using port::OutputMode;
using port::OutputStream;

namespace {

constexpr std::array<const char*, 2> kNames = {"stdout", "stderr"};

tl::unexpected<Error> failed(const std::string& what) {
    const int code = errno;
    const auto errc = code == ENOSPC ? Errc::exhausted : code == ENOENT ? Errc::not_found : Errc::unavailable;
    return trouble(errc, what + ": " + std::strerror(code));
}

struct Container {
    explicit Container(const asio::any_io_executor& executor) : grown(executor) {}

    Event grown;
    std::array<int, 2> watches{-1, -1};
    std::array<std::unique_ptr<Pump>, 2> pumps;
    std::unique_ptr<TaskGroup> pumping;
};

}  // namespace

struct Files::State : std::enable_shared_from_this<Files::State> {
    State(asio::any_io_executor on, std::string in)
        : executor(on), folder(std::move(in)), inotify(on), group(std::move(on)) {}

    std::string path(const std::string& container) const { return folder + "/" + container; }
    std::string path(const std::string& container, OutputStream stream) const {
        return path(container) + "/" + kNames[static_cast<std::size_t>(stream)];
    }

    Result<> watch();
    Result<std::shared_ptr<Container>> add(const std::string& container);
    void tell(std::string_view events);
    asio::awaitable<void> listen(std::shared_ptr<State> self);
    static asio::awaitable<void> pump(std::shared_ptr<Container> container, std::size_t stream);

    asio::any_io_executor executor;
    std::string folder;
    asio::posix::stream_descriptor inotify;
    std::map<int, std::string> watched;
    std::map<std::string, std::shared_ptr<Container>> containers;
    TaskGroup group;
};

Files::Files(asio::any_io_executor executor, std::string folder)
    : state_(std::make_shared<State>(std::move(executor), fs::absolute(folder).string())) {}
Files::~Files() = default;

asio::awaitable<void> Files::stop() {
    for (auto& [name, container] : state_->containers) {
        if (container->pumping) co_await container->pumping->stop();
    }
    co_await state_->group.stop();
    boost::system::error_code ignored;
    state_->inotify.close(ignored);
}

Result<> Files::State::watch() {
    if (inotify.is_open()) return {};
    const int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (fd < 0) return failed("cannot watch log files");
    inotify.assign(fd);
    group.spawn("log files", listen(shared_from_this()));
    return {};
}

void Files::State::tell(std::string_view events) {
    while (events.size() >= sizeof(inotify_event)) {
        inotify_event event;
        std::memcpy(&event, events.data(), sizeof event);
        events.remove_prefix(std::min(events.size(), sizeof event + event.len));
        if ((event.mask & IN_Q_OVERFLOW) != 0) {
            // Nobody knows what changed.
            for (auto& [id, container] : containers) container->grown.set();
            continue;
        }
        const auto name = watched.find(event.wd);
        if (name == watched.end()) continue;
        if (const auto found = containers.find(name->second); found != containers.end())
            found->second->grown.set();
    }
}

asio::awaitable<void> Files::State::listen(std::shared_ptr<State> self) {
    std::array<char, 16 << 10> buffer;
    while (true) {
        const auto [code, bytes] =
            co_await self->inotify.async_read_some(asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
        if (code) co_return;
        self->tell(std::string_view(buffer.data(), bytes));
    }
}

asio::awaitable<void> Files::State::pump(std::shared_ptr<Container> container, std::size_t stream) {
    co_await container->pumps[stream]->run();
}

Result<std::shared_ptr<Container>> Files::State::add(const std::string& name) {
    TRY_VOID(watch());
    auto container = std::make_shared<Container>(executor);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const std::string file = path(name, static_cast<OutputStream>(i));
        container->watches[i] = ::inotify_add_watch(inotify.native_handle(), file.c_str(), IN_MODIFY);
        if (container->watches[i] < 0) return failed("cannot watch " + file);
        watched[container->watches[i]] = name;
    }
    containers[name] = container;
    return container;
}

port::LogFiles::Reply<port::OutputFiles> Files::open(
    std::string name, OutputMode mode, std::uint64_t buffer_bytes
) {
    ASSERT(
        name.find('/') == std::string::npos && !name.starts_with('.'), "a container id that is no file name"
    );
    auto& state = *state_;
    std::error_code code;
    fs::create_directories(state.path(name), code);
    if (code) co_return trouble(Errc::unavailable, "cannot make " + state.path(name) + ": " + code.message());
    const std::string mode_file = state.path(name) + "/blocking";
    const bool fresh = !fs::exists(state.path(name, OutputStream::err));
    if (fresh && mode == OutputMode::blocking) std::ofstream(mode_file) << buffer_bytes;
    const bool blocking = fs::exists(mode_file);
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        const std::string file = state.path(name, static_cast<OutputStream>(i));
        const port::Descriptor made(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
        if (!made) co_return failed("cannot make " + file);
    }
    if (!state.containers.contains(name)) {
        CO_TRY(auto container, state.add(name));
        if (blocking) {
            container->pumping = std::make_unique<TaskGroup>(state.executor);
            for (std::size_t i = 0; i < kNames.size(); ++i) {
                const std::string file = state.path(name, static_cast<OutputStream>(i));
                container->pumps[i] =
                    std::make_unique<Pump>(state.executor, file + ".fifo", file, buffer_bytes);
                CO_TRY_VOID(container->pumps[i]->open());
            }
            for (std::size_t i = 0; i < kNames.size(); ++i) {
                container->pumping->spawn("output of " + name, State::pump(container, i));
            }
        }
        container->grown.set();
    }
    const std::string suffix = blocking ? ".fifo" : "";
    co_return port::OutputFiles{
        state.path(name, OutputStream::out) + suffix, state.path(name, OutputStream::err) + suffix
    };
}

port::LogFiles::Reply<std::uint64_t> Files::size(std::string container, OutputStream stream) {
    struct stat status{};
    const std::string file = state_->path(container, stream);
    if (::stat(file.c_str(), &status) != 0) co_return failed("cannot look at " + file);
    co_return static_cast<std::uint64_t>(status.st_size);
}

port::LogFiles::Reply<std::string> Files::read(
    std::string container, OutputStream stream, std::uint64_t offset, std::size_t bytes_max
) {
    const std::string file = state_->path(container, stream);
    const port::Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) co_return failed("cannot open " + file);
    std::string bytes(bytes_max, '\0');
    std::size_t done = 0;
    while (done < bytes_max) {
        const auto n =
            ::pread(fd.get(), bytes.data() + done, bytes_max - done, static_cast<off_t>(offset + done));
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) co_return failed("cannot read " + file);
        if (n == 0) break;
        done += static_cast<std::size_t>(n);
    }
    bytes.resize(done);
    co_return bytes;
}

port::LogFiles::Reply<> Files::discard(std::string container, OutputStream stream, std::uint64_t before) {
    const std::string file = state_->path(container, stream);
    const port::Descriptor fd(::open(file.c_str(), O_WRONLY | O_CLOEXEC));
    if (!fd) co_return failed("cannot open " + file);
    // A file system without holes keeps the bytes; nothing else changes.
    if (before > 0 &&
        ::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, off_t(before)) != 0 &&
        errno != EOPNOTSUPP) {
        co_return failed("cannot give back space of " + file);
    }
    if (const auto found = state_->containers.find(container); found != state_->containers.end()) {
        if (auto& pump = found->second->pumps[static_cast<std::size_t>(stream)]) pump->discarded(before);
    }
    co_return Result<>{};
}

port::LogFiles::Reply<> Files::wait_growth(std::string container) {
    const auto found = state_->containers.find(container);
    if (found == state_->containers.end()) co_return trouble(Errc::not_found, "no output of " + container);
    const auto held = found->second;
    co_return co_await held->grown.wait();
}

port::LogFiles::Reply<> Files::drain(std::string container) {
    const auto found = state_->containers.find(container);
    if (found == state_->containers.end()) co_return Result<>{};
    for (auto& pump : found->second->pumps) {
        if (pump) CO_TRY_VOID(pump->drain());
    }
    co_return Result<>{};
}

port::LogFiles::Reply<> Files::remove(std::string name) {
    if (const auto found = state_->containers.find(name); found != state_->containers.end()) {
        const auto container = found->second;
        state_->containers.erase(found);
        for (const int watch : container->watches) {
            ::inotify_rm_watch(state_->inotify.native_handle(), watch);
            state_->watched.erase(watch);
        }
        if (container->pumping) co_await container->pumping->stop();
    }
    std::error_code code;
    fs::remove_all(state_->path(name), code);
    if (code)
        co_return trouble(Errc::unavailable, "cannot remove " + state_->path(name) + ": " + code.message());
    co_return Result<>{};
}

port::LogFiles::Reply<std::vector<std::string>> Files::list() {
    std::vector<std::string> names;
    std::error_code code;
    for (fs::directory_iterator entry(state_->folder, code), end; !code && entry != end;
         entry.increment(code)) {
        names.push_back(entry->path().filename());
    }
    std::sort(names.begin(), names.end());
    co_return names;
}

}  // namespace gantry::adapter::logfiles
