#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "ec2/address_pool.h"
#include "ec2/eni.h"
#include "state/turn.h"
#include "state/view.h"

// Network interfaces of tasks and load balancers: what ecs and elbv2 ask of ec2. They word the errors, so these
// are values here.
namespace gantry::ec2 {

// What is wrong with an awsvpc configuration, and with which id.
struct AwsvpcFault {
    enum class Kind {
        subnet_not_found,      // id: the first subnet that does not exist
        subnets_of_two_vpcs,   // id: the first subnet of another VPC than the subnets before it
        group_not_found,       // id: the first security group that does not exist
        group_of_another_vpc,  // id: the first security group that is not of the subnets' VPC
    };
    Kind kind;
    std::string id;
};

// An awsvpc configuration that holds: at least one subnet, all of one VPC, and the groups to use.
struct AwsvpcNetwork {
    std::string vpc;
    std::vector<std::string> subnets;
    std::vector<std::string> groups;  // the VPC's default group when none was named
};

// `subnets` must not be empty. Order is kept, what is named twice counts once.
tl::expected<AwsvpcNetwork, AwsvpcFault> check_awsvpc(
    const state::View& view,
    const std::string& account,
    const std::string& region,
    const std::vector<std::string>& subnets,
    const std::vector<std::string>& groups
);

struct TaskEniRequest {
    std::string account;
    std::string region;
    std::vector<std::string> subnets;  // tried in this order
    std::vector<std::string> groups;
    bool public_address = false;  // assignPublicIp ENABLED
    std::string attachment_uuid;  // of the task's attachment: makes the description
    std::string owner;            // the task record's key
    std::string worker;           // where the task runs: who is told of the interface
    Tags tags;
};

// An interface of a load balancer: AWS requests it, and the balancer's worker has it.
struct BalancerEniRequest {
    std::string account;
    std::string region;
    std::string subnet;
    std::string address;  // empty: any free one
    std::vector<std::string> groups;  // a network balancer may have none
    std::string path;                 // "net/NAME/ID" or "app/NAME/ID": makes the description
    std::string owner;                // the balancer record's key
    std::string worker;               // empty: nobody carries the balancer yet
    Tags tags;
};

struct EniFault {
    enum class Kind {
        subnet_not_found,         // id: the subnet; it was deleted since the configuration was checked
        group_not_found,          // id: the group
        subnets_full,             // id: the last subnet tried; none has a free address
        address_not_usable,       // id: the address asked for; it is not one of the subnet's for use
        address_in_use,           // id: the address asked for
        public_addresses_used_up  // the installation's range of public addresses is exhausted
    };
    Kind kind;
    std::string id;
};

// Makes and releases interfaces over a view; several may go into one plan. Nothing is done until write().
//
//     EniAllocator enis(view);
//     auto eni = enis.make(request, turn);      // the task keeps eni->key() or eni->id
//     enis.write(plan, "why");
//
// Release an interface only when the worker has reported it gone: from then on its address may be given
// again.
class EniAllocator {
  public:
    explicit EniAllocator(const state::View& view) : view_(view), pool_(view) {}

    tl::expected<EniRecord, EniFault> make(const TaskEniRequest& request, const state::Turn& turn);
    // Balancers' interfaces get no public address: nothing outside reaches them by it here, and they open no
    // connection to the outside.
    tl::expected<EniRecord, EniFault> make(const BalancerEniRequest& request, const state::Turn& turn);
    // By the record's key; false when there is none (it was released before).
    bool release(const std::string& key);

    // The interfaces and blocks touched: one record per interface and per 1,024 addresses.
    void write(state::Plan& plan, const std::string& reason) const;
    void write(state::Txn& txn) const;

  private:
    state::View view_;
    AddressPool pool_;
    std::map<std::string, EniRecord> made_;
    std::set<std::string> released_;
};

// "arn:aws:ecs:REGION:ACCOUNT:attachment/UUID".
std::string attachment_arn(const std::string& region, const std::string& account, const std::string& uuid);

}  // namespace gantry::ec2
