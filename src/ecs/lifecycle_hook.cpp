#include "ecs/lifecycle_hook.h"

#include <algorithm>
#include <boost/describe.hpp>
#include <boost/json.hpp>

#include "ecs/admit_strategy.h"
#include "ecs/function_task.h"

namespace gantry::ecs {

using scheduler::Hook;
using scheduler::HookStatus;
using shapes::ecs::DeploymentLifecycleHook;

namespace {

// Lambda's hooks may take a day.
constexpr int kTimeOutMinutes = 1'440;

// arn:aws:lambda:REGION:ACCOUNT:function:NAME, perhaps with a version behind.
std::string function_of(const std::string& arn) {
    const auto at = arn.find(":function:");
    if (at == std::string::npos) return {};
    const std::string name = arn.substr(at + 10);
    return name.substr(0, name.find(':'));
}

bool runs_at(const DeploymentLifecycleHook& hook, scheduler::LifecycleStage stage) {
    const auto& stages = *hook.lifecycle_stages;
    return std::any_of(stages.begin(), stages.end(), [&](const auto& member) {
        return stage_of_hook(member) == stage;
    });
}

void call(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    const ServiceDeploymentRecord& deployment,
    const DeploymentLifecycleHook& wanted,
    Hook& hook,
    state::Plan& plan
) {
    const auto green = view.get<ServiceRevisionRecord>(
        ServiceRevisionRecord::key(service.parts(), deployment.course->green)
    );
    FunctionCall call;
    call.family = function_of(hook.target);
    call.started_by = std::string(kHookStartedBy) + deployment.id;
    call.like = green.get();
    // As the event that ECS invokes a function with.
    call.environment = {
        {"SERVICE_DEPLOYMENT_ARN", deployment.arn()},
        {"SERVICE_ARN", service.arn()},
        {"TARGET_SERVICE_REVISION_ARN", green ? green->arn() : ""},
        {"LIFECYCLE_STAGE", boost::describe::enum_to_string(deployment.course->stage, "")},
        {"LIFECYCLE_HOOK_ID", hook.id},
    };
    if (wanted.hook_details && wanted.hook_details->get() != nullptr)
        call.environment["HOOK_DETAILS"] = boost::json::serialize(*wanted.hook_details->get());
    auto task = call_function(view, turn, service, call, "a lifecycle hook of a service deployment", plan);
    if (task) {
        hook.task = *std::move(task);
        return;
    }
    hook.status = HookStatus::FAILED;
    hook.why = task.error().message;
}

}  // namespace

void begin_hooks(
    const state::View& view,
    const state::Turn& turn,
    const ServiceRecord& service,
    ServiceDeploymentRecord& deployment,
    state::Plan& plan
) {
    auto& course = *deployment.course;
    course.hooked = true;
    const auto& hooks = deployment.deployment_configuration.lifecycle_hooks;
    if (!hooks) return;
    for (const auto& wanted : *hooks) {
        if (!runs_at(wanted, course.stage)) continue;
        Hook hook;
        hook.id = turn.chance.uuid();
        int minutes = kTimeOutMinutes;
        if (const auto& limit = wanted.timeout_configuration) {
            minutes = limit->timeout_in_minutes.value_or(minutes);
            hook.rolls_back = limit->action.value_or("ROLLBACK") == "ROLLBACK";
        }
        hook.expires_at = turn.now + std::chrono::minutes(minutes);
        if (wanted.target_type == "PAUSE") {
            hook.status = HookStatus::AWAITING_ACTION;
        } else {
            hook.target = *wanted.hook_target_arn;
            call(view, turn, service, deployment, wanted, hook, plan);
        }
        course.hooks.push_back(std::move(hook));
    }
}

void judge_hooks(const state::View& view, scheduler::Course& course) {
    for (auto& hook : course.hooks) {
        if (hook.over() || hook.task.empty()) continue;
        const auto failure = function_failure(view, hook.task);
        if (!failure) continue;
        hook.status = failure->empty() ? HookStatus::SUCCEEDED : HookStatus::FAILED;
        hook.why = *failure;
    }
}

void end_late_hooks(
    const state::View& view,
    const state::Turn& turn,
    const scheduler::Course& before,
    const scheduler::Course& after,
    state::Plan& plan
) {
    for (const auto& hook : after.hooks) {
        if (hook.status != HookStatus::TIMED_OUT || hook.task.empty()) continue;
        const bool known = std::any_of(before.hooks.begin(), before.hooks.end(), [&](const auto& one) {
            return one.id == hook.id && one.status == HookStatus::TIMED_OUT;
        });
        if (!known) end_function(view, turn, hook.task, "The lifecycle hook timed out.", plan);
    }
}

}  // namespace gantry::ecs
