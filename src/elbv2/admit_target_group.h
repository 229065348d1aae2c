#pragma once

#include "base/result.h"
#include "elbv2/target_group.h"
#include "shapes/elbv2/shapes.h"

namespace gantry::elbv2 {

// The health check settings that a request brings; absent ones keep what stands there.
struct HealthCheckChanges {
    std::optional<std::string> protocol, port, path;
    std::optional<bool> enabled;
    std::optional<std::int32_t> interval, timeout, healthy_threshold, unhealthy_threshold;
    std::optional<shapes::elbv2::Matcher> matcher;
};

template <class Request>
HealthCheckChanges health_check_in(const Request& request) {
    return {
        request.health_check_protocol,
        request.health_check_port,
        request.health_check_path,
        request.health_check_enabled,
        request.health_check_interval_seconds,
        request.health_check_timeout_seconds,
        request.healthy_threshold_count,
        request.unhealthy_threshold_count,
        request.matcher,
    };
}

// AWS's defaults for a group of that protocol (and protocol version), for a check of that protocol.
HealthCheck default_health_check(const TargetGroupRecord& group, const std::string& check_protocol);

// Changes the group's health check, or refuses what AWS refuses. A check that becomes one of another protocol
// gets that one's defaults where nothing is said.
Result<> apply(const HealthCheckChanges& changes, TargetGroupRecord& group);

// "200", "200,302", "200-399": every number inside least and most.
bool is_code_list(std::string_view text, int least, int most);

}  // namespace gantry::elbv2
