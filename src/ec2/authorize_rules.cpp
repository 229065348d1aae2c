#include <algorithm>

#include "ec2/find_group.h"
#include "ec2/limits.h"
#include "ec2/security_rule.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

template <class Response, class Request>
Result<Response> authorize(
    Txn& txn, const Request& request, const state::Pinned<SecurityGroupRecord>& group, bool egress
) {
    TRY(auto rules, read_rules(txn, *group, permission_fields(request), egress));
    TRY(const Tags tags, requested_tags(request.tag_specifications, "security-group-rule"));
    std::size_t same_way = rules.size();
    for (const auto& present : group->rules) {
        same_way += present.egress == egress ? 1 : 0;
        for (const auto& rule : rules) {
            if (same_rule(present, rule)) {
                return refuse(
                    "InvalidPermission.Duplicate",
                    "the specified rule \"" + wording(rule) + "\" already exists"
                );
            }
        }
    }
    if (same_way > kRulesPerGroup) {
        return refuse(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached."
        );
    }
    TRY_VOID(dry_run(request.dry_run));
    SecurityGroupRecord changed = *group;
    Response response;
    response.return_ = true;
    response.security_group_rules.emplace();
    for (auto& rule : rules) {
        rule.id = fresh_id("sgr-", txn.chance());
        rule.tags = tags;
        response.security_group_rules->push_back(show(changed, rule));
        changed.rules.push_back(std::move(rule));
    }
    txn.put(std::move(changed));
    return response;
}

// The rules that a revocation names: by ids or by permissions, all or nothing.
template <class Request>
Result<std::vector<SecurityRule>> rules_to_revoke(
    const Txn& txn, const Request& request, const SecurityGroupRecord& group, bool egress
) {
    std::vector<SecurityRule> found;
    if (request.security_group_rule_ids && !request.security_group_rule_ids->empty()) {
        for (const auto& id : *request.security_group_rule_ids) {
            const auto rule =
                std::find_if(group.rules.begin(), group.rules.end(), [&](const SecurityRule& candidate) {
                    return candidate.id == id && candidate.egress == egress;
                });
            if (rule == group.rules.end()) {
                return refuse(
                    "InvalidSecurityGroupRuleId.NotFound",
                    "The security group rule ID '" + id + "' does not exist"
                );
            }
            found.push_back(*rule);
        }
        return found;
    }
    TRY(const auto wanted, read_rules(txn, group, permission_fields(request), egress));
    for (const auto& rule : wanted) {
        const auto present =
            std::find_if(group.rules.begin(), group.rules.end(), [&](const SecurityRule& candidate) {
                return same_rule(candidate, rule);
            });
        if (present == group.rules.end()) {
            return refuse(
                "InvalidPermission.NotFound", "The specified rule does not exist in this security group."
            );
        }
        found.push_back(*present);
    }
    return found;
}

RevokedSecurityGroupRule show_revoked(const SecurityGroupRecord& group, const SecurityRule& rule) {
    const auto shown = show(group, rule);
    RevokedSecurityGroupRule out;
    out.security_group_rule_id = shown.security_group_rule_id;
    out.group_id = shown.group_id;
    out.is_egress = shown.is_egress;
    out.ip_protocol = shown.ip_protocol;
    out.from_port = shown.from_port;
    out.to_port = shown.to_port;
    out.cidr_ipv4 = shown.cidr_ipv4;
    out.cidr_ipv6 = shown.cidr_ipv6;
    out.prefix_list_id = shown.prefix_list_id;
    if (!rule.group.empty()) out.referenced_group_id = rule.group;
    out.description = shown.description;
    return out;
}

template <class Response, class Request>
Result<Response> revoke(
    Txn& txn, const Request& request, const state::Pinned<SecurityGroupRecord>& group, bool egress
) {
    TRY(const auto rules, rules_to_revoke(txn, request, *group, egress));
    TRY_VOID(dry_run(request.dry_run));
    SecurityGroupRecord changed = *group;
    Response response;
    response.return_ = true;
    response.unknown_ip_permissions.emplace();
    response.revoked_security_group_rules.emplace();
    for (const auto& rule : rules) {
        response.revoked_security_group_rules->push_back(show_revoked(*group, rule));
        std::erase_if(changed.rules, [&](const SecurityRule& candidate) { return candidate.id == rule.id; });
    }
    txn.put(std::move(changed));
    return response;
}

}  // namespace

Result<AuthorizeSecurityGroupIngressResponse> authorize_security_group_ingress(
    Txn& txn, const AuthorizeSecurityGroupIngressRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, request.group_name));
    return authorize<AuthorizeSecurityGroupIngressResponse>(txn, request, group, false);
}

Result<AuthorizeSecurityGroupEgressResponse> authorize_security_group_egress(
    Txn& txn, const AuthorizeSecurityGroupEgressRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, {}));
    return authorize<AuthorizeSecurityGroupEgressResponse>(txn, request, group, true);
}

Result<RevokeSecurityGroupIngressResponse> revoke_security_group_ingress(
    Txn& txn, const RevokeSecurityGroupIngressRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, request.group_name));
    return revoke<RevokeSecurityGroupIngressResponse>(txn, request, group, false);
}

Result<RevokeSecurityGroupEgressResponse> revoke_security_group_egress(
    Txn& txn, const RevokeSecurityGroupEgressRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, {}));
    return revoke<RevokeSecurityGroupEgressResponse>(txn, request, group, true);
}

}  // namespace gantry::ec2
