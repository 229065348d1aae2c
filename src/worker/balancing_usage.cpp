#include <algorithm>

#include "base/log.h"
#include "worker/balancer_usage.h"
#include "worker/balancing.h"

// What balancers carry, for metrics.
namespace gantry::worker {

boost::asio::awaitable<void> Balancing::measure(link::Usage& usage) {
    const auto any = [&](const char* type) {
        return std::ranges::any_of(in_force_.balancers, [&](const auto& one) { return one.second.type == type; });
    };
    if (any("network")) {
        const auto carried = co_await ports_.network.traffic();
        if (carried)
            usage.flows = flow_usage(in_force_, *carried);
        else
            log::warn("cannot measure network load balancers", {{"why", carried.error()}});
    }
    if (any("application") && ports_.http_balancer != nullptr) {
        const auto traffic = co_await ports_.http_balancer->traffic();
        // A proxy in trouble says so elsewhere.
        if (traffic) add_http_usage(in_force_, *traffic, usage);
    }
}

}  // namespace gantry::worker
