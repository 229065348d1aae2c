#include "scheduler/tags.h"

#include "scheduler/schedule_group.h"
#include "state/txn.h"

namespace gantry::scheduler {

using namespace shapes::scheduler;
using state::Txn;

namespace {

constexpr std::size_t tags_most = 50;

// Groups have tags, the default one has none. ResourceNotFoundException.
Result<ScheduleGroupRecord> tagged(const state::View& view, const Caller& caller, const std::string& arn) {
    const std::string start = "arn:aws:scheduler:" + caller.region + ":" + caller.account + ":schedule-group/";
    if (!arn.starts_with(start)) return refuse(kNotFound, "Resource " + arn + " does not exist.");
    return find_group(view, caller, arn.substr(start.size()));
}

}  // namespace

Result<void> add_tags(std::map<std::string, std::string>& tags, const std::vector<Tag>& added) {
    for (const auto& tag : added) {
        if (tag.key.starts_with("aws:")) return refuse(kInvalid, "Tag keys that start with aws: are reserved for AWS use.");
        tags[tag.key] = tag.value;
    }
    if (tags.size() > tags_most) return refuse(kInvalid, "A schedule group can have no more than 50 tags.");
    return {};
}

Result<TagResourceResponse> tag_resource(Txn& txn, const TagResourceRequest& request, const Caller& caller) {
    TRY(auto group, tagged(txn, caller, request.resource_arn));
    TRY_VOID(add_tags(group.tags, request.tags));
    txn.put(std::move(group));
    return TagResourceResponse{};
}

Result<UntagResourceResponse> untag_resource(
    Txn& txn, const UntagResourceRequest& request, const Caller& caller
) {
    TRY(auto group, tagged(txn, caller, request.resource_arn));
    for (const auto& key : request.tag_keys) group.tags.erase(key);
    txn.put(std::move(group));
    return UntagResourceResponse{};
}

Result<ListTagsForResourceResponse> list_tags_for_resource(
    Txn& txn, const ListTagsForResourceRequest& request, const Caller& caller
) {
    TRY(const auto group, tagged(txn, caller, request.resource_arn));
    ListTagsForResourceResponse response;
    auto& tags = response.tags.emplace();
    for (const auto& [key, value] : group.tags) tags.push_back({key, value});
    return response;
}

}  // namespace gantry::scheduler
