#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::codedeploy {

// "arn:aws:codedeploy:REGION:ACCOUNT:" + resource ("application:NAME", "deploymentgroup:APPLICATION/GROUP",
// "deploymentconfig:NAME"); the scope is "ACCOUNT/REGION/". The partition is aws-cn in China and aws-us-gov in
// GovCloud.
std::string arn_in(std::string_view scope, std::string_view resource);

struct ArnParts {
    std::string scope;
    std::string kind;  // what stands before the last colon: "application"
    std::string name;  // "NAME" or "APPLICATION/GROUP"
};
// Absent: it is no ARN of CodeDeploy.
std::optional<ArnParts> parse_arn(std::string_view arn);

}  // namespace gantry::codedeploy
