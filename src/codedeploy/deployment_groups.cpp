// Creating, reading, changing and deleting deployment groups.
#include <algorithm>

#include "codedeploy/admit_deployment_group.h"
#include "codedeploy/deployment_group.h"
#include "codedeploy/name.h"
#include "codedeploy/page.h"
#include "codedeploy/show_deployment_group.h"
#include "codedeploy/tagging.h"
#include "state/txn.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

namespace {

Result<> check_group_name(const std::string& name) {
    return check_name(name, "InvalidDeploymentGroupNameException", "deployment group");
}

// What the request names replaces what is there; what it leaves out stays.
template <class Request>
void merge(const Request& request, DeploymentGroupInfo& into) {
    const auto take = [](const auto& from, auto& to) {
        if (from) to = from;
    };
    take(request.deployment_config_name, into.deployment_config_name);
    take(request.ec2_tag_filters, into.ec2_tag_filters);
    take(request.on_premises_instance_tag_filters, into.on_premises_instance_tag_filters);
    take(request.trigger_configurations, into.trigger_configurations);
    take(request.alarm_configuration, into.alarm_configuration);
    take(request.auto_rollback_configuration, into.auto_rollback_configuration);
    take(request.outdated_instances_strategy, into.outdated_instances_strategy);
    take(request.deployment_style, into.deployment_style);
    take(request.blue_green_deployment_configuration, into.blue_green_deployment_configuration);
    take(request.load_balancer_info, into.load_balancer_info);
    take(request.ec2_tag_set, into.ec2_tag_set);
    take(request.on_premises_tag_set, into.on_premises_tag_set);
    take(request.ecs_services, into.ecs_services);
    if (request.auto_scaling_groups) {
        into.auto_scaling_groups.emplace();
        for (const auto& name : *request.auto_scaling_groups) into.auto_scaling_groups->emplace_back().name = name;
    }
}

tl::unexpected<Error> exists(const std::string& name) {
    return refuse(
        "DeploymentGroupAlreadyExistsException", "Deployment group already exists with name: " + name
    );
}

bool taken(const Txn& txn, const DeploymentGroupRecord& group) {
    return txn.find_one<DeploymentGroupByName>(group.parts() + group.name) != nullptr;
}

Result<> check_batch_size(std::size_t names) {
    if (names == 0)
        return refuse("DeploymentGroupNameRequiredException", "The deployment group name was not specified.");
    return check_batch(names, kNamesPerBatch);
}

}  // namespace

Result<state::Pinned<DeploymentGroupRecord>> find_deployment_group(
    const state::View& view, const ApplicationRecord& application, const std::string& name
) {
    auto group = view.find_one<DeploymentGroupByName>(application.parts() + name);
    if (!group)
        return refuse("DeploymentGroupDoesNotExistException", "No Deployment Group found for name: " + name);
    return group;
}

Result<CreateDeploymentGroupResponse> create_deployment_group(
    Txn& txn, const CreateDeploymentGroupRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    TRY_VOID(check_group_name(request.deployment_group_name));
    if (application->compute_platform != "ECS") {
        return refuse(
            "InvalidInputException",
            "The application " + application->name + " has the compute platform " +
                application->compute_platform + ": Gantry deploys to ECS only."
        );
    }
    DeploymentGroupRecord group;
    group.scope = caller.scope();
    group.application = application->id;
    group.name = request.deployment_group_name;
    if (taken(txn, group)) return exists(group.name);
    merge(request, group.settings);
    group.settings.service_role_arn = request.service_role_arn;
    TRY_VOID(admit_deployment_group(txn, caller, group));
    if (request.tags) TRY_VOID(add_tags(group.tags, *request.tags));
    if (txn.page<DeploymentGroupRecord>(group.parts(), {}, kGroups).records.size() >= kGroups) {
        return refuse(
            "DeploymentGroupLimitExceededException",
            "The maximum number of deployment groups (" + std::to_string(kGroups) + ") has been reached."
        );
    }
    group.id = txn.chance().uuid();
    CreateDeploymentGroupResponse response{group.id};
    txn.put(std::move(group));
    return response;
}

Result<GetDeploymentGroupResponse> get_deployment_group(
    Txn& txn, const GetDeploymentGroupRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    TRY(const auto group, find_deployment_group(txn, *application, request.deployment_group_name));
    return GetDeploymentGroupResponse{show(txn, *application, *group)};
}

// Those that do not exist are told of in the answer's errorMessage.
Result<BatchGetDeploymentGroupsResponse> batch_get_deployment_groups(
    Txn& txn, const BatchGetDeploymentGroupsRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    TRY_VOID(check_batch_size(request.deployment_group_names.size()));
    BatchGetDeploymentGroupsResponse response;
    response.deployment_groups_info.emplace();
    for (const auto& name : request.deployment_group_names) {
        const auto group = find_deployment_group(txn, *application, name);
        if (group) {
            response.deployment_groups_info->push_back(show(txn, *application, **group));
            continue;
        }
        auto& message = response.error_message;
        message = message ? *message + "\n" + group.error().message : group.error().message;
    }
    return response;
}

Result<ListDeploymentGroupsResponse> list_deployment_groups(
    Txn& txn, const ListDeploymentGroupsRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    ListDeploymentGroupsResponse response;
    response.application_name = application->name;
    std::vector<std::string> names;
    for (const auto& group : txn.list<DeploymentGroupRecord>(application->parts())) names.push_back(group->name);
    std::sort(names.begin(), names.end());
    TRY(response.next_token, cut_page(names, request.next_token));
    response.deployment_groups = std::move(names);
    return response;
}

// A deployment that is under way keeps the settings with which it began.
Result<UpdateDeploymentGroupResponse> update_deployment_group(
    Txn& txn, const UpdateDeploymentGroupRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    TRY(const auto found, find_deployment_group(txn, *application, request.current_deployment_group_name));
    DeploymentGroupRecord group = *found;
    if (request.new_deployment_group_name && *request.new_deployment_group_name != group.name) {
        TRY_VOID(check_group_name(*request.new_deployment_group_name));
        group.name = *request.new_deployment_group_name;
        if (taken(txn, group)) return exists(group.name);
    }
    merge(request, group.settings);
    if (request.service_role_arn) group.settings.service_role_arn = request.service_role_arn;
    TRY_VOID(admit_deployment_group(txn, caller, group));
    txn.put(std::move(group));
    UpdateDeploymentGroupResponse response;
    response.hooks_not_cleaned_up.emplace();
    return response;
}

// A deployment that is under way fails. Deleting what is not there succeeds, as on AWS.
Result<DeleteDeploymentGroupResponse> delete_deployment_group(
    Txn& txn, const DeleteDeploymentGroupRequest& request, const Caller& caller
) {
    TRY_VOID(check_group_name(request.deployment_group_name));
    DeleteDeploymentGroupResponse response;
    response.hooks_not_cleaned_up.emplace();
    const auto application = txn.get<ApplicationRecord>(caller.scope() + request.application_name);
    if (!application) return response;
    const auto group =
        txn.find_one<DeploymentGroupByName>(application->parts() + request.deployment_group_name);
    if (!group) return response;
    txn.erase<DeploymentGroupRecord>(group->key());
    return response;
}

}  // namespace gantry::codedeploy
