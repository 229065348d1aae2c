#include <algorithm>

#include "ec2/find_group.h"
#include "ec2/listing.h"
#include "ec2/security_rule.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

tl::unexpected<Error> no_rule(const std::string& id) {
    return refuse(
        "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '" + id + "' does not exist"
    );
}

std::vector<SecurityRule>::iterator rule_with(SecurityGroupRecord& group, const std::string& id) {
    return std::find_if(group.rules.begin(), group.rules.end(), [&](const SecurityRule& rule) {
        return rule.id == id;
    });
}

// A rule and the group that has it, for DescribeSecurityGroupRules.
struct Found {
    state::Pinned<SecurityGroupRecord> group;
    SecurityRule rule;
};

FilterValues fields(const Found& found, const std::string& name) {
    if (name == "group-id") return Values{found.group ? found.group->id : ""};
    if (name == "security-group-rule-id") return Values{found.rule.id};
    return {};
}

template <class Response, class Request>
Result<Response> update_descriptions(
    Txn& txn,
    const Request& request,
    const state::Pinned<SecurityGroupRecord>& group,
    const PermissionFields& permissions,
    bool egress
) {
    SecurityGroupRecord changed = *group;
    const auto& by_id = request.security_group_rule_descriptions;
    if (by_id && !by_id->empty()) {
        for (const auto& wanted : *by_id) {
            const std::string id = wanted.security_group_rule_id.value_or("");
            const auto rule = rule_with(changed, id);
            if (rule == changed.rules.end() || rule->egress != egress) return no_rule(id);
            rule->description = wanted.description;
        }
    } else {
        TRY(const auto wanted, read_rules(txn, *group, permissions, egress));
        for (const auto& description : wanted) {
            const auto rule =
                std::find_if(changed.rules.begin(), changed.rules.end(), [&](const SecurityRule& present) {
                    return same_rule(present, description);
                });
            if (rule == changed.rules.end()) {
                return refuse(
                    "InvalidPermission.NotFound", "The specified rule does not exist in this security group."
                );
            }
            rule->description = description.description;
        }
    }
    TRY_VOID(dry_run(request.dry_run));
    txn.put(std::move(changed));
    return Response{true};
}

}  // namespace

Result<ModifySecurityGroupRulesResponse> modify_security_group_rules(
    Txn& txn, const ModifySecurityGroupRulesRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, {}));
    SecurityGroupRecord changed = *group;
    for (const auto& update : request.security_group_rules) {
        const auto rule = rule_with(changed, update.security_group_rule_id);
        if (rule == changed.rules.end()) return no_rule(update.security_group_rule_id);
        TRY(SecurityRule wanted,
            read_rule(
                txn, *group, update.security_group_rule.value_or(SecurityGroupRuleRequest{}), rule->egress
            ));
        for (const auto& other : changed.rules) {
            if (other.id != rule->id && same_rule(other, wanted)) {
                return refuse(
                    "InvalidPermission.Duplicate",
                    "the specified rule \"" + wording(wanted) + "\" already exists"
                );
            }
        }
        wanted.id = rule->id;
        wanted.tags = rule->tags;
        *rule = std::move(wanted);
    }
    TRY_VOID(dry_run(request.dry_run));
    txn.put(std::move(changed));
    return ModifySecurityGroupRulesResponse{true};
}

Result<UpdateSecurityGroupRuleDescriptionsIngressResponse> update_security_group_rule_descriptions_ingress(
    Txn& txn, const UpdateSecurityGroupRuleDescriptionsIngressRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, request.group_name));
    return update_descriptions<UpdateSecurityGroupRuleDescriptionsIngressResponse>(
        txn, request, group, {.permissions = request.ip_permissions}, false
    );
}

Result<UpdateSecurityGroupRuleDescriptionsEgressResponse> update_security_group_rule_descriptions_egress(
    Txn& txn, const UpdateSecurityGroupRuleDescriptionsEgressRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, request.group_name));
    return update_descriptions<UpdateSecurityGroupRuleDescriptionsEgressResponse>(
        txn, request, group, {.permissions = request.ip_permissions}, true
    );
}

Result<DescribeSecurityGroupRulesResponse> describe_security_group_rules(
    Txn& txn, const DescribeSecurityGroupRulesRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    std::vector<Found> found;
    const auto& ids = request.security_group_rule_ids;
    if (ids && !ids->empty()) {
        for (const auto& id : *ids) {
            const auto group = txn.find_one<SecurityGroupByRule>(key_of(caller.account, caller.region, id));
            if (!group) return no_rule(id);
            for (const auto& rule : group->rules) {
                if (rule.id == id) found.push_back({group, rule});
            }
        }
    } else {
        for (const auto& group : txn.list<SecurityGroupRecord>(caller.scope())) {
            for (const auto& rule : group->rules) found.push_back({group, rule});
        }
    }
    TRY_VOID(matches_all(request.filters, {}, [](const std::string& name) { return fields({}, name); }));
    std::erase_if(found, [&](const Found& item) {
        const auto good = matches_all(request.filters, item.rule.tags, [&](const std::string& name) {
            return fields(item, name);
        });
        return !good || !*good;
    });
    std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
        return a.rule.id < b.rule.id;
    });
    DescribeSecurityGroupRulesResponse response;
    TRY(response.next_token, cut_page(found, request.next_token, request.max_results, [](const Found& item) {
            return item.rule.id;
        }));
    response.security_group_rules.emplace();
    for (const auto& item : found) response.security_group_rules->push_back(show(*item.group, item.rule));
    return response;
}

}  // namespace gantry::ec2
