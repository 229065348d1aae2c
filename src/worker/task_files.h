#pragma once

#include <string>

#include "link/desired_task.h"
#include "worker/container_spec.h"

namespace gantry::worker {

// What stands in a container's /etc/hosts, /etc/resolv.conf and /etc/hostname.
std::string hosts_text(const link::DesiredTask& task, const link::DesiredContainer& container);
std::string resolv_conf_text(
    const link::DesiredTask& task,
    const link::DesiredContainer& container,
    const TaskSurroundings& surroundings
);
std::string hostname_text(const link::DesiredTask& task, const link::DesiredContainer& container);

}  // namespace gantry::worker
