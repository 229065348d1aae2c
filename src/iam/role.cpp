#include "iam/role.h"

#include "iam/entity.h"
#include "iam/page.h"
#include "iam/policy_document.h"
#include "iam/show_role.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

namespace {

constexpr std::size_t kRolesPerAccount = 5'000;

std::string name_of(const state::Pinned<RoleRecord>& role) { return role->name; }

}  // namespace

Role show(const RoleRecord& role) {
    Role out;
    out.path = role.path;
    out.role_name = role.name;
    out.role_id = role.id;
    out.arn = role.arn();
    out.create_date = shapes::Timestamp{role.created.ms};
    out.assume_role_policy_document = url_encoded(role.trust_document);
    out.description = role.description;
    out.max_session_duration = role.max_session_seconds;
    if (!role.permissions_boundary.empty())
        out.permissions_boundary = AttachedPermissionsBoundary{"Policy", role.permissions_boundary};
    if (!role.tags.empty()) out.tags = shown(role.tags);
    return out;
}

Result<CreateRoleResponse> create_role(Txn& txn, const CreateRoleRequest& request, const Caller& caller) {
    if (txn.find_one<RoleByLowerName>(key_of(caller.account, lower(request.role_name))))
        return refuse("EntityAlreadyExists", "Role with name " + request.role_name + " already exists.");
    TRY_VOID(check_policy_document(request.assume_role_policy_document, DocumentKind::trust));
    RoleRecord role;
    role.account = caller.account;
    role.name = request.role_name;
    role.path = request.path.value_or("/");
    role.trust_document = request.assume_role_policy_document;
    role.description = request.description;
    role.max_session_seconds = request.max_session_duration.value_or(3600);
    if (request.tags) TRY_VOID(add_tags(role.tags, *request.tags));
    if (request.permissions_boundary) {
        if (!policy_exists(txn, caller, *request.permissions_boundary)) {
            return no_such_entity(
                "Scope ARN: " + *request.permissions_boundary + " does not exist or is not attachable."
            );
        }
        role.permissions_boundary = *request.permissions_boundary;
    }
    if (txn.list<RoleRecord>(caller.account + "/").size() >= kRolesPerAccount)
        return refuse("LimitExceeded", "Cannot exceed quota for RolesPerAccount: 5000");
    role.id = fresh_unique_id("AROA", txn.chance());
    role.created = txn.now();
    txn.put(role);
    return CreateRoleResponse{show(role)};
}

Result<GetRoleResponse> get_role(Txn& txn, const GetRoleRequest& request, const Caller& caller) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    GetRoleResponse response{show(*role)};
    response.role->role_last_used.emplace();  // present, and empty as long as nothing is tracked
    return response;
}

Result<ListRolesResponse> list_roles(Txn& txn, const ListRolesRequest& request, const Caller& caller) {
    auto roles = txn.list<RoleRecord>(caller.account + "/");
    const std::string prefix = request.path_prefix.value_or("/");
    std::erase_if(roles, [&](const auto& role) { return !role->path.starts_with(prefix); });
    TRY(auto end, cut_page(roles, request.marker, request.max_items, name_of));
    ListRolesResponse response;
    close_page(response, std::move(end));
    response.roles.emplace();
    for (const auto& role : roles) {
        Role out = show(*role);
        out.tags.reset();  // ListRoles leaves out tags and boundary, as IAM does
        out.permissions_boundary.reset();
        response.roles->push_back(std::move(out));
    }
    return response;
}

Result<UpdateRoleResponse> update_role(Txn& txn, const UpdateRoleRequest& request, const Caller& caller) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    RoleRecord changed = *role;
    if (request.description) changed.description = request.description;
    if (request.max_session_duration) changed.max_session_seconds = *request.max_session_duration;
    txn.put(std::move(changed));
    return UpdateRoleResponse{};
}

Result<UpdateRoleDescriptionResponse> update_role_description(
    Txn& txn, const UpdateRoleDescriptionRequest& request, const Caller& caller
) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    RoleRecord changed = *role;
    changed.description = request.description;
    txn.put(changed);
    return UpdateRoleDescriptionResponse{show(changed)};
}

Result<UpdateAssumeRolePolicyResponse> update_assume_role_policy(
    Txn& txn, const UpdateAssumeRolePolicyRequest& request, const Caller& caller
) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    TRY_VOID(check_policy_document(request.policy_document, DocumentKind::trust));
    RoleRecord changed = *role;
    changed.trust_document = request.policy_document;
    txn.put(std::move(changed));
    return UpdateAssumeRolePolicyResponse{};
}

Result<DeleteRoleResponse> delete_role(Txn& txn, const DeleteRoleRequest& request, const Caller& caller) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    if (!role->attached_policies.empty())
        return refuse("DeleteConflict", "Cannot delete entity, must detach all policies first.");
    if (!role->inline_policies.empty())
        return refuse("DeleteConflict", "Cannot delete entity, must delete policies first.");
    txn.erase<RoleRecord>(role->key());
    return DeleteRoleResponse{};
}

Result<ListInstanceProfilesForRoleResponse> list_instance_profiles_for_role(
    Txn& txn, const ListInstanceProfilesForRoleRequest& request, const Caller& caller
) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    ListInstanceProfilesForRoleResponse response;
    response.instance_profiles.emplace();  // there are no instance profiles
    response.is_truncated = false;
    return response;
}

Result<TagRoleResponse> tag_role(Txn& txn, const TagRoleRequest& request, const Caller& caller) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    RoleRecord changed = *role;
    TRY_VOID(add_tags(changed.tags, request.tags));
    txn.put(std::move(changed));
    return TagRoleResponse{};
}

Result<UntagRoleResponse> untag_role(Txn& txn, const UntagRoleRequest& request, const Caller& caller) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    RoleRecord changed = *role;
    for (const auto& key : request.tag_keys) changed.tags.erase(key);
    txn.put(std::move(changed));
    return UntagRoleResponse{};
}

Result<ListRoleTagsResponse> list_role_tags(
    Txn& txn, const ListRoleTagsRequest& request, const Caller& caller
) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    auto tags = shown(role->tags);
    TRY(auto end, cut_page(tags, request.marker, request.max_items, [](const Tag& tag) { return tag.key; }));
    ListRoleTagsResponse response;
    close_page(response, std::move(end));
    response.tags = std::move(tags);
    return response;
}

}  // namespace gantry::iam
