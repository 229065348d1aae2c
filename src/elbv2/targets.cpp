// Registering and deregistering targets, and how they are.
#include <algorithm>
#include <set>

#include "ec2/subnet.h"
#include "ec2/vpc.h"
#include "elbv2/draining.h"
#include "elbv2/find.h"
#include "elbv2/judgement.h"
#include "elbv2/limits.h"
#include "elbv2/usage.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

// A transaction has room for a hundred.
constexpr std::size_t kTargetsInOneCall = 100;

constexpr ec2::Cidr kPrivate[] = {
    {{0x0a000000u}, 8}, {{0x64400000u}, 10}, {{0xac100000u}, 12}, {{0xc0a80000u}, 16}
};

Result<> check_count(std::size_t targets) {
    if (targets > kTargetsInOneCall) {
        return invalid(
            "At most " + std::to_string(kTargetsInOneCall) + " targets can be specified in one request"
        );
    }
    return {};
}

// The zone that an address is in: of its subnet inside the group's VPC, "all" outside.
Result<std::string> zone_of(
    const state::View& view, const TargetGroupRecord& group, const TargetDescription& target
) {
    const auto address = ec2::parse_ipv4(target.id);
    if (!address) return invalid("The IP address '" + target.id + "' is not a valid IPv4 address");
    const auto vpc_key = key_of(group.account, group.region, group.vpc);
    const auto vpc = view.get<ec2::VpcRecord>(vpc_key);
    if (vpc && vpc->block().contains(*address)) {
        for (const auto& subnet : view.find<ec2::SubnetsByVpc>(vpc_key)) {
            if (subnet->block().contains(*address)) return subnet->zone;
        }
        return refuse(
            "InvalidTarget", "The IP address '" + target.id + "' is not within a subnet of VPC '" + group.vpc + "'"
        );
    }
    const bool reachable = std::any_of(std::begin(kPrivate), std::end(kPrivate), [&](const auto& block) {
        return block.contains(*address);
    });
    if (!reachable) {
        return invalid(
            "The IP address '" + target.id +
            "' must be within the VPC or one of '10.0.0.0/8, 100.64.0.0/10, 172.16.0.0/12, 192.168.0.0/16'"
        );
    }
    if (target.availability_zone != "all") {
        return invalid(
            "The Availability Zone 'all' must be specified for the IP address '" + target.id +
            "' outside of the VPC"
        );
    }
    return std::string("all");
}

TargetRecord fresh(const Txn& txn, const TargetGroupRecord& group, const TargetDescription& asked) {
    TargetRecord target;
    target.group = group.key();
    target.address = asked.id;
    target.port = asked.port.value_or(group.port);
    target.registration = txn.chance().hex(16);
    target.registered_at = txn.now();
    return target;
}

HealthWords words_of(const Txn& txn, const TargetGroupRecord& group, const TargetRecord& target) {
    return describe(group, target, in_use(txn, target));
}

TargetHealthDescription show(
    const TargetGroupRecord& group, TargetDescription target, HealthWords words, bool anomalies
) {
    TargetHealthDescription out;
    const auto& port = group.health_check.port;
    out.health_check_port = port == "traffic-port" ? std::to_string(target.port.value_or(group.port)) : port;
    out.target = std::move(target);
    auto& health = out.target_health.emplace();
    if (!words.reason.empty()) health.reason = std::move(words.reason);
    if (!words.description.empty()) health.description = std::move(words.description);
    if (anomalies && group.application()) {
        auto& anomaly = out.anomaly_detection.emplace();
        anomaly.result = "normal";
        anomaly.mitigation_in_effect = "no";
    }
    if (words.state != "unused") {
        auto& shown = out.administrative_override.emplace();
        shown.state = "no_override";
        shown.reason = "AdministrativeOverride.NoOverride";
        shown.description = "No override is currently active on target";
    }
    health.state = std::move(words.state);
    return out;
}

}  // namespace

// Registering again what is there changes nothing; what is draining begins anew.
Result<RegisterTargetsResponse> register_targets(
    Txn& txn, const RegisterTargetsRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.target_group_arn));
    TRY_VOID(check_count(request.targets.size()));
    if (group->target_type == "instance") {
        return refuse(
            "InvalidTarget", "The following targets are not in a running state and cannot be registered: '" +
                                 request.targets.front().id + "'"
        );
    }
    std::size_t count = txn.count<TargetsByGroup>(group->key());
    for (const auto& asked : request.targets) {
        if (asked.quic_server_id) return not_built("QUIC server IDs of targets");
        TargetRecord target = fresh(txn, *group, asked);
        TRY(target.zone, zone_of(txn, *group, asked));
        const auto known = txn.get<TargetRecord>(target.key());
        if (known && known->health != TargetHealth::draining) continue;
        if (!known && ++count > kTargetsPerGroup) {
            return refuse(
                "TooManyTargets", "The maximum number of targets per target group has been reached: " +
                                      std::to_string(kTargetsPerGroup)
            );
        }
        txn.put(std::move(target));
    }
    return RegisterTargetsResponse{};
}

// A target without a port stands for all of that address. What is not registered is no error, as on AWS.
Result<DeregisterTargetsResponse> deregister_targets(
    Txn& txn, const DeregisterTargetsRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.target_group_arn));
    TRY_VOID(check_count(request.targets.size()));
    std::set<std::string> keys;
    for (const auto& asked : request.targets) {
        if (asked.port) {
            keys.insert(TargetRecord::key(group->key(), asked.id, *asked.port));
            continue;
        }
        for (const auto& target : txn.list<TargetRecord>(group->key() + "/" + asked.id + ":"))
            keys.insert(target->key());
    }
    TRY_VOID(check_count(keys.size()));
    for (const auto& key : keys) {
        const auto target = txn.get<TargetRecord>(key);
        if (!target || target->health == TargetHealth::draining) continue;
        if (auto draining = begin_drain(txn, txn.turn(), *target)) {
            txn.put(std::move(*draining));
        } else {
            txn.erase<TargetRecord>(key);
        }
    }
    return DeregisterTargetsResponse{};
}

Result<DescribeTargetHealthResponse> describe_target_health(
    Txn& txn, const DescribeTargetHealthRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.target_group_arn));
    const bool anomalies = request.include && !request.include->empty();
    DescribeTargetHealthResponse response;
    auto& list = response.target_health_descriptions.emplace();
    const auto add = [&](const TargetRecord& target) {
        TargetDescription named;
        named.id = target.address;
        named.port = target.port;
        if (!target.zone.empty()) named.availability_zone = target.zone;
        list.push_back(show(*group, std::move(named), words_of(txn, *group, target), anomalies));
    };
    if (!request.targets || request.targets->empty()) {
        for (const auto& target : txn.find<TargetsByGroup>(group->key())) add(*target);
        return response;
    }
    for (const auto& asked : *request.targets) {
        std::vector<state::Pinned<TargetRecord>> found;
        if (asked.port) {
            if (auto one = txn.get<TargetRecord>(TargetRecord::key(group->key(), asked.id, *asked.port)))
                found.push_back(std::move(one));
        } else {
            found = txn.list<TargetRecord>(group->key() + "/" + asked.id + ":");
        }
        for (const auto& target : found) add(*target);
        if (!found.empty()) continue;
        TargetDescription named = asked;
        if (!named.port) named.port = group->port;
        list.push_back(show(*group, std::move(named), describe_unregistered(), anomalies));
    }
    return response;
}

}  // namespace gantry::elbv2
