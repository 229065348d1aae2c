#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "elbv2/scope.h"
#include "state/schema.h"

namespace gantry::elbv2 {

// How targets are probed. Times in seconds.
struct HealthCheck {
    bool enabled = true;
    std::string protocol;               // "TCP", "HTTP", "HTTPS"
    std::string port = "traffic-port";  // or a number
    std::string path;                   // empty for TCP
    int interval = 30;
    int timeout = 10;
    int healthy_threshold = 5;
    int unhealthy_threshold = 2;
    std::string http_codes;  // "200", "200-299,301"; empty for TCP and gRPC
    std::string grpc_codes;

    friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};
BOOST_DESCRIBE_STRUCT(
    HealthCheck,
    (),
    (enabled,
     protocol,
     port,
     path,
     interval,
     timeout,
     healthy_threshold,
     unhealthy_threshold,
     http_codes,
     grpc_codes)
)

struct TargetGroupRecord {
    static constexpr state::TableInfo kTable{"elbv2.target_group", 1};

    std::string account;
    std::string region;
    std::string id;
    std::string name;              // unique in the account and region
    std::string protocol;          // "TCP", "UDP", "TCP_UDP", "TLS", "HTTP", "HTTPS"
    std::string protocol_version;  // "HTTP1", "HTTP2", "GRPC"; empty for network groups
    int port = 0;
    std::string vpc;
    std::string target_type = "ip";  // or "instance"
    HealthCheck health_check;
    Attributes attributes;  // those that somebody set
    Tags tags;

    // Of application load balancers.
    bool application() const { return protocol == "HTTP" || protocol == "HTTPS"; }
    std::string key() const { return key_of(account, region, id); }
    std::string arn() const;
};
BOOST_DESCRIBE_STRUCT(
    TargetGroupRecord,
    (),
    (account,
     region,
     id,
     name,
     protocol,
     protocol_version,
     port,
     vpc,
     target_type,
     health_check,
     attributes,
     tags)
)

// By id alone: workers know groups by it.
struct TargetGroupById {
    using Record = TargetGroupRecord;
    static void keys(const TargetGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(group.id);
    }
};

// By "ACCOUNT/REGION/NAME".
struct TargetGroupByName {
    using Record = TargetGroupRecord;
    static void keys(const TargetGroupRecord& group, std::vector<std::string>& out) {
        out.push_back(key_of(group.account, group.region, group.name));
    }
};

}  // namespace gantry::elbv2
