// CreateLogGroup, DeleteLogGroup and what is set on a group.
#include "logs/group.h"

#include <algorithm>
#include <array>

#include "logs/find.h"
#include "logs/tags.h"
#include "shapes/logs/shapes.h"

namespace gantry::logs {

using namespace shapes::logs;
using state::Txn;

LogGroupRecord new_group(Txn& txn, const Caller& caller, const std::string& name) {
    LogGroupRecord group;
    group.account = caller.account;
    group.region = caller.region;
    group.name = name;
    group.uid = txn.chance().hex(16);
    group.created = txn.now();
    return group;
}

Result<CreateLogGroupResponse> create_log_group(
    Txn& txn, const CreateLogGroupRequest& request, const Caller& caller
) {
    if (request.kms_key_id)
        return refuse(
            kInvalidParameter, "Gantry does not encrypt log groups with KMS keys yet. Leave kmsKeyId out."
        );
    // It could not be switched off again.
    if (request.deletion_protection_enabled.value_or(false))
        return refuse(
            kInvalidParameter,
            "Gantry has no deletion protection for log groups yet. Leave deletionProtectionEnabled out."
        );
    if (request.log_group_name.starts_with("aws/") || request.log_group_name.starts_with("AWS/"))
        return refuse(kInvalidParameter, "Log groups starting with AWS/ are reserved for AWS.");
    auto group = new_group(txn, caller, request.log_group_name);
    if (txn.get<LogGroupRecord>(group.key()) != nullptr)
        return refuse("ResourceAlreadyExistsException", "The specified log group already exists");
    group.group_class = request.log_group_class.value_or("STANDARD");
    if (request.tags) TRY_VOID(merge_tags(group.tags, *request.tags));
    txn.put(std::move(group));
    return CreateLogGroupResponse{};
}

Result<DeleteLogGroupResponse> delete_log_group(
    Txn& txn, const DeleteLogGroupRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.log_group_name));
    txn.put(LogRemovalRecord{group->uid, ""});
    txn.erase<LogGroupRecord>(group->key());
    return DeleteLogGroupResponse{};
}

Result<PutRetentionPolicyResponse> put_retention_policy(
    Txn& txn, const PutRetentionPolicyRequest& request, const Caller& caller
) {
    static constexpr std::array kDays{1,   3,   5,   7,   14,   30,   60,   90,   120,  150,  180,
                                      365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653};
    TRY(const auto found, find_group(txn, caller, request.log_group_name));
    if (std::ranges::find(kDays, request.retention_in_days) == kDays.end()) {
        std::string allowed;
        for (const int days : kDays) allowed += (allowed.empty() ? "" : ", ") + std::to_string(days);
        return refuse(
            kInvalidParameter,
            "1 validation error detected: Value '" + std::to_string(request.retention_in_days) +
                "' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [" +
                allowed + "]"
        );
    }
    auto group = *found;
    group.retention_days = request.retention_in_days;
    txn.put(std::move(group));
    return PutRetentionPolicyResponse{};
}

Result<DeleteRetentionPolicyResponse> delete_retention_policy(
    Txn& txn, const DeleteRetentionPolicyRequest& request, const Caller& caller
) {
    TRY(const auto found, find_group(txn, caller, request.log_group_name));
    auto group = *found;
    group.retention_days = 0;
    txn.put(std::move(group));
    return DeleteRetentionPolicyResponse{};
}

}  // namespace gantry::logs
