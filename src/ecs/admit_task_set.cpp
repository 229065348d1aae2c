#include "ecs/admit_task_set.h"

#include <algorithm>

#include "ecs/arn.h"
#include "ecs/cluster.h"
#include "ecs/service_name.h"

namespace gantry::ecs {

namespace {

constexpr const char* kInvalid = "InvalidParameterException";
constexpr const char* kBadIdentifier = "Task Set Identifier is invalid";
constexpr std::string_view kIdStart = "ecs-svc/";

bool is_digits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<state::Pinned<ServiceRecord>> find_external_service(
    const state::View& view, const std::string& cluster_given, const std::string& given, const Caller& caller
) {
    TRY(const auto cluster, find_cluster(view, cluster_given, caller));
    TRY(auto service, find_service(view, given, cluster->name, caller));
    if (service->status != ServiceStatus::ACTIVE)
        return refuse("ServiceNotActiveException", "Service was not ACTIVE.");
    if (service->deployment_controller != "EXTERNAL") {
        return refuse(
            kInvalid, "Amazon ECS only supports task set management on services configured to use external "
                      "deployment controllers."
        );
    }
    return service;
}

Result<std::string> task_set_id(const ServiceRecord& service, std::string_view given) {
    std::string_view id = given;
    if (given.starts_with("arn:")) {
        const auto arn = parse_arn(given);
        const std::string_view kind = "task-set/";
        if (!arn || !arn->resource.starts_with(kind)) return refuse(kInvalid, kBadIdentifier);
        // task-set/CLUSTER/SERVICE/ecs-svc/DIGITS
        const std::string here = service.cluster + "/" + service.name + "/";
        const auto rest = arn->resource.substr(kind.size());
        const bool elsewhere = arn->account != account_of(service.scope) ||
                               arn->region != region_of(service.scope) || !rest.starts_with(here);
        if (elsewhere) return std::string();
        id = rest.substr(here.size());
    }
    if (!id.starts_with(kIdStart) || !is_digits(id.substr(kIdStart.size())))
        return refuse(kInvalid, kBadIdentifier);
    return std::string(id.substr(kIdStart.size()));
}

Result<state::Pinned<TaskSetRecord>> find_task_set(
    const state::View& view, const ServiceRecord& service, std::string_view given
) {
    TRY(const auto id, task_set_id(service, given));
    auto set = id.empty() ? nullptr : task_set_of(view, service, id);
    if (!set) return refuse("TaskSetNotFoundException", "TaskSet not found.");
    return set;
}

Result<double> admit_scale(const shapes::ecs::Scale& scale) {
    const double value = scale.value.value_or(0);
    // NaN is in no range.
    if (value >= 0 && value <= 100) return value;
    return refuse(kInvalid, "The scale value must be between 0 and 100.");
}

}  // namespace gantry::ecs
