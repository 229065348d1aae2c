// Creating, describing, changing and deleting target groups.
#include <set>

#include "ec2/vpc.h"
#include "elbv2/admit_target_group.h"
#include "elbv2/find.h"
#include "elbv2/limits.h"
#include "elbv2/name.h"
#include "elbv2/page.h"
#include "elbv2/tagging.h"
#include "elbv2/usage.h"
#include "state/txn.h"

namespace gantry::elbv2 {

using namespace shapes::elbv2;
using state::Txn;

namespace {

shapes::elbv2::TargetGroup show(const state::View& view, const TargetGroupRecord& group) {
    shapes::elbv2::TargetGroup out;
    const auto& check = group.health_check;
    out.target_group_arn = group.arn();
    out.target_group_name = group.name;
    out.protocol = group.protocol;
    out.port = group.port;
    out.vpc_id = group.vpc;
    out.health_check_protocol = check.protocol;
    out.health_check_port = check.port;
    out.health_check_enabled = check.enabled;
    out.health_check_interval_seconds = check.interval;
    out.health_check_timeout_seconds = check.timeout;
    out.healthy_threshold_count = check.healthy_threshold;
    out.unhealthy_threshold_count = check.unhealthy_threshold;
    if (!check.path.empty()) out.health_check_path = check.path;
    if (!check.grpc_codes.empty()) {
        out.matcher.emplace().grpc_code = check.grpc_codes;
    } else if (!check.http_codes.empty()) {
        out.matcher.emplace().http_code = check.http_codes;
    }
    out.load_balancer_arns.emplace();
    if (const auto balancer = balancer_of(view, group.key())) out.load_balancer_arns->push_back(balancer->arn());
    out.target_type = group.target_type;
    if (!group.protocol_version.empty()) out.protocol_version = group.protocol_version;
    out.ip_address_type = "ipv4";
    return out;
}

Result<> check_kind(const CreateTargetGroupRequest& request) {
    const std::string type = request.target_type.value_or("instance");
    if (type == "lambda" || type == "alb") return not_built("target groups of type '" + type + "'");
    if (!request.protocol) return invalid("A protocol must be specified");
    const std::string& protocol = *request.protocol;
    if (protocol == "GENEVE" || protocol == "QUIC" || protocol == "TCP_QUIC")
        return not_built("target groups with protocol '" + protocol + "'");
    if (!request.port) return invalid("A port must be specified");
    if (!request.vpc_id || request.vpc_id->empty()) return invalid("A VPC ID must be specified");
    if (request.ip_address_type.value_or("ipv4") != "ipv4") return not_built("target groups of IPv6 addresses");
    if (request.target_control_port) return not_built("target control ports");
    return {};
}

Result<TargetGroupRecord> admit(const CreateTargetGroupRequest& request, const Caller& caller) {
    TRY_VOID(check_name(request.name, "target group"));
    TRY_VOID(check_kind(request));
    TargetGroupRecord group;
    group.account = caller.account;
    group.region = caller.region;
    group.name = request.name;
    group.protocol = *request.protocol;
    group.port = *request.port;
    group.vpc = *request.vpc_id;
    group.target_type = request.target_type.value_or("instance");
    // Clients send an empty version for the ordinary one.
    const std::string version = request.protocol_version.value_or("");
    if (group.application()) {
        group.protocol_version = version.empty() ? "HTTP1" : version;
        if (group.protocol_version != "HTTP1" && group.protocol_version != "HTTP2" &&
            group.protocol_version != "GRPC") {
            return invalid("Protocol version '" + version + "' must be one of 'GRPC, HTTP1, HTTP2'");
        }
    } else if (!version.empty()) {
        return invalid(
            "Protocol version cannot be specified for target groups with the " + group.protocol + " protocol"
        );
    }
    auto changes = health_check_in(request);
    if (!changes.protocol) changes.protocol = group.application() ? "HTTP" : "TCP";
    TRY_VOID(apply(changes, group));
    TRY(group.tags, requested_tags(request.tags));
    return group;
}

bool same_settings(const TargetGroupRecord& a, const TargetGroupRecord& b) {
    return a.protocol == b.protocol && a.protocol_version == b.protocol_version && a.port == b.port &&
           a.vpc == b.vpc && a.target_type == b.target_type && a.health_check == b.health_check;
}

tl::unexpected<Error> groups_not_found() {
    return refuse("TargetGroupNotFound", "One or more target groups not found");
}

Result<std::vector<state::Pinned<TargetGroupRecord>>> named(
    const Txn& txn, const DescribeTargetGroupsRequest& request, const Caller& caller
) {
    const bool by_arn = request.target_group_arns && !request.target_group_arns->empty();
    const bool by_name = request.names && !request.names->empty();
    if (by_arn + by_name + request.load_balancer_arn.has_value() > 1) {
        return invalid(
            "Target group ARNs, target group names and a load balancer ARN cannot be specified at the same time"
        );
    }
    std::vector<state::Pinned<TargetGroupRecord>> found;
    if (request.load_balancer_arn) {
        TRY(const auto balancer, find_balancer(txn, caller, *request.load_balancer_arn));
        for (const auto& key : groups_of_balancer(txn, balancer->key()))
            found.push_back(txn.get<TargetGroupRecord>(key));
    } else if (by_arn) {
        for (const auto& arn : *request.target_group_arns) {
            TRY(auto group, look_for_group(txn, caller, arn));
            if (!group) return groups_not_found();
            found.push_back(std::move(group));
        }
    } else if (by_name) {
        for (const auto& name : *request.names) {
            auto group = txn.find_one<TargetGroupByName>(key_of(caller.account, caller.region, name));
            if (!group) return groups_not_found();
            found.push_back(std::move(group));
        }
    } else {
        found = txn.list<TargetGroupRecord>(caller.scope());
    }
    return found;
}

}  // namespace

Result<CreateTargetGroupResponse> create_target_group(
    Txn& txn, const CreateTargetGroupRequest& request, const Caller& caller
) {
    TRY(TargetGroupRecord group, admit(request, caller));
    if (!txn.get<ec2::VpcRecord>(key_of(caller.account, caller.region, group.vpc)))
        return invalid("The VPC ID '" + group.vpc + "' is not found");
    const auto known = txn.find_one<TargetGroupByName>(key_of(caller.account, caller.region, group.name));
    if (known) {
        if (same_settings(*known, group)) return CreateTargetGroupResponse{{{show(txn, *known)}}};
        return refuse(
            "DuplicateTargetGroupName",
            "A target group with the same name '" + group.name + "' exists, but with different settings"
        );
    }
    if (txn.list<TargetGroupRecord>(caller.scope()).size() >= kGroups) {
        return refuse(
            "TooManyTargetGroups",
            "The maximum number of target groups has been reached: " + std::to_string(kGroups)
        );
    }
    group.id = fresh_id(txn.chance());
    CreateTargetGroupResponse response{{{show(txn, group)}}};
    txn.put(std::move(group));
    return response;
}

Result<DescribeTargetGroupsResponse> describe_target_groups(
    Txn& txn, const DescribeTargetGroupsRequest& request, const Caller& caller
) {
    TRY(auto found, named(txn, request, caller));
    DescribeTargetGroupsResponse response;
    TRY(response.next_marker,
        cut_page(found, request.marker, request.page_size, [](const auto& group) { return group->id; }));
    response.target_groups.emplace();
    for (const auto& group : found) response.target_groups->push_back(show(txn, *group));
    return response;
}

Result<ModifyTargetGroupResponse> modify_target_group(
    Txn& txn, const ModifyTargetGroupRequest& request, const Caller& caller
) {
    TRY(const auto known, find_group(txn, caller, request.target_group_arn));
    TargetGroupRecord group = *known;
    TRY_VOID(apply(health_check_in(request), group));
    ModifyTargetGroupResponse response{{{show(txn, group)}}};
    txn.put(std::move(group));
    return response;
}

// Its targets follow, by their controller. Deleting what is gone succeeds.
Result<DeleteTargetGroupResponse> delete_target_group(
    Txn& txn, const DeleteTargetGroupRequest& request, const Caller& caller
) {
    TRY(const auto group, look_for_group(txn, caller, request.target_group_arn));
    if (!group) return DeleteTargetGroupResponse{};
    if (balancer_of(txn, group->key())) {
        return refuse(
            "ResourceInUse", "Target group '" + group->arn() + "' is currently in use by a listener or a rule"
        );
    }
    txn.erase<TargetGroupRecord>(group->key());
    return DeleteTargetGroupResponse{};
}

}  // namespace gantry::elbv2
