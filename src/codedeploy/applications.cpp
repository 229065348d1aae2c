// Creating, reading, renaming and deleting applications.
#include "codedeploy/application.h"
#include "codedeploy/deployment_group.h"
#include "codedeploy/name.h"
#include "codedeploy/page.h"
#include "codedeploy/tagging.h"
#include "shapes/codedeploy/shapes.h"
#include "state/txn.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

namespace {

ApplicationInfo show(const ApplicationRecord& application) {
    ApplicationInfo info;
    info.application_id = application.id;
    info.application_name = application.name;
    info.create_time = shapes::Timestamp{application.created_at.ms};
    info.linked_to_git_hub = false;
    info.compute_platform = application.compute_platform;
    return info;
}

Result<> check_application_name(const std::string& name) {
    return check_name(name, "InvalidApplicationNameException", "application");
}

tl::unexpected<Error> exists(const std::string& name) {
    return refuse("ApplicationAlreadyExistsException", "Application already exists with name: " + name);
}

}  // namespace

Result<state::Pinned<ApplicationRecord>> find_application(
    const state::View& view, const Caller& caller, const std::string& name
) {
    auto found = view.get<ApplicationRecord>(caller.scope() + name);
    if (!found)
        return refuse("ApplicationDoesNotExistException", "No application found for name: " + name);
    return found;
}

Result<CreateApplicationResponse> create_application(
    Txn& txn, const CreateApplicationRequest& request, const Caller& caller
) {
    TRY_VOID(check_application_name(request.application_name));
    ApplicationRecord application;
    application.scope = caller.scope();
    application.name = request.application_name;
    application.compute_platform = request.compute_platform.value_or("Server");
    if (txn.get<ApplicationRecord>(application.key())) return exists(application.name);
    if (request.tags) TRY_VOID(add_tags(application.tags, *request.tags));
    if (txn.page<ApplicationRecord>(application.scope, {}, kApplications).records.size() >= kApplications) {
        return refuse(
            "ApplicationLimitExceededException", "The maximum number of applications (" +
                                                     std::to_string(kApplications) + ") has been reached."
        );
    }
    application.id = txn.chance().uuid();
    application.created_at = txn.now();
    CreateApplicationResponse response{application.id};
    txn.put(std::move(application));
    return response;
}

Result<GetApplicationResponse> get_application(
    Txn& txn, const GetApplicationRequest& request, const Caller& caller
) {
    TRY(const auto application, find_application(txn, caller, request.application_name));
    return GetApplicationResponse{show(*application)};
}

Result<BatchGetApplicationsResponse> batch_get_applications(
    Txn& txn, const BatchGetApplicationsRequest& request, const Caller& caller
) {
    if (request.application_names.empty())
        return refuse("ApplicationNameRequiredException", "Application name is required.");
    TRY_VOID(check_batch(request.application_names.size(), kNamesPerBatch));
    BatchGetApplicationsResponse response;
    response.applications_info.emplace();
    for (const auto& name : request.application_names) {
        TRY(const auto application, find_application(txn, caller, name));
        response.applications_info->push_back(show(*application));
    }
    return response;
}

Result<ListApplicationsResponse> list_applications(
    Txn& txn, const ListApplicationsRequest& request, const Caller& caller
) {
    ListApplicationsResponse response;
    std::vector<std::string> names;
    for (const auto& application : txn.list<ApplicationRecord>(caller.scope()))
        names.push_back(application->name);
    TRY(response.next_token, cut_page(names, request.next_token));
    response.applications = std::move(names);
    return response;
}

Result<UpdateApplicationResponse> update_application(
    Txn& txn, const UpdateApplicationRequest& request, const Caller& caller
) {
    if (!request.application_name)
        return refuse("ApplicationNameRequiredException", "Application name is required.");
    TRY(const auto found, find_application(txn, caller, *request.application_name));
    if (!request.new_application_name || *request.new_application_name == found->name)
        return UpdateApplicationResponse{};
    TRY_VOID(check_application_name(*request.new_application_name));
    ApplicationRecord application = *found;
    application.name = *request.new_application_name;
    if (txn.get<ApplicationRecord>(application.key())) return exists(application.name);
    txn.erase<ApplicationRecord>(found->key());
    txn.put(std::move(application));
    return UpdateApplicationResponse{};
}

// Its deployment groups go with it, and a deployment that is under way fails. Deleting what is not there
// succeeds, as on AWS.
Result<DeleteApplicationResponse> delete_application(
    Txn& txn, const DeleteApplicationRequest& request, const Caller& caller
) {
    TRY_VOID(check_application_name(request.application_name));
    const auto application = txn.get<ApplicationRecord>(caller.scope() + request.application_name);
    if (!application) return DeleteApplicationResponse{};
    const auto groups = txn.list<DeploymentGroupRecord>(application->parts());
    // A transaction has its limit, and AWS's quota of groups is a hundred times as large.
    if (groups.size() >= Txn::kRecordsMax) {
        return refuse(
            "InvalidInputException", "The application " + application->name + " has " +
                                         std::to_string(groups.size()) +
                                         " deployment groups: delete those first."
        );
    }
    for (const auto& group : groups) txn.erase<DeploymentGroupRecord>(group->key());
    txn.erase<ApplicationRecord>(application->key());
    return DeleteApplicationResponse{};
}

}  // namespace gantry::codedeploy
