#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace gantry::ecs {

// Task-level sizes as ECS takes them: "512", ".5 vCPU", "1 vcpu"; "4096", "4GB", "4 gb". Units are CPU units
// (1024 a vCPU) and MiB. ClientException for anything else.
Result<int> parse_task_cpu(std::string_view text);
Result<int> parse_task_memory(std::string_view text);

// Whether Fargate has this pair on Linux. The table of the developer guide, "Task CPU and memory".
bool fargate_size(int cpu_units, int memory_mib);
// The refusal in AWS's words when it has not.
Error no_fargate_size(int cpu_units, int memory_mib);
Result<void> check_fargate_size(int cpu_units, int memory_mib);

}  // namespace gantry::ecs
