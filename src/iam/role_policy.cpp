// What a role may do: inline policies and attached managed policies.
#include <algorithm>

#include "iam/entity.h"
#include "iam/managed_policies.h"
#include "iam/page.h"
#include "iam/policy_document.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

namespace {

constexpr std::size_t kInlineCharacters = 10'240;
constexpr std::size_t kPoliciesPerRole = 10;

// IAM counts what is not white space.
std::size_t counted_size(const std::string& document) {
    return static_cast<std::size_t>(std::count_if(document.begin(), document.end(), [](char c) {
        return c != ' ' && c != '\t' && c != '\n' && c != '\r';
    }));
}

tl::unexpected<Error> no_role_policy(const std::string& name) {
    return no_such_entity("The role policy with name " + name + " cannot be found.");
}

}  // namespace

Result<PutRolePolicyResponse> put_role_policy(
    Txn& txn, const PutRolePolicyRequest& request, const Caller& caller
) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    TRY_VOID(check_policy_document(request.policy_document, DocumentKind::identity));
    RoleRecord changed = *role;
    changed.inline_policies[request.policy_name] = request.policy_document;
    std::size_t size = 0;
    for (const auto& [_, document] : changed.inline_policies) size += counted_size(document);
    if (size > kInlineCharacters) {
        return refuse(
            "LimitExceeded", "Maximum policy size of 10240 bytes exceeded for role " + request.role_name
        );
    }
    txn.put(std::move(changed));
    return PutRolePolicyResponse{};
}

Result<GetRolePolicyResponse> get_role_policy(
    Txn& txn, const GetRolePolicyRequest& request, const Caller& caller
) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    const auto found = role->inline_policies.find(request.policy_name);
    if (found == role->inline_policies.end()) return no_role_policy(request.policy_name);
    GetRolePolicyResponse response;
    response.role_name = role->name;
    response.policy_name = found->first;
    response.policy_document = url_encoded(found->second);
    return response;
}

Result<DeleteRolePolicyResponse> delete_role_policy(
    Txn& txn, const DeleteRolePolicyRequest& request, const Caller& caller
) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    RoleRecord changed = *role;
    if (changed.inline_policies.erase(request.policy_name) == 0) return no_role_policy(request.policy_name);
    txn.put(std::move(changed));
    return DeleteRolePolicyResponse{};
}

Result<ListRolePoliciesResponse> list_role_policies(
    Txn& txn, const ListRolePoliciesRequest& request, const Caller& caller
) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    std::vector<std::string> names;
    for (const auto& [name, _] : role->inline_policies) names.push_back(name);
    TRY(auto end,
        cut_page(names, request.marker, request.max_items, [](const std::string& name) { return name; }));
    ListRolePoliciesResponse response;
    close_page(response, std::move(end));
    response.policy_names = std::move(names);
    return response;
}

Result<AttachRolePolicyResponse> attach_role_policy(
    Txn& txn, const AttachRolePolicyRequest& request, const Caller& caller
) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    const std::string& arn = request.policy_arn;
    if (!arn.starts_with("arn:")) return refuse("InvalidInput", "ARN " + arn + " is not valid.");
    const auto* managed = find_managed_policy(arn);
    if (managed != nullptr && managed->path == "/aws-service-role/") {
        return refuse("PolicyNotAttachable", "Cannot attach a Service Role Policy to a Customer Role.");
    }
    if (!policy_exists(txn, caller, arn))
        return no_such_entity("Policy " + arn + " does not exist or is not attachable.");
    const auto& attached = role->attached_policies;
    if (std::find(attached.begin(), attached.end(), arn) != attached.end()) return AttachRolePolicyResponse{};
    if (attached.size() >= kPoliciesPerRole)
        return refuse("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10");
    RoleRecord changed = *role;
    changed.attached_policies.push_back(arn);
    txn.put(std::move(changed));
    return AttachRolePolicyResponse{};
}

Result<DetachRolePolicyResponse> detach_role_policy(
    Txn& txn, const DetachRolePolicyRequest& request, const Caller& caller
) {
    TRY(const auto role, find_own_role(txn, caller, request.role_name));
    RoleRecord changed = *role;
    if (std::erase(changed.attached_policies, request.policy_arn) == 0)
        return no_such_entity("Policy " + request.policy_arn + " was not found.");
    txn.put(std::move(changed));
    return DetachRolePolicyResponse{};
}

Result<ListAttachedRolePoliciesResponse> list_attached_role_policies(
    Txn& txn, const ListAttachedRolePoliciesRequest& request, const Caller& caller
) {
    TRY(const auto role, find_role(txn, caller, request.role_name));
    const std::string prefix = request.path_prefix.value_or("/");
    std::vector<AttachedPolicy> policies;
    for (const auto& arn : role->attached_policies) {
        const auto slash = arn.rfind('/');
        const auto path = arn.substr(arn.find('/'), slash - arn.find('/') + 1);
        if (path.starts_with(prefix)) policies.push_back({arn.substr(slash + 1), arn});
    }
    std::sort(policies.begin(), policies.end(), [](const AttachedPolicy& a, const AttachedPolicy& b) {
        return *a.policy_arn < *b.policy_arn;
    });
    TRY(auto end, cut_page(policies, request.marker, request.max_items, [](const AttachedPolicy& policy) {
            return *policy.policy_arn;
        }));
    ListAttachedRolePoliciesResponse response;
    close_page(response, std::move(end));
    response.attached_policies = std::move(policies);
    return response;
}

}  // namespace gantry::iam
