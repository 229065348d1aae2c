#include "cloudwatch/tags.h"

#include "cloudwatch/alarm.h"
#include "operation/caller.h"
#include "state/txn.h"

namespace gantry::cloudwatch {

using namespace shapes::cloudwatch;
using state::Txn;

namespace {

Result<state::Pinned<AlarmRecord>> find_alarm(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    auto found = view.find_one<AlarmByArn>(arn);
    if (!found || found->scope() != caller.scope()) {
        return refuse("ResourceNotFoundException", "The resource " + arn + " does not exist.");
    }
    return found;
}

}  // namespace

Result<> add_tags(std::map<std::string, std::string>& tags, const std::vector<Tag>& added) {
    for (const auto& tag : added) {
        if (tag.key.starts_with("aws:")) {
            return refuse("InvalidParameterValue", "Tag keys that start with aws: are reserved for AWS use.");
        }
        tags[tag.key] = tag.value;
    }
    if (tags.size() > 50) return refuse("InvalidParameterValue", "A resource can have no more than 50 tags.");
    return {};
}

Result<TagResourceResponse> tag_resource(Txn& txn, const TagResourceRequest& request, const Caller& caller) {
    TRY(const auto found, find_alarm(txn, caller, request.resource_arn));
    AlarmRecord alarm = *found;
    TRY_VOID(add_tags(alarm.tags, request.tags));
    txn.put(std::move(alarm));
    return TagResourceResponse{};
}

Result<UntagResourceResponse> untag_resource(
    Txn& txn, const UntagResourceRequest& request, const Caller& caller
) {
    TRY(const auto found, find_alarm(txn, caller, request.resource_arn));
    AlarmRecord alarm = *found;
    for (const auto& key : request.tag_keys) alarm.tags.erase(key);
    txn.put(std::move(alarm));
    return UntagResourceResponse{};
}

Result<ListTagsForResourceResponse> list_tags_for_resource(
    Txn& txn, const ListTagsForResourceRequest& request, const Caller& caller
) {
    TRY(const auto found, find_alarm(txn, caller, request.resource_arn));
    ListTagsForResourceResponse response;
    auto& tags = response.tags.emplace();
    for (const auto& [key, value] : found->tags) tags.push_back({key, value});
    return response;
}

}  // namespace gantry::cloudwatch
