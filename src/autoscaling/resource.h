#pragma once

#include <string>

#include "base/result.h"
#include "ecs/service.h"
#include "operation/caller.h"
#include "state/view.h"

namespace gantry::autoscaling {

// What is scaled. Only service namespace "ecs" with "ecs:service:DesiredCount" can be: others are refused
// by name.
struct Resource {
    std::string cluster;
    std::string service;
    std::string id;  // "service/CLUSTER/SERVICE"
};
inline constexpr const char* kNamespace = "ecs";
inline constexpr const char* kDimension = "ecs:service:DesiredCount";

// ValidationException for what cannot be scaled.
Result<Resource> admit_resource(
    const std::string& service_namespace, const std::string& resource_id, const std::string& dimension
);

// The ACTIVE service, or null.
state::Pinned<ecs::ServiceRecord> find_service(
    const state::View& view, const std::string& scope, const Resource& resource
);

// "service namespace: ecs, resource ID: …, scalable dimension: …", as AWS words it in its errors.
std::string named(const Resource& resource);

tl::unexpected<Error> invalid(std::string message);

}  // namespace gantry::autoscaling
