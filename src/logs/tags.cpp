// The two families of tag operations: by ARN, and the older one by group name.
#include "logs/tags.h"

#include "logs/find.h"
#include "shapes/logs/shapes.h"
#include "state/txn.h"

namespace gantry::logs {

using namespace shapes::logs;
using state::Txn;

Result<void> merge_tags(Tags& tags, const Tags& added) {
    for (const auto& [key, value] : added) {
        if (key.starts_with("aws:"))
            return refuse(kInvalidParameter, "Tag keys that start with aws: are reserved for AWS use.");
        tags[key] = value;
    }
    if (tags.size() > 50) return refuse("TooManyTagsException", "A resource can have no more than 50 tags.");
    return {};
}

namespace {

Result<void> add(Txn& txn, const LogGroupRecord& found, const Tags& tags) {
    auto group = found;
    TRY_VOID(merge_tags(group.tags, tags));
    txn.put(std::move(group));
    return {};
}

void take(Txn& txn, const LogGroupRecord& found, const std::vector<std::string>& keys) {
    auto group = found;
    for (const auto& key : keys) group.tags.erase(key);
    txn.put(std::move(group));
}

}  // namespace

Result<TagResourceResponse> tag_resource(Txn& txn, const TagResourceRequest& request, const Caller& caller) {
    TRY(const auto group, find_group_by_arn(txn, caller, request.resource_arn));
    TRY_VOID(add(txn, *group, request.tags));
    return TagResourceResponse{};
}

Result<UntagResourceResponse> untag_resource(
    Txn& txn, const UntagResourceRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group_by_arn(txn, caller, request.resource_arn));
    take(txn, *group, request.tag_keys);
    return UntagResourceResponse{};
}

Result<ListTagsForResourceResponse> list_tags_for_resource(
    Txn& txn, const ListTagsForResourceRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group_by_arn(txn, caller, request.resource_arn));
    return ListTagsForResourceResponse{group->tags};
}

Result<TagLogGroupResponse> tag_log_group(Txn& txn, const TagLogGroupRequest& request, const Caller& caller) {
    TRY(const auto group, find_group(txn, caller, request.log_group_name));
    TRY_VOID(add(txn, *group, request.tags));
    return TagLogGroupResponse{};
}

Result<UntagLogGroupResponse> untag_log_group(
    Txn& txn, const UntagLogGroupRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.log_group_name));
    take(txn, *group, request.tags);
    return UntagLogGroupResponse{};
}

Result<ListTagsLogGroupResponse> list_tags_log_group(
    Txn& txn, const ListTagsLogGroupRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.log_group_name));
    return ListTagsLogGroupResponse{group->tags};
}

}  // namespace gantry::logs
