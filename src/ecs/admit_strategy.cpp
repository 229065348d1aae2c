#include "ecs/admit_strategy.h"

#include <algorithm>
#include <boost/describe.hpp>
#include <cmath>

#include "elbv2/listener_route.h"
#include "elbv2/service_targets.h"
#include "elbv2/usage.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using scheduler::LifecycleStage;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";
constexpr int kMinutesMost = 1'440;
constexpr int kBakeDefault = 5;
constexpr double kCanaryDefault = 5.0;
constexpr int kCanaryBakeDefault = 10;
constexpr double kStepDefault = 10.0;
constexpr int kStepBakeDefault = 6;

Result<void> admit_minutes(const char* member, int minutes) {
    if (minutes >= 0 && minutes <= kMinutesMost) return {};
    return refuse(kInvalid, std::string(member) + " must be between 0 and 1440.");
}

Result<void> admit_percent(const char* member, double percent, double least) {
    const double tenths = percent * 10;
    if (percent >= least && percent <= 100 && std::abs(tenths - std::round(tenths)) < 1e-6) return {};
    return refuse(
        kInvalid, std::string(member) + " must be a multiple of 0.1 from " + (least < 1 ? "0.1" : "3.0") + " to 100.0."
    );
}

Result<void> admit_canary(const DeploymentConfiguration& given, DeploymentConfiguration& into) {
    auto& canary = into.canary_configuration;
    if (!canary) canary.emplace();
    if (given.canary_configuration) {
        const auto& said = *given.canary_configuration;
        if (said.canary_percent) canary->canary_percent = said.canary_percent;
        if (said.canary_bake_time_in_minutes)
            canary->canary_bake_time_in_minutes = said.canary_bake_time_in_minutes;
    }
    if (!canary->canary_percent) canary->canary_percent = kCanaryDefault;
    if (!canary->canary_bake_time_in_minutes) canary->canary_bake_time_in_minutes = kCanaryBakeDefault;
    TRY_VOID(admit_percent("canaryPercent", *canary->canary_percent, 0.1));
    return admit_minutes("canaryBakeTimeInMinutes", *canary->canary_bake_time_in_minutes);
}

Result<void> admit_linear(const DeploymentConfiguration& given, DeploymentConfiguration& into) {
    auto& linear = into.linear_configuration;
    if (!linear) linear.emplace();
    if (given.linear_configuration) {
        const auto& said = *given.linear_configuration;
        if (said.step_percent) linear->step_percent = said.step_percent;
        if (said.step_bake_time_in_minutes) linear->step_bake_time_in_minutes = said.step_bake_time_in_minutes;
    }
    if (!linear->step_percent) linear->step_percent = kStepDefault;
    if (!linear->step_bake_time_in_minutes) linear->step_bake_time_in_minutes = kStepBakeDefault;
    TRY_VOID(admit_percent("stepPercent", *linear->step_percent, 3.0));
    return admit_minutes("stepBakeTimeInMinutes", *linear->step_bake_time_in_minutes);
}

Result<void> admit_hook(const DeploymentLifecycleHook& hook) {
    if (!hook.lifecycle_stages || hook.lifecycle_stages->empty())
        return refuse(kInvalid, "lifecycleStages must be specified for each lifecycle hook.");
    if (hook.target_type == "PAUSE") {
        if (hook.hook_target_arn && !hook.hook_target_arn->empty())
            return refuse(kInvalid, "hookTargetArn cannot be specified for a lifecycle hook of the type PAUSE.");
        return {};
    }
    const std::string target = hook.hook_target_arn.value_or("");
    if (target.empty()) return refuse(kInvalid, "hookTargetArn must be specified for each lifecycle hook.");
    if (!target.starts_with("arn:") || target.find(":lambda:") == std::string::npos ||
        target.find(":function:") == std::string::npos) {
        return refuse(kInvalid, "The hookTargetArn " + target + " is not the ARN of a Lambda function.");
    }
    if (hook.role_arn.value_or("").find(":role/") == std::string::npos)
        return refuse(kInvalid, "roleArn must be the ARN of an IAM role for each lifecycle hook.");
    return {};
}

std::string named(const char* member, const std::string& arn) {
    return " (" + std::string(member) + ": " + arn + ")";
}

Result<elbv2::ListenerRoute> admit_rule(
    const state::View& view, const Caller& caller, const char* member, const std::string& arn
) {
    const auto route = elbv2::find_route(view, caller.account, caller.region, arn);
    if (!route) return refuse(kInvalid, "The specified listener rule does not exist." + named(member, arn));
    if (arn.find(":listener/app/") != std::string::npos) {
        return refuse(
            kInvalid, "For an Application Load Balancer, the ARN of a listener rule must be specified." +
                          named(member, arn)
        );
    }
    const auto listener = view.get<elbv2::ListenerRecord>(route->listener);
    if (!elbv2::weights_of(*listener, *route)) {
        return refuse(
            kInvalid, "The specified listener rule does not forward to a target group." + named(member, arn)
        );
    }
    return *route;
}

}  // namespace

bool shifts_traffic(const DeploymentConfiguration& configuration) {
    return configuration.strategy && *configuration.strategy != "ROLLING";
}

Result<void> admit_strategy(const DeploymentConfiguration& given, DeploymentConfiguration& into) {
    const std::string before = into.strategy.value_or("ROLLING");
    if (given.strategy) into.strategy = given.strategy;
    if (!into.strategy) into.strategy = "ROLLING";
    const std::string& strategy = *into.strategy;
    if (given.canary_configuration && strategy != "CANARY")
        return refuse(kInvalid, "canaryConfiguration can only be specified with the CANARY deployment strategy.");
    if (given.linear_configuration && strategy != "LINEAR")
        return refuse(kInvalid, "linearConfiguration can only be specified with the LINEAR deployment strategy.");
    if (strategy != "CANARY") into.canary_configuration.reset();
    if (strategy != "LINEAR") into.linear_configuration.reset();
    if (strategy == "ROLLING") {
        const char* only = " can only be specified with the BLUE_GREEN, CANARY and LINEAR deployment strategies.";
        if (given.bake_time_in_minutes.value_or(0) != 0)
            return refuse(kInvalid, std::string("bakeTimeInMinutes") + only);
        if (given.lifecycle_hooks && !given.lifecycle_hooks->empty())
            return refuse(kInvalid, std::string("lifecycleHooks") + only);
        into.bake_time_in_minutes = 0;
        into.lifecycle_hooks.reset();
        return {};
    }
    if (given.bake_time_in_minutes) into.bake_time_in_minutes = given.bake_time_in_minutes;
    if (!into.bake_time_in_minutes || (before == "ROLLING" && !given.bake_time_in_minutes))
        into.bake_time_in_minutes = kBakeDefault;
    TRY_VOID(admit_minutes("bakeTimeInMinutes", *into.bake_time_in_minutes));
    if (strategy == "CANARY") TRY_VOID(admit_canary(given, into));
    if (strategy == "LINEAR") TRY_VOID(admit_linear(given, into));
    if (given.lifecycle_hooks) {
        for (const auto& hook : *given.lifecycle_hooks) TRY_VOID(admit_hook(hook));
        into.lifecycle_hooks = given.lifecycle_hooks;
    }
    return {};
}

Result<void> admit_advanced(
    const state::View& view, const AdvancedConfiguration& given, const Caller& caller, ServiceLoadBalancer& balancer
) {
    const auto missing = [](const char* member) {
        return refuse(kInvalid, std::string(member) + " must be specified in advancedConfiguration.");
    };
    const std::string alternate = given.alternate_target_group_arn.value_or("");
    const std::string production = given.production_listener_rule.value_or("");
    const std::string test = given.test_listener_rule.value_or("");
    const std::string role = given.role_arn.value_or("");
    if (alternate.empty()) return missing("alternateTargetGroupArn");
    if (production.empty()) return missing("productionListenerRule");
    if (role.empty()) return missing("roleArn");
    if (!role.starts_with("arn:") || role.find(":iam::") == std::string::npos || role.find(":role/") == std::string::npos)
        return refuse(kInvalid, "The roleArn " + role + " is not the ARN of an IAM role.");
    if (alternate == balancer.target_group_arn)
        return refuse(kInvalid, "targetGroupArn and alternateTargetGroupArn must be different target groups.");
    const auto other = elbv2::find_service_group(view, caller.account, caller.region, alternate);
    if (!other) {
        return refuse(
            kInvalid, "The specified target group does not exist." + named("alternateTargetGroupArn", alternate)
        );
    }
    const auto first = elbv2::find_service_group(view, caller.account, caller.region, balancer.target_group_arn);
    if (other->vpc != first->vpc || other->target_type != first->target_type || other->protocol != first->protocol) {
        return refuse(
            kInvalid, "The alternate target group must have the VPC, the target type and the protocol of " +
                          balancer.target_group_arn + "." + named("alternateTargetGroupArn", alternate)
        );
    }
    TRY(const auto route, admit_rule(view, caller, "productionListenerRule", production));
    if (route.application != first->application) {
        return refuse(
            kInvalid, "The listener does not forward to target groups with the protocol " + first->protocol + "." +
                          named("productionListenerRule", production)
        );
    }
    const std::string owner = view.get<elbv2::ListenerRecord>(route.listener)->balancer_key();
    for (const auto* group : {&*first, &*other}) {
        const auto user = elbv2::balancer_of(view, group->key);
        if (user && user->key() != owner) {
            return refuse(
                kInvalid, "The target group " + group->arn + " is not of the load balancer of the listener rule." +
                              named("productionListenerRule", production)
            );
        }
    }
    if (!test.empty()) {
        if (test == production)
            return refuse(kInvalid, "productionListenerRule and testListenerRule must be different.");
        TRY(const auto test_route, admit_rule(view, caller, "testListenerRule", test));
        if (view.get<elbv2::ListenerRecord>(test_route.listener)->balancer_key() != owner) {
            return refuse(
                kInvalid, "The production and the test listener rule must be of the same load balancer." +
                              named("testListenerRule", test)
            );
        }
    }
    balancer.other_group = other->key;
    balancer.other_target_group_arn = alternate;
    balancer.production_rule = production;
    balancer.test_rule = test;
    balancer.role_arn = role;
    return {};
}

Result<void> check_routes(
    const DeploymentConfiguration& configuration, const std::vector<ServiceLoadBalancer>& balancers
) {
    std::vector<std::string> taken;
    for (const auto& balancer : balancers) {
        if (shifts_traffic(configuration) && !balancer.advanced()) {
            return refuse(
                kInvalid, "advancedConfiguration must be specified for each load balancer with the deployment strategy " +
                              *configuration.strategy + "."
            );
        }
        for (const auto& rule : {balancer.production_rule, balancer.test_rule}) {
            if (rule.empty()) continue;
            if (std::find(taken.begin(), taken.end(), rule) != taken.end())
                return refuse(kInvalid, "The listener rule " + rule + " cannot be specified more than once.");
            taken.push_back(rule);
        }
    }
    return {};
}

LifecycleStage stage_of_hook(const std::string& member) {
    auto stage = LifecycleStage::PRODUCTION_TRAFFIC_SHIFT;
    boost::describe::enum_from_string(member.c_str(), stage);
    return stage;
}

scheduler::Strategy strategy_of(const DeploymentConfiguration& configuration) {
    using std::chrono::minutes;
    scheduler::Strategy strategy;
    strategy.bake = minutes(configuration.bake_time_in_minutes.value_or(0));
    if (const auto& canary = configuration.canary_configuration) {
        strategy.canary = true;
        strategy.step = static_cast<int>(std::lround(canary->canary_percent.value_or(kCanaryDefault) * 10));
        strategy.step_bake = minutes(canary->canary_bake_time_in_minutes.value_or(kCanaryBakeDefault));
    }
    if (const auto& linear = configuration.linear_configuration) {
        strategy.step = static_cast<int>(std::lround(linear->step_percent.value_or(kStepDefault) * 10));
        strategy.step_bake = minutes(linear->step_bake_time_in_minutes.value_or(kStepBakeDefault));
    }
    if (configuration.lifecycle_hooks) {
        for (const auto& hook : *configuration.lifecycle_hooks)
            for (const auto& member : *hook.lifecycle_stages) strategy.hooked.insert(stage_of_hook(member));
    }
    return strategy;
}

}  // namespace gantry::ecs
