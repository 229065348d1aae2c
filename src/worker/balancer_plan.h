#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "link/balancer_objects.h"
#include "port/http_balancer.h"
#include "port/network_state.h"
#include "worker/balancer_names.h"

namespace gantry::worker {

// What this worker knows by itself of one local address: ports (0: all of them) whose process has ended.
// Nothing new goes there, whatever the control plane thinks of the target.
using DeadPorts = std::set<int>;

// The load balancers that the control plane wants on this worker, by id, and what is dead here.
struct BalancerObjects {
    std::map<std::string, link::LoadBalancer> balancers;
    std::map<std::string, link::TargetGroup> groups;
    std::map<std::string, DeadPorts> dead;  // by address

    bool is_dead(const std::string& address, int port) const;
    // Groups that some balancer here forwards to, also with weight 0.
    std::set<std::string> groups_in_use() const;
};

// Its requests go through the proxy.
bool is_application(const link::TargetGroup& group);

// Objects come one by one, in any order. A balancer that forwards to a group which is not here (a listener that was
// switched overtook its new group, or lost its old one first) stays as it was `before`, with the groups that it had
// then: better the former targets for a moment than none.
BalancerObjects complete(BalancerObjects now, const BalancerObjects& before);

// The members of a port::NetworkState that are about balancers.
struct BalancerFlows {
    std::vector<port::BalancerAddressState> addresses;
    std::vector<port::HostBalancerState> hosts;
};

// Where new flows go, as AWS documents it for network load balancers:
// - to healthy targets; where a group has fewer of them than target_group_health.unhealthy_state_routing.*
//   demands (1), to all of it that are not draining ("fail-open"), initial ones too;
// - an address sends to targets of its own zone, except where load_balancing.cross_zone.enabled of the
//   group, or where that is use_load_balancer_configuration of the balancer, says otherwise; each zone fails
//   open for itself;
// - with weighted groups each group has its share, spread evenly over its targets. Other than on AWS the
//   share of a group without any target goes to the others instead of nowhere.
// Programs on the host have no zone: host_address uses the healthy targets of all the balancer's zones.
//
// Listeners of application balancers lead to the proxy's entrances; one without an entrance, and TLS on a
// network balancer (not built), is refused at once. `enis`: id → address; a balancer address whose interface
// is not there with that address (not known yet) is left out, and a balancer without any.
BalancerFlows balancer_flows(
    const BalancerObjects& objects,
    const std::vector<port::HttpEntrance>& entrances,
    const std::map<std::string, std::string>& enis
);

// The application balancers with the targets that get requests, and the draining ones.
port::HttpBalancerState http_state(const BalancerObjects& objects);

// A name leads to the addresses of the zones that have a live target for every group that has one anywhere; where no
// zone has, of those with any live target; where nothing lives, of all zones.
BalancerNames balancer_names(const BalancerObjects& objects);

}  // namespace gantry::worker
