#pragma once

#include <cstddef>

#include "ecs/service.h"
#include "state/plan.h"
#include "state/turn.h"
#include "state/view.h"

// What who scales services asks of ecs.
namespace gantry::ecs {

// Whether tasks of one revision take the place of another's: AWS then does not scale in.
bool deploying(const state::View& view, const ServiceRecord& service);

// Tasks that are RUNNING.
std::size_t running_count(const state::View& view, const ServiceRecord& service);

// What UpdateService does with a desired count and nothing else.
void set_desired_count(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    int desired_count,
    state::Plan& plan
);

}  // namespace gantry::ecs
