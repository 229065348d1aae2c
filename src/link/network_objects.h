#pragma once

#include <boost/describe/class.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/codec.h"

// What a worker must know of the network beyond its own tasks. The worker hands the whole to
// port::Network::apply(); the members mean what port/network_state.h says.
namespace gantry::link {

// Object kind "vpc", key = id.
struct Vpc {
    std::string id;
    std::vector<std::string> cidrs;
    friend bool operator==(const Vpc&, const Vpc&) = default;
};
BOOST_DESCRIBE_STRUCT(Vpc, (), (id, cidrs))

// Object kind "eni", key = id: also ENIs of other workers, where they are members of groups that rules here
// refer to.
struct Eni {
    std::string id;
    std::string address;
    std::string vpc;
    std::vector<std::string> groups;
    bool outside = false;  // route table and public address let it open connections to the outside
    friend bool operator==(const Eni&, const Eni&) = default;
};
BOOST_DESCRIBE_STRUCT(Eni, (), (id, address, vpc, groups, outside))

// One protocol, one port range, one peer: `cidr` or `group` is set.
struct GroupRule {
    std::string protocol;          // "-1", "tcp", "udp", "icmp" or a number
    std::optional<int> from_port;  // icmp: type; absent: any
    std::optional<int> to_port;    // icmp: code
    std::string cidr;
    std::string group;
    friend bool operator==(const GroupRule&, const GroupRule&) = default;
};
BOOST_DESCRIBE_STRUCT(GroupRule, (), (protocol, from_port, to_port, cidr, group))

// Object kind "security_group", key = id.
struct SecurityGroup {
    std::string id;
    std::vector<GroupRule> ingress;
    std::vector<GroupRule> egress;
    friend bool operator==(const SecurityGroup&, const SecurityGroup&) = default;
};
BOOST_DESCRIBE_STRUCT(SecurityGroup, (), (id, ingress, egress))

}  // namespace gantry::link
