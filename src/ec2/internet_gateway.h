#pragma once

#include <boost/describe.hpp>

#include "ec2/scope.h"
#include "state/schema.h"

namespace gantry::ec2 {

struct InternetGatewayRecord {
    static constexpr state::TableInfo kTable{"ec2.internet_gateway", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string vpc;  // empty: not attached
    Tags tags;

    std::string key() const { return key_of(account, region, id); }
};
BOOST_DESCRIBE_STRUCT(InternetGatewayRecord, (), (account, region, id, vpc, tags))

// By the record key of the VPC that it is attached to: one at most.
struct InternetGatewayByVpc {
    using Record = InternetGatewayRecord;
    static void keys(const InternetGatewayRecord& gateway, std::vector<std::string>& out) {
        if (!gateway.vpc.empty()) out.push_back(key_of(gateway.account, gateway.region, gateway.vpc));
    }
};

}  // namespace gantry::ec2
