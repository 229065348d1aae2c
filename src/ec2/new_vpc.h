#pragma once

#include <functional>

#include "ec2/internet_gateway.h"
#include "ec2/network_acl.h"
#include "ec2/route_table.h"
#include "ec2/security_group.h"
#include "ec2/subnet.h"
#include "ec2/vpc.h"
#include "state/txn.h"

namespace gantry::ec2 {

// Gives an id for a prefix such as "vpc-".
using NewId = std::function<std::string(std::string_view prefix)>;

// What EC2 makes with every VPC.
struct NewVpc {
    VpcRecord vpc;
    RouteTableRecord main_route_table;
    SecurityGroupRecord default_group;
    NetworkAclRecord network_acl;
};
NewVpc build_vpc(
    const std::string& account, const std::string& region, const Cidr& block, const NewId& new_id
);
void put(state::Txn& txn, const NewVpc& vpc);

SecurityRule allow_all_egress(const NewId& new_id);

// What stands besides in a default VPC: a /20 per zone, an attached internet gateway, and the route to it.
struct DefaultVpc {
    NewVpc base;
    InternetGatewayRecord gateway;
    std::vector<SubnetRecord> subnets;
};
DefaultVpc build_default_vpc(const std::string& account, const std::string& region, const NewId& new_id);
void put(state::Txn& txn, const DefaultVpc& vpc);

// The default VPC of an account and region, or null.
state::Pinned<VpcRecord> default_vpc(
    const state::View& view, const std::string& account, const std::string& region
);

}  // namespace gantry::ec2
