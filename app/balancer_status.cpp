#include "balancer_status.h"

#include <boost/json/array.hpp>

#include "worker/balancing.h"

namespace gantry::app {
namespace {

std::string scheme(const std::string& protocol) {
    if (protocol == "HTTP") return "http://";
    if (protocol == "HTTPS") return "https://";
    return "";
}

// "localhost:8081", or why not.
std::string at_localhost(
    const port::Applied& applied, const link::LoadBalancer& balancer, const link::BalancerListener& listener
) {
    for (const auto& taken : applied.localhost_taken) {
        if (taken.balancer != balancer.id || taken.port != listener.port) continue;
        return "not at localhost:" + std::to_string(listener.port) + ": " + taken.reason;
    }
    return scheme(listener.protocol) + "localhost:" + std::to_string(listener.port);
}

}  // namespace

void describe_balancers(
    const worker::Agent& agent, const std::string& hosts_trouble, boost::json::object& status
) {
    const auto& balancing = agent.balancing();
    const auto& balancers = balancing.objects().balancers;
    boost::json::array lines;
    auto& notes = status["notes"].is_array() ? status["notes"].get_array() : status["notes"].emplace_array();
    for (const auto& [id, balancer] : balancers) {
        // Where its name leads nowhere its address does.
        const std::string host = hosts_trouble.empty() ? balancer.dns_name : balancer.host_address;
        for (const auto& listener : balancer.listeners) {
            lines.emplace_back(
                balancer.name + "  " + listener.protocol + "  " + scheme(listener.protocol) + host + ":" +
                std::to_string(listener.port) + "  " + at_localhost(agent.network_applied(), balancer, listener)
            );
            if (listener.protocol == "TLS")
                notes.emplace_back(balancer.name + ": TLS listeners of network load balancers are not built yet");
        }
    }
    if (!balancing.http_trouble().empty())
        notes.emplace_back("the proxy of application load balancers is in trouble: " + balancing.http_trouble());
    if (!balancers.empty() && !hosts_trouble.empty())
        notes.emplace_back("programs on this host do not know load balancers by name: " + hosts_trouble);
    status["load_balancers"] = std::move(lines);
}

}  // namespace gantry::app
