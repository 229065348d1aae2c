#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "codedeploy/app_spec.h"
#include "codedeploy/application.h"
#include "shapes/codedeploy/shapes.h"
#include "state/txn.h"

namespace gantry::codedeploy {

// An AppSpec that was registered, or deployed, under an application: its content says which it is.
struct RevisionRecord {
    static constexpr state::TableInfo kTable{"codedeploy.revision", 1};

    std::string scope;
    std::string application;  // its id
    std::string type;         // "AppSpecContent" or "String"
    std::string sha256;       // of the content, lower-case hexadecimal
    std::string content;
    std::string description;
    PolicyInstant registered_at;
    std::optional<PolicyInstant> first_used_at, last_used_at;
    std::vector<std::string> groups;  // names of the deployment groups that deployed it

    static std::string key(std::string_view parts, std::string_view type, std::string_view sha256) {
        return std::string(parts) + std::string(type) + "/" + std::string(sha256);
    }
    std::string key() const { return key(scope + application + "/", type, sha256); }
};
BOOST_DESCRIBE_STRUCT(
    RevisionRecord,
    (),
    (scope,
     application,
     type,
     sha256,
     content,
     description,
     registered_at,
     first_used_at,
     last_used_at,
     groups)
)

// What a request says, without identity; with content it is checked (sha256 where one is given, the AppSpec)
// and `spec` is there. Kept in S3 or GitHub: refused, there are none. InvalidRevisionException,
// RevisionRequiredException.
struct NamedRevision {
    std::string type;
    std::string sha256;
    std::string content;  // empty: named by its sha256 only
    std::optional<AppSpec> spec;
};
Result<NamedRevision> admit_revision(const std::optional<shapes::codedeploy::RevisionLocation>& location);

// The registered one, made from the content where there is one: RevisionDoesNotExistException else.
Result<RevisionRecord> known_or_new(
    const state::Txn& txn, const ApplicationRecord& application, const NamedRevision& named
);

// Without the content, as deployments and lists show it.
shapes::codedeploy::RevisionLocation revision_location(const std::string& type, const std::string& sha256);

std::string sha256_hex(std::string_view text);

}  // namespace gantry::codedeploy
