#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "adapter/os/hosts_file.h"
#include "commands.h"
#include "machine.h"
#include "run_loop.h"

namespace gantry::app {
namespace {

namespace asio = boost::asio;

// Asks the server to end and waits until its lock is free.
Result<> end_server(const Installation& installation) {
    if (!server_runs(installation)) return {};
    TRY(const auto server, read_server_file(installation));
    if (::kill(static_cast<pid_t>(server.pid), SIGTERM) != 0) {
        return trouble(Errc::unavailable, "cannot end the server, process " + std::to_string(server.pid));
    }
    const int fd = ::open(installation.lock_file().c_str(), O_RDWR | O_CLOEXEC);
    if (fd >= 0) {
        ::flock(fd, LOCK_EX);
        ::close(fd);
    }
    return {};
}

asio::awaitable<Result<>> end_machine(Machine& machine) {
    // Containers are removed through containerd, so it is brought up where it is not running.
    CO_TRY_VOID(co_await machine.daemon.start());
    auto torn = co_await machine.tear_down();
    co_await machine.runtime.stop();
    co_return torn;
}

}  // namespace

int run_down(const Installation& installation, bool purge) {
    std::error_code code;
    if (!std::filesystem::exists(installation.data_dir, code)) {
        return complain({Errc::not_found, {}, "there is no installation in " + installation.data_dir});
    }
    if (auto ended = end_server(installation); !ended) return complain(ended.error());
    {
        asio::io_context context;
        auto machine = Machine::open(context.get_executor(), {installation, {}, {}});
        if (!machine) return complain(machine.error());
        if (auto ended = run_to_end(context, end_machine(**machine)); !ended) return complain(ended.error());
    }
    // Everything else is gone: not a reason to fail.
    if (auto cleared = adapter::os::HostsFile(installation.name()).set({}); !cleared) {
        std::fprintf(stderr, "gantry: %s\n", cleared.error().message.c_str());
    }
    std::puts("stopped: the server, its tasks, its network and its containerd");
    if (!purge) return 0;
    for (const auto& entry : std::filesystem::directory_iterator(installation.data_dir, code)) {
        if (!code) std::filesystem::remove_all(entry.path(), code);
    }
    // A folder that is a disk of its own stays, empty.
    if (!code) std::filesystem::remove(installation.data_dir, code);
    if (code == std::errc::device_or_resource_busy && std::filesystem::is_empty(installation.data_dir)) code.clear();
    if (code) return complain({Errc::unavailable, {}, "cannot remove " + installation.data_dir + ": " + code.message()});
    std::printf("removed: %s\n", installation.data_dir.c_str());
    return 0;
}

}  // namespace gantry::app
