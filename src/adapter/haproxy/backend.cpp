#include "adapter/haproxy/backend.h"

#include "adapter/haproxy/text.h"

namespace gantry::adapter::haproxy {
namespace {

std::string attribute(
    const std::map<std::string, std::string>& all, const std::string& name, std::string otherwise
) {
    const auto found = all.find(name);
    return found == all.end() || found->second.empty() ? std::move(otherwise) : found->second;
}

bool number(const std::string& text) {
    return !text.empty() && text.size() <= 9 && text.find_first_not_of("0123456789") == std::string::npos;
}

std::string number_attribute(
    const std::map<std::string, std::string>& all, const std::string& name, const std::string& otherwise
) {
    const auto value = attribute(all, name, otherwise);
    return number(value) ? value : otherwise;
}

std::string stickiness(const port::HttpPool& pool, const std::string& name) {
    if (attribute(pool.attributes, "stickiness.enabled", "false") != "true") return {};
    const auto type = attribute(pool.attributes, "stickiness.type", "lb_cookie");
    if (type == "lb_cookie") {
        const auto seconds =
            number_attribute(pool.attributes, "stickiness.lb_cookie.duration_seconds", "86400");
        return "    dynamic-cookie-key " + name +
               "\n    cookie AWSALB insert indirect nocache dynamic maxlife " + seconds +
               "s attr Max-Age=" + seconds + "\n";
    }
    if (type == "app_cookie") {
        const auto cookie = attribute(pool.attributes, "stickiness.app_cookie.cookie_name", "");
        if (cookie.empty() || cookie.find_first_of(" ,()'\"\\;=\t\n") != std::string::npos) return {};
        const auto seconds =
            number_attribute(pool.attributes, "stickiness.app_cookie.duration_seconds", "86400");
        return "    stick-table type string len 128 size 100k expire " + seconds +
               "s\n    stick on req.cook(" + cookie + ")\n    stick store-response res.cook(" + cookie +
               ")\n";
    }
    return {};
}

const char* algorithm(const port::HttpPool& pool) {
    const auto name = attribute(pool.attributes, "load_balancing.algorithm.type", "round_robin");
    if (name == "least_outstanding_requests") return "leastconn";
    if (name == "weighted_random") return "random(1)";
    return "roundrobin";
}

}  // namespace

std::string backend_name(const link::LoadBalancer& balancer, const std::string& group) {
    return section_name("b_", balancer.id + " " + group);
}

std::string server_name(std::size_t slot) { return "s" + std::to_string(slot); }

std::string backend_text(
    const link::LoadBalancer& balancer,
    const port::HttpPool& pool,
    const std::vector<Slot>& slots,
    bool with_servers
) {
    const auto name = backend_name(balancer, pool.group);
    std::string text = "backend " + name + "\n    balance " + algorithm(pool) + "\n";
    text += "    timeout server " +
            number_attribute(balancer.attributes, "idle_timeout.timeout_seconds", "60") + "s\n";
    if (!balancer.addresses.empty()) text += "    source " + balancer.addresses.front().address + "\n";
    text += stickiness(pool, name);
    std::string options;
    if (pool.protocol == "HTTPS") options += " ssl verify none";
    if (pool.protocol_version == "HTTP2" || pool.protocol_version == "GRPC") {
        options += pool.protocol == "HTTPS" ? " alpn h2" : " proto h2";
    }
    if (const auto seconds = number_attribute(pool.attributes, "slow_start.duration_seconds", "0");
        seconds != "0") {
        options += " slowstart " + seconds + "s";
    }
    if (!options.empty()) text += "    default-server" + options + "\n";
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const auto& slot = slots[i];
        text += "    server " + server_name(i);
        if (with_servers && !slot.address.empty()) {
            text += " " + slot.address + ":" + std::to_string(slot.port) + (slot.draining ? " disabled" : "");
        } else {
            text += " 0.0.0.0:1 disabled";
        }
        text += "\n";
    }
    return text + "\n";
}

}  // namespace gantry::adapter::haproxy
