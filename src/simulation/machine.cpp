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
      disk(faults),
      prober(faults, network, runtime, [this](const std::string& eni) { return task_of(eni); }) {}

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
