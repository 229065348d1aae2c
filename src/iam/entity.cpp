#include "iam/entity.h"

#include <set>

#include "iam/managed_policies.h"

namespace gantry::iam {

constexpr std::size_t kTagsPerEntity = 50;

tl::unexpected<Error> no_such_entity(std::string message) {
    return refuse("NoSuchEntity", std::move(message));
}

Result<state::Pinned<RoleRecord>> find_role(
    const state::View& view, const Caller& caller, const std::string& name
) {
    auto role = view.get<RoleRecord>(key_of(caller.account, name));
    if (!role) return no_such_entity("The role with name " + name + " cannot be found.");
    return role;
}

Result<state::Pinned<RoleRecord>> find_own_role(
    const state::View& view, const Caller& caller, const std::string& name
) {
    TRY(auto role, find_role(view, caller, name));
    if (!role->linked_service.empty()) {
        return refuse(
            "UnmodifiableEntity", "Cannot perform the operation on the protected role '" + name +
                                      "' - this role is only modifiable by AWS"
        );
    }
    return role;
}

Result<state::Pinned<UserRecord>> find_user(
    const state::View& view, const Caller& caller, const std::string& name
) {
    auto user = view.get<UserRecord>(key_of(caller.account, name));
    if (!user) return no_such_entity("The user with name " + name + " cannot be found.");
    return user;
}

state::Pinned<PolicyRecord> policy_with(
    const state::View& view, const Caller& caller, const std::string& arn
) {
    auto policy = view.get<PolicyRecord>(key_of(caller.account, arn.substr(arn.rfind('/') + 1)));
    return policy && policy->arn() == arn ? policy : nullptr;
}

bool policy_exists(const state::View& view, const Caller& caller, const std::string& arn) {
    return find_managed_policy(arn) != nullptr || policy_with(view, caller, arn) != nullptr;
}

Result<state::Pinned<PolicyRecord>> find_own_policy(
    const state::View& view, const Caller& caller, const std::string& arn, const char* operation
) {
    if (!arn.starts_with("arn:")) return refuse("InvalidInput", "ARN " + arn + " is not valid.");
    if (find_managed_policy(arn) != nullptr) {
        return refuse(
            "AccessDenied", "User: " + caller.arn + " is not authorized to perform: iam:" + operation +
                                " on resource: policy " + arn
        );
    }
    auto policy = policy_with(view, caller, arn);
    if (!policy) return no_such_entity("Policy " + arn + " was not found.");
    return policy;
}

Result<> add_tags(Tags& tags, const std::vector<shapes::iam::Tag>& added) {
    std::set<std::string> keys;
    for (const auto& tag : added) {
        if (!keys.insert(lower(tag.key)).second) {
            return refuse(
                "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            );
        }
        if (lower(tag.key).starts_with("aws:")) {
            return refuse(
                "InvalidInput",
                "The tag key " + tag.key + " is invalid: keys with the prefix aws: are reserved."
            );
        }
        // Keys differ only in case: the later one names the same tag.
        std::erase_if(tags, [&](const auto& present) { return lower(present.first) == lower(tag.key); });
        tags[tag.key] = tag.value;
    }
    if (tags.size() > kTagsPerEntity)
        return refuse("LimitExceeded", "The number of tags has reached the maximum limit.");
    return {};
}

std::vector<shapes::iam::Tag> shown(const Tags& tags) {
    std::vector<shapes::iam::Tag> list;
    for (const auto& [key, value] : tags) list.push_back({key, value});
    return list;
}

}  // namespace gantry::iam
