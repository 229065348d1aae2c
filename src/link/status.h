#pragma once

#include <boost/describe/enum.hpp>

namespace gantry::link {

// ECS's lastStatus, in the only order that a task may take (never backwards, steps may be skipped).
// A worker reports PENDING, RUNNING, STOPPING, DEPROVISIONING and STOPPED. PROVISIONING (an ENI is being
// found), ACTIVATING and DEACTIVATING (load balancer registration) are the control plane's to add.
enum class TaskStatus {
    PROVISIONING,
    PENDING,
    ACTIVATING,
    RUNNING,
    DEACTIVATING,
    STOPPING,
    DEPROVISIONING,
    STOPPED,
};
BOOST_DESCRIBE_ENUM(
    TaskStatus, PROVISIONING, PENDING, ACTIVATING, RUNNING, DEACTIVATING, STOPPING, DEPROVISIONING, STOPPED
)

// lastStatus of a container. Unlike a task's it may go from STOPPED back to RUNNING, by a restart policy.
enum class ContainerStatus { PENDING, RUNNING, STOPPED };
BOOST_DESCRIBE_ENUM(ContainerStatus, PENDING, RUNNING, STOPPED)

// UNKNOWN also stands for "has no health check".
enum class HealthStatus { UNKNOWN, HEALTHY, UNHEALTHY };
BOOST_DESCRIBE_ENUM(HealthStatus, UNKNOWN, HEALTHY, UNHEALTHY)

}  // namespace gantry::link
