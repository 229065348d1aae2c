#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "operation/caller.h"
#include "operation/data_context.h"
#include "operation/later.h"

namespace gantry::shapes {
struct Operation;
}

namespace gantry::operation {

// One handled operation, as the generated dispatch table of its folder lists it. `request` and `response`
// point to the generated structs that `operation` describes. Exactly one of transact and move_data is set.
struct Handler {
    const shapes::Operation* operation = nullptr;
    // First kind: a function of a transaction, on the strand.
    Result<void> (*transact)(state::Txn& txn, const void* request, const Caller& caller, void* response) =
        nullptr;
    // Beside transact, where an answer is large and much of it has not changed since it was last given: the same
    // answer, of which only what the state says is taken on the strand.
    Result<Later> (*transact_later)(state::Txn& txn, const void* request, const Caller& caller) = nullptr;
    // Second kind: a coroutine that moves data, off the strand.
    Awaitable<Result<void>> (*move_data)(
        DataContext& context,
        std::shared_ptr<const void> request,
        Caller caller,
        std::shared_ptr<void> response
    ) = nullptr;
};

using Handlers = std::vector<Handler>;

}  // namespace gantry::operation
