#pragma once

#include <boost/describe.hpp>

#include "ec2/scope.h"
#include "state/schema.h"

namespace gantry::ec2 {

// One rule as EC2 counts them: one protocol and port range, and exactly one of cidr, ipv6_cidr, prefix_list
// and group as the other side.
struct SecurityRule {
    std::string id;  // sgr-…
    bool egress = false;
    std::string protocol;  // "tcp", "udp", "icmp", "icmpv6", "-1" for all, else a number as text
    int from_port = -1;    // ICMP: the type. -1 is any
    int to_port = -1;      // ICMP: the code
    std::string cidr;
    std::string ipv6_cidr;
    std::string prefix_list;
    std::string group;
    std::string group_account;
    std::optional<std::string> description;
    Tags tags;
};
BOOST_DESCRIBE_STRUCT(
    SecurityRule,
    (),
    (id,
     egress,
     protocol,
     from_port,
     to_port,
     cidr,
     ipv6_cidr,
     prefix_list,
     group,
     group_account,
     description,
     tags)
)

struct SecurityGroupRecord {
    static constexpr state::TableInfo kTable{"ec2.security_group", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string vpc;
    std::string name;
    std::string description;
    // At most 60 each way, so that a group stays one record and a change of several rules is one write.
    std::vector<SecurityRule> rules;
    Tags tags;

    std::string key() const { return key_of(account, region, id); }
};
BOOST_DESCRIBE_STRUCT(SecurityGroupRecord, (), (account, region, id, vpc, name, description, rules, tags))

// By the VPC's record key.
struct SecurityGroupsByVpc {
    using Record = SecurityGroupRecord;
    static void keys(const SecurityGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(key_of(group.account, group.region, group.vpc));
    }
};

// By id alone: workers know groups by their ids.
struct SecurityGroupById {
    using Record = SecurityGroupRecord;
    static void keys(const SecurityGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(group.id);
    }
};

// By the VPC's record key, "/" and the group's name: unique.
struct SecurityGroupByName {
    using Record = SecurityGroupRecord;
    static void keys(const SecurityGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(key_of(group.account, group.region, group.vpc) + "/" + group.name);
    }
};

// By the record keys of its rules' ids.
struct SecurityGroupByRule {
    using Record = SecurityGroupRecord;
    static void keys(const SecurityGroupRecord& group, std::vector<std::string>& out) {
        for (const auto& rule : group.rules) out.push_back(key_of(group.account, group.region, rule.id));
    }
};

// By the record keys of the groups that its rules refer to.
struct SecurityGroupsByReference {
    using Record = SecurityGroupRecord;
    static void keys(const SecurityGroupRecord& group, std::vector<std::string>& out) {
        for (const auto& rule : group.rules) {
            if (!rule.group.empty()) out.push_back(key_of(group.account, group.region, rule.group));
        }
    }
};

}  // namespace gantry::ec2
