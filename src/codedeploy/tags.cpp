// Tags of applications and deployment groups.
#include "codedeploy/arn.h"
#include "codedeploy/deployment_group.h"
#include "codedeploy/tagging.h"
#include "state/txn.h"

namespace gantry::codedeploy {

using namespace shapes::codedeploy;
using state::Txn;

Result<> check_batch(std::size_t names, std::size_t most) {
    if (names <= most) return {};
    return refuse(
        "BatchLimitExceededException", "The maximum number of names or IDs allowed for this request (" +
                                           std::to_string(most) + ") was exceeded."
    );
}

Result<> add_tags(Tags& tags, const std::vector<Tag>& added) {
    const auto invalid = [](std::string message) {
        return refuse("InvalidTagsToAddException", std::move(message));
    };
    for (const auto& tag : added) {
        const std::string key = tag.key.value_or("");
        const std::string value = tag.value.value_or("");
        if (key.empty() || key.size() > 128)
            return invalid("The key of a tag must have between 1 and 128 characters.");
        if (value.size() > 256) return invalid("The value of a tag can have at most 256 characters.");
        if (key.starts_with("aws:"))
            return invalid("Tag keys that start with aws: are reserved for AWS use.");
        tags[key] = value;
    }
    if (tags.size() > 50) return invalid("A resource can have at most 50 tags.");
    return {};
}

namespace {

// Calls fn with the resource's tags and puts the record back if `write`.
template <class Fn>
Result<> with_tags(Txn& txn, const Caller& caller, const std::string& arn, bool write, const Fn& fn) {
    const auto parts = parse_arn(arn);
    if (!parts) return refuse("InvalidArnException", "The ARN " + arn + " is not in a valid format.");
    const auto change = [&](auto record) -> Result<> {
        TRY_VOID(fn(record.tags));
        if (write) txn.put(std::move(record));
        return {};
    };
    const bool own = parts->scope == caller.scope();
    if (own && parts->kind == "application") {
        TRY(const auto application, find_application(txn, caller, parts->name));
        return change(*application);
    }
    const auto slash = parts->name.find('/');
    if (own && parts->kind == "deploymentgroup" && slash != std::string::npos) {
        TRY(const auto application, find_application(txn, caller, parts->name.substr(0, slash)));
        TRY(const auto group, find_deployment_group(txn, *application, parts->name.substr(slash + 1)));
        return change(*group);
    }
    return refuse(
        "ArnNotSupportedException",
        "The ARN " + arn + " is not that of an application or deployment group of this account and region."
    );
}

}  // namespace

Result<TagResourceResponse> tag_resource(Txn& txn, const TagResourceRequest& request, const Caller& caller) {
    if (request.tags.empty()) return refuse("TagRequiredException", "A tag was not specified.");
    TRY_VOID(with_tags(txn, caller, request.resource_arn, true, [&](Tags& tags) {
        return add_tags(tags, request.tags);
    }));
    return TagResourceResponse{};
}

Result<UntagResourceResponse> untag_resource(
    Txn& txn, const UntagResourceRequest& request, const Caller& caller
) {
    if (request.tag_keys.empty()) return refuse("TagRequiredException", "A tag was not specified.");
    TRY_VOID(with_tags(txn, caller, request.resource_arn, true, [&](Tags& tags) -> Result<> {
        for (const auto& key : request.tag_keys) tags.erase(key);
        return {};
    }));
    return UntagResourceResponse{};
}

Result<ListTagsForResourceResponse> list_tags_for_resource(
    Txn& txn, const ListTagsForResourceRequest& request, const Caller& caller
) {
    ListTagsForResourceResponse response;
    auto& shown = response.tags.emplace();
    TRY_VOID(with_tags(txn, caller, request.resource_arn, false, [&](Tags& tags) -> Result<> {
        for (const auto& [key, value] : tags) shown.push_back({key, value});
        return {};
    }));
    return response;
}

}  // namespace gantry::codedeploy
