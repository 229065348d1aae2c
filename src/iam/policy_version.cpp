#include <algorithm>

#include "iam/entity.h"
#include "iam/managed_policies.h"
#include "iam/policy_document.h"

namespace gantry::iam {

using namespace shapes::iam;
using state::Txn;

namespace {

constexpr std::size_t kVersionsPerPolicy = 5;

shapes::iam::PolicyVersion show(
    const PolicyRecord& policy, const PolicyVersion& version, bool with_document
) {
    shapes::iam::PolicyVersion out;
    if (with_document) out.document = url_encoded(version.document);
    out.version_id = "v" + std::to_string(version.number);
    out.is_default_version = version.number == policy.default_version;
    out.create_date = shapes::Timestamp{version.created.ms};
    return out;
}

shapes::iam::PolicyVersion show(const ManagedPolicy& policy, bool with_document) {
    shapes::iam::PolicyVersion out;
    if (with_document) out.document = url_encoded(policy.document());
    out.version_id = "v1";
    out.is_default_version = true;
    out.create_date = shapes::Timestamp{kManagedPolicyCreatedMs};
    return out;
}

tl::unexpected<Error> no_version(const std::string& arn, const std::string& version) {
    return no_such_entity("Policy " + arn + " version " + version + " does not exist or is not attachable.");
}

template <class Policy>
auto version_with(Policy& policy, const std::string& id) {
    return std::find_if(policy.versions.begin(), policy.versions.end(), [&](const PolicyVersion& version) {
        return "v" + std::to_string(version.number) == id;
    });
}

}  // namespace

Result<CreatePolicyVersionResponse> create_policy_version(
    Txn& txn, const CreatePolicyVersionRequest& request, const Caller& caller
) {
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "CreatePolicyVersion"));
    TRY_VOID(check_policy_document(request.policy_document, DocumentKind::identity));
    if (policy->versions.size() >= kVersionsPerPolicy) {
        return refuse(
            "LimitExceeded",
            "A managed policy can have up to 5 versions. Before you create a new version, you must delete an "
            "existing version."
        );
    }
    PolicyRecord changed = *policy;
    changed.versions.push_back({++changed.last_version, request.policy_document, txn.now()});
    if (request.set_as_default.value_or(false)) changed.default_version = changed.last_version;
    changed.updated = txn.now();
    txn.put(changed);
    return CreatePolicyVersionResponse{show(changed, changed.versions.back(), false)};
}

Result<GetPolicyVersionResponse> get_policy_version(
    Txn& txn, const GetPolicyVersionRequest& request, const Caller& caller
) {
    if (const auto* managed = find_managed_policy(request.policy_arn)) {
        if (request.version_id != "v1") return no_version(request.policy_arn, request.version_id);
        return GetPolicyVersionResponse{show(*managed, true)};
    }
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "GetPolicyVersion"));
    const auto version = version_with(*policy, request.version_id);
    if (version == policy->versions.end()) return no_version(request.policy_arn, request.version_id);
    return GetPolicyVersionResponse{show(*policy, *version, true)};
}

Result<ListPolicyVersionsResponse> list_policy_versions(
    Txn& txn, const ListPolicyVersionsRequest& request, const Caller& caller
) {
    ListPolicyVersionsResponse response;
    response.is_truncated = false;  // five at most
    response.versions.emplace();
    if (const auto* managed = find_managed_policy(request.policy_arn)) {
        response.versions->push_back(show(*managed, false));
        return response;
    }
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "ListPolicyVersions"));
    for (auto version = policy->versions.rbegin(); version != policy->versions.rend(); ++version)
        response.versions->push_back(show(*policy, *version, false));
    return response;
}

Result<SetDefaultPolicyVersionResponse> set_default_policy_version(
    Txn& txn, const SetDefaultPolicyVersionRequest& request, const Caller& caller
) {
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "SetDefaultPolicyVersion"));
    PolicyRecord changed = *policy;
    const auto version = version_with(changed, request.version_id);
    if (version == changed.versions.end()) return no_version(request.policy_arn, request.version_id);
    changed.default_version = version->number;
    changed.updated = txn.now();
    txn.put(std::move(changed));
    return SetDefaultPolicyVersionResponse{};
}

Result<DeletePolicyVersionResponse> delete_policy_version(
    Txn& txn, const DeletePolicyVersionRequest& request, const Caller& caller
) {
    TRY(const auto policy, find_own_policy(txn, caller, request.policy_arn, "DeletePolicyVersion"));
    PolicyRecord changed = *policy;
    const auto version = version_with(changed, request.version_id);
    if (version == changed.versions.end()) return no_version(request.policy_arn, request.version_id);
    if (version->number == changed.default_version)
        return refuse("DeleteConflict", "Cannot delete the default version of a policy.");
    changed.versions.erase(version);
    txn.put(std::move(changed));
    return DeletePolicyVersionResponse{};
}

}  // namespace gantry::iam
