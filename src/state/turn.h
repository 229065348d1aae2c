#pragma once

#include "base/chance.h"
#include "base/instant.h"

namespace gantry::state {

using gantry::Chance;

// What a turn of the strand may know of the world: nothing else reaches a decision.
struct Turn {
    PolicyInstant now;
    RealInstant real_now;
    Chance& chance;
};

}  // namespace gantry::state
