#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ecs/cluster.h"
#include "ecs/service.h"
#include "ecs/service_revision.h"
#include "shapes/ecs/shapes.h"

// What CreateService and UpdateService check alike, in AWS's words. What is not built is refused by name
// with UnsupportedFeatureException.
namespace gantry::ecs {

inline constexpr int kDesiredCountMax = 5'000;
inline constexpr std::size_t kServicesPerClusterMax = 5'000;

// 0 to 5,000.
Result<void> admit_desired_count(int count);
Result<void> admit_health_check_grace(int seconds);

// Takes over the members that are given; the others stay as they are. maximumPercent is at least 100,
// minimumHealthyPercent 0 to 100, and they may not both be 100.
Result<void> admit_deployment_configuration(
    const shapes::ecs::DeploymentConfiguration& given, shapes::ecs::DeploymentConfiguration& into
);

// ECS, CODE_DEPLOY or EXTERNAL; ECS where nothing is said.
Result<std::string> admit_deployment_controller(
    const std::optional<shapes::ecs::DeploymentController>& controller
);

// What ECS has for its own deployments only: refused where it is asked for, and not shown for the others.
Result<void> admit_without_deployments(
    const std::string& deployment_controller, shapes::ecs::DeploymentConfiguration& configuration
);

// ENABLED or DISABLED; ENABLED needs a maximumPercent above 100.
Result<void> admit_zone_rebalancing(const std::string& value, const ServiceRecord& service);

// The revision of the task definition that the words name: ACTIVE, for Fargate, in awsvpc mode, and nothing
// in it that is not built.
Result<state::Pinned<RevisionRecord>> admit_service_definition(
    const state::View& view, const std::string& text, const Caller& caller
);

// Where the tasks run: exactly one of launch type and strategy comes out. The launch type is EC2 where
// nothing says otherwise, as on AWS, and so is refused: there are no container instances.
Result<void> admit_service_capacity(
    const ClusterRecord& cluster,
    const std::optional<std::string>& launch_type,
    const std::optional<std::vector<shapes::ecs::CapacityProviderStrategyItem>>& strategy,
    const RevisionRecord& definition,
    ServiceRevisionRecord& revision
);

// Target groups of this VPC, of type ip, behind a load balancer (unless `behind_listener` is false);
// containers and ports of the task definition.
Result<std::vector<ServiceLoadBalancer>> admit_load_balancers(
    const state::View& view,
    const std::vector<shapes::ecs::LoadBalancer>& given,
    const RevisionRecord& definition,
    const std::string& vpc,
    const Caller& caller,
    bool behind_listener = true
);
// Of those that a service has already: when its task definition changes, when its network does.
Result<void> check_containers(
    const std::vector<ServiceLoadBalancer>& balancers, const RevisionRecord& definition
);
Result<void> check_target_groups(
    const state::View& view,
    const std::vector<ServiceLoadBalancer>& balancers,
    const std::string& vpc,
    const Caller& caller
);

// ExecuteCommand acts with the task's role, so ECS lets nobody ask for it without one. `refused`: what then is not done,
// "service couldn't be created".
Result<void> admit_execute_command(bool wanted, const RevisionRecord& definition, const std::string& refused);

// Fargate has no placement constraints or strategies: anything but empty lists is refused.
Result<void> refuse_placement(
    const std::optional<std::vector<shapes::ecs::PlacementConstraint>>& constraints,
    const std::optional<std::vector<shapes::ecs::PlacementStrategy>>& strategies
);

// Members of both requests that ask for what is not built: service discovery, Service Connect, volumes, VPC
// Lattice.
template <class Request>
Result<void> refuse_unbuilt(const Request& request) {
    const auto no = [](const char* what) {
        return refuse(
            "UnsupportedFeatureException", std::string("Gantry does not run services with ") + what + " yet."
        );
    };
    const auto some = [](const auto& list) { return list && !list->empty(); };
    if (some(request.service_registries)) return no("serviceRegistries (service discovery)");
    if (request.service_connect_configuration && request.service_connect_configuration->enabled)
        return no("serviceConnectConfiguration (Service Connect)");
    if (some(request.volume_configurations)) return no("volumeConfigurations (EBS volumes)");
    if (some(request.vpc_lattice_configurations)) return no("vpcLatticeConfigurations (VPC Lattice)");
    return {};
}

}  // namespace gantry::ecs
