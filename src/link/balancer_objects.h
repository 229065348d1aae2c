#pragma once

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <map>
#include <string>
#include <vector>

#include "base/codec.h"

// What a worker must know of load balancers to carry their traffic and to probe their targets. Two object
// kinds, so that a target that changes its state does not send the balancer's rules again:
// "load_balancer" (LoadBalancer) and "target_group" (TargetGroup). Both have `id` as their key; it is unique
// in the installation.
//
// The control plane decides who is healthy; the worker decides from that where a new flow goes (zones,
// weights, fail-open), because it may by itself take traffic from its own dead target.
namespace gantry::link {

// Where a balancer listens in one zone. The interface is an "eni" object of its own (security groups, VPC).
struct BalancerAddress {
    std::string zone;  // "ap-northeast-1a"
    std::string eni;
    std::string address;
    friend bool operator==(const BalancerAddress&, const BalancerAddress&) = default;
};
BOOST_DESCRIBE_STRUCT(BalancerAddress, (), (zone, eni, address))

// One target group of a forward action with its share, 0-999. All weights 0: nobody gets traffic.
struct WeightedGroup {
    std::string group;  // TargetGroup::id
    int weight = 1;
    friend bool operator==(const WeightedGroup&, const WeightedGroup&) = default;
};
BOOST_DESCRIBE_STRUCT(WeightedGroup, (), (group, weight))

// What is done with a request. `type` is AWS's: "forward", "redirect", "fixed-response".
struct BalancerAction {
    std::string type;
    std::vector<WeightedGroup> groups;  // forward
    int stickiness_seconds = 0;         // forward: target-group stickiness; 0: off
    // redirect: AWS's members, placeholders (#{host} …) unresolved; status_code also of a fixed response.
    std::string protocol, host, port, path, query;
    int status_code = 0;
    std::string content_type, body;  // fixed response
    friend bool operator==(const BalancerAction&, const BalancerAction&) = default;
};
BOOST_DESCRIBE_STRUCT(
    BalancerAction,
    (),
    (type, groups, stickiness_seconds, protocol, host, port, path, query, status_code, content_type, body)
)

struct QueryPair {
    std::string key;  // empty: any key
    std::string value;
    friend bool operator==(const QueryPair&, const QueryPair&) = default;
};
BOOST_DESCRIBE_STRUCT(QueryPair, (), (key, value))

// AND over a rule's conditions, OR over one condition's values. `field` is AWS's: "host-header",
// "path-pattern", "http-header", "http-request-method", "query-string", "source-ip".
struct BalancerCondition {
    std::string field;
    std::string header;               // http-header: its name
    std::vector<std::string> values;  // with wildcards * and ? where AWS has them
    std::vector<std::string> regex_values;
    std::vector<QueryPair> query;  // query-string
    friend bool operator==(const BalancerCondition&, const BalancerCondition&) = default;
};
BOOST_DESCRIBE_STRUCT(BalancerCondition, (), (field, header, values, regex_values, query))

// The lowest priority that matches wins; the listener's default actions come last.
struct BalancerRule {
    int priority = 0;
    std::vector<BalancerCondition> conditions;
    BalancerAction action;
    friend bool operator==(const BalancerRule&, const BalancerRule&) = default;
};
BOOST_DESCRIBE_STRUCT(BalancerRule, (), (priority, conditions, action))

// A server certificate with its private key, PEM. The first of a listener is its default, others go by SNI.
struct BalancerCertificate {
    std::string arn;
    std::string certificate, chain, private_key;
    friend bool operator==(const BalancerCertificate&, const BalancerCertificate&) = default;
};
BOOST_DESCRIBE_STRUCT(BalancerCertificate, (), (arn, certificate, chain, private_key))

struct BalancerListener {
    std::string id;
    std::string protocol;  // "TCP", "UDP", "TCP_UDP", "TLS" on network ones; "HTTP", "HTTPS" on application ones
    int port = 0;
    std::vector<BalancerRule> rules;  // application balancers only
    BalancerAction default_action;
    std::vector<BalancerCertificate> certificates;
    std::string ssl_policy;
    std::map<std::string, std::string> attributes;  // listener attributes, as AWS names them
    friend bool operator==(const BalancerListener&, const BalancerListener&) = default;
};
BOOST_DESCRIBE_STRUCT(
    BalancerListener,
    (),
    (id, protocol, port, rules, default_action, certificates, ssl_policy, attributes)
)

// Object kind "load_balancer".
struct LoadBalancer {
    std::string id;
    std::string type;      // "network" or "application"
    std::string name;      // for messages to people
    std::string dns_name;  // "front-0123456789abcdef.elb.ap-northeast-1.gantry.internal"
    // Its own address in 127.64.0.0/16, under which programs on the host reach it; no other balancer has it.
    std::string host_address;
    std::vector<BalancerAddress> addresses;
    // Whether security groups stand before it (network balancers may have none: then everyone may come).
    bool security_groups = false;
    std::vector<BalancerListener> listeners;
    std::map<std::string, std::string> attributes;  // all of them, defaults included
    friend bool operator==(const LoadBalancer&, const LoadBalancer&) = default;
};
BOOST_DESCRIBE_STRUCT(
    LoadBalancer,
    (),
    (id, type, name, dns_name, host_address, addresses, security_groups, listeners, attributes)
)

// How targets are probed. Times in seconds.
struct TargetHealthCheck {
    bool enabled = true;
    std::string protocol;  // "TCP", "HTTP", "HTTPS"
    int port = 0;          // 0: each target's own port ("traffic-port")
    std::string path;
    std::string matcher;  // "200", "200-299,301"; empty for TCP
    int interval = 30;
    int timeout = 10;
    // The worker stops counting a run of equal outcomes at the larger of the two.
    int healthy_threshold = 5;
    int unhealthy_threshold = 2;
    friend bool operator==(const TargetHealthCheck&, const TargetHealthCheck&) = default;
};
BOOST_DESCRIBE_STRUCT(
    TargetHealthCheck,
    (),
    (enabled, protocol, port, path, matcher, interval, timeout, healthy_threshold, unhealthy_threshold)
)

// draining: gets no new flow, open ones go on, not probed; the worker reports when none is left.
enum class TargetState { initial, healthy, unhealthy, draining };
BOOST_DESCRIBE_ENUM(TargetState, initial, healthy, unhealthy, draining)

struct BalancerTarget {
    std::string address;
    int port = 0;
    std::string zone;  // empty or "all": every zone
    TargetState state = TargetState::initial;
    // Names one registration: a target that is registered again has another one, so that late reports about
    // the former do not count for it.
    std::string registration;
    friend bool operator==(const BalancerTarget&, const BalancerTarget&) = default;
};
BOOST_DESCRIBE_STRUCT(BalancerTarget, (), (address, port, zone, state, registration))

// Object kind "target_group". Published to the workers that carry a balancer which forwards to it.
struct TargetGroup {
    std::string id;
    std::string name;
    std::string protocol;          // "TCP", "UDP", "TCP_UDP", "TLS", "HTTP", "HTTPS"
    std::string protocol_version;  // "HTTP1", "HTTP2", "GRPC"; empty for network groups
    TargetHealthCheck health_check;
    std::map<std::string, std::string> attributes;  // all of them, defaults included
    // Probes come from here: an address of a balancer that forwards to the group.
    std::string probe_from;
    std::vector<BalancerTarget> targets;
    friend bool operator==(const TargetGroup&, const TargetGroup&) = default;
};
BOOST_DESCRIBE_STRUCT(
    TargetGroup,
    (),
    (id, name, protocol, protocol_version, health_check, attributes, probe_from, targets)
)

}  // namespace gantry::link
