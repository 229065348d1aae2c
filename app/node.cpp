#include "node.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <thread>

#include "balancer_status.h"
#include "base/log.h"
#include "worker/balancing.h"

namespace gantry::app {

namespace asio = boost::asio;

Node::Node(
    asio::any_io_executor executor,
    Machine& machine,
    port::LinkConnector& control_plane,
    port::LogSink& logs,
    port::TaskCredentialsSource& credentials,
    Options options
)
    : machine_(machine),
      disk_(options.installation.worker_dir()),
      files_(executor, options.installation.output_dir()),
      shipper_(executor, {clock_, files_, logs}),
      prober_(executor, machine.network),
      hosts_(options.installation.name()),
      use_hosts_(options.hosts_file),
      metadata_http_(
          executor,
          [this](port::HttpRequest request, port::HttpPeer peer) {
              return metadata_->handle(std::move(request), std::move(peer));
          }
      ),
      resolver_(executor, {}),
      publish_(std::move(options.publish)),
      group_(executor) {
    worker::AgentOptions agent;
    agent.worker_id = options.installation.name();
    agent.capacity = std::move(options.capacity);
    agent.surroundings = std::move(options.surroundings);
    agent.pull_behavior = options.pull_behavior;
    agent_ = std::make_unique<worker::Agent>(
        executor,
        worker::AgentPorts{
            clock_, machine.runtime, machine.images, machine.network, disk_, control_plane, shipper_, &prober_,
            &machine.http_balancer, [this](const worker::BalancerNames& names) { tell_names(names); }
        },
        std::move(agent)
    );
    metadata_ = std::make_unique<worker::MetadataServer>(
        *agent_, credentials, int(std::thread::hardware_concurrency())
    );
}

Node::~Node() = default;

asio::awaitable<Result<>> Node::start() {
    // Tasks of a former life ask as soon as they are found again.
    CO_TRY_VOID(co_await serve_tasks());
    CO_TRY_VOID(co_await agent_->start());
    group_.spawn("published load balancers", publish_balancers());
    co_return Result<>{};
}

// Looks again every second: a proxy that died, a port that became free.
asio::awaitable<void> Node::publish_balancers() {
    while (true) {
        std::vector<port::RelayEntrance> entrances;
        std::vector<std::string> notes;
        for (const auto& [id, balancer] : agent_->balancing().objects().balancers) {
            for (const auto& listener : balancer.listeners) {
                for (const auto& address : publish_) {
                    const auto port = static_cast<std::uint16_t>(listener.port);
                    if (listener.protocol == "UDP") {
                        notes.push_back(balancer.name + ": UDP ports are not published to other machines yet");
                    } else {
                        entrances.push_back({address, port, balancer.host_address, port});
                    }
                }
            }
        }
        const auto refused = co_await machine_.relay.apply(std::move(entrances));
        if (!refused) {
            notes.push_back("load balancers are not published: " + refused.error().message);
        } else {
            for (const auto& one : *refused) {
                notes.push_back("not published at " + one.address + ":" + std::to_string(one.port) + ": " + one.reason);
            }
        }
        publish_notes_ = std::move(notes);
        const auto slept = co_await clock_.sleep_for(std::chrono::seconds(1));
        if (!slept) co_return;
    }
}

asio::awaitable<Result<>> Node::serve_tasks() {
    const std::string metadata = port::metadata_address;
    const std::string resolver = port::resolver_address;
    CO_TRY(auto http, co_await machine_.network.listen_tcp(metadata, 80));
    CO_TRY_VOID(metadata_http_.adopt(http.release()));
    CO_TRY(auto udp, co_await machine_.network.listen_udp(resolver, port::resolver_port));
    CO_TRY(auto tcp, co_await machine_.network.listen_tcp(resolver, port::resolver_port));
    tell_names({});
    resolver_.start(std::move(udp), std::move(tcp));
    resolving_ = true;
    co_return Result<>{};
}

// Programs on the host keep what the hosts file said until the first policy of this life is in force.
void Node::tell_names(const worker::BalancerNames& balancers) {
    port::Names names;
    names.zones.push_back("gantry.internal");
    for (const auto& [name, addresses] : balancers.zonal) {
        std::string lower = name;
        std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
        names.addresses[lower] = addresses;
    }
    resolver_.set_names(std::move(names));
    if (!resolving_) return;
    if (!use_hosts_) {
        hosts_trouble_ = "switched off by --no-hosts-file";
        return;
    }
    adapter::os::HostsFile::Entries entries;
    for (const auto& [name, address] : balancers.host) entries.emplace_back(address, name);
    const auto written = hosts_.set(entries);
    if (!written) log::warn("the hosts file could not be written", {{"why", written.error()}});
    hosts_trouble_ = written ? "" : written.error().message;
}

asio::awaitable<void> Node::stop() {
    co_await group_.stop();
    co_await metadata_http_.stop();
    if (resolving_) co_await resolver_.stop();
    co_await agent_->stop();
    co_await shipper_.stop();
    co_await files_.stop();
}

asio::awaitable<boost::json::object> Node::describe() const {
    boost::json::array tasks;
    for (const auto& [id, task] : agent_->tasks()) {
        const auto& desired = task->desired();
        tasks.emplace_back(
            desired.cluster + "/" + id + "  " + desired.family + ":" + std::to_string(desired.revision) + "  " +
            desired.eni.address
        );
    }
    boost::json::array notes;
    if (!agent_->connected()) notes.emplace_back("the worker is not connected to the control plane");
    const auto& network = agent_->network_applied();
    for (const auto& route : network.host_routes) {
        if (!route.direct) {
            notes.emplace_back(
                "no direct route from this host to " + route.cidr + " of " + route.vpc + ": " + route.reason
            );
        }
    }
    if (network.outside == port::OutsideAccess::unavailable) {
        notes.emplace_back("tasks cannot reach the outside: " + network.outside_reason);
    }
    if (const auto dropped = shipper_.lines_dropped(); dropped > 0) {
        notes.emplace_back(std::to_string(dropped) + " log lines were dropped since the start");
    }
    for (const auto& note : publish_notes_) notes.emplace_back(note);
    boost::json::object status;
    status["tasks"] = std::move(tasks);
    status["notes"] = std::move(notes);
    describe_balancers(*agent_, hosts_trouble_, status);
    co_return status;
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
