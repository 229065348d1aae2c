#pragma once

#include <boost/describe.hpp>

#include "ec2/scope.h"
#include "state/schema.h"

namespace gantry::ec2 {

// Only the default network ACL of a VPC exists, which lets everything through; its associations are those of
// the VPC's subnets.
struct NetworkAclRecord {
    static constexpr state::TableInfo kTable{"ec2.network_acl", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string vpc;
    Tags tags;

    std::string key() const { return key_of(account, region, id); }
};
BOOST_DESCRIBE_STRUCT(NetworkAclRecord, (), (account, region, id, vpc, tags))

}  // namespace gantry::ec2
