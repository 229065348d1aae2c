#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "state/view.h"

namespace gantry::ecs {

// A line for a person for each service that is not stable (as `aws ecs wait services-stable` means it: one
// deployment or task set, as many running tasks as desired), and why: its PRIMARY's rollout, its newest
// event. Looks at the first 1,000 services and gives at most `most` lines.
std::vector<std::string> unstable_services(const state::View& view, std::size_t most);

}  // namespace gantry::ecs
