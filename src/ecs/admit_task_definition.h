#pragma once

#include <optional>

#include "base/result.h"
#include "shapes/ecs/shapes.h"

namespace gantry::ecs {

// Validates what RegisterTaskDefinition was sent and fills in ECS's defaults (the list stands in README.md).
// All members are kept, also those that nothing here runs yet. The answer lacks ARN, revision, status and
// dates. Refusals are ClientException in AWS's words.
Result<shapes::ecs::TaskDefinition> admit_task_definition(
    const shapes::ecs::RegisterTaskDefinitionRequest& request
);

// The parts of it. `definition` is changed only to fill in defaults.

// Names, images, sizes, ports, dependencies, health checks, volumes, logs: what holds on any launch type.
Result<void> admit_containers(shapes::ecs::TaskDefinition& definition);
Result<void> admit_volumes(const shapes::ecs::TaskDefinition& definition);
Result<void> admit_dependencies(const shapes::ecs::TaskDefinition& definition);
Result<void> admit_logs(const shapes::ecs::ContainerDefinition& container, const char* driver_list = nullptr);
Result<void> admit_ports(shapes::ecs::TaskDefinition& definition);

// What keeps it off Fargate; absent when nothing does.
std::optional<Error> fargate_fault(const shapes::ecs::TaskDefinition& definition);
// The launch types that it could run on.
std::vector<std::string> compatibilities_of(const shapes::ecs::TaskDefinition& definition);
// What a container instance would need.
std::vector<shapes::ecs::Attribute> required_attributes(const shapes::ecs::TaskDefinition& definition);

// What RunTask refuses by name because nothing here runs it yet, beside what ECS itself refuses. Absent when
// the definition can run.
std::optional<Error> not_built_yet(const shapes::ecs::TaskDefinition& definition);

}  // namespace gantry::ecs
