#pragma once

#include <boost/describe.hpp>

#include "base/instant.h"
#include "iam/role.h"
#include "state/schema.h"

namespace gantry::iam {

struct PolicyVersion {
    int number = 1;  // shown as "v1"
    std::string document;
    PolicyInstant created;
};
BOOST_DESCRIBE_STRUCT(PolicyVersion, (), (number, document, created))

// A customer-managed policy. AWS's own are in managed_policies.h.
struct PolicyRecord {
    static constexpr state::TableInfo kTable{"iam.policy", 1};

    std::string account;
    std::string name;
    std::string path = "/";
    std::string id;  // ANPA…
    std::optional<std::string> description;
    PolicyInstant created;
    PolicyInstant updated;
    std::vector<PolicyVersion> versions;  // at most five, oldest first
    int default_version = 1;
    int last_version = 1;  // numbers are not given twice
    Tags tags;

    std::string key() const { return key_of(account, name); }
    std::string arn() const { return arn_of(account, "policy", path, name); }
};
BOOST_DESCRIBE_STRUCT(
    PolicyRecord,
    (),
    (account, name, path, id, description, created, updated, versions, default_version, last_version, tags)
)

// By key with the name in lower case.
struct PolicyByLowerName {
    using Record = PolicyRecord;
    static void keys(const PolicyRecord& policy, std::vector<std::string>& out) {
        out.push_back(key_of(policy.account, lower(policy.name)));
    }
};

}  // namespace gantry::iam
