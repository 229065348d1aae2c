#include "ecs/service_task.h"

#include "ecs/admit_run_task.h"
#include "ecs/task_size.h"

namespace gantry::ecs {

namespace {

// At most 50 by construction: those that ECS gives itself do not count.
Tags propagated(const ServiceRecord& service, const RevisionRecord& definition) {
    Tags tags;
    if (service.propagate_tags == "SERVICE") tags = service.tags;
    if (service.propagate_tags == "TASK_DEFINITION") tags = definition.tags;
    if (service.managed_tags) {
        merge_tags(
            tags, {{"aws:ecs:serviceName", service.name}, {"aws:ecs:clusterName", service.cluster}}
        );
    }
    return tags;
}

}  // namespace

std::optional<TaskRecord> service_task(
    const state::View& view,
    const ServiceRecord& service,
    const ServiceRevisionRecord& revision,
    const state::Turn& turn
) {
    const auto definition = view.get<RevisionRecord>(revision.definition_key());
    if (!definition) return std::nullopt;
    const auto& wanted = definition->definition;
    // Both were checked when the revision was made.
    const auto cpu = parse_task_cpu(wanted.cpu.value_or(""));
    const auto memory = parse_task_memory(wanted.memory.value_or(""));
    const auto platform = platform_version(revision.platform_version);
    if (!cpu || !memory || !platform) return std::nullopt;

    TaskRecord task;
    task.scope = service.scope;
    task.cluster = service.cluster;
    task.id = turn.chance.hex(32);
    task.family = revision.family;
    task.revision = revision.revision;
    task.group = service.group();
    task.launch_type = revision.launch_type;
    task.platform_version = *platform;
    task.started_by = "ecs-svc/" + revision.id;
    task.service_revision = revision.key();
    task.cpu = std::to_string(*cpu);
    task.memory = std::to_string(*memory);
    if (task.platform_version >= "1.4.0")
        task.ephemeral_gib = wanted.ephemeral_storage ? wanted.ephemeral_storage->size_in_gi_b : 20;
    task.execute_command = service.execute_command;
    task.subnets = revision.subnets;
    task.security_groups = revision.interface_groups;
    task.assign_public_ip = revision.assign_public_ip;
    task.tags = propagated(service, *definition);
    task.created_at = turn.now;
    task.version = 0;
    return task;
}

}  // namespace gantry::ecs
