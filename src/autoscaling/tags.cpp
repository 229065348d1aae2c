#include "autoscaling/tags.h"

#include "autoscaling/target.h"
#include "state/txn.h"

namespace gantry::autoscaling {

using namespace shapes::applicationautoscaling;
using state::Txn;

namespace {

constexpr std::size_t tags_most = 50;

Result<state::Pinned<TargetRecord>> find_by_arn(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    auto target = view.find_one<TargetByArn>(arn);
    if (!target || target->scope() != caller.scope())
        return refuse("ResourceNotFoundException", "The resource " + arn + " does not exist.");
    return target;
}

}  // namespace

Result<> add_tags(std::map<std::string, std::string>& tags, const std::map<std::string, std::string>& added) {
    for (const auto& [key, value] : added) {
        if (key.starts_with("aws:"))
            return invalid("Tag keys that start with aws: are reserved for AWS use.");
        tags[key] = value;
    }
    if (tags.size() > tags_most)
        return refuse("TooManyTagsException", "A resource can have no more than 50 tags.");
    return {};
}

Result<TagResourceResponse> tag_resource(Txn& txn, const TagResourceRequest& request, const Caller& caller) {
    TRY(const auto found, find_by_arn(txn, caller, request.resource_arn));
    TargetRecord target = *found;
    TRY_VOID(add_tags(target.tags, request.tags));
    txn.put(std::move(target));
    return TagResourceResponse{};
}

Result<UntagResourceResponse> untag_resource(
    Txn& txn, const UntagResourceRequest& request, const Caller& caller
) {
    TRY(const auto found, find_by_arn(txn, caller, request.resource_arn));
    TargetRecord target = *found;
    for (const auto& key : request.tag_keys) target.tags.erase(key);
    txn.put(std::move(target));
    return UntagResourceResponse{};
}

Result<ListTagsForResourceResponse> list_tags_for_resource(
    Txn& txn, const ListTagsForResourceRequest& request, const Caller& caller
) {
    TRY(const auto found, find_by_arn(txn, caller, request.resource_arn));
    ListTagsForResourceResponse response;
    response.tags = found->tags;
    return response;
}

}  // namespace gantry::autoscaling
