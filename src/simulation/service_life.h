#pragma once

#include "simulation/simulate.h"

namespace gantry::simulation {

// One life of an installation whose clients keep services, drawn from the seed: services are created, scaled,
// updated (to definitions that work, fail or end), stopped at and deleted, while links, stores, machines and
// the control plane fail. Then nothing fails any more, and every service must become what it is wanted to be;
// then all are deleted, and nothing may be left.
Outcome simulate_services(std::uint64_t seed);

}  // namespace gantry::simulation
