#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "ec2/subnet.h"
#include "elbv2/load_balancer.h"
#include "operation/caller.h"
#include "shapes/elbv2/shapes.h"
#include "state/txn.h"

// Where a balancer stands: subnets, security groups, interfaces.
namespace gantry::elbv2 {

struct ChosenSubnet {
    state::Pinned<ec2::SubnetRecord> subnet;
    std::string address;  // asked for; empty: any
};

// The subnets that a request names by Subnets or SubnetMappings, by zone. Refused: none or both, unknown ones,
// two VPCs, two in one zone, fewer than two zones for an application balancer.
Result<std::vector<ChosenSubnet>> choose_subnets(
    const state::View& view,
    const Caller& caller,
    const std::string& type,
    const std::string& scheme,
    const std::optional<std::vector<std::string>>& subnets,
    const std::optional<std::vector<shapes::elbv2::SubnetMapping>>& mappings
);

// Each exists and is of the VPC; at most five; what is named twice counts once.
Result<std::vector<std::string>> choose_groups(
    const state::View& view, const Caller& caller, const std::string& vpc, const std::vector<std::string>& ids
);

// Gives the balancer an interface in each of the subnets; those that it has in one of them already stay, the
// others are released. Writes the interfaces, not the balancer.
Result<> place(state::Txn& txn, const std::vector<ChosenSubnet>& subnets, LoadBalancerRecord& balancer);
// Its interfaces get its groups.
void apply_groups(state::Txn& txn, const LoadBalancerRecord& balancer);

std::vector<shapes::elbv2::AvailabilityZone> show_zones(const LoadBalancerRecord& balancer);

}  // namespace gantry::elbv2
