#pragma once

#include <string>

#include "base/result.h"
#include "ec2/eni.h"
#include "ec2/internet_gateway.h"
#include "ec2/network_acl.h"
#include "ec2/route_table.h"
#include "ec2/security_group.h"
#include "ec2/subnet.h"
#include "ec2/vpc.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::ec2 {

// How EC2 speaks of a kind of resource: its ids' prefix, its error codes, the noun in their texts, and what
// TagSpecifications call it.
struct ResourceWords {
    const char* prefix;
    const char* not_found;
    const char* malformed;
    const char* noun;
    const char* type;
};

template <class R>
inline constexpr ResourceWords kWords{};
template <>
inline constexpr ResourceWords kWords<VpcRecord>{
    "vpc-", "InvalidVpcID.NotFound", "InvalidVpcID.Malformed", "vpc ID", "vpc"
};
template <>
inline constexpr ResourceWords kWords<SubnetRecord>{
    "subnet-", "InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed", "subnet ID", "subnet"
};
template <>
inline constexpr ResourceWords kWords<InternetGatewayRecord>{
    "igw-", "InvalidInternetGatewayID.NotFound", "InvalidInternetGatewayId.Malformed", "internetGateway ID",
    "internet-gateway"
};
template <>
inline constexpr ResourceWords kWords<RouteTableRecord>{
    "rtb-", "InvalidRouteTableID.NotFound", "InvalidRouteTableId.Malformed", "routeTable ID", "route-table"
};
template <>
inline constexpr ResourceWords kWords<SecurityGroupRecord>{
    "sg-", "InvalidGroup.NotFound", "InvalidGroupId.Malformed", "security group", "security-group"
};
template <>
inline constexpr ResourceWords kWords<NetworkAclRecord>{
    "acl-", "InvalidNetworkAclID.NotFound", "InvalidNetworkAclId.Malformed", "networkAcl ID", "network-acl"
};
template <>
inline constexpr ResourceWords kWords<EniRecord>{
    "eni-", "InvalidNetworkInterfaceID.NotFound", "InvalidNetworkInterfaceId.Malformed",
    "networkInterface ID", "network-interface"
};

tl::unexpected<Error> id_not_found(const ResourceWords& words, const std::string& id);
tl::unexpected<Error> id_malformed(const ResourceWords& words, const std::string& id);

// The caller's resource of that id, or AWS's refusal.
template <class R>
Result<state::Pinned<R>> find(const state::View& view, const Caller& caller, const std::string& id) {
    if (!id.starts_with(kWords<R>.prefix)) return id_malformed(kWords<R>, id);
    auto record = view.get<R>(key_of(caller.account, caller.region, id));
    if (!record) return id_not_found(kWords<R>, id);
    return record;
}

// "DependencyViolation" of a resource that others still use.
tl::unexpected<Error> in_use(const char* noun, const std::string& id);

// InvalidParameterValue.
tl::unexpected<Error> invalid_value(std::string message);
// What EC2 has and Gantry has not.
tl::unexpected<Error> not_built(const std::string& what);

}  // namespace gantry::ec2
