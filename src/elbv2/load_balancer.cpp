#include "elbv2/load_balancer.h"

#include "elbv2/arn.h"

namespace gantry::elbv2 {

std::string LoadBalancerRecord::path() const {
    return std::string(network() ? "net/" : "app/") + name + "/" + id;
}

std::string LoadBalancerRecord::arn() const { return arn_of(account, region, "loadbalancer/" + path()); }

// AWS tells internal application balancers apart by a prefix, network ones not.
std::string LoadBalancerRecord::dns_name() const {
    const char* prefix = !network() && scheme == "internal" ? "internal-" : "";
    return prefix + name + "-" + id + ".elb." + region + ".gantry.internal";
}

}  // namespace gantry::elbv2
