#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autoscaling/target.h"

namespace gantry::autoscaling {

// A scaling policy. One of the two configurations is there, as `type` says; members that were not given
// stay absent, because they come back as they were sent.
struct PolicyRecord {
    static constexpr state::TableInfo kTable{"autoscaling.policy", 1};

    std::string account;
    std::string region;
    std::string resource;
    std::string target;  // TargetRecord::id
    std::string name;
    std::string id;    // stays when the policy is put again: its ARN must not change
    std::string type;  // "StepScaling", "TargetTrackingScaling"
    std::optional<shapes::applicationautoscaling::StepScalingPolicyConfiguration> step;
    std::optional<shapes::applicationautoscaling::TargetTrackingScalingPolicyConfiguration> tracking;
    PolicyInstant created;
    // Names of the alarms that it made for itself and takes along.
    std::vector<std::string> alarms;

    static std::string key(std::string_view parts, std::string_view name) {
        return std::string(parts) + std::string(name);
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(TargetRecord::key(scope(), resource) + "/", name); }
    std::string arn() const {
        return "arn:aws:autoscaling:" + region + ":" + account + ":scalingPolicy:" + id + ":resource/" +
               kNamespace + "/" + resource + ":policyName/" + name;
    }
};
BOOST_DESCRIBE_STRUCT(
    PolicyRecord, (), (account, region, resource, target, name, id, type, step, tracking, created, alarms)
)

struct PolicyByArn {
    using Record = PolicyRecord;
    static void keys(const PolicyRecord& policy, std::vector<std::string>& out) {
        out.push_back(policy.arn());
    }
};

}  // namespace gantry::autoscaling
