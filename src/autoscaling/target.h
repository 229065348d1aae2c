#pragma once

#include <boost/describe.hpp>
#include <map>
#include <string>
#include <string_view>

#include "autoscaling/resource.h"
#include "base/instant.h"
#include "operation/caller.h"
#include "shapes/applicationautoscaling/shapes.h"
#include "shapes/record_codec.h"
#include "state/schema.h"

namespace gantry::autoscaling {

// A service whose desired count is to be kept inside [min, max] and moved by policies and scheduled actions.
struct TargetRecord {
    static constexpr state::TableInfo kTable{"autoscaling.target", 1};

    std::string account;
    std::string region;
    std::string resource;  // "service/CLUSTER/SERVICE"
    // Fresh each time that the resource is registered: policies and scheduled actions of an earlier
    // registration are told apart by it.
    std::string id;
    int min = 0;
    int max = 0;
    std::string role_arn;
    bool scale_in_suspended = false;
    bool scale_out_suspended = false;
    bool schedules_suspended = false;
    PolicyInstant created;
    std::map<std::string, std::string> tags;

    // The namespace and dimension stand in the key, so that other ones can join.
    static std::string key(std::string_view scope, std::string_view resource) {
        return std::string(scope) + kNamespace + "/" + std::string(resource) + "/" + kDimension;
    }
    std::string scope() const { return account + "/" + region + "/"; }
    std::string key() const { return key(scope(), resource); }
    // The start of the keys of its policies and scheduled actions.
    std::string parts() const { return key() + "/"; }
    std::string arn() const {
        return "arn:aws:application-autoscaling:" + region + ":" + account + ":scalable-target/" + id;
    }
};
BOOST_DESCRIBE_STRUCT(
    TargetRecord,
    (),
    (account,
     region,
     resource,
     id,
     min,
     max,
     role_arn,
     scale_in_suspended,
     scale_out_suspended,
     schedules_suspended,
     created,
     tags)
)

struct TargetByArn {
    using Record = TargetRecord;
    static void keys(const TargetRecord& target, std::vector<std::string>& out) {
        out.push_back(target.arn());
    }
};

// ObjectNotFoundException: it is not registered; `what` is AWS's beginning of the sentence.
Result<state::Pinned<TargetRecord>> find_target(
    const state::View& view,
    const Caller& caller,
    const Resource& resource,
    const char* what = "No scalable target registered for "
);

}  // namespace gantry::autoscaling
