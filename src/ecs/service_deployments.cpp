#include <algorithm>

#include "ecs/cluster.h"
#include "ecs/deployment.h"
#include "ecs/failure.h"
#include "ecs/paging.h"
#include "ecs/service_name.h"
#include "ecs/start_deployment.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";
constexpr const char* kKind = "service-deployment";

template <class E>
std::string text(E value) {
    return boost::describe::enum_to_string(value, "");
}

std::optional<shapes::Timestamp> at(const std::optional<PolicyInstant>& instant) {
    return instant ? std::optional(timestamp(*instant)) : std::nullopt;
}

// Null when there is none.
Result<state::Pinned<ServiceDeploymentRecord>> find(
    const state::View& view, const std::string& arn, const Caller& caller
) {
    TRY(const auto name, service_part(view, arn, kKind, caller));
    if (!name.service) return state::Pinned<ServiceDeploymentRecord>();
    return view.find_one<ServiceDeploymentsByService>(name.service->parts() + name.id);
}

std::string revision_arn(const ServiceDeploymentRecord& deployment, const std::string& id) {
    return arn_in(
        deployment.scope, "service-revision/" + deployment.cluster + "/" + deployment.service + "/" + id
    );
}

std::string service_arn_of(const ServiceDeploymentRecord& deployment) {
    return service_arn(deployment.scope, deployment.cluster, deployment.service);
}

ServiceRevisionSummary revision_shape(
    const state::View& view, const ServiceDeploymentRecord& deployment, RevisionSummary summary
) {
    const auto live = view.get<DeploymentRecord>(DeploymentRecord::key(deployment.parts, summary.id));
    if (!deployment.ended()) {
        const auto count = [&](const char* what) {
            return static_cast<int>(view.count<TasksByDeployment>(
                TasksByDeployment::key(deployment.parts + summary.id, what)
            ));
        };
        summary.requested = live ? live->desired_count : 0;
        summary.running = count("running");
        summary.pending = count("pending");
    }
    ServiceRevisionSummary shape;
    if (const auto& course = deployment.course) {
        const double shifted = course->shifted.value_or(0) * 100.0 / scheduler::kWhole;
        const double tested = course->tested ? 100 : 0;
        const bool green = summary.id == course->green;
        const bool blue = summary.id == course->blue;
        shape.requested_production_traffic_weight = green ? shifted : blue ? 100 - shifted : 0;
        shape.requested_test_traffic_weight = green ? tested : blue ? 100 - tested : 0;
    }
    shape.arn = revision_arn(deployment, summary.id);
    shape.requested_task_count = summary.requested;
    shape.running_task_count = summary.running;
    shape.pending_task_count = summary.pending;
    return shape;
}

void add_course(const scheduler::Course& course, ServiceDeployment& shape) {
    if (course.since) shape.lifecycle_stage = text(course.stage);
    if (course.hooks.empty()) return;
    auto& details = shape.lifecycle_hook_details.emplace();
    for (const auto& hook : course.hooks) {
        auto& detail = details.emplace_back();
        detail.hook_id = hook.id;
        detail.target_type = hook.target.empty() ? "PAUSE" : "AWS_LAMBDA";
        if (!hook.target.empty()) detail.target_arn = hook.target;
        detail.status = text(hook.status);
        detail.expires_at = timestamp(hook.expires_at);
        detail.timeout_action = hook.rolls_back ? "ROLLBACK" : "CONTINUE";
    }
}

ServiceDeployment deployment_shape(const state::View& view, const ServiceDeploymentRecord& deployment) {
    ServiceDeployment shape;
    shape.service_deployment_arn = deployment.arn();
    shape.service_arn = service_arn_of(deployment);
    shape.cluster_arn = cluster_arn(deployment.scope, deployment.cluster);
    shape.created_at = timestamp(deployment.created_at);
    shape.started_at = at(deployment.started_at);
    shape.finished_at = at(deployment.finished_at);
    shape.stopped_at = at(deployment.stopped_at);
    shape.updated_at = timestamp(deployment.updated_at);
    auto& sources = shape.source_service_revisions.emplace();
    for (const auto& source : deployment.sources) sources.push_back(revision_shape(view, deployment, source));
    shape.target_service_revision = revision_shape(view, deployment, deployment.target);
    shape.status = text(deployment.status);
    if (!deployment.status_reason.empty()) shape.status_reason = deployment.status_reason;
    shape.deployment_configuration = deployment.deployment_configuration;
    if (!deployment.rollback_to.empty()) {
        auto& rollback = shape.rollback.emplace();
        rollback.reason = deployment.rollback_reason;
        rollback.started_at = at(deployment.rollback_started_at);
        rollback.service_revision_arn = revision_arn(deployment, deployment.rollback_to);
    }
    auto& breaker = shape.deployment_circuit_breaker.emplace();
    breaker.status = text(deployment.breaker);
    breaker.failure_count = deployment.breaker_failures;
    breaker.threshold = deployment.breaker_threshold;
    auto& alarms = shape.alarms.emplace();
    alarms.status = text(deployment.alarms);
    if (deployment.alarms != BreakerStatus::DISABLED) {
        alarms.alarm_names = deployment.deployment_configuration.alarms->alarm_names;
        if (!deployment.triggered_alarms.empty()) alarms.triggered_alarm_names = deployment.triggered_alarms;
    }
    if (deployment.course) add_course(*deployment.course, shape);
    return shape;
}

ServiceDeploymentBrief brief_shape(const ServiceDeploymentRecord& deployment) {
    ServiceDeploymentBrief shape;
    shape.service_deployment_arn = deployment.arn();
    shape.service_arn = service_arn_of(deployment);
    shape.cluster_arn = cluster_arn(deployment.scope, deployment.cluster);
    shape.started_at = at(deployment.started_at);
    shape.created_at = timestamp(deployment.created_at);
    shape.finished_at = at(deployment.finished_at);
    shape.target_service_revision_arn = revision_arn(deployment, deployment.target.id);
    shape.status = text(deployment.status);
    if (!deployment.status_reason.empty()) shape.status_reason = deployment.status_reason;
    return shape;
}

bool matches(const ServiceDeploymentRecord& deployment, const ListServiceDeploymentsRequest& request) {
    if (request.status && !request.status->empty() &&
        std::find(request.status->begin(), request.status->end(), text(deployment.status)) ==
            request.status->end()) {
        return false;
    }
    if (!request.created_at) return true;
    const auto created = timestamp(deployment.created_at).ms;
    const auto& range = *request.created_at;
    return (!range.before || created < range.before->ms) && (!range.after || created > range.after->ms);
}

}  // namespace

// The newest first.
Result<ListServiceDeploymentsResponse> list_service_deployments(
    Txn& txn, const ListServiceDeploymentsRequest& request, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(txn, request.cluster, caller));
    TRY(const auto service, find_service(txn, request.service, cluster->name, caller));
    const std::string parts = service->parts();
    TRY(auto start, admit_page(request.next_token, request.max_results, parts));
    if (!request.max_results) start.limit = 20;
    ListServiceDeploymentsResponse response;
    auto& briefs = response.service_deployments.emplace();
    std::string after = start.after;
    while (true) {
        const auto page = txn.page_of<ServiceDeploymentsByService>(
            parts, after, start.limit - briefs.size(), /*descending=*/true
        );
        for (const auto& deployment : page.records) {
            if (matches(*deployment, request)) briefs.push_back(brief_shape(*deployment));
        }
        if (!page.next_after) return response;
        after = *page.next_after;
        if (briefs.size() == start.limit) {
            response.next_token = next_token(after, parts);
            return response;
        }
    }
}

Result<DescribeServiceDeploymentsResponse> describe_service_deployments(
    Txn& txn, const DescribeServiceDeploymentsRequest& request, const Caller& caller
) {
    const auto& arns = request.service_deployment_arns;
    if (arns.empty()) return refuse(kInvalid, "Service deployment ARNs cannot be empty.");
    if (arns.size() > 20) return refuse(kInvalid, "You can specify up to 20 service deployments.");
    DescribeServiceDeploymentsResponse response;
    auto& shapes = response.service_deployments.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& arn : arns) {
        TRY(const auto deployment, find(txn, arn, caller));
        if (deployment) {
            shapes.push_back(deployment_shape(txn, *deployment));
        } else {
            failures.push_back(failure(arn, "MISSING"));
        }
    }
    return response;
}

// The service controller goes back to the last service revision that was deployed with success.
Result<StopServiceDeploymentResponse> stop_service_deployment(
    Txn& txn, const StopServiceDeploymentRequest& request, const Caller& caller
) {
    if (request.stop_type && *request.stop_type != "ROLLBACK") {
        return refuse(
            "UnsupportedFeatureException",
            "The stop type " + *request.stop_type + " is not supported. Use ROLLBACK."
        );
    }
    TRY(const auto found, find(txn, request.service_deployment_arn, caller));
    if (!found) return refuse("ServiceDeploymentNotFoundException", "Service deployment not found.");
    if (found->status != ServiceDeploymentStatus::PENDING &&
        found->status != ServiceDeploymentStatus::IN_PROGRESS) {
        return refuse(
            "ConflictException", "The service deployment cannot be stopped because its status is " +
                                     text(found->status) + "."
        );
    }
    const auto service =
        txn.get<ServiceRecord>(ServiceRecord::key(found->scope, found->cluster, found->service));
    const auto target = rollback_target(txn, *service);
    if (!target)
        return refuse(kInvalid, "There is no completed service deployment to roll back to.");
    ServiceDeploymentRecord deployment = *found;
    deployment.status = ServiceDeploymentStatus::ROLLBACK_REQUESTED;
    deployment.status_reason = "Stop with a roll back was requested by the user.";
    deployment.rollback_to = *target;
    deployment.rollback_reason = deployment.status_reason;
    deployment.updated_at = txn.now();
    StopServiceDeploymentResponse response;
    response.service_deployment_arn = deployment.arn();
    txn.put(std::move(deployment));
    return response;
}

// Answers a PAUSE: the deployment goes on, or back to the service revision that had the traffic.
Result<ContinueServiceDeploymentResponse> continue_service_deployment(
    Txn& txn, const ContinueServiceDeploymentRequest& request, const Caller& caller
) {
    TRY(const auto found, find(txn, request.service_deployment_arn, caller));
    if (!found) return refuse("ServiceDeploymentNotFoundException", "Service deployment not found.");
    ServiceDeploymentRecord deployment = *found;
    scheduler::Hook* paused = nullptr;
    if (deployment.course && !deployment.ended()) {
        for (auto& hook : deployment.course->hooks)
            if (hook.id == request.hook_id) paused = &hook;
    }
    if (paused == nullptr)
        return refuse(kInvalid, "The service deployment has no lifecycle hook with the ID " + request.hook_id + ".");
    if (paused->status != scheduler::HookStatus::AWAITING_ACTION) {
        return refuse(
            kInvalid, "The lifecycle hook " + request.hook_id + " does not await an action: its status is " +
                          text(paused->status) + "."
        );
    }
    const bool back = request.action == "ROLLBACK";
    paused->status = back ? scheduler::HookStatus::FAILED : scheduler::HookStatus::SUCCEEDED;
    if (back) paused->why = "A roll back was requested by the user.";
    deployment.updated_at = txn.now();
    ContinueServiceDeploymentResponse response;
    response.service_deployment_arn = deployment.arn();
    txn.put(std::move(deployment));
    return response;
}

}  // namespace gantry::ecs
