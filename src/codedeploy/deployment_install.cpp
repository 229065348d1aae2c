#include <algorithm>

#include "codedeploy/deployment_walk.h"

namespace gantry::codedeploy {

namespace {

using namespace shapes::ecs;

// As on AWS; see deployment_course.h for jumps.
constexpr Duration kInstallTimeOut = std::chrono::hours(1);
constexpr Duration kInstallLeast = std::chrono::minutes(10);
// A task set's record tells of most of what makes it steady; targets' health may follow.
constexpr Duration kLookAgain = std::chrono::seconds(1);

std::string behind_listener(const std::string& listener) {
    return "The ELB could not be updated due to the following error: Primary taskset target group must be "
           "behind listener " +
           listener;
}

}  // namespace

Walk::Outcome Walk::install() { return deployment_.green_set.empty() ? make_green() : await_green(); }

Walk::Outcome Walk::make_green() {
    const auto primary = ecs::primary_task_set(view_, *service_);
    const auto revision = primary ? ecs::revision_of(view_, *primary) : nullptr;
    if (!revision) return fail("INVALID_ECS_SERVICE", "The ECS service has no primary task set.");
    const auto prod = listener(deployment_.routes.prod_listener);
    const auto& groups = deployment_.routes.groups;
    const std::string blue = revision->load_balancers.empty() ? "" : revision->load_balancers.front().group;
    const auto found = std::find(groups.begin(), groups.end(), blue);
    if (found == groups.end()) return fail("ELASTIC_LOAD_BALANCING_INVALID", behind_listener(prod->arn()));
    deployment_.blue_group = blue;
    deployment_.green_group = found == groups.begin() ? groups.back() : groups.front();
    const auto split = split_of(*prod, pair());
    if (!split || split->blue == 0) return fail("ELASTIC_LOAD_BALANCING_INVALID", behind_listener(prod->arn()));
    // A deployment that ended between two steps left a share of the traffic with what is to go now.
    if (split->green > 0) {
        put(with_split(*prod, pair(), {100, 0}), "all production traffic is the primary task set's");
        return Outcome::waiting;
    }

    bool leftover = false;
    for (const auto& set : ecs::task_sets_of(view_, *service_)) {
        if (set->status == ecs::TaskSetStatus::PRIMARY) continue;
        leftover = true;
        if (set->status == ecs::TaskSetStatus::ACTIVE) ecs::drain_task_set(*set, turn_, plan_);
    }
    // Their targets leave the group that green is to have.
    if (leftover) return Outcome::waiting;

    const auto& spec = deployment_.spec;
    ecs::NewTaskSet wanted = ecs::like(view_, *primary);
    wanted.task_definition = spec.task_definition;
    wanted.load_balancers.assign(1, {});
    wanted.load_balancers.front().target_group_arn = pair().green;
    wanted.load_balancers.front().container_name = spec.container;
    wanted.load_balancers.front().container_port = spec.port;
    if (!spec.platform_version.empty()) wanted.platform_version = spec.platform_version;
    if (spec.network) wanted.network = spec.network;
    if (!spec.strategy.empty()) {
        wanted.launch_type.reset();
        wanted.capacity_provider_strategy = spec.strategy;
    }
    wanted.scale = 100;
    wanted.external_id = deployment_.id;
    wanted.started_by = "CODE_DEPLOY";
    wanted.behind_listener = false;
    const auto made = ecs::make_task_set(view_, turn_, *service_, wanted, plan_);
    if (!made) {
        return fail(
            "ECS_UPDATE_ERROR", "The ECS service cannot be updated due to an unexpected error: " +
                                    made.error().message + " (Service: AmazonECS; Status Code: 400; Error Code: " +
                                    made.error().code + "). Check your ECS service status."
        );
    }
    put(with_split(*prod, pair(), {100, 0}), "the replacement task set's target group is probed");
    deployment_.blue_set = primary->id;
    deployment_.green_set = made->id;
    deployment_.green_weight = 0;
    deployment_.weight_at = turn_.now;
    deployment_.install_until = turn_.now + kInstallTimeOut;
    deployment_.install_since = turn_.real_now;
    note("the replacement task set is made");
    return Outcome::waiting;
}

Walk::Outcome Walk::await_green() {
    const auto green = ecs::task_set_of(view_, *service_, deployment_.green_set);
    if (!green || green->status == ecs::TaskSetStatus::DRAINING)
        return fail("ECS_UPDATE_ERROR", "The replacement task set was deleted.");
    const auto progress = ecs::progress_of(view_, *service_, *green);
    if (progress.steady) return Outcome::done;
    const bool slow = turn_.real_now >= *deployment_.install_since + kInstallLeast;
    if (turn_.now >= *deployment_.install_until && (progress.failed_launches > 0 || slow)) {
        return fail(
            "TIMEOUT",
            "The deployment timed out while waiting for the replacement task set to become healthy. This time "
            "out period is 60 minutes."
        );
    }
    if (turn_.now < *deployment_.install_until) plan_.look_again(*deployment_.install_until);
    plan_.look_again(turn_.real_now + kLookAgain);
    return Outcome::waiting;
}

}  // namespace gantry::codedeploy
