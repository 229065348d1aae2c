#include "ec2/security_group.h"

#include <algorithm>

#include "ec2/find_group.h"
#include "ec2/limits.h"
#include "ec2/listing.h"
#include "ec2/new_vpc.h"
#include "ec2/security_rule.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

SecurityGroup show(const SecurityGroupRecord& group) {
    SecurityGroup out;
    out.group_id = group.id;
    out.ip_permissions_egress = show_permissions(group, true);
    out.tags = shown(group.tags);
    out.vpc_id = group.vpc;
    out.security_group_arn = arn_of(group.account, group.region, "security-group", group.id);
    out.owner_id = group.account;
    out.group_name = group.name;
    out.description = group.description;
    out.ip_permissions = show_permissions(group, false);
    return out;
}

FilterValues rule_fields(const SecurityGroupRecord& group, bool egress, const std::string& name) {
    Values values;
    bool known = false;
    const auto give = [&](const char* wanted, const auto& value_of) {
        if (name != wanted) return;
        known = true;
        for (const auto& rule : group.rules) {
            if (rule.egress != egress) continue;
            std::string value = value_of(rule);
            if (!value.empty()) values.push_back(std::move(value));
        }
    };
    give("cidr", [](const SecurityRule& rule) { return rule.cidr; });
    give("ipv6-cidr", [](const SecurityRule& rule) { return rule.ipv6_cidr; });
    give("from-port", [](const SecurityRule& rule) { return std::to_string(rule.from_port); });
    give("to-port", [](const SecurityRule& rule) { return std::to_string(rule.to_port); });
    give("group-id", [](const SecurityRule& rule) { return rule.group; });
    give("user-id", [](const SecurityRule& rule) { return rule.group_account; });
    give("prefix-list-id", [](const SecurityRule& rule) { return rule.prefix_list; });
    give("protocol", [](const SecurityRule& rule) { return rule.protocol; });
    give("group-name", [](const SecurityRule&) { return std::string(); });
    return known ? FilterValues(values) : FilterValues{};
}

FilterValues fields(const SecurityGroupRecord& group, const std::string& name) {
    if (name == "description") return Values{group.description};
    if (name == "group-id") return Values{group.id};
    if (name == "group-name") return Values{group.name};
    if (name == "owner-id") return Values{group.account};
    if (name == "vpc-id") return Values{group.vpc};
    constexpr std::string_view kIngress = "ip-permission.";
    constexpr std::string_view kEgress = "egress.ip-permission.";
    if (name.starts_with(kIngress)) return rule_fields(group, false, name.substr(kIngress.size()));
    if (name.starts_with(kEgress)) return rule_fields(group, true, name.substr(kEgress.size()));
    return {};
}

bool is_plain_text(const std::string& text) {
    static constexpr std::string_view kOthers = "._-:/()#,@[]+=&;{}!$* ";
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               kOthers.find(c) != std::string_view::npos;
    });
}

Result<> check_texts(const CreateSecurityGroupRequest& request) {
    const auto& name = request.group_name;
    if (name.empty()) return refuse("MissingParameter", "The request must contain the parameter GroupName");
    if (request.description.empty())
        return refuse("MissingParameter", "The request must contain the parameter GroupDescription");
    if (name.size() > 255 || !is_plain_text(name)) {
        return invalid_value(
            "Value (" + name +
            ") for parameter GroupName is invalid. Character sets beyond ASCII are not supported."
        );
    }
    if (name.starts_with("sg-")) {
        return invalid_value(
            "Value (" + name +
            ") for parameter GroupName is invalid. Group names may not be in the format sg-*."
        );
    }
    if (request.description.size() > 255 || !is_plain_text(request.description)) {
        return invalid_value(
            "Value (" + request.description +
            ") for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported."
        );
    }
    if (name == "default") return refuse("InvalidGroup.Reserved", "The security group 'default' is reserved");
    return {};
}

Result<state::Pinned<VpcRecord>> vpc_for(
    const state::View& view, const Caller& caller, const std::optional<std::string>& id
) {
    if (id && !id->empty()) return find<VpcRecord>(view, caller, *id);
    auto vpc = default_vpc(view, caller.account, caller.region);
    if (!vpc) return refuse("VPCIdNotSpecified", "No default VPC for this user");
    return vpc;
}

}  // namespace

Result<state::Pinned<SecurityGroupRecord>> find_group(
    const state::View& view,
    const Caller& caller,
    const std::optional<std::string>& id,
    const std::optional<std::string>& name
) {
    if (id && !id->empty()) return find<SecurityGroupRecord>(view, caller, *id);
    if (!name || name->empty()) {
        return refuse("MissingParameter", "The request must contain the parameter GroupName or GroupId");
    }
    TRY(const auto vpc, vpc_for(view, caller, {}));
    auto group = view.find_one<SecurityGroupByName>(vpc->key() + "/" + *name);
    if (!group) {
        return refuse(
            "InvalidGroup.NotFound",
            "The security group '" + *name + "' does not exist in default VPC '" + vpc->id + "'"
        );
    }
    return group;
}

Result<CreateSecurityGroupResponse> create_security_group(
    Txn& txn, const CreateSecurityGroupRequest& request, const Caller& caller
) {
    TRY_VOID(check_texts(request));
    TRY(const auto vpc, vpc_for(txn, caller, request.vpc_id));
    if (txn.find_one<SecurityGroupByName>(vpc->key() + "/" + request.group_name)) {
        return refuse(
            "InvalidGroup.Duplicate",
            "The security group '" + request.group_name + "' already exists for VPC '" + vpc->id + "'"
        );
    }
    TRY(Tags tags, requested_tags(request.tag_specifications, "security-group"));
    if (txn.list<SecurityGroupRecord>(caller.scope()).size() >= kGroupsPerRegion)
        return refuse(
            "SecurityGroupLimitExceeded", "The maximum number of security groups has been reached."
        );
    TRY_VOID(dry_run(request.dry_run));
    SecurityGroupRecord group;
    group.account = caller.account;
    group.region = caller.region;
    group.id = fresh_id("sg-", txn.chance());
    group.vpc = vpc->id;
    group.name = request.group_name;
    group.description = request.description;
    group.rules.push_back(allow_all_egress([&](std::string_view prefix) {
        return fresh_id(prefix, txn.chance());
    }));
    group.tags = std::move(tags);
    txn.put(group);
    CreateSecurityGroupResponse response;
    response.group_id = group.id;
    response.tags = shown(group.tags);
    response.security_group_arn = arn_of(group.account, group.region, "security-group", group.id);
    return response;
}

Result<DescribeSecurityGroupsResponse> describe_security_groups(
    Txn& txn, const DescribeSecurityGroupsRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    Listing<SecurityGroupRecord> found;
    if (request.group_names && !request.group_names->empty()) {
        std::vector<state::Pinned<SecurityGroupRecord>> named;
        for (const auto& name : *request.group_names) {
            TRY(auto group, find_group(txn, caller, {}, name));
            named.push_back(std::move(group));
        }
        TRY(found, filter_and_page<SecurityGroupRecord>(std::move(named), request, fields));
    } else {
        TRY(found, describe<SecurityGroupRecord>(txn, caller, request.group_ids, request, fields));
    }
    DescribeSecurityGroupsResponse response;
    response.next_token = found.next_token;
    response.security_groups.emplace();
    for (const auto& group : found.records) response.security_groups->push_back(show(*group));
    return response;
}

Result<DeleteSecurityGroupResponse> delete_security_group(
    Txn& txn, const DeleteSecurityGroupRequest& request, const Caller& caller
) {
    TRY(const auto group, find_group(txn, caller, request.group_id, request.group_name));
    if (group->name == "default") {
        return refuse(
            "CannotDelete",
            "the specified group: \"" + group->id + "\" name: \"default\" cannot be deleted by a user"
        );
    }
    bool used = txn.find_one<EnisByGroup>(group->key()) != nullptr;
    for (const auto& other : txn.find<SecurityGroupsByReference>(group->key()))
        used = used || other->id != group->id;
    if (used) return refuse("DependencyViolation", "resource " + group->id + " has a dependent object");
    TRY_VOID(dry_run(request.dry_run));
    txn.erase<SecurityGroupRecord>(group->key());
    return DeleteSecurityGroupResponse{true, group->id};
}

}  // namespace gantry::ec2
