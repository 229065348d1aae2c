#pragma once

#include "ecs/service.h"
#include "ecs/service_deployment.h"
#include "ecs/service_revision.h"
#include "shapes/ecs/shapes.h"
#include "state/view.h"

namespace gantry::ecs {

// As DescribeServices shows it: counts from the indexes, deployments (or task sets) with the PRIMARY first,
// the newest events first. Tags only when asked for.
shapes::ecs::Service service_shape(const state::View& view, const ServiceRecord& service, bool with_tags);

std::vector<shapes::ecs::LoadBalancer> load_balancer_shapes(const ServiceRevisionRecord& revision);
shapes::ecs::NetworkConfiguration network_shape(const ServiceRevisionRecord& revision);

// The platform version that LATEST stands for now: tasks and deployments show it.
std::string platform_of(const ServiceRevisionRecord& revision);

}  // namespace gantry::ecs
