#pragma once

#include <boost/describe.hpp>

#include "ec2/address.h"
#include "ec2/scope.h"
#include "state/schema.h"

namespace gantry::ec2 {

struct VpcRecord {
    static constexpr state::TableInfo kTable{"ec2.vpc", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string cidr;  // normal form; a VPC has exactly one block so far
    std::string cidr_association;
    std::string dhcp_options;
    std::string tenancy = "default";
    bool is_default = false;
    bool dns_support = true;
    bool dns_hostnames = false;
    bool address_usage_metrics = false;
    std::string main_route_table;
    std::string network_acl;    // the default one
    std::string default_group;  // security group "default"
    Tags tags;

    std::string key() const { return key_of(account, region, id); }
    Cidr block() const { return parse_cidr(cidr).value(); }
};
BOOST_DESCRIBE_STRUCT(
    VpcRecord,
    (),
    (account,
     region,
     id,
     cidr,
     cidr_association,
     dhcp_options,
     tenancy,
     is_default,
     dns_support,
     dns_hostnames,
     address_usage_metrics,
     main_route_table,
     network_acl,
     default_group,
     tags)
)

// By id alone: workers know VPCs by their ids.
struct VpcById {
    using Record = VpcRecord;
    static void keys(const VpcRecord& vpc, std::vector<std::string>& out) { out.push_back(vpc.id); }
};

}  // namespace gantry::ec2
