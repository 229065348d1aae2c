#pragma once

#include <optional>
#include <string>
#include <string_view>

// The ARNs of Elastic Load Balancing. A balancer's path is "net/NAME/ID" or "app/NAME/ID"; listeners and rules
// repeat it, as on AWS, where clients derive metric dimensions and interface descriptions from it.
namespace gantry::elbv2 {

// "arn:aws:elasticloadbalancing:REGION:ACCOUNT:" + resource. The partition is aws-cn in China and aws-us-gov
// in GovCloud.
std::string arn_of(std::string_view account, std::string_view region, std::string_view resource);

struct ArnParts {
    enum class Kind { load_balancer, target_group, listener, rule };
    Kind kind = Kind::load_balancer;
    std::string account, region;
    std::string type;      // "net" or "app"; empty for target groups
    std::string name;      // of the balancer or group
    std::string id;        // of the balancer or group
    std::string listener;  // listeners and rules
    std::string rule;
};

// Absent: it is no ARN of this service, or of no kind that is known here.
std::optional<ArnParts> parse_arn(std::string_view arn);
// The same, only of that kind.
std::optional<ArnParts> parse_arn(std::string_view arn, ArnParts::Kind kind);

}  // namespace gantry::elbv2
