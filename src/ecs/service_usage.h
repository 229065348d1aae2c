#pragma once

#include <string>
#include <vector>

#include "link/usage.h"
#include "metric/name.h"
#include "metric/values.h"
#include "state/view.h"

namespace gantry::ecs {

struct ServiceUsage {
    metric::Name name;
    std::string unit;
    metric::Values values;
};

// AWS/ECS CPUUtilization and MemoryUtilization of services whose tasks these are: what each task used, in
// percent of what it reserved. (As the tasks of a service are of one size, the average is ECS's formula: used
// by all, divided by reserved by all.) Fargate: no data for a cluster as a whole.
std::vector<ServiceUsage> service_usage(const state::View& view, const link::Usage& usage);

}  // namespace gantry::ecs
