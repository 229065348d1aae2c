#pragma once

#include "ec2/eni.h"
#include "ec2/security_group.h"
#include "ec2/vpc.h"
#include "link/network_objects.h"
#include "operation/publisher.h"

// What the workers must know of the network, from the records as they are. A worker is told of
// - the VPCs and security groups of the interfaces that it has (EniRecord::worker),
// - those interfaces, and others that are members of a group that a rule of those groups refers to.
// A change of rules, routes or gateways reaches every worker whom it concerns at once, running tasks
// included.
namespace gantry::ec2 {

link::Vpc vpc_object(const VpcRecord& vpc);
// A rule for a prefix list becomes one rule per block; rules for IPv6 blocks are left out, since no interface
// has an IPv6 address.
link::SecurityGroup group_object(const SecurityGroupRecord& group);
// `outside`: it has a public address and its subnet's routes lead to an attached internet gateway.
link::Eni eni_object(const state::View& view, const EniRecord& eni);

// The record keys of the interfaces whose way to the outside a change of a route table, internet gateway or
// VPC may open or close.
void affected_enis(const state::View& view, const state::Change& change, const KeySink& sink);

// Keys are the ids. Which workers need an object is read from an index in one step per worker, whatever the
// number of interfaces; and an interface more on a worker makes others be looked at again only when it is the
// first there that needs them.
class VpcPublisher : public Publisher {
  public:
    std::string_view kind() const override { return "vpc"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    std::optional<Published> build(const state::View& view, std::string_view key) const override;
};

class SecurityGroupPublisher : public Publisher {
  public:
    std::string_view kind() const override { return "security_group"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    std::optional<Published> build(const state::View& view, std::string_view key) const override;
};

class EniPublisher : public Publisher {
  public:
    std::string_view kind() const override { return "eni"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    std::optional<Published> build(const state::View& view, std::string_view key) const override;
};

}  // namespace gantry::ec2
