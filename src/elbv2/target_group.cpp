#include "elbv2/target_group.h"

#include "elbv2/arn.h"

namespace gantry::elbv2 {

std::string TargetGroupRecord::arn() const {
    return arn_of(account, region, "targetgroup/" + name + "/" + id);
}

}  // namespace gantry::elbv2
