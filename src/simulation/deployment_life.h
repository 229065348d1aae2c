#pragma once

#include "simulation/simulate.h"

namespace gantry::simulation {

// One life of an installation whose clients deploy a service by CodeDeploy, drawn from the seed: deployments of
// definitions that work, fail or end, with hooks that do or do not, stopped and continued at any moment, while links,
// stores, machines and the control plane fail. Then nothing fails any more, and a deployment must bring the service to
// one steady task set with all the traffic; then all is deleted.
Outcome simulate_deployments(std::uint64_t seed);

// What happens to one deployment in a world without other faults.
enum class DeploymentStory { succeeds, stopped, hook_fails };

// A deployment with the control plane dying right after its n-th commit (counted from CreateDeployment; 0: it does not
// die), before anybody learns of it. At every step production must have somewhere living to go. The outcome's commits
// say how many there were.
Outcome simulate_crash_in_a_deployment(DeploymentStory story, std::size_t commit);

}  // namespace gantry::simulation
