#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "link/message.h"
#include "port/clock.h"
#include "port/images.h"
#include "port/link.h"
#include "port/network.h"
#include "port/runtime.h"
#include "port/worker_disk.h"
#include "worker/balancer_names.h"
#include "worker/container_output.h"
#include "worker/container_spec.h"

namespace gantry::port {
class HttpBalancer;
class Prober;
}  // namespace gantry::port

namespace gantry::worker {

// The world of one agent. All of it outlives the agent.
struct AgentPorts {
    port::Clock& clock;
    port::Runtime& runtime;
    port::Images& images;
    port::Network& network;
    port::WorkerDisk& disk;
    port::LinkConnector& control_plane;
    ContainerOutput& output;
    // Without one no target is ever probed.
    port::Prober* prober = nullptr;
    // Without one application load balancers refuse all connections.
    port::HttpBalancer* http_balancer = nullptr;
    // What load balancers are called now; each time it changed.
    std::function<void(const BalancerNames&)> names_changed;
};

enum class PullBehavior {
    // An image that is here is used as it is, so that what `gantry image load` brought wins and no registry
    // is
    // asked twice.
    prefer_cached,
    // The registry is asked each time; what is here is used when it cannot be reached.
    ask_registry,
};

struct AgentOptions {
    std::string worker_id;
    link::Capacity capacity;
    TaskSurroundings surroundings;
    PullBehavior pull_behavior = PullBehavior::prefer_cached;
    // Measured: more starts in flight do not start more containers a second, they only make each slower.
    std::size_t starts_in_flight = 4;
    std::size_t pulls_in_flight = 4;
    Duration report_again_after{2'000};
    Duration reconnect_pause_max{5'000};
};

}  // namespace gantry::worker
