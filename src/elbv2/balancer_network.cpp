#include "elbv2/balancer_network.h"

#include <algorithm>
#include <map>

#include "ec2/internet_gateway.h"
#include "ec2/security_group.h"
#include "ec2/task_eni.h"
#include "elbv2/find.h"
#include "elbv2/limits.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

Result<std::vector<SubnetMapping>> named_subnets(
    const std::string& type,
    const std::string& scheme,
    const std::optional<std::vector<std::string>>& subnets,
    const std::optional<std::vector<SubnetMapping>>& mappings
) {
    const bool by_id = subnets && !subnets->empty();
    const bool by_mapping = mappings && !mappings->empty();
    if (by_id && by_mapping) return invalid("You can specify either subnets or subnet mappings, but not both");
    std::vector<SubnetMapping> named;
    if (by_id) {
        for (const auto& id : *subnets) named.emplace_back().subnet_id = id;
    } else if (by_mapping) {
        named = *mappings;
    }
    for (const auto& mapping : named) {
        if (mapping.allocation_id) {
            return refuse(
                "AllocationIdNotFound", "The allocation IDs '" + *mapping.allocation_id + "' do not exist"
            );
        }
        if (mapping.i_pv6_address || mapping.source_nat_ipv6_prefix)
            return invalid_configuration("IPv6 addresses need subnets with an associated IPv6 CIDR block");
        if (mapping.private_i_pv4_address && (type != "network" || scheme != "internal")) {
            return invalid_configuration(
                "Private IPv4 addresses can be specified for internal network load balancers only"
            );
        }
    }
    return named;
}

}  // namespace

Result<std::vector<ChosenSubnet>> choose_subnets(
    const state::View& view,
    const Caller& caller,
    const std::string& type,
    const std::string& scheme,
    const std::optional<std::vector<std::string>>& subnets,
    const std::optional<std::vector<SubnetMapping>>& mappings
) {
    TRY(const auto named, named_subnets(type, scheme, subnets, mappings));
    const bool application = type == "application";
    if (named.empty() && !application) return invalid("At least one subnet must be specified");
    std::map<std::string, ChosenSubnet> by_zone;
    std::string vpc;
    for (const auto& mapping : named) {
        const std::string id = mapping.subnet_id.value_or("");
        const auto subnet = view.get<ec2::SubnetRecord>(key_of(caller.account, caller.region, id));
        if (!subnet) return refuse("SubnetNotFound", "The subnet ID '" + id + "' does not exist");
        if (vpc.empty()) vpc = subnet->vpc;
        if (subnet->vpc != vpc)
            return invalid_configuration("All subnets must belong to the same VPC: '" + vpc + "'");
        const ChosenSubnet chosen{subnet, mapping.private_i_pv4_address.value_or("")};
        if (!by_zone.emplace(subnet->zone, chosen).second) {
            return invalid_configuration(
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
            );
        }
    }
    if (application && by_zone.size() < 2)
        return invalid("At least two subnets in two different Availability Zones must be specified");
    if (scheme == "internet-facing" &&
        !view.find_one<ec2::InternetGatewayByVpc>(key_of(caller.account, caller.region, vpc)))
        return refuse("InvalidSubnet", "VPC " + vpc + " has no internet gateway");
    std::vector<ChosenSubnet> list;
    for (auto& [_, chosen] : by_zone) list.push_back(std::move(chosen));
    return list;
}

Result<std::vector<std::string>> choose_groups(
    const state::View& view, const Caller& caller, const std::string& vpc, const std::vector<std::string>& ids
) {
    std::vector<std::string> groups;
    for (const auto& id : ids) {
        const auto group = view.get<ec2::SecurityGroupRecord>(key_of(caller.account, caller.region, id));
        if (!group || group->vpc != vpc)
            return invalid_configuration("One or more security groups are invalid");
        if (std::find(groups.begin(), groups.end(), id) == groups.end()) groups.push_back(id);
    }
    if (groups.size() > kSecurityGroupsPerBalancer) {
        return invalid_configuration(
            "A load balancer can have at most " + std::to_string(kSecurityGroupsPerBalancer) +
            " security groups"
        );
    }
    return groups;
}

Result<> place(Txn& txn, const std::vector<ChosenSubnet>& subnets, LoadBalancerRecord& balancer) {
    using Kind = ec2::EniFault::Kind;
    ec2::EniAllocator enis(txn);
    std::vector<BalancerZone> zones;
    for (const auto& chosen : subnets) {
        const auto kept = std::find_if(balancer.zones.begin(), balancer.zones.end(), [&](const auto& zone) {
            return zone.subnet == chosen.subnet->id &&
                   (chosen.address.empty() || chosen.address == zone.address);
        });
        if (kept != balancer.zones.end()) {
            zones.push_back(*kept);
            continue;
        }
        ec2::BalancerEniRequest request;
        request.account = balancer.account;
        request.region = balancer.region;
        request.subnet = chosen.subnet->id;
        request.address = chosen.address;
        request.groups = balancer.groups;
        request.path = balancer.path();
        request.owner = balancer.key();
        request.worker = balancer.worker;
        const auto eni = enis.make(request, txn.turn());
        if (!eni) {
            const auto& fault = eni.error();
            if (fault.kind == Kind::address_not_usable || fault.kind == Kind::address_in_use) {
                return invalid_configuration(
                    "The private IPv4 address '" + fault.id + "' " +
                    (fault.kind == Kind::address_in_use ? "is in use" : "is not valid for its subnet")
                );
            }
            return refuse(
                "InvalidSubnet", "Not enough IP space available in " + request.subnet +
                                     ". ELB requires at least 8 free IP addresses in each subnet."
            );
        }
        zones.push_back({eni->zone, eni->subnet, eni->id, eni->address, !chosen.address.empty()});
    }
    for (const auto& zone : balancer.zones) {
        const bool kept = std::any_of(zones.begin(), zones.end(), [&](const auto& other) {
            return other.eni == zone.eni;
        });
        if (!kept) enis.release(key_of(balancer.account, balancer.region, zone.eni));
    }
    enis.write(txn);
    balancer.zones = std::move(zones);
    return {};
}

void apply_groups(Txn& txn, const LoadBalancerRecord& balancer) {
    for (const auto& known : txn.find<ec2::EniByOwner>(balancer.key())) {
        ec2::EniRecord eni = *known;
        eni.groups = balancer.groups;
        txn.put(std::move(eni));
    }
}

std::vector<AvailabilityZone> show_zones(const LoadBalancerRecord& balancer) {
    std::vector<AvailabilityZone> zones;
    for (const auto& zone : balancer.zones) {
        auto& shown = zones.emplace_back();
        shown.zone_name = zone.zone;
        shown.subnet_id = zone.subnet;
        shown.load_balancer_addresses.emplace();
        if (zone.address_chosen)
            shown.load_balancer_addresses->emplace_back().private_i_pv4_address = zone.address;
    }
    return zones;
}

}  // namespace gantry::elbv2
