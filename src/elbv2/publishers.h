#pragma once

#include "operation/publisher.h"

// What the worker that carries a balancer is told. The balancer's interfaces, their VPC and security groups
// are told by ec2, because EniRecord::worker says so.
namespace gantry::elbv2 {

// "load_balancer", keys are balancers' ids.
class LoadBalancerPublisher : public Publisher {
  public:
    std::string_view kind() const override { return "load_balancer"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    std::optional<Published> build(const state::View& view, std::string_view key) const override;
};

// "target_group", keys are groups' ids. A group that no listener forwards to is told nobody.
class TargetGroupPublisher : public Publisher {
  public:
    std::string_view kind() const override { return "target_group"; }
    void affected(const state::View& view, const state::Change& change, const KeySink& look_at)
        const override;
    void all(const state::View& view, const KeySink& look_at) const override;
    std::optional<Published> build(const state::View& view, std::string_view key) const override;
};

// Balancers name groups, so groups come first.
std::vector<std::shared_ptr<const Publisher>> publishers();

}  // namespace gantry::elbv2
