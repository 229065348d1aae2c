#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "link/observed_target.h"
#include "state/schema.h"

namespace gantry::elbv2 {

// Where a registered target is in its life. `unused` is not kept: it follows from the group (no listener
// forwards to it).
enum class TargetHealth { initial, healthy, unhealthy, draining };
BOOST_DESCRIBE_ENUM(TargetHealth, initial, healthy, unhealthy, draining)

// One address and port registered in a target group. A draining one disappears when no flow is left, when its
// delay is over, or at once when it is said to be dead.
struct TargetRecord {
    static constexpr state::TableInfo kTable{"elbv2.target", 1};

    std::string group;  // the target group's record key
    std::string address;
    int port = 0;
    std::string zone;          // an availability zone, or "all"
    std::string registration;  // fresh with each registration
    // The record key of the ecs task that it belongs to; empty: registered by a user.
    std::string owner;
    PolicyInstant registered_at;

    TargetHealth health = TargetHealth::initial;
    // Real time: since when it has been draining, and until when at most.
    std::optional<RealInstant> draining_since, draining_until;

    // ---- observed: the newest report.
    link::ObservedTarget observed;
    std::string report_worker;  // whose it is; empty: none came yet
    std::uint64_t report_incarnation = 0;
    std::uint64_t report_sequence = 0;

    static std::string key(std::string_view group, std::string_view address, int port) {
        return std::string(group) + "/" + std::string(address) + ":" + std::to_string(port);
    }
    std::string key() const { return key(group, address, port); }
};
BOOST_DESCRIBE_STRUCT(
    TargetRecord,
    (),
    (group,
     address,
     port,
     zone,
     registration,
     owner,
     registered_at,
     health,
     draining_since,
     draining_until,
     observed,
     report_worker,
     report_incarnation,
     report_sequence)
)

// By the target group's record key.
struct TargetsByGroup {
    using Record = TargetRecord;
    static constexpr bool kCounted = true;
    static void keys(const TargetRecord& target, std::vector<std::string>& out) {
        out.push_back(target.group);
    }
};

// By the record key of the task that it belongs to.
struct TargetsByOwner {
    using Record = TargetRecord;
    static void keys(const TargetRecord& target, std::vector<std::string>& out) {
        if (!target.owner.empty()) out.push_back(target.owner);
    }
};

// By the registration, as workers name it.
struct TargetByRegistration {
    using Record = TargetRecord;
    static void keys(const TargetRecord& target, std::vector<std::string>& out) {
        out.push_back(target.registration);
    }
};

}  // namespace gantry::elbv2
