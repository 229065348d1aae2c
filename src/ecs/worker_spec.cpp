#include "ecs/worker_spec.h"

#include <algorithm>

#include "base/assertion.h"
#include "ec2/scope.h"
#include "ec2/subnet.h"
#include "ecs/container_spec.h"
#include "ecs/task_indexes.h"
#include "ecs/task_lifecycle.h"
#include "elbv2/scope.h"
#include "shapes/json.h"

namespace gantry::ecs {

link::DesiredTask worker_spec(const state::View& view, const TaskRecord& task) {
    const auto revision = view.get<RevisionRecord>(task.revision_key());
    ASSERT(revision, "a task without its definition");
    const auto subnet = subnet_of(view, task);
    const auto service_revision = view.get<ServiceRevisionRecord>(task.service_revision);
    return worker_spec(task, *revision, subnet.get(), service_revision.get());
}

state::Pinned<ec2::SubnetRecord> subnet_of(const state::View& view, const TaskRecord& task) {
    return view.get<ec2::SubnetRecord>(
        ec2::key_of(account_of(task.scope), region_of(task.scope), task.interface.subnet)
    );
}

link::DesiredTask worker_spec(
    const TaskRecord& task,
    const RevisionRecord& revision,
    const ec2::SubnetRecord* subnet,
    const ServiceRevisionRecord* service_revision
) {
    const auto& definition = revision.definition;
    shapes::ecs::TaskOverride overrides;
    if (!task.overrides.empty()) {
        if (auto read = shapes::from_json<shapes::ecs::TaskOverride>(task.overrides))
            overrides = *std::move(read);
    }

    link::DesiredTask spec;
    spec.id = task.id;
    spec.arn = task.arn();
    spec.cluster = task.cluster;
    spec.cluster_arn = cluster_arn(task.scope, task.cluster);
    spec.family = task.family;
    spec.revision = task.revision;
    spec.task_definition_arn = revision.arn();
    spec.service = task.service();
    spec.launch_type = task.launch_type.empty() ? "FARGATE" : task.launch_type;
    spec.platform_version = task.platform_version;
    spec.account = account_of(task.scope);
    spec.region = region_of(task.scope);
    spec.availability_zone = task.availability_zone;
    for (const auto& tag : task.tags) spec.tags[tag.key] = tag.value;
    spec.cpu_units = std::atoi(task.cpu.c_str());
    spec.memory_mib = std::atoi(task.memory.c_str());
    spec.ephemeral_gib = task.ephemeral_gib;
    spec.eni.id = task.interface.id;
    spec.eni.address = task.interface.address;
    spec.eni.mac = task.interface.mac;
    spec.eni.private_dns_name = task.interface.private_dns_name;
    if (subnet != nullptr) {
        spec.eni.subnet_cidr = subnet->cidr;
        spec.eni.vpc = subnet->vpc;
    }
    if (service_revision != nullptr) {
        for (const auto& balancer : service_revision->load_balancers)
            spec.target_groups.emplace_back(elbv2::id_in(balancer.group));
    }
    spec.task_role_arn = overrides.task_role_arn.value_or(definition.task_role_arn.value_or(""));
    spec.execution_role_arn =
        overrides.execution_role_arn.value_or(definition.execution_role_arn.value_or(""));
    // While load balancers let go of it the worker keeps it running.
    if (may_be_signalled(task)) {
        spec.desired_status = link::TaskStatus::STOPPED;
        spec.stop_code = task.stop_code;
        spec.stop_reason = task.stopped_reason;
    }
    const auto& containers = *definition.container_definitions;
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const shapes::ecs::ContainerOverride* changed = nullptr;
        if (overrides.container_overrides) {
            for (const auto& entry : *overrides.container_overrides) {
                if (entry.name == containers[i].name) changed = &entry;
            }
        }
        auto& container = spec.containers.emplace_back(container_spec(containers[i], changed));
        container.arn = container_arn(task.scope, task.cluster, task.id, i);
    }
    for (const auto& volume : *definition.volumes)
        spec.volumes.push_back(
            {volume.name.value_or(""), volume.host ? volume.host->source_path.value_or("") : ""}
        );
    for (const auto& container : task.containers)
        if (container.status != link::ContainerStatus::PENDING) spec.started.push_back(container.name);
    return spec;
}

std::vector<state::Pinned<TaskRecord>> tasks_of_worker(const state::View& view, std::string_view worker) {
    auto tasks = view.find<TasksByWorker>(worker);
    std::erase_if(tasks, [](const auto& task) { return !placed(*task); });
    return tasks;
}

}  // namespace gantry::ecs
