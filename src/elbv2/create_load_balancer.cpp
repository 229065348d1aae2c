#include <algorithm>
#include <set>

#include "ec2/address_pool.h"
#include "ec2/vpc.h"
#include "elbv2/balancer_network.h"
#include "elbv2/carrier.h"
#include "elbv2/find.h"
#include "elbv2/limits.h"
#include "elbv2/name.h"
#include "elbv2/show_balancer.h"
#include "elbv2/tagging.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

// 127.64.0.0/16 without its first and last address.
constexpr ec2::Ipv4 kFirstHostAddress{0x7f400001u};
constexpr ec2::Ipv4 kLastHostAddress{0x7f40fffeu};

// From anywhere in the range: of two servers on one host each must find addresses of its own.
std::optional<ec2::Ipv4> take_host_address(ec2::AddressPool& pool, Chance& chance) {
    const std::uint32_t all = kLastHostAddress.bits - kFirstHostAddress.bits + 1;
    const ec2::Ipv4 begin{kFirstHostAddress.bits + static_cast<std::uint32_t>(chance.draw() % all)};
    if (auto address = pool.take(begin, kLastHostAddress)) return address;
    return pool.take(kFirstHostAddress, begin);
}

Result<> check_balancer_name(const std::string& name) {
    TRY_VOID(check_name(name, "load balancer"));
    if (name.starts_with("internal-"))
        return invalid("The load balancer name '" + name + "' cannot begin with 'internal-'");
    return {};
}

Result<> check_address_type(const CreateLoadBalancerRequest& request) {
    if (request.ip_address_type.value_or("ipv4") != "ipv4")
        return refuse("InvalidSubnet", "You must specify subnets with an associated IPv6 CIDR block");
    if (request.enable_prefix_for_ipv6_source_nat.value_or("off") != "off")
        return invalid_configuration("Prefixes for IPv6 source NAT need a dualstack load balancer");
    if (request.customer_owned_ipv4_pool) return not_built("customer-owned IPv4 pools");
    if (request.ipam_pools) return not_built("IPAM pools");
    return {};
}

// What makes a repeated request the same one.
bool same_settings(const LoadBalancerRecord& known, const LoadBalancerRecord& asked,
                   const std::vector<ChosenSubnet>& subnets) {
    std::set<std::string> had, wanted;
    for (const auto& zone : known.zones) had.insert(zone.subnet);
    for (const auto& chosen : subnets) wanted.insert(chosen.subnet->id);
    const auto sorted = [](std::vector<std::string> list) {
        std::sort(list.begin(), list.end());
        return list;
    };
    return known.type == asked.type && known.scheme == asked.scheme && had == wanted &&
           sorted(known.groups) == sorted(asked.groups);
}

Result<> check_quota(const Txn& txn, const Caller& caller, const std::string& type) {
    const auto all = txn.list<LoadBalancerRecord>(caller.scope());
    const auto count =
        std::count_if(all.begin(), all.end(), [&](const auto& other) { return other->type == type; });
    if (static_cast<std::size_t>(count) < kBalancersOfAType) return {};
    return refuse(
        "TooManyLoadBalancers", "The maximum number of " + type + " load balancers has been reached: " +
                                    std::to_string(kBalancersOfAType)
    );
}

}  // namespace

Result<CreateLoadBalancerResponse> create_load_balancer(
    Txn& txn, const CreateLoadBalancerRequest& request, const Caller& caller
) {
    TRY_VOID(check_balancer_name(request.name));
    LoadBalancerRecord balancer;
    balancer.account = caller.account;
    balancer.region = caller.region;
    balancer.name = request.name;
    balancer.type = request.type.value_or("application");
    balancer.scheme = request.scheme.value_or("internet-facing");
    if (balancer.type == "gateway") return not_built("gateway load balancers");
    TRY_VOID(check_address_type(request));
    TRY(const auto subnets, choose_subnets(
                                txn, caller, balancer.type, balancer.scheme, request.subnets,
                                request.subnet_mappings
                            ));
    balancer.vpc = subnets.front().subnet->vpc;
    TRY(balancer.groups,
        choose_groups(txn, caller, balancer.vpc, request.security_groups.value_or(std::vector<std::string>{})));
    if (balancer.groups.empty() && !balancer.network()) {
        const auto vpc = txn.get<ec2::VpcRecord>(key_of(caller.account, caller.region, balancer.vpc));
        balancer.groups.push_back(vpc->default_group);
    }
    if (balancer.network() && !balancer.groups.empty()) balancer.enforce_groups_on_private_link = "on";
    TRY(balancer.tags, requested_tags(request.tags));

    const auto known =
        txn.find_one<LoadBalancerByName>(key_of(caller.account, caller.region, balancer.name));
    if (known) {
        if (same_settings(*known, balancer, subnets))
            return CreateLoadBalancerResponse{{{show(*known)}}};
        return refuse(
            "DuplicateLoadBalancerName",
            "A load balancer with the same name '" + balancer.name + "' exists, but with different settings"
        );
    }
    TRY_VOID(check_quota(txn, caller, balancer.type));
    balancer.id = fresh_id(txn.chance());
    balancer.created_at = txn.now();
    balancer.worker = pick_carrier(txn);
    ec2::AddressPool pool(txn);
    const auto host_address = take_host_address(pool, txn.chance());
    if (!host_address)
        return refuse("TooManyLoadBalancers", "All host addresses of this installation are in use");
    balancer.host_address = ec2::format(*host_address);
    pool.write(txn);
    TRY_VOID(place(txn, subnets, balancer));
    CreateLoadBalancerResponse response{{{show(balancer)}}};
    txn.put(std::move(balancer));
    return response;
}

}  // namespace gantry::elbv2
