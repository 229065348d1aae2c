#pragma once

#include "base/result.h"
#include "logs/records.h"

namespace gantry::logs {

// TooManyTagsException past 50, InvalidParameterException for "aws:" keys.
Result<void> merge_tags(Tags& tags, const Tags& added);

}  // namespace gantry::logs
