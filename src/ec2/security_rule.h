#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "ec2/resource.h"
#include "shapes/ec2/shapes.h"

namespace gantry::ec2 {

// From the request's permissions to single rules and back. A permission of EC2 stands for one rule per peer.

// Fields of a request that names permissions in one of EC2's two ways: a list, or the single fields of old.
struct PermissionFields {
    std::optional<std::vector<shapes::ec2::IpPermission>> permissions;
    std::optional<std::string> protocol;
    std::optional<std::int32_t> from_port;
    std::optional<std::int32_t> to_port;
    std::optional<std::string> cidr;
    std::optional<std::string> source_group_name;
};

template <class Request>
PermissionFields permission_fields(const Request& request) {
    return {request.ip_permissions, request.ip_protocol, request.from_port,
            request.to_port,        request.cidr_ip,     request.source_security_group_name};
}

// The rules, checked and in normal form ("TCP" and "6" are "tcp", blocks are cut to their prefix, ports of
// rules for all protocols are dropped), without ids.
Result<std::vector<SecurityRule>> read_rules(
    const state::View& view, const SecurityGroupRecord& group, const PermissionFields& fields, bool egress
);
// One rule of ModifySecurityGroupRules.
Result<SecurityRule> read_rule(
    const state::View& view,
    const SecurityGroupRecord& group,
    const shapes::ec2::SecurityGroupRuleRequest& request,
    bool egress
);

// Same direction, protocol, ports and peer: EC2 keeps only one such rule.
bool same_rule(const SecurityRule& a, const SecurityRule& b);

// "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW", as EC2's errors name rules.
std::string wording(const SecurityRule& rule);

shapes::ec2::SecurityGroupRule show(const SecurityGroupRecord& group, const SecurityRule& rule);
// The rules of one direction, those of the same protocol and ports together.
std::vector<shapes::ec2::IpPermission> show_permissions(const SecurityGroupRecord& group, bool egress);

}  // namespace gantry::ec2
