#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec.h"
#include "base/instant.h"
#include "ecs/service_revision.h"
#include "state/schema.h"

namespace gantry::ecs {

// INACTIVE ones are not kept: AWS does not show them either.
enum class DeploymentStatus { PRIMARY, ACTIVE };
BOOST_DESCRIBE_ENUM(DeploymentStatus, PRIMARY, ACTIVE)
enum class RolloutState { IN_PROGRESS, COMPLETED, FAILED };
BOOST_DESCRIBE_ENUM(RolloutState, IN_PROGRESS, COMPLETED, FAILED)

// One of DescribeServices' `deployments`: a service revision that has tasks or shall have some. There is
// one PRIMARY, ServiceRecord::primary names it. An operation makes it, and writes the PRIMARY's desired
// count when that of the service changes; all else the service controller writes. It erases one that is not
// PRIMARY when its last task has stopped.
struct DeploymentRecord {
    static constexpr state::TableInfo kTable{"ecs.deployment", 1};

    std::string parts;    // ServiceRecord::parts()
    std::string service;  // record key
    std::string id;       // 19 digits, those of its service revision
    std::string definition;  // the task definition revision's record key
    DeploymentStatus status = DeploymentStatus::PRIMARY;
    RolloutState rollout_state = RolloutState::IN_PROGRESS;
    std::string rollout_state_reason;
    int desired_count = 0;
    int failed_tasks = 0;  // in a row
    PolicyInstant created_at;
    PolicyInstant updated_at;
    // Real time: starts that fail are repeated more and more seldom.
    int failed_launches = 0;
    std::optional<RealInstant> launch_again_at;
    int wave = 0;
    // It was COMPLETED once: the service may be rolled back to it.
    bool proven = false;

    static std::string key(std::string_view parts, std::string_view id) {
        return std::string(parts) + std::string(id);
    }
    std::string key() const { return key(parts, id); }
    // As DescribeServices and a task's startedBy have it.
    std::string name() const { return "ecs-svc/" + id; }
};
BOOST_DESCRIBE_STRUCT(
    DeploymentRecord,
    (),
    (parts,
     service,
     id,
     definition,
     status,
     rollout_state,
     rollout_state_reason,
     desired_count,
     failed_tasks,
     created_at,
     updated_at,
     failed_launches,
     launch_again_at,
     wave,
     proven)
)

// By the task definition revision's record key: one that is used is not removed.
struct DeploymentsByDefinition {
    using Record = DeploymentRecord;
    static constexpr bool kCounted = true;
    static void keys(const DeploymentRecord& deployment, std::vector<std::string>& out) {
        out.push_back(deployment.definition);
    }
};

}  // namespace gantry::ecs
