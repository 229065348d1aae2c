#pragma once

#include <string_view>
#include <vector>

#include "ecs/service_usage.h"
#include "link/usage.h"
#include "state/view.h"

// ECS/ContainerInsights, of clusters whose setting containerInsights is "enabled" or "enhanced".
namespace gantry::ecs {

// What these tasks used and reserved, by cluster, service and task definition family; enhanced: by task too, and in percent.
//
// As on AWS a minute has one number of each task, so that a sum is one over tasks: each usage counts for its share of the minute,
// `policy_rate` seconds of policy time having passed in a second.
std::vector<ServiceUsage> insights_usage(const state::View& view, const link::Usage& usage, double policy_rate);

// How many tasks and services there are; to be asked once a minute for each service and each cluster, by record key.
std::vector<ServiceUsage> insights_service_counts(const state::View& view, std::string_view service);
std::vector<ServiceUsage> insights_cluster_counts(const state::View& view, std::string_view cluster);

}  // namespace gantry::ecs
