#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ec2/scope.h"
#include "shapes/ec2/shapes.h"

namespace gantry::ec2 {

using TagSpecifications = std::optional<std::vector<shapes::ec2::TagSpecification>>;

// The tags that a creating request asks for; every specification must be of the resource's own type.
Result<Tags> requested_tags(const TagSpecifications& specifications, std::string_view resource_type);

// Adds to `tags`, or refuses: reserved and overlong keys, more than fifty.
Result<> add_tags(Tags& tags, const std::vector<shapes::ec2::Tag>& added);

std::vector<shapes::ec2::Tag> shown(const Tags& tags);

// EC2's DryRun: everything was checked and the request would have been carried out.
Result<> dry_run(const std::optional<bool>& flag);

}  // namespace gantry::ec2
