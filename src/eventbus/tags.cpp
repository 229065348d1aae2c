#include "eventbus/tags.h"

#include "eventbus/find_bus.h"
#include "eventbus/rule.h"
#include "state/txn.h"

namespace gantry::eventbus {

using namespace shapes::events;
using state::Txn;

namespace {

constexpr std::size_t tags_most = 50;

// Rules and buses have tags. Gives what bears them to `with`.
template <class With>
Result<void> tagged(const state::View& view, const Caller& caller, const std::string& arn, With with) {
    const std::string start = "arn:aws:events:" + caller.region + ":" + caller.account + ":";
    const auto missing = [&] { return refuse(kNotFound, "The resource " + arn + " does not exist."); };
    if (!arn.starts_with(start)) return missing();
    const std::string rest = arn.substr(start.size());
    if (rest.starts_with("event-bus/")) {
        TRY(auto bus, find_bus(view, caller, arn));
        with(std::move(bus));
        return {};
    }
    if (!rest.starts_with("rule/")) return missing();
    std::string name = rest.substr(rest.find('/') + 1);
    std::string bus = kDefaultBus;
    if (const auto slash = name.find('/'); slash != std::string::npos) {
        bus = name.substr(0, slash);
        name = name.substr(slash + 1);
    }
    const auto rule = view.get<RuleRecord>(RuleRecord::key(caller.scope(), bus, name));
    if (!rule) return refuse(kNotFound, "Rule " + name + " does not exist on EventBus " + bus + ".");
    with(*rule);
    return {};
}

}  // namespace

Result<void> add_tags(Tags& tags, const std::optional<std::vector<Tag>>& added) {
    if (!added) return {};
    for (const auto& tag : *added) {
        if (tag.key.starts_with("aws:"))
            return refuse(kInvalid, "Tag keys that start with aws: are reserved for AWS use.");
        tags[tag.key] = tag.value;
    }
    if (tags.size() > tags_most) return refuse(kInvalid, "A resource can have no more than 50 tags.");
    return {};
}

Result<TagResourceResponse> tag_resource(Txn& txn, const TagResourceRequest& request, const Caller& caller) {
    Result<void> added;
    TRY_VOID(tagged(txn, caller, request.resource_arn, [&](auto bearer) {
        added = add_tags(bearer.tags, request.tags);
        txn.put(std::move(bearer));
    }));
    TRY_VOID(added);
    return TagResourceResponse{};
}

Result<UntagResourceResponse> untag_resource(
    Txn& txn, const UntagResourceRequest& request, const Caller& caller
) {
    TRY_VOID(tagged(txn, caller, request.resource_arn, [&](auto bearer) {
        for (const auto& key : request.tag_keys) bearer.tags.erase(key);
        txn.put(std::move(bearer));
    }));
    return UntagResourceResponse{};
}

Result<ListTagsForResourceResponse> list_tags_for_resource(
    Txn& txn, const ListTagsForResourceRequest& request, const Caller& caller
) {
    ListTagsForResourceResponse response;
    auto& tags = response.tags.emplace();
    TRY_VOID(tagged(txn, caller, request.resource_arn, [&](auto bearer) {
        for (const auto& [key, value] : bearer.tags) tags.push_back({key, value});
    }));
    return response;
}

}  // namespace gantry::eventbus
