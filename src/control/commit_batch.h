#pragma once

#include <memory>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "port/store.h"
#include "state/database.h"

namespace gantry::control {

using SharedChangeSet = std::shared_ptr<const state::ChangeSet>;

// Counts the transactions that wrote something, over all runs.
using CommitIndex = std::uint64_t;

// A row of the store that every commit writes. It keeps policy time from going back, also when the wall clock
// does between two runs, and commit indices (the generations of link objects) growing. No record: only the
// loop reads it, at load.
struct HighWater {
    static constexpr const char* kTable = "control.high_water";
    PolicyInstant policy;
    CommitIndex index = 0;
};
BOOST_DESCRIBE_STRUCT(HighWater, (), (policy, index))

struct EncodedGroup {
    port::StoreBatch batch;
    HighWater high_water;
    std::size_t change_sets = 0;  // how many of the given ones are in it
};

// The JSON of as many change sets as fit into one commit, at least one; of a record written several times the
// last state. Runs off the strand: records are immutable. Errc::exhausted when a single transaction is larger
// than what the store is sized for.
Result<EncodedGroup> encode_group(
    const state::Schema& schema,
    const std::vector<SharedChangeSet>& change_sets,
    HighWater before,  // policy time now, index before these
    port::StoreLimits limits
);

}  // namespace gantry::control
