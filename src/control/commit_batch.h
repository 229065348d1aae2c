#pragma once

#include <memory>
#include <vector>

#include "base/instant.h"
#include "port/store.h"
#include "state/database.h"

namespace gantry::control {

using SharedChangeSet = std::shared_ptr<const state::ChangeSet>;

// The store's row that keeps policy time from going back, also when the wall clock does between two runs. It
// is no record: only the loop reads it, at load.
inline constexpr const char* kHighWaterTable = "control.high_water";

struct EncodedGroup {
    port::StoreBatch batch;
    PolicyInstant high_water;
    std::size_t change_sets = 0;  // how many of the given ones are in it
};

// The JSON of as many change sets as fit into one commit, at least one; of a record written several times the
// last state. Runs off the strand: records are immutable. Errc::exhausted when a single transaction is larger
// than what the store is sized for.
Result<EncodedGroup> encode_group(
    const state::Schema& schema,
    const std::vector<SharedChangeSet>& change_sets,
    PolicyInstant high_water,
    port::StoreLimits limits
);

}  // namespace gantry::control
