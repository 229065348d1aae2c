// Roles that services make for themselves, through the operations on them.
#include "iam/entity.h"
#include "iam/service_linked_role.h"
#include "iam/show_role.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

Result<CreateServiceLinkedRoleResponse> create_service_linked_role(
    Txn& txn, const CreateServiceLinkedRoleRequest& request, const Caller& caller
) {
    const auto* service = find_linked_service(request.aws_service_name);
    if (service == nullptr) {
        return refuse(
            "InvalidInput", "Service role creation is not supported for service " + request.aws_service_name
        );
    }
    RoleRecord role = build_linked_role(*service, caller.account);
    if (request.custom_suffix && !request.custom_suffix->empty()) {
        if (service->principal != "autoscaling.amazonaws.com") {
            return refuse(
                "InvalidInput", "Custom suffix is not allowed for " + std::string(service->principal)
            );
        }
        role.name += "_" + *request.custom_suffix;
    }
    if (txn.get<RoleRecord>(role.key())) {
        return refuse(
            "InvalidInput", "Service role name " + role.name +
                                " has been taken in this account, please try a different suffix."
        );
    }
    if (request.description) role.description = request.description;
    role.id = fresh_unique_id("AROA", txn.chance());
    role.created = txn.now();
    txn.put(role);
    return CreateServiceLinkedRoleResponse{show(role)};
}

// The role goes at once: nothing here asks whether its service still needs it, and services go on without it.
Result<DeleteServiceLinkedRoleResponse> delete_service_linked_role(
    Txn& txn, const DeleteServiceLinkedRoleRequest& request, const Caller& caller
) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    if (role->linked_service.empty()) {
        return refuse("InvalidInput", "The role " + role->name + " is not a service-linked role.");
    }
    txn.erase<RoleRecord>(role->key());
    return DeleteServiceLinkedRoleResponse{"task" + role->path + role->name + "/" + txn.chance().uuid()};
}

Result<GetServiceLinkedRoleDeletionStatusResponse>
get_service_linked_role_deletion_status(Txn&, const GetServiceLinkedRoleDeletionStatusRequest& request, const Caller&) {
    if (!request.deletion_task_id.starts_with("task/aws-service-role/"))
        return no_such_entity("DeletionTaskId " + request.deletion_task_id + " cannot be found.");
    GetServiceLinkedRoleDeletionStatusResponse response;
    response.status = "SUCCEEDED";
    return response;
}

}  // namespace gantry::iam
