#pragma once

#include <memory>
#include <set>
#include <optional>
#include <string>

#include "sim/http_balancer.h"
#include "sim/images.h"
#include "sim/network.h"
#include "sim/prober.h"
#include "sim/runtime.h"
#include "sim/worker_disk.h"
#include "worker/agent.h"

namespace gantry::simulation {

// Where containers' output goes; it only remembers whose is still open.
class Output : public worker::ContainerOutput {
  public:
    boost::asio::awaitable<Result<worker::OutputPaths>> open(worker::OutputSpec spec) override;
    void ended(std::string container_id) override { open_.erase(container_id); }
    boost::asio::awaitable<Result<>> shipped(std::string) override { co_return Result<>{}; }
    boost::asio::awaitable<Result<std::vector<std::string>>> list() override {
        co_return std::vector<std::string>(open_.begin(), open_.end());
    }
    const std::set<std::string>& still_open() const { return open_; }

  private:
    std::set<std::string> open_;
};

// One worker's machine: everything but the agent outlives the agent.
struct Machine {
    Machine(boost::asio::any_io_executor executor, port::Clock& clock, std::uint64_t seed, std::string id);
    // While the agent is down.
    void reboot();
    // Addresses to which the kernel or the proxy sends new flows.
    std::set<std::string> forwarded() const;
    // The same with ports: "172.31.0.5:80/tcp".
    std::set<std::string> flow_ends() const;
    // Addresses behind a listener on this port; absent where no balancer here has one.
    std::optional<std::set<std::string>> behind(int port) const;
    // Whose interface it is; empty when the agent does not know.
    std::string task_of(const std::string& eni) const;

    std::string name;
    sim::Faults faults;
    sim::Runtime runtime;
    sim::Images images;
    sim::Network network;
    sim::HttpBalancer http_balancer;
    sim::WorkerDisk disk;
    sim::Prober prober;
    Output output;
    // Containers that may be started once more: nobody knows any more that they were started.
    std::set<std::string> forgotten;
    std::unique_ptr<worker::Agent> agent;  // null while it is down
};

}  // namespace gantry::simulation
