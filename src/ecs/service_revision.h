#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "ecs/scope.h"
#include "shapes/record_codec.h"
#include "ecs/task_definition.h"
#include "shapes/ecs/shapes.h"
#include "state/schema.h"

namespace gantry::ecs {

// A target group that the service's tasks register in: this port of this container.
struct ServiceLoadBalancer {
    std::string group;  // the target group's record key
    std::string target_group_arn;
    std::string container;
    int port = 0;
    // Of its advancedConfiguration, or empty: the other target group, and the ARNs of the listener rules (of network
    // load balancers: listeners) that send traffic to one of the two.
    std::string other_group;
    std::string other_target_group_arn;
    std::string production_rule;
    std::string test_rule;
    std::string role_arn;
    // The tasks are in the group that was given as the alternate one: deployments take turns.
    bool swapped = false;

    const std::string& first_arn() const { return swapped ? other_target_group_arn : target_group_arn; }
    const std::string& alternate_arn() const { return swapped ? target_group_arn : other_target_group_arn; }
    bool advanced() const { return !production_rule.empty(); }
    void swap() {
        std::swap(group, other_group);
        std::swap(target_group_arn, other_target_group_arn);
        swapped = !swapped;
    }
    // As they were given: which of the groups is whose turn does not matter.
    friend bool operator==(const ServiceLoadBalancer& a, const ServiceLoadBalancer& b) {
        return a.first_arn() == b.first_arn() && a.alternate_arn() == b.alternate_arn() &&
               a.container == b.container && a.port == b.port && a.production_rule == b.production_rule &&
               a.test_rule == b.test_rule && a.role_arn == b.role_arn;
    }
};
BOOST_DESCRIBE_STRUCT(
    ServiceLoadBalancer,
    (),
    (group,
     target_group_arn,
     container,
     port,
     other_group,
     other_target_group_arn,
     production_rule,
     test_rule,
     role_arn,
     swapped)
)

// What a service's tasks are. Never changes: what asks for other tasks makes another one.
struct ServiceRevisionRecord {
    static constexpr state::TableInfo kTable{"ecs.service_revision", 1};

    std::string parts;  // ServiceRecord::parts()
    std::string scope;
    std::string cluster;
    std::string service;
    std::string id;  // 19 digits; its deployment has the same
    PolicyInstant created_at;

    std::string family;
    int revision = 0;
    std::string launch_type;  // "FARGATE"; empty where there is a strategy
    std::vector<shapes::ecs::CapacityProviderStrategyItem> capacity_provider_strategy;
    std::string platform_version;  // as sent: "LATEST", "1.4.0"
    std::vector<ServiceLoadBalancer> load_balancers;
    std::vector<std::string> subnets;
    std::vector<std::string> security_groups;  // as sent, so perhaps none
    // What the tasks' interfaces get: the VPC's default group where none was sent.
    std::vector<std::string> interface_groups;
    bool assign_public_ip = false;

    static std::string key(std::string_view parts, std::string_view id) {
        return std::string(parts) + std::string(id);
    }
    std::string key() const { return key(parts, id); }
    // arn:...:service-revision/CLUSTER/SERVICE/ID
    std::string arn() const {
        return arn_in(scope, "service-revision/" + cluster + "/" + service + "/" + id);
    }
    std::string definition_key() const { return RevisionRecord::key(scope, family, revision); }
    std::string definition_arn() const { return task_definition_arn(scope, family, revision); }
};
BOOST_DESCRIBE_STRUCT(
    ServiceRevisionRecord,
    (),
    (parts,
     scope,
     cluster,
     service,
     id,
     created_at,
     family,
     revision,
     launch_type,
     capacity_provider_strategy,
     platform_version,
     load_balancers,
     subnets,
     security_groups,
     interface_groups,
     assign_public_ip)
)

// Whether both mean the same tasks: all but the task definition, whose change callers look at themselves,
// and identity.
inline bool same_workload(const ServiceRevisionRecord& a, const ServiceRevisionRecord& b) {
    return a.launch_type == b.launch_type && a.platform_version == b.platform_version &&
           a.load_balancers == b.load_balancers && a.subnets == b.subnets &&
           a.security_groups == b.security_groups && a.assign_public_ip == b.assign_public_ip &&
           encode_text(a.capacity_provider_strategy) == encode_text(b.capacity_provider_strategy);
}

}  // namespace gantry::ecs
