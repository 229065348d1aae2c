#include "ecs/task_set_shape.h"

#include "base/assertion.h"
#include "ecs/service_shape.h"
#include "ecs/task_indexes.h"

namespace gantry::ecs {

using namespace shapes::ecs;

shapes::ecs::TaskSet task_set_shape(const state::View& view, const TaskSetRecord& set, bool with_tags) {
    const auto revision = revision_of(view, set);
    ASSERT(revision, "a task set without its service revision");
    const auto counted = [&](const char* what) {
        return static_cast<std::int32_t>(view.count<TasksByDeployment>(TasksByDeployment::key(set.key(), what)));
    };
    TaskSet shape;
    shape.id = set.name();
    shape.task_set_arn = set.arn();
    shape.service_arn = set.service_arn();
    shape.cluster_arn = cluster_arn(set.scope, set.cluster);
    if (!set.started_by.empty()) shape.started_by = set.started_by;
    if (!set.external_id.empty()) shape.external_id = set.external_id;
    shape.status = boost::describe::enum_to_string(set.status, "");
    shape.task_definition = revision->definition_arn();
    shape.computed_desired_count = set.computed_desired;
    shape.pending_count = counted("pending");
    shape.running_count = counted("running");
    shape.created_at = timestamp(set.created_at);
    shape.updated_at = timestamp(set.updated_at);
    if (!revision->launch_type.empty()) shape.launch_type = revision->launch_type;
    if (!revision->capacity_provider_strategy.empty())
        shape.capacity_provider_strategy = revision->capacity_provider_strategy;
    shape.platform_version = platform_of(*revision);
    shape.platform_family = "Linux";
    shape.network_configuration = network_shape(*revision);
    shape.load_balancers = load_balancer_shapes(*revision);
    shape.service_registries.emplace();
    auto& scale = shape.scale.emplace();
    scale.value = set.scale;
    scale.unit = "PERCENT";
    shape.stability_status = boost::describe::enum_to_string(set.stability, "");
    shape.stability_status_at = timestamp(set.stability_at);
    shape.tags = with_tags ? tag_shapes(set.tags) : std::vector<Tag>();
    return shape;
}

}  // namespace gantry::ecs
