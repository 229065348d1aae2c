#pragma once

#include <boost/describe.hpp>

#include "base/instant.h"
#include "iam/role.h"
#include "state/schema.h"

namespace gantry::iam {

struct UserRecord {
    static constexpr state::TableInfo kTable{"iam.user", 1};

    std::string account;
    std::string name;
    std::string path = "/";
    std::string id;  // AIDA…
    PolicyInstant created;
    Tags tags;

    std::string key() const { return key_of(account, name); }
    std::string arn() const { return arn_of(account, "user", path, name); }
};
BOOST_DESCRIBE_STRUCT(UserRecord, (), (account, name, path, id, created, tags))

// By key with the name in lower case.
struct UserByLowerName {
    using Record = UserRecord;
    static void keys(const UserRecord& user, std::vector<std::string>& out) {
        out.push_back(key_of(user.account, lower(user.name)));
    }
};

// A user's long-lived key. Access key ids are unique over the installation: the key decides the account.
struct AccessKeyRecord {
    static constexpr state::TableInfo kTable{"iam.access_key", 1};

    std::string id;  // AKIA…
    std::string account;
    std::string user;
    std::string secret;  // SigV4 needs it as it is
    bool active = true;
    PolicyInstant created;

    std::string key() const { return id; }
};
BOOST_DESCRIBE_STRUCT(AccessKeyRecord, (), (id, account, user, secret, active, created))

// By the user's record key.
struct AccessKeysByUser {
    using Record = AccessKeyRecord;
    static void keys(const AccessKeyRecord& access, std::vector<std::string>& out) {
        out.push_back(key_of(access.account, access.user));
    }
};

}  // namespace gantry::iam
