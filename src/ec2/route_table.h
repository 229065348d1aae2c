#pragma once

#include <boost/describe.hpp>

#include "ec2/scope.h"
#include "state/schema.h"

namespace gantry::ec2 {

// Exactly one of the two destinations is set.
struct Route {
    std::string cidr;       // IPv4, normal form
    std::string ipv6_cidr;  // normal form
    std::string gateway;    // "local" or igw-…
    std::string origin = "CreateRoute";
};
BOOST_DESCRIBE_STRUCT(Route, (), (cidr, ipv6_cidr, gateway, origin))

// A table without a subnet in the association is its VPC's main table.
struct RouteAssociation {
    std::string id;
    std::string subnet;
};
BOOST_DESCRIBE_STRUCT(RouteAssociation, (), (id, subnet))

struct RouteTableRecord {
    static constexpr state::TableInfo kTable{"ec2.route_table", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string vpc;
    std::vector<Route> routes;  // the local route first
    std::vector<RouteAssociation> associations;
    std::string client_token;
    Tags tags;

    std::string key() const { return key_of(account, region, id); }
    bool is_main() const {
        for (const auto& association : associations) {
            if (association.subnet.empty()) return true;
        }
        return false;
    }
};
BOOST_DESCRIBE_STRUCT(
    RouteTableRecord, (), (account, region, id, vpc, routes, associations, client_token, tags)
)

// By the VPC's record key.
struct RouteTablesByVpc {
    using Record = RouteTableRecord;
    static void keys(const RouteTableRecord& table, std::vector<std::string>& out) {
        out.push_back(key_of(table.account, table.region, table.vpc));
    }
};

// By what is associated: the record keys of subnets, and of association ids.
struct RouteTableByAssociation {
    using Record = RouteTableRecord;
    static void keys(const RouteTableRecord& table, std::vector<std::string>& out) {
        for (const auto& association : table.associations) {
            out.push_back(key_of(table.account, table.region, association.id));
            if (!association.subnet.empty())
                out.push_back(key_of(table.account, table.region, association.subnet));
        }
    }
};

// By the record keys of the gateways that routes point to.
struct RouteTablesByGateway {
    using Record = RouteTableRecord;
    static void keys(const RouteTableRecord& table, std::vector<std::string>& out) {
        for (const auto& route : table.routes) {
            if (route.gateway != "local") out.push_back(key_of(table.account, table.region, route.gateway));
        }
    }
};

// By "ACCOUNT/REGION/" and the client's token.
struct RouteTableByToken {
    using Record = RouteTableRecord;
    static void keys(const RouteTableRecord& table, std::vector<std::string>& out) {
        if (!table.client_token.empty())
            out.push_back(key_of(table.account, table.region, table.client_token));
    }
};

}  // namespace gantry::ec2
