#pragma once

#include <boost/describe.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "base/result.h"
#include "operation/caller.h"
#include "state/schema.h"
#include "state/view.h"

namespace gantry::codedeploy {

using Tags = std::map<std::string, std::string>;

// What deployment groups, revisions and deployments belong to. Those refer to its id, so that it can be renamed.
struct ApplicationRecord {
    static constexpr state::TableInfo kTable{"codedeploy.application", 1};

    std::string scope;  // "ACCOUNT/REGION/"
    std::string name;
    std::string id;                // UUID
    std::string compute_platform;  // "ECS", "Server", "Lambda"; deployments are there for ECS only
    PolicyInstant created_at;
    Tags tags;

    std::string key() const { return scope + name; }
    // The start of the keys of all that belongs to it.
    std::string parts() const { return scope + id + "/"; }
};
BOOST_DESCRIBE_STRUCT(ApplicationRecord, (), (scope, name, id, compute_platform, created_at, tags))

// By scope and id.
struct ApplicationById {
    using Record = ApplicationRecord;
    static void keys(const ApplicationRecord& application, std::vector<std::string>& out) {
        out.push_back(application.scope + application.id);
    }
};

// ApplicationDoesNotExistException.
Result<state::Pinned<ApplicationRecord>> find_application(
    const state::View& view, const Caller& caller, const std::string& name
);

// AWS's default quota.
inline constexpr std::size_t kApplications = 1000;
inline constexpr std::size_t kNamesPerBatch = 100;

}  // namespace gantry::codedeploy
