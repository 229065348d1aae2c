#pragma once

#include <boost/describe.hpp>

#include "base/instant.h"
#include "ec2/address.h"
#include "ec2/scope.h"
#include "state/schema.h"

namespace gantry::ec2 {

// A network interface. Its address is live: no other interface of the installation has it.
struct EniRecord {
    static constexpr state::TableInfo kTable{"ec2.eni", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string subnet;
    std::string vpc;
    std::string zone;
    std::string address;         // dotted IPv4
    std::string mac;             // "0a:1b:2c:3d:4e:5f"
    std::string public_address;  // empty: none
    std::vector<std::string> groups;
    std::string description;
    std::string interface_type = "interface";  // "network_load_balancer" for an NLB's
    std::string requester;                     // RequesterId; not empty means requester-managed
    std::string attachment;                    // eni-attach-…; empty: not attached ("available")
    std::string attachment_owner;              // InstanceOwnerId
    std::int64_t device_index = 0;
    PolicyInstant attached_at;
    // Whose it is inside Gantry: the key of the record ("ecs.task" and so on is the owner's business).
    std::string owner;
    std::string worker;  // where it lives; empty: on no worker
    Tags tags;

    std::string key() const { return key_of(account, region, id); }
};
BOOST_DESCRIBE_STRUCT(
    EniRecord,
    (),
    (account,
     region,
     id,
     subnet,
     vpc,
     zone,
     address,
     mac,
     public_address,
     groups,
     description,
     interface_type,
     requester,
     attachment,
     attachment_owner,
     device_index,
     attached_at,
     owner,
     worker,
     tags)
)

// By the subnet's record key.
struct EnisBySubnet {
    using Record = EniRecord;
    static constexpr bool kCounted = true;
    static void keys(const EniRecord& eni, std::vector<std::string>& out) {
        out.push_back(key_of(eni.account, eni.region, eni.subnet));
    }
};

// By the VPC's record key.
struct EnisByVpc {
    using Record = EniRecord;
    static void keys(const EniRecord& eni, std::vector<std::string>& out) {
        out.push_back(key_of(eni.account, eni.region, eni.vpc));
    }
};

// By the security groups' record keys.
struct EnisByGroup {
    using Record = EniRecord;
    static void keys(const EniRecord& eni, std::vector<std::string>& out) {
        for (const auto& group : eni.groups) out.push_back(key_of(eni.account, eni.region, group));
    }
};

// By the private address, over the whole installation: one at most.
struct EniByAddress {
    using Record = EniRecord;
    static void keys(const EniRecord& eni, std::vector<std::string>& out) { out.push_back(eni.address); }
};

// By id alone: workers know interfaces by their ids.
struct EniById {
    using Record = EniRecord;
    static void keys(const EniRecord& eni, std::vector<std::string>& out) { out.push_back(eni.id); }
};

// By what a worker must know because of it, and the worker: "VPC-OR-GROUP-ID WORKER". EC2's ids are unique
// over accounts and regions.
struct EnisByWorkersNeed {
    using Record = EniRecord;
    static void keys(const EniRecord& eni, std::vector<std::string>& out) {
        if (eni.worker.empty()) return;
        out.push_back(eni.vpc + " " + eni.worker);
        for (const auto& group : eni.groups) out.push_back(group + " " + eni.worker);
    }
};

// By the owner's record key.
struct EniByOwner {
    using Record = EniRecord;
    static void keys(const EniRecord& eni, std::vector<std::string>& out) {
        if (!eni.owner.empty()) out.push_back(eni.owner);
    }
};

}  // namespace gantry::ec2
