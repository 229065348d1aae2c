#include "elbv2/admit_target_group.h"

#include <charconv>

#include "elbv2/find.h"

namespace gantry::elbv2 {
namespace {

bool read_number(std::string_view text, int& number) {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return !text.empty() && read.ec == std::errc() && read.ptr == text.data() + text.size();
}

Result<> check_matcher(const TargetGroupRecord& group, const HealthCheckChanges& changes) {
    if (!changes.matcher) return {};
    const auto& http = changes.matcher->http_code;
    const auto& grpc = changes.matcher->grpc_code;
    if (!http && !grpc) return {};
    if (group.health_check.protocol == "TCP") {
        return invalid(
            "Health check matcher codes cannot be customized for health checks with the TCP protocol"
        );
    }
    const bool of_grpc = group.protocol_version == "GRPC";
    if (http && grpc) return invalid("A matcher can have either an HTTP code or a gRPC code, but not both");
    if (grpc && !of_grpc) return invalid("gRPC codes need a target group with protocol version GRPC");
    if (http && of_grpc) return invalid("HTTP codes cannot be used with protocol version GRPC");
    if (http && !is_code_list(*http, 200, group.application() ? 499 : 599)) {
        return invalid(
            "Health check matcher HTTP code '" + *http + "' must be within '200-" +
            (group.application() ? "499" : "599") + "' inclusive"
        );
    }
    if (grpc && !is_code_list(*grpc, 0, 99))
        return invalid("Health check matcher gRPC code '" + *grpc + "' must be within '0-99' inclusive");
    return {};
}

Result<> check(const TargetGroupRecord& group) {
    const auto& check = group.health_check;
    const std::string interval = std::to_string(check.interval);
    const std::string timeout = std::to_string(check.timeout);
    if (group.application() && check.timeout >= check.interval) {
        return invalid(
            "Health check timeout '" + timeout + "' must be smaller than the interval '" + interval + "'"
        );
    }
    if (check.timeout > check.interval) {
        return invalid(
            "Health check timeout '" + timeout + "' must be smaller than or equal to the interval '" +
            interval + "'"
        );
    }
    int port = 0;
    const bool numbered = read_number(check.port, port) && port >= 1 && port <= 65535;
    if (check.port != "traffic-port" && !numbered) {
        return invalid("Health check port '" + check.port + "' must be 'traffic-port' or a port number");
    }
    if (check.protocol != "TCP" && !check.path.starts_with('/'))
        return invalid("Health check path '" + check.path + "' must begin with a '/' character");
    return {};
}

}  // namespace

bool is_code_list(std::string_view text, int least, int most) {
    if (text.empty()) return false;
    while (true) {
        const auto end = text.find(',');
        const auto part = text.substr(0, end);
        const auto dash = part.find('-');
        int from = 0, to = 0;
        if (!read_number(part.substr(0, dash), from)) return false;
        to = from;
        if (dash != std::string_view::npos && !read_number(part.substr(dash + 1), to)) return false;
        if (from < least || to > most || to < from) return false;
        if (end == std::string_view::npos) return true;
        text.remove_prefix(end + 1);
    }
}

HealthCheck default_health_check(const TargetGroupRecord& group, const std::string& check_protocol) {
    HealthCheck check;
    check.protocol = check_protocol;
    if (check_protocol == "TCP") return check;  // every 30 seconds, within 10, 5 times
    const bool grpc = group.protocol_version == "GRPC";
    check.path = grpc ? "/AWS.ALB/healthcheck" : "/";
    if (grpc) {
        check.grpc_codes = "12";
    } else {
        check.http_codes = group.application() ? "200" : "200-399";
    }
    if (group.application()) {
        check.timeout = 5;
    } else {
        check.timeout = check_protocol == "HTTP" ? 6 : 10;
    }
    return check;
}

Result<> apply(const HealthCheckChanges& changes, TargetGroupRecord& group) {
    auto& check = group.health_check;
    if (changes.enabled && !*changes.enabled)
        return invalid("Health check enabled must be true for target groups with target type '" +
                       group.target_type + "'");
    if (changes.protocol && *changes.protocol != check.protocol) {
        if (*changes.protocol != "TCP" && *changes.protocol != "HTTP" && *changes.protocol != "HTTPS")
            return invalid("Health check protocol '" + *changes.protocol + "' must be one of 'HTTP, HTTPS, TCP'");
        if (*changes.protocol == "TCP" && group.application()) {
            return invalid(
                "Health check protocol 'TCP' is not supported for target groups with the " + group.protocol +
                " protocol"
            );
        }
        const HealthCheck was = check;
        check = default_health_check(group, *changes.protocol);
        if (!was.protocol.empty()) {
            check.port = was.port;
            check.interval = was.interval;
            check.healthy_threshold = was.healthy_threshold;
            check.unhealthy_threshold = was.unhealthy_threshold;
            if (check.timeout > check.interval) check.timeout = was.timeout;
        }
    }
    TRY_VOID(check_matcher(group, changes));
    const bool with_path = changes.path && !changes.path->empty();
    if (with_path && check.protocol == "TCP")
        return invalid("Health check paths are not supported for health checks with the TCP protocol");
    if (changes.port) check.port = *changes.port;
    if (with_path) check.path = *changes.path;
    if (changes.interval) check.interval = *changes.interval;
    if (changes.timeout) check.timeout = *changes.timeout;
    if (changes.healthy_threshold) check.healthy_threshold = *changes.healthy_threshold;
    if (changes.unhealthy_threshold) check.unhealthy_threshold = *changes.unhealthy_threshold;
    if (changes.matcher && changes.matcher->http_code) check.http_codes = *changes.matcher->http_code;
    if (changes.matcher && changes.matcher->grpc_code) check.grpc_codes = *changes.matcher->grpc_code;
    return elbv2::check(group);
}

}  // namespace gantry::elbv2
