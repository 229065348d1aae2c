#pragma once

#include <boost/describe.hpp>

#include "base/instant.h"
#include "iam/unique_id.h"
#include "state/schema.h"

namespace gantry::iam {

using Tags = std::map<std::string, std::string>;

struct RoleRecord {
    static constexpr state::TableInfo kTable{"iam.role", 1};

    std::string account;
    std::string name;
    std::string path = "/";
    std::string id;              // AROA…
    std::string trust_document;  // as sent
    std::optional<std::string> description;
    int max_session_seconds = 3600;
    PolicyInstant created;
    std::map<std::string, std::string>
        inline_policies;                         // name → document as sent; ≤ 10,240 characters together
    std::vector<std::string> attached_policies;  // ARNs, in the order of attaching
    std::string permissions_boundary;            // ARN
    std::string linked_service;  // "ecs.amazonaws.com": a service-linked role, only AWS may change it
    Tags tags;

    std::string key() const { return key_of(account, name); }
    std::string arn() const { return arn_of(account, "role", path, name); }
};
BOOST_DESCRIBE_STRUCT(
    RoleRecord,
    (),
    (account,
     name,
     path,
     id,
     trust_document,
     description,
     max_session_seconds,
     created,
     inline_policies,
     attached_policies,
     permissions_boundary,
     linked_service,
     tags)
)

// By key with the name in lower case: names are unique without regard to case.
struct RoleByLowerName {
    using Record = RoleRecord;
    static void keys(const RoleRecord& role, std::vector<std::string>& out) {
        out.push_back(key_of(role.account, lower(role.name)));
    }
};

// By "ACCOUNT/" and the ARN of an attached policy.
struct RolesByPolicy {
    using Record = RoleRecord;
    static void keys(const RoleRecord& role, std::vector<std::string>& out) {
        for (const auto& policy : role.attached_policies) out.push_back(key_of(role.account, policy));
    }
};

// An account that has its seeds: what its user deletes of them stays deleted.
struct SeededRecord {
    static constexpr state::TableInfo kTable{"iam.seeded", 1};

    std::string account;

    std::string key() const { return account; }
};
BOOST_DESCRIBE_STRUCT(SeededRecord, (), (account))

}  // namespace gantry::iam
