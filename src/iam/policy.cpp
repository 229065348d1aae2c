#include "iam/policy.h"

#include <algorithm>

#include "iam/entity.h"
#include "iam/managed_policies.h"
#include "iam/page.h"
#include "iam/policy_document.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

namespace {

constexpr std::size_t kDocumentCharacters = 6'144;

std::int32_t attachments(const state::View& view, const Caller& caller, const std::string& arn) {
    return static_cast<std::int32_t>(view.count<RolesByPolicy>(key_of(caller.account, arn)));
}

Policy show(const state::View& view, const Caller& caller, const PolicyRecord& policy) {
    Policy out;
    out.policy_name = policy.name;
    out.policy_id = policy.id;
    out.arn = policy.arn();
    out.path = policy.path;
    out.default_version_id = "v" + std::to_string(policy.default_version);
    out.attachment_count = attachments(view, caller, policy.arn());
    out.permissions_boundary_usage_count = 0;
    out.is_attachable = true;
    out.description = policy.description;
    out.create_date = shapes::Timestamp{policy.created.ms};
    out.update_date = shapes::Timestamp{policy.updated.ms};
    if (!policy.tags.empty()) out.tags = shown(policy.tags);
    return out;
}

Policy show(const state::View& view, const Caller& caller, const ManagedPolicy& policy) {
    Policy out;
    out.policy_name = policy.name;
    out.policy_id = policy.id();
    out.arn = policy.arn();
    out.path = policy.path;
    out.default_version_id = "v1";
    out.attachment_count = attachments(view, caller, policy.arn());
    out.permissions_boundary_usage_count = 0;
    out.is_attachable = true;
    out.create_date = shapes::Timestamp{kManagedPolicyCreatedMs};
    out.update_date = shapes::Timestamp{kManagedPolicyCreatedMs};
    return out;
}

}  // namespace

Result<CreatePolicyResponse> create_policy(
    Txn& txn, const CreatePolicyRequest& request, const Caller& caller
) {
    if (txn.find_one<PolicyByLowerName>(key_of(caller.account, lower(request.policy_name)))) {
        return refuse(
            "EntityAlreadyExists",
            "A policy called " + request.policy_name + " already exists. Duplicate names are not allowed."
        );
    }
    TRY_VOID(check_policy_document(request.policy_document, DocumentKind::identity));
    if (request.policy_document.size() > kDocumentCharacters * 2)
        return refuse("LimitExceeded", "Cannot exceed quota for PolicySize: 6144");
    PolicyRecord policy;
    policy.account = caller.account;
    policy.name = request.policy_name;
    policy.path = request.path.value_or("/");
    policy.id = fresh_unique_id("ANPA", txn.chance());
    policy.description = request.description;
    policy.created = txn.now();
    policy.updated = txn.now();
    policy.versions.push_back({1, request.policy_document, txn.now()});
    if (request.tags) TRY_VOID(add_tags(policy.tags, *request.tags));
    txn.put(policy);
    return CreatePolicyResponse{show(txn, caller, policy)};
}

Result<GetPolicyResponse> get_policy(Txn& txn, const GetPolicyRequest& request, const Caller& caller) {
    if (const auto* managed = find_managed_policy(request.policy_arn))
        return GetPolicyResponse{show(txn, caller, *managed)};
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "GetPolicy"));
    return GetPolicyResponse{show(txn, caller, *policy)};
}

Result<ListPoliciesResponse> list_policies(
    Txn& txn, const ListPoliciesRequest& request, const Caller& caller
) {
    const std::string scope = request.scope.value_or("All");
    const std::string prefix = request.path_prefix.value_or("/");
    std::vector<Policy> policies;
    if (scope != "AWS") {
        for (const auto& policy : txn.list<PolicyRecord>(caller.account + "/"))
            policies.push_back(show(txn, caller, *policy));
    }
    if (scope != "Local") {
        for (const auto& policy : managed_policies()) policies.push_back(show(txn, caller, policy));
    }
    std::erase_if(policies, [&](const Policy& policy) {
        return !policy.path->starts_with(prefix) ||
               (request.only_attached.value_or(false) && *policy.attachment_count == 0);
    });
    std::sort(policies.begin(), policies.end(), [](const Policy& a, const Policy& b) {
        return *a.arn < *b.arn;
    });
    TRY(auto end, cut_page(policies, request.marker, request.max_items, [](const Policy& policy) {
            return *policy.arn;
        }));
    ListPoliciesResponse response;
    close_page(response, std::move(end));
    for (auto& policy : policies) policy.tags.reset();
    response.policies = std::move(policies);
    return response;
}

Result<DeletePolicyResponse> delete_policy(
    Txn& txn, const DeletePolicyRequest& request, const Caller& caller
) {
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "DeletePolicy"));
    if (attachments(txn, caller, request.policy_arn) > 0)
        return refuse("DeleteConflict", "Cannot delete a policy attached to entities.");
    if (policy->versions.size() > 1) {
        return refuse(
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy."
        );
    }
    txn.erase<PolicyRecord>(policy->key());
    return DeletePolicyResponse{};
}

Result<TagPolicyResponse> tag_policy(Txn& txn, const TagPolicyRequest& request, const Caller& caller) {
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "TagPolicy"));
    PolicyRecord changed = *policy;
    TRY_VOID(add_tags(changed.tags, request.tags));
    txn.put(std::move(changed));
    return TagPolicyResponse{};
}

Result<UntagPolicyResponse> untag_policy(Txn& txn, const UntagPolicyRequest& request, const Caller& caller) {
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "UntagPolicy"));
    PolicyRecord changed = *policy;
    for (const auto& key : request.tag_keys) changed.tags.erase(key);
    txn.put(std::move(changed));
    return UntagPolicyResponse{};
}

Result<ListPolicyTagsResponse> list_policy_tags(
    Txn& txn, const ListPolicyTagsRequest& request, const Caller& caller
) {
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "ListPolicyTags"));
    auto tags = shown(policy->tags);
    TRY(auto end, cut_page(tags, request.marker, request.max_items, [](const Tag& tag) { return tag.key; }));
    ListPolicyTagsResponse response;
    close_page(response, std::move(end));
    response.tags = std::move(tags);
    return response;
}

Result<ListEntitiesForPolicyResponse> list_entities_for_policy(
    Txn& txn, const ListEntitiesForPolicyRequest& request, const Caller& caller
) {
    if (!policy_exists(txn, caller, request.policy_arn))
        return no_such_entity("Policy " + request.policy_arn + " was not found.");
    ListEntitiesForPolicyResponse response;
    response.policy_groups.emplace();
    response.policy_users.emplace();
    response.policy_roles.emplace();
    auto roles = txn.find<RolesByPolicy>(key_of(caller.account, request.policy_arn));
    TRY(auto end,
        cut_page(roles, request.marker, request.max_items, [](const auto& role) { return role->name; }));
    close_page(response, std::move(end));
    for (const auto& role : roles) {
        PolicyRole& out = response.policy_roles->emplace_back();
        out.role_name = role->name;
        out.role_id = role->id;
    }
    return response;
}

}  // namespace gantry::iam
