#include "simulation/machine.h"

namespace gantry::simulation {

boost::asio::awaitable<Result<worker::OutputPaths>> Output::open(worker::OutputSpec spec) {
    open_.insert(spec.container_id);
    worker::OutputPaths paths{"/out/" + spec.container_id, "/err/" + spec.container_id};
    co_return paths;
}

Machine::Machine(
    boost::asio::any_io_executor executor, port::Clock& clock, std::uint64_t seed, std::string id
)
    : name(std::move(id)),
      faults(clock, seed),
      runtime(executor, faults),
      images(faults),
      network(faults),
      http_balancer(faults, network.flows),
      disk(faults),
      prober(faults, network, runtime, [this](const std::string& eni) { return task_of(eni); }) {}

std::set<std::string> Machine::flow_ends() const {
    std::set<std::string> ends;
    const auto add = [&](const std::string& address, std::uint16_t port) {
        ends.insert(address + ":" + std::to_string(port) + "/tcp");
    };
    for (const auto& balancer : network.policy().balancers)
        for (const auto& listener : balancer.listeners)
            for (const auto& target : listener.targets) add(target.address, target.port);
    for (const auto& pool : http_balancer.state().pools)
        for (const auto& server : pool.servers)
            if (!server.draining) add(server.address, server.port);
    return ends;
}

std::set<std::string> Machine::forwarded() const {
    std::set<std::string> addresses;
    for (const auto& end : flow_ends()) addresses.insert(end.substr(0, end.find(':')));
    return addresses;
}

std::optional<std::set<std::string>> Machine::behind(int port) const {
    std::optional<std::set<std::string>> found;
    const auto here = [&]() -> std::set<std::string>& { return found ? *found : found.emplace(); };
    for (const auto& balancer : network.policy().balancers)
        for (const auto& listener : balancer.listeners)
            if (listener.port == port)
                for (here(); const auto& target : listener.targets) here().insert(target.address);
    for (const auto& balancer : http_balancer.state().balancers)
        for (const auto& listener : balancer.listeners)
            if (listener.port == port)
                for (here(); const auto& forward : listener.default_action.groups)
                    for (const auto& pool : http_balancer.state().pools)
                        if (forward.weight > 0 && pool.group == forward.group)
                            for (const auto& server : pool.servers)
                                if (!server.draining) here().insert(server.address);
    return found;
}

std::string Machine::task_of(const std::string& eni) const {
    if (!agent) return "";
    for (const auto& [id, task] : agent->tasks())
        if (task->desired().eni.id == eni) return id;
    return "";
}

void Machine::reboot() {
    runtime.lose_everything();
    network.lose_everything();
}

}  // namespace gantry::simulation
