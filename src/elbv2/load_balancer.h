#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "elbv2/scope.h"
#include "state/schema.h"

namespace gantry::elbv2 {

// A balancer's presence in one availability zone: an interface of its own in one subnet.
struct BalancerZone {
    std::string zone;
    std::string subnet;
    std::string eni;      // its id
    std::string address;  // the interface's
    // The address was asked for (SubnetMappings): only then clients are shown it.
    bool address_chosen = false;
};
BOOST_DESCRIBE_STRUCT(BalancerZone, (), (zone, subnet, eni, address, address_chosen))

struct LoadBalancerRecord {
    static constexpr state::TableInfo kTable{"elbv2.load_balancer", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string name;  // unique in the account and region
    std::string type;  // "network" or "application"
    std::string scheme = "internet-facing";
    std::string ip_address_type = "ipv4";
    std::string vpc;
    std::vector<BalancerZone> zones;  // by the zones' names
    // A network balancer that was created without groups never gets any (as on AWS); then everyone may come.
    std::vector<std::string> groups;
    std::string enforce_groups_on_private_link;  // "on" or "off"; network balancers with groups
    Attributes attributes;                       // those that somebody set
    // In 127.64.0.0/16, no other balancer of the installation has it: where programs on the host reach it.
    std::string host_address;
    std::string worker;  // who carries its traffic; empty: nobody could be found yet
    PolicyInstant created_at;
    Tags tags;

    bool network() const { return type == "network"; }
    std::string key() const { return key_of(account, region, id); }
    // "net/NAME/ID" or "app/NAME/ID".
    std::string path() const;
    std::string arn() const;
    std::string dns_name() const;
};
BOOST_DESCRIBE_STRUCT(
    LoadBalancerRecord,
    (),
    (account,
     region,
     id,
     name,
     type,
     scheme,
     ip_address_type,
     vpc,
     zones,
     groups,
     enforce_groups_on_private_link,
     attributes,
     host_address,
     worker,
     created_at,
     tags)
)

// By id alone: workers know balancers by it.
struct LoadBalancerById {
    using Record = LoadBalancerRecord;
    static void keys(const LoadBalancerRecord& balancer, std::vector<std::string>& out) {
        out.push_back(balancer.id);
    }
};

// By "ACCOUNT/REGION/NAME".
struct LoadBalancerByName {
    using Record = LoadBalancerRecord;
    static void keys(const LoadBalancerRecord& balancer, std::vector<std::string>& out) {
        out.push_back(key_of(balancer.account, balancer.region, balancer.name));
    }
};

// By the worker that carries it; empty: nobody.
struct LoadBalancersByWorker {
    using Record = LoadBalancerRecord;
    static constexpr bool kCounted = true;
    static void keys(const LoadBalancerRecord& balancer, std::vector<std::string>& out) {
        out.push_back(balancer.worker);
    }
};

}  // namespace gantry::elbv2
