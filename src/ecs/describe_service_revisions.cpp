#include "ecs/failure.h"
#include "ecs/service_name.h"
#include "ecs/service_shape.h"

namespace gantry::ecs {

using namespace shapes::ecs;
using state::Txn;

namespace {

constexpr const char* kInvalid = "InvalidParameterException";

ServiceRevision revision_shape(const state::View& view, const ServiceRevisionRecord& revision) {
    ServiceRevision shape;
    shape.service_revision_arn = revision.arn();
    shape.service_arn = service_arn(revision.scope, revision.cluster, revision.service);
    shape.cluster_arn = cluster_arn(revision.scope, revision.cluster);
    shape.task_definition = revision.definition_arn();
    if (!revision.capacity_provider_strategy.empty())
        shape.capacity_provider_strategy = revision.capacity_provider_strategy;
    if (!revision.launch_type.empty()) shape.launch_type = revision.launch_type;
    shape.platform_version = platform_of(revision);
    shape.platform_family = "Linux";
    if (!revision.load_balancers.empty()) {
        shape.load_balancers = load_balancer_shapes(revision);
        auto& resolved = shape.resolved_configuration.emplace().load_balancers.emplace();
        for (const auto& balancer : revision.load_balancers) {
            auto& group = resolved.emplace_back();
            group.target_group_arn = balancer.target_group_arn;
            if (balancer.advanced()) group.production_listener_rule = balancer.production_rule;
        }
    }
    shape.network_configuration = network_shape(revision);
    auto& images = shape.container_images.emplace();
    if (const auto definition = view.get<RevisionRecord>(revision.definition_key())) {
        for (const auto& container : *definition->definition.container_definitions) {
            auto& image = images.emplace_back();
            image.container_name = container.name;
            image.image = container.image;
        }
    }
    shape.guard_duty_enabled = false;
    shape.created_at = timestamp(revision.created_at);
    return shape;
}

}  // namespace

Result<DescribeServiceRevisionsResponse> describe_service_revisions(
    Txn& txn, const DescribeServiceRevisionsRequest& request, const Caller& caller
) {
    const auto& arns = request.service_revision_arns;
    if (arns.empty()) return refuse(kInvalid, "Service revision ARNs cannot be empty.");
    if (arns.size() > 20) return refuse(kInvalid, "You can specify up to 20 service revisions.");
    DescribeServiceRevisionsResponse response;
    auto& shapes = response.service_revisions.emplace();
    auto& failures = response.failures.emplace();
    for (const auto& arn : arns) {
        TRY(const auto name, service_part(txn, arn, "service-revision", caller));
        const auto revision =
            name.service ? txn.get<ServiceRevisionRecord>(
                               ServiceRevisionRecord::key(name.service->parts(), name.id)
                           )
                         : nullptr;
        if (revision) {
            shapes.push_back(revision_shape(txn, *revision));
        } else {
            failures.push_back(failure(arn, "MISSING"));
        }
    }
    return response;
}

}  // namespace gantry::ecs
