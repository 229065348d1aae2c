#include "ec2/network_acl.h"

#include "ec2/listing.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

// Rule 100 lets everything through, the last rule, shown as "*", denies the rest: both ways.
NetworkAclEntry entry(bool egress, std::int32_t number, const char* action) {
    NetworkAclEntry out;
    out.cidr_block = "0.0.0.0/0";
    out.egress = egress;
    out.protocol = "-1";
    out.rule_action = action;
    out.rule_number = number;
    return out;
}

NetworkAcl show(const state::View& view, const NetworkAclRecord& acl) {
    NetworkAcl out;
    out.associations.emplace();
    for (const auto& subnet : view.find<SubnetsByVpc>(key_of(acl.account, acl.region, acl.vpc)))
        out.associations->push_back({subnet->acl_association, acl.id, subnet->id});
    constexpr std::int32_t kLast = 32767;
    out.entries = {
        entry(true, 100, "allow"), entry(true, kLast, "deny"), entry(false, 100, "allow"),
        entry(false, kLast, "deny")
    };
    out.is_default = true;
    out.network_acl_id = acl.id;
    out.tags = shown(acl.tags);
    out.vpc_id = acl.vpc;
    out.owner_id = acl.account;
    return out;
}

FilterValues fields(const state::View& view, const NetworkAclRecord& acl, const std::string& name) {
    if (name == "default") return Values{"true"};
    if (name == "network-acl-id" || name == "association.network-acl-id") return Values{acl.id};
    if (name == "owner-id") return Values{acl.account};
    if (name == "vpc-id") return Values{acl.vpc};
    if (name == "association.subnet-id" || name == "association.association-id") {
        Values values;
        for (const auto& subnet : view.find<SubnetsByVpc>(key_of(acl.account, acl.region, acl.vpc)))
            values.push_back(name == "association.subnet-id" ? subnet->id : subnet->acl_association);
        return values;
    }
    if (name == "entry.cidr") return Values{"0.0.0.0/0"};
    if (name == "entry.egress") return Values{"true", "false"};
    if (name == "entry.protocol") return Values{"-1"};
    if (name == "entry.rule-action") return Values{"allow", "deny"};
    if (name == "entry.rule-number") return Values{"100", "32767"};
    if (name.starts_with("entry.")) return Values{};
    return {};
}

}  // namespace

Result<DescribeNetworkAclsResponse> describe_network_acls(
    Txn& txn, const DescribeNetworkAclsRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    const auto values = [&](const NetworkAclRecord& acl, const std::string& name) {
        return fields(txn, acl, name);
    };
    TRY(auto found, describe<NetworkAclRecord>(txn, caller, request.network_acl_ids, request, values));
    DescribeNetworkAclsResponse response;
    response.next_token = found.next_token;
    response.network_acls.emplace();
    for (const auto& acl : found.records) response.network_acls->push_back(show(txn, *acl));
    return response;
}

}  // namespace gantry::ec2
