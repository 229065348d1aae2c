#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ec2/eni.h"
#include "ec2/security_group.h"
#include "ec2/vpc.h"
#include "link/network_objects.h"
#include "state/view.h"

// What the workers must know of the network, from the records as they are: level-triggered, nothing is
// remembered between two calls.
namespace gantry::ec2 {

link::Vpc vpc_object(const VpcRecord& vpc);
// A rule for a prefix list becomes one rule per block; rules for IPv6 blocks are left out, since no interface
// has an IPv6 address.
link::SecurityGroup group_object(const SecurityGroupRecord& group);
// `outside`: it has a public address and its subnet's routes lead to an attached internet gateway.
link::Eni eni_object(const state::View& view, const EniRecord& eni);

// Objects by their ids, which are unique over accounts and regions.
struct WorkerNetwork {
    std::map<std::string, link::Vpc> vpcs;
    std::map<std::string, link::SecurityGroup> groups;
    std::map<std::string, link::Eni> enis;

    friend bool operator==(const WorkerNetwork&, const WorkerNetwork&) = default;
};

// What a worker needs that has these interfaces (record keys; those that are gone are left out): the
// interfaces, their VPCs and groups, and the interfaces that are members of the groups that the rules refer
// to.
WorkerNetwork worker_network(const state::View& view, const std::vector<std::string>& eni_keys);

// Whether a change can alter any worker's network at all: cheap, for the first look at a change.
bool touches_network(const state::View& view, const state::Change& change);

// The record keys of the interfaces whose workers must look again after a change: a group's rules reach the
// group's members, an interface reaches those who let its groups in, a gateway or route table its whole VPC.
void affected_enis(
    const state::View& view,
    const state::Change& change,
    const std::function<void(const std::string& key)>& sink
);

}  // namespace gantry::ec2
