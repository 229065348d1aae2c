#include "node.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace gantry::app {

namespace asio = boost::asio;

Node::Node(
    asio::any_io_executor executor,
    Machine& machine,
    port::LinkConnector& control_plane,
    port::LogSink& logs,
    Options options
)
    : disk_(options.installation.worker_dir()),
      files_(executor, options.installation.output_dir()),
      shipper_(executor, {clock_, files_, logs}) {
    worker::AgentOptions agent;
    agent.worker_id = options.installation.name();
    agent.capacity = std::move(options.capacity);
    agent.surroundings = std::move(options.surroundings);
    agent_ = std::make_unique<worker::Agent>(
        executor,
        worker::AgentPorts{
            clock_, machine.runtime, machine.images, machine.network, disk_, control_plane, shipper_
        },
        std::move(agent)
    );
}

Node::~Node() = default;

asio::awaitable<Result<>> Node::start() { co_return co_await agent_->start(); }

asio::awaitable<void> Node::stop() {
    co_await agent_->stop();
    co_await shipper_.stop();
    co_await files_.stop();
}

link::Capacity find_capacity(int cpu_units, int memory_mib) {
    link::Capacity capacity;
    capacity.cpu_units = cpu_units > 0 ? cpu_units : int(std::thread::hardware_concurrency()) * 1024;
    const auto machine_mib = ::sysconf(_SC_PHYS_PAGES) / 1024 * ::sysconf(_SC_PAGESIZE) / 1024;
    capacity.memory_mib = memory_mib > 0 ? memory_mib : int(machine_mib);
    capacity.cgroup_version = std::filesystem::exists("/sys/fs/cgroup/cgroup.controllers") ? 2 : 1;
    utsname machine{};
    ::uname(&machine);
    capacity.architecture = std::string(machine.machine) == "aarch64" ? "ARM64" : "X86_64";
    return capacity;
}

}  // namespace gantry::app
