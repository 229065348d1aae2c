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
      disk(faults) {}

void Machine::reboot() {
    for (const auto& id : runtime.running()) taken.insert(id);
    runtime.lose_everything();
    network.lose_everything();
}

}  // namespace gantry::simulation
