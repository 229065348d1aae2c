#pragma once

#include <boost/describe.hpp>

#include "ec2/address.h"
#include "ec2/scope.h"
#include "state/schema.h"

namespace gantry::ec2 {

// AWS keeps the first four addresses of a subnet (network, router, resolver, future) and the last for itself.
inline constexpr int kReservedFirst = 4;
inline constexpr int kReserved = kReservedFirst + 1;

struct SubnetRecord {
    static constexpr state::TableInfo kTable{"ec2.subnet", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string vpc;
    std::string cidr;  // normal form
    std::string zone;
    std::string zone_id;
    bool default_for_zone = false;
    bool map_public_ip = false;
    bool resource_name_a_record = false;
    std::string hostname_type = "ip-name";
    std::string acl_association;
    Tags tags;

    std::string key() const { return key_of(account, region, id); }
    Cidr block() const { return parse_cidr(cidr).value(); }
};
BOOST_DESCRIBE_STRUCT(
    SubnetRecord,
    (),
    (account,
     region,
     id,
     vpc,
     cidr,
     zone,
     zone_id,
     default_for_zone,
     map_public_ip,
     resource_name_a_record,
     hostname_type,
     acl_association,
     tags)
)

// By the VPC's record key.
struct SubnetsByVpc {
    using Record = SubnetRecord;
    static void keys(const SubnetRecord& subnet, std::vector<std::string>& out) {
        out.push_back(key_of(subnet.account, subnet.region, subnet.vpc));
    }
};

}  // namespace gantry::ec2
