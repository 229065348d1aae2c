// Tags of balancers, target groups, listeners and rules.
#include <set>

#include "elbv2/arn.h"
#include "elbv2/find.h"
#include "elbv2/limits.h"
#include "elbv2/tagging.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

Result<> put_tags(Tags& tags, const std::vector<Tag>& added) {
    std::set<std::string> keys;
    for (const auto& tag : added) {
        if (!keys.insert(tag.key).second)
            return refuse("DuplicateTagKeys", "Tag keys must be unique: '" + tag.key + "' is specified twice");
        if (tag.key.starts_with("aws:"))
            return invalid("Tag keys that start with 'aws:' are reserved for system use");
        tags[tag.key] = tag.value.value_or("");
    }
    if (tags.size() > kTagsPerResource) {
        return refuse(
            "TooManyTags", "The maximum number of tags on a resource is " + std::to_string(kTagsPerResource)
        );
    }
    return {};
}

Result<Tags> requested_tags(const std::optional<std::vector<Tag>>& added) {
    Tags tags;
    if (added) TRY_VOID(put_tags(tags, *added));
    return tags;
}

namespace {

// Calls fn with the resource's tags and puts the record back if `write`.
template <class Fn>
Result<> with_tags(Txn& txn, const Caller& caller, const std::string& arn, bool write, const Fn& fn) {
    const auto parts = parse_arn(arn);
    if (!parts) return invalid("'" + arn + "' is not a valid ARN");
    const auto change = [&](const auto& found, auto member) -> Result<> {
        auto record = *found;
        TRY_VOID(fn(record.*member));
        if (write) txn.put(std::move(record));
        return {};
    };
    switch (parts->kind) {
        case ArnParts::Kind::load_balancer: {
            TRY(const auto balancer, find_balancer(txn, caller, arn));
            return change(balancer, &LoadBalancerRecord::tags);
        }
        case ArnParts::Kind::target_group: {
            TRY(const auto group, find_group(txn, caller, arn));
            return change(group, &TargetGroupRecord::tags);
        }
        case ArnParts::Kind::listener: {
            TRY(const auto listener, find_listener(txn, caller, arn));
            return change(listener, &ListenerRecord::tags);
        }
        default:
            break;
    }
    TRY(const auto rule, find_rule(txn, caller, arn));
    if (rule.at == FoundRule::kDefault) return change(rule.listener, &ListenerRecord::default_rule_tags);
    ListenerRecord listener = *rule.listener;
    TRY_VOID(fn(listener.rules[rule.at].tags));
    if (write) txn.put(std::move(listener));
    return {};
}

Result<> check_count(const std::vector<std::string>& arns) {
    if (arns.size() <= kResourcesPerTagCall) return {};
    return invalid(
        "The number of resources in one call must not exceed " + std::to_string(kResourcesPerTagCall)
    );
}

}  // namespace

Result<AddTagsResponse> add_tags(Txn& txn, const AddTagsRequest& request, const Caller& caller) {
    TRY_VOID(check_count(request.resource_arns));
    for (const auto& arn : request.resource_arns) {
        const auto add = [&](Tags& tags) { return put_tags(tags, request.tags); };
        TRY_VOID(with_tags(txn, caller, arn, true, add));
    }
    return AddTagsResponse{};
}

Result<RemoveTagsResponse> remove_tags(Txn& txn, const RemoveTagsRequest& request, const Caller& caller) {
    TRY_VOID(check_count(request.resource_arns));
    for (const auto& arn : request.resource_arns) {
        const auto remove = [&](Tags& tags) -> Result<> {
            for (const auto& key : request.tag_keys) tags.erase(key);
            return {};
        };
        TRY_VOID(with_tags(txn, caller, arn, true, remove));
    }
    return RemoveTagsResponse{};
}

Result<DescribeTagsResponse> describe_tags(
    Txn& txn, const DescribeTagsRequest& request, const Caller& caller
) {
    TRY_VOID(check_count(request.resource_arns));
    DescribeTagsResponse response;
    response.tag_descriptions.emplace();
    for (const auto& arn : request.resource_arns) {
        auto& shown = response.tag_descriptions->emplace_back();
        shown.resource_arn = arn;
        shown.tags.emplace();
        const auto show = [&](const Tags& tags) -> Result<> {
            for (const auto& [key, value] : tags) {
                auto& tag = shown.tags->emplace_back();
                tag.key = key;
                tag.value = value;
            }
            return {};
        };
        TRY_VOID(with_tags(txn, caller, arn, false, show));
    }
    return response;
}

}  // namespace gantry::elbv2
