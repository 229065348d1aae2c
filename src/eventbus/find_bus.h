#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "eventbus/bus.h"
#include "operation/caller.h"
#include "state/view.h"

namespace gantry::eventbus {

inline constexpr const char* kNotFound = "ResourceNotFoundException";
inline constexpr const char* kInvalid = "ValidationException";
inline constexpr const char* kTooMany = "LimitExceededException";

// The bus of that name or ARN; the default one if none is given, which is always there.
// ResourceNotFoundException: there is none, or it is of another account or region.
Result<EventBusRecord> find_bus(
    const state::View& view, const Caller& caller, const std::optional<std::string>& name_or_arn
);

}  // namespace gantry::eventbus
