#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "iam/policy.h"
#include "iam/role.h"
#include "iam/user.h"
#include "operation/caller.h"
#include "shapes/iam/shapes.h"
#include "state/txn.h"

namespace gantry::iam {

// What is looked up by name, with IAM's refusals.
Result<state::Pinned<RoleRecord>> find_role(
    const state::View& view, const Caller& caller, const std::string& name
);
// The same, and refuses service-linked roles: only AWS may change them.
Result<state::Pinned<RoleRecord>> find_own_role(
    const state::View& view, const Caller& caller, const std::string& name
);
Result<state::Pinned<UserRecord>> find_user(
    const state::View& view, const Caller& caller, const std::string& name
);
// A customer-managed policy of the caller's account by its ARN; AWS's own are refused as not the caller's.
Result<state::Pinned<PolicyRecord>> find_own_policy(
    const state::View& view, const Caller& caller, const std::string& arn, const char* operation
);
// Null when the ARN names no policy of the caller's account.
state::Pinned<PolicyRecord> policy_with(
    const state::View& view, const Caller& caller, const std::string& arn
);
// Whether a policy of that ARN exists, AWS's or the account's.
bool policy_exists(const state::View& view, const Caller& caller, const std::string& arn);

tl::unexpected<Error> no_such_entity(std::string message);

// Adds or replaces tags, or refuses.
Result<> add_tags(Tags& tags, const std::vector<shapes::iam::Tag>& added);
std::vector<shapes::iam::Tag> shown(const Tags& tags);

}  // namespace gantry::iam
