#include "adapter/haproxy/configuration.h"

#include <algorithm>
#include <functional>
#include <set>

#include "adapter/haproxy/backend.h"
#include "adapter/haproxy/text.h"

namespace gantry::adapter::haproxy {
namespace {

void each_group(const link::LoadBalancer& balancer, const std::function<void(const std::string&)>& tell) {
    for (const auto& listener : balancer.listeners) {
        for (const auto& group : listener.default_action.groups) tell(group.group);
        for (const auto& rule : listener.rules) {
            for (const auto& group : rule.action.groups) tell(group.group);
        }
    }
}

// What AWS's balancer answers by itself.
std::string error_page(int status, const char* text) {
    const std::string line = std::to_string(status) + " " + text;
    const std::string body = "<html>\r\n<head><title>" + line + "</title></head>\r\n<body>\r\n<center><h1>" +
                             line + "</h1></center>\r\n</body>\r\n</html>\r\n";
    return "HTTP/1.1 " + line + "\r\nServer: awselb/2.0\r\nContent-Type: text/html\r\nContent-Length: " +
           std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

constexpr std::pair<int, const char*> error_pages[] = {
    {400, "Bad Request"},
    {408, "Request Time-out"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Temporarily Unavailable"},
    {504, "Gateway Time-out"},
};

std::string head(const Options& options, const Limits& limits, const std::string& structure) {
    std::string text = "global\n    description " + structure + "\n    maxconn " +
                       std::to_string(limits.connections_max) + "\n    stats socket " +
                       worker_socket(options) +
                       " mode 600 level admin expose-fd listeners\n    tune.ssl.default-dh-param 2048\n";
    if (limits.has_user) text += "    user haproxy\n    group haproxy\n";
    // idle-close-on-response: connections that lie idle at a reload are closed with their next answer, not
    // under a request that is on its way.
    text +=
        "\ndefaults\n"
        "    mode http\n"
        "    option idle-close-on-response\n"
        "    option redispatch 1\n"
        "    retries 2\n"
        "    retry-on conn-failure empty-response\n"
        "    timeout connect 10s\n"
        "    timeout http-request 60s\n"
        "    timeout client 60s\n"
        "    timeout server 60s\n";
    for (const auto& [status, name] : error_pages) {
        text += "    errorfile " + std::to_string(status) + " " + options.directory + "/" +
                std::to_string(status) + ".http\n";
    }
    return text + "\n";
}

// A request in a connection of its own is the first of it, for which HAProxy has AWS's 502. Its times are those of the
// other end. The socket has no file: the user that HAProxy becomes may not enter the directory.
std::string own_connection(const Options& options) {
    const std::string socket = "abns@" + section_name("gantry_own_", options.directory);
    const std::string header = group_header;
    return "frontend f_own\n    bind " + socket +
           "\n    timeout client 4000s\n"
           "    http-request set-var(txn.be) req.hdr(" + header + ")\n    http-request del-header " + header +
           "\n    http-request disable-l7-retry\n"
           "    use_backend %[var(txn.be)]\n    default_backend " + no_backend + "\n\n"
           "backend " + own_connection_backend +
           "\n    option http-server-close\n    http-reuse never\n    timeout server 4000s\n    server own " + socket +
           "\n\n";
}

std::string body(
    const port::HttpBalancerState& state,
    const Assignment& assignment,
    const Options& options,
    bool with_servers,
    Files& files
) {
    std::string text;
    for (const auto& balancer : state.balancers) {
        for (const auto& listener : balancer.listeners) {
            const auto port = assignment.ports.at(port_key(balancer.id, listener.id));
            text +=
                frontend_text(balancer, listener, {options.directory, options.local_address, port}, files);
        }
        for (const auto& [group, pool] : pools_of(state, balancer)) {
            text += backend_text(balancer, *pool, assignment.slots.at(group), with_servers);
        }
    }
    if (!state.balancers.empty()) text += own_connection(options);
    return text + "backend " + no_backend + "\n";
}

}  // namespace

port::HttpBalancerState with_all_pools(port::HttpBalancerState state) {
    std::set<std::string> known;
    for (const auto& pool : state.pools) known.insert(pool.group);
    for (const auto& balancer : state.balancers) {
        each_group(balancer, [&](const std::string& group) {
            if (known.insert(group).second) state.pools.push_back({group, "HTTP", "HTTP1", {}, {}});
        });
    }
    const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
    const auto by_group = [](const auto& a, const auto& b) { return a.group < b.group; };
    const auto by_priority = [](const auto& a, const auto& b) { return a.priority < b.priority; };
    std::sort(state.balancers.begin(), state.balancers.end(), by_id);
    std::sort(state.pools.begin(), state.pools.end(), by_group);
    for (auto& balancer : state.balancers) {
        std::sort(balancer.listeners.begin(), balancer.listeners.end(), by_id);
        for (auto& listener : balancer.listeners)
            std::sort(listener.rules.begin(), listener.rules.end(), by_priority);
    }
    return state;
}

std::map<std::string, const port::HttpPool*> pools_of(
    const port::HttpBalancerState& state, const link::LoadBalancer& balancer
) {
    std::map<std::string, const port::HttpPool*> pools;
    each_group(balancer, [&](const std::string& group) {
        const auto found = std::find_if(state.pools.begin(), state.pools.end(), [&](const auto& pool) {
            return pool.group == group;
        });
        pools[group] = &*found;
    });
    return pools;
}

Configuration configure(
    const port::HttpBalancerState& state,
    const Assignment& assignment,
    const Options& options,
    const Limits& limits
) {
    Configuration made;
    const std::string sections = body(state, assignment, options, true, made.files);
    for (const auto& balancer : state.balancers) {
        for (const auto& listener : balancer.listeners) {
            const auto name = frontend_name(balancer, listener);
            made.thresholds.merge(weight_thresholds(name, 0, listener.default_action));
            for (const auto& rule : listener.rules) {
                made.thresholds.merge(weight_thresholds(name, rule.priority, rule.action));
            }
        }
    }
    for (const auto& [status, name] : error_pages) {
        made.files[std::to_string(status) + ".http"] = error_page(status, name);
    }
    Files structural = made.files;
    std::string shape = body(state, assignment, options, false, structural) + head(options, limits, "");
    for (const auto& [name, content] : structural) shape += name + "\n" + content;
    made.structure = section_name("s_", shape);

    std::string& map = made.files[weight_map_file];
    for (const auto& [key, threshold] : made.thresholds) map += key + " " + std::to_string(threshold) + "\n";
    made.text = head(options, limits, made.structure) + sections;
    return made;
}

std::string worker_socket(const Options& options) { return options.directory + "/worker.sock"; }
std::string master_socket(const Options& options) { return options.directory + "/master.sock"; }
std::string configuration_file(const Options& options) { return options.directory + "/haproxy.cfg"; }

}  // namespace gantry::adapter::haproxy
