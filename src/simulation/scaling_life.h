#pragma once

#include "simulation/simulate.h"

namespace gantry::simulation {

// One life of services that are scaled, drawn from the seed, at sixty times the speed of time: loads go up and down, alarms on
// them are judged every minute of policy time and drive step policies, scheduled actions move the limits each hour, a schedule
// starts tasks, clients set counts and limits and deploy, while links, stores, machines and the control plane fail.
// ScalingChecker sees all of it, and each judgement of an alarm is compared with a naive one. Hours: of policy time.
Outcome simulate_scaling(std::uint64_t seed, int hours = 6);

}  // namespace gantry::simulation
