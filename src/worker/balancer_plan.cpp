#include "worker/balancer_plan.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <optional>

namespace gantry::worker {
namespace {

using link::BalancerTarget;
using link::TargetState;

// Shares of weighted groups are exact as long as they fit into so much; the kernel divides a hash by it.
constexpr std::int64_t weight_max = 1'000'000;

std::string attribute(const std::map<std::string, std::string>& attributes, const std::string& name) {
    const auto found = attributes.find(name);
    return found == attributes.end() ? "" : found->second;
}

int number(const std::string& text, int otherwise) {
    int value = otherwise;
    const auto end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    return read.ec == std::errc() && read.ptr == end ? value : otherwise;
}

bool in_zone(const BalancerTarget& target, const std::string& zone) {
    return target.zone.empty() || target.zone == "all" || target.zone == zone;
}

std::set<std::string> zones_of(const link::LoadBalancer& balancer) {
    std::set<std::string> zones;
    for (const auto& address : balancer.addresses) zones.insert(address.zone);
    return zones;
}

bool in_any(const BalancerTarget& target, const std::set<std::string>& zones) {
    return std::any_of(zones.begin(), zones.end(), [&](const auto& zone) { return in_zone(target, zone); });
}

bool crosses_zones(const link::LoadBalancer& balancer, const link::TargetGroup& group) {
    const std::string name = "load_balancing.cross_zone.enabled";
    const std::string own = attribute(group.attributes, name);
    if (own == "true") return true;
    if (own == "false") return false;
    // Application balancers cross zones unless a group says no.
    return balancer.type == "application" || attribute(balancer.attributes, name) == "true";
}

bool fails_open(const link::TargetGroup& group, int healthy, int all) {
    const std::string prefix = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.";
    if (healthy < number(attribute(group.attributes, prefix + "count"), 1)) return true;
    const int percent = number(attribute(group.attributes, prefix + "percentage"), 0);  // or "off"
    return healthy * 100 < percent * all;
}

// Who of a group gets new flows, of the targets in these zones.
std::vector<const BalancerTarget*> takers(
    const BalancerObjects& objects, const link::TargetGroup& group, const std::set<std::string>& zones
) {
    std::vector<const BalancerTarget*> able, healthy;
    for (const auto& target : group.targets) {
        if (target.state == TargetState::draining || !in_any(target, zones)) continue;
        if (objects.is_dead(target.address, target.port)) continue;
        able.push_back(&target);
        if (target.state == TargetState::healthy) healthy.push_back(&target);
    }
    const bool open = fails_open(group, int(healthy.size()), int(able.size()));
    return open ? able : healthy;
}

struct Share {
    int weight = 0;
    std::vector<const BalancerTarget*> targets;
};

// Per group weight / number of targets, as the smallest whole numbers.
std::vector<port::FlowTarget> spread(const std::vector<Share>& shares) {
    std::int64_t common = 1;
    for (const auto& share : shares) {
        common = std::lcm(common, std::int64_t(share.targets.size()));
        if (common * 999 > weight_max) {
            common = weight_max / 999;
            break;
        }
    }
    std::vector<std::int64_t> each;
    std::int64_t divisor = 0;
    for (const auto& share : shares) {
        each.push_back(std::max<std::int64_t>(1, share.weight * common / std::int64_t(share.targets.size())));
        divisor = std::gcd(divisor, each.back());
    }
    std::vector<port::FlowTarget> out;
    for (std::size_t i = 0; i < shares.size(); ++i)
        for (const auto* target : shares[i].targets)
            out.push_back({target->address, std::uint16_t(target->port), int(each[i] / divisor)});
    return out;
}

// Targets of a listener as an address of `zone` sees them; no zone: as the host does.
std::vector<port::FlowTarget> flow_targets(
    const BalancerObjects& objects,
    const link::LoadBalancer& balancer,
    const link::BalancerAction& action,
    const std::optional<std::string>& zone
) {
    const auto all = zones_of(balancer);
    std::vector<Share> shares;
    for (const auto& forward : action.groups) {
        const auto group = objects.groups.find(forward.group);
        if (forward.weight <= 0 || group == objects.groups.end()) continue;
        const bool wide = !zone || crosses_zones(balancer, group->second);
        auto targets = takers(objects, group->second, wide ? all : std::set{*zone});
        if (!targets.empty()) shares.push_back({forward.weight, std::move(targets)});
    }
    return spread(shares);
}

bool preserves_client(const BalancerObjects& objects, const link::BalancerAction& action) {
    return std::all_of(action.groups.begin(), action.groups.end(), [&](const auto& forward) {
        const auto group = objects.groups.find(forward.group);
        return group == objects.groups.end() ||
               attribute(group->second.attributes, "preserve_client_ip.enabled") == "true";
    });
}

std::vector<std::string> kernel_protocols(const std::string& protocol) {
    if (protocol == "UDP") return {"udp"};
    if (protocol == "TCP_UDP") return {"tcp", "udp"};
    return {"tcp"};
}

bool carried_by_kernel(const std::string& protocol) {
    return protocol == "TCP" || protocol == "UDP" || protocol == "TCP_UDP";
}

std::vector<port::FlowListener> flow_listeners(
    const BalancerObjects& objects,
    const std::vector<port::HttpEntrance>& entrances,
    const link::LoadBalancer& balancer,
    const std::optional<std::string>& zone
) {
    std::vector<port::FlowListener> out;
    for (const auto& listener : balancer.listeners) {
        port::FlowListener flow;
        flow.port = std::uint16_t(listener.port);
        if (balancer.type == "application") {
            const auto entrance = std::find_if(entrances.begin(), entrances.end(), [&](const auto& one) {
                return one.balancer == balancer.id && one.listener == listener.id;
            });
            if (entrance != entrances.end()) {
                flow.local_address = entrance->local_address;
                flow.local_port = entrance->local_port;
            }
        } else if (carried_by_kernel(listener.protocol)) {
            flow.targets = flow_targets(objects, balancer, listener.default_action, zone);
            flow.preserve_client = preserves_client(objects, listener.default_action);
        }
        for (const auto& protocol : kernel_protocols(listener.protocol)) {
            flow.protocol = protocol;
            out.push_back(flow);
        }
    }
    return out;
}

// Every group with a share in the balancer's traffic.
std::set<std::string> forwarded_groups(const link::LoadBalancer& balancer, bool weight_0_too) {
    std::set<std::string> groups;
    const auto add = [&](const link::BalancerAction& action) {
        for (const auto& forward : action.groups)
            if (weight_0_too || forward.weight > 0) groups.insert(forward.group);
    };
    for (const auto& listener : balancer.listeners) {
        add(listener.default_action);
        for (const auto& rule : listener.rules) add(rule.action);
    }
    return groups;
}

bool lives(const BalancerObjects& objects, const BalancerTarget& target) {
    return target.state == TargetState::healthy && !objects.is_dead(target.address, target.port);
}

// Zones of the balancer where a flow meets a live target of the group.
std::set<std::string> live_zones(
    const BalancerObjects& objects, const link::LoadBalancer& balancer, const link::TargetGroup& group
) {
    const auto all = zones_of(balancer);
    std::set<std::string> out;
    for (const auto& target : group.targets) {
        if (!lives(objects, target) || !in_any(target, all)) continue;
        if (crosses_zones(balancer, group)) return all;
        for (const auto& zone : all)
            if (in_zone(target, zone)) out.insert(zone);
    }
    return out;
}

std::set<std::string> zones_of_name(const BalancerObjects& objects, const link::LoadBalancer& balancer) {
    auto all = zones_of(balancer);
    std::set<std::string> every = all, any;
    for (const auto& id : forwarded_groups(balancer, false)) {
        const auto group = objects.groups.find(id);
        if (group == objects.groups.end()) continue;
        const auto live = live_zones(objects, balancer, group->second);
        if (live.empty()) continue;
        any.insert(live.begin(), live.end());
        std::erase_if(every, [&](const auto& zone) { return !live.contains(zone); });
    }
    if (any.empty()) return all;
    return every.empty() ? any : every;
}

}  // namespace

bool BalancerObjects::is_dead(const std::string& address, int port) const {
    const auto found = dead.find(address);
    return found != dead.end() && (found->second.contains(0) || found->second.contains(port));
}

std::set<std::string> BalancerObjects::groups_in_use() const {
    std::set<std::string> used;
    for (const auto& [id, balancer] : balancers) used.merge(forwarded_groups(balancer, true));
    return used;
}

bool is_application(const link::TargetGroup& group) {
    return group.protocol == "HTTP" || group.protocol == "HTTPS";
}

BalancerObjects complete(BalancerObjects now, const BalancerObjects& before) {
    for (auto& [id, balancer] : now.balancers) {
        const auto wanted = forwarded_groups(balancer, true);
        const bool whole = std::all_of(wanted.begin(), wanted.end(), [&](const auto& group) {
            return now.groups.contains(group);
        });
        const auto former = before.balancers.find(id);
        if (whole || former == before.balancers.end()) continue;
        const auto had = forwarded_groups(former->second, true);
        const bool was_whole = std::all_of(had.begin(), had.end(), [&](const auto& group) {
            return now.groups.contains(group) || before.groups.contains(group);
        });
        if (!was_whole) continue;
        balancer = former->second;
        for (const auto& group : had)
            if (!now.groups.contains(group)) now.groups[group] = before.groups.at(group);
    }
    return now;
}

BalancerFlows balancer_flows(
    const BalancerObjects& objects,
    const std::vector<port::HttpEntrance>& entrances,
    const std::map<std::string, std::string>& enis
) {
    BalancerFlows out;
    for (const auto& [id, balancer] : objects.balancers) {
        bool any = false;
        for (const auto& address : balancer.addresses) {
            const auto eni = enis.find(address.eni);
            if (eni == enis.end() || eni->second != address.address) continue;
            any = true;
            auto listeners = flow_listeners(objects, entrances, balancer, address.zone);
            out.addresses.push_back({id, address.eni, address.address, std::move(listeners)});
        }
        if (!any || balancer.host_address.empty()) continue;
        auto listeners = flow_listeners(objects, entrances, balancer, std::nullopt);
        out.hosts.push_back({id, balancer.host_address, true, std::move(listeners)});
    }
    return out;
}

port::HttpBalancerState http_state(const BalancerObjects& objects) {
    port::HttpBalancerState state;
    std::map<std::string, std::set<std::string>> zones;  // of a group: those of all its balancers
    for (const auto& [id, balancer] : objects.balancers) {
        if (balancer.type != "application") continue;
        state.balancers.push_back(balancer);
        for (const auto& group : forwarded_groups(balancer, true)) zones[group].merge(zones_of(balancer));
    }
    for (const auto& [id, allowed] : zones) {
        const auto found = objects.groups.find(id);
        if (found == objects.groups.end()) continue;
        const auto& group = found->second;
        port::HttpPool pool{id, group.protocol, group.protocol_version, group.attributes, {}};
        for (const auto* target : takers(objects, group, allowed))
            pool.servers.push_back({target->address, std::uint16_t(target->port), false});
        for (const auto& target : group.targets)
            if (target.state == TargetState::draining && !objects.is_dead(target.address, target.port))
                pool.servers.push_back({target.address, std::uint16_t(target.port), true});
        state.pools.push_back(std::move(pool));
    }
    return state;
}

BalancerNames balancer_names(const BalancerObjects& objects) {
    BalancerNames names;
    for (const auto& [id, balancer] : objects.balancers) {
        const auto zones = zones_of_name(objects, balancer);
        auto& addresses = names.zonal[balancer.dns_name];
        for (const auto& address : balancer.addresses)
            if (zones.contains(address.zone)) addresses.push_back(address.address);
        if (!balancer.host_address.empty()) names.host[balancer.dns_name] = balancer.host_address;
    }
    return names;
}

}  // namespace gantry::worker
