#include "ec2/vpc.h"

#include "ec2/limits.h"
#include "ec2/listing.h"
#include "ec2/new_vpc.h"
#include "ec2/tagging.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

Vpc show(const VpcRecord& vpc) {
    Vpc out;
    out.owner_id = vpc.account;
    out.instance_tenancy = vpc.tenancy;
    out.cidr_block_association_set = {
        VpcCidrBlockAssociation{vpc.cidr_association, vpc.cidr, VpcCidrBlockState{"associated", {}}}
    };
    out.is_default = vpc.is_default;
    out.tags = shown(vpc.tags);
    out.vpc_id = vpc.id;
    out.state = "available";
    out.cidr_block = vpc.cidr;
    out.dhcp_options_id = vpc.dhcp_options;
    return out;
}

FilterValues fields(const VpcRecord& vpc, const std::string& name) {
    if (name == "cidr" || name == "cidr-block" || name == "cidrBlock" ||
        name == "cidr-block-association.cidr-block")
        return Values{vpc.cidr};
    if (name == "cidr-block-association.association-id") return Values{vpc.cidr_association};
    if (name == "cidr-block-association.state") return Values{"associated"};
    if (name == "dhcp-options-id" || name == "dhcpOptionsId") return Values{vpc.dhcp_options};
    if (name == "is-default" || name == "isDefault") return Values{text_of(vpc.is_default)};
    if (name == "owner-id") return Values{vpc.account};
    if (name == "state") return Values{"available"};
    if (name == "vpc-id") return Values{vpc.id};
    if (name.starts_with("ipv6-cidr-block-association.")) return Values{};
    return {};
}

Result<Cidr> requested_block(const CreateVpcRequest& request) {
    if (request.amazon_provided_ipv6_cidr_block.value_or(false) || request.ipv6_cidr_block ||
        request.ipv6_pool || request.ipv6_ipam_pool_id || request.ipv6_netmask_length)
        return not_built("An IPv6 CIDR block of a VPC");
    if (request.ipv4_ipam_pool_id || request.ipv4_netmask_length) return not_built("IPAM");
    if (!request.cidr_block || request.cidr_block->empty())
        return refuse("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
    const auto block = parse_cidr(*request.cidr_block);
    if (!block) {
        return invalid_value(
            "Value (" + *request.cidr_block +
            ") for parameter cidrBlock is invalid. This is not a valid CIDR block."
        );
    }
    if (block->prefix < 16 || block->prefix > 28)
        return refuse("InvalidVpc.Range", "The CIDR '" + *request.cidr_block + "' is invalid.");
    return normalised(*block);
}

NewId fresh_ids(Txn& txn) {
    return [&txn](std::string_view prefix) { return fresh_id(prefix, txn.chance()); };
}

Result<> check_room(const Txn& txn, const Caller& caller) {
    if (txn.list<VpcRecord>(caller.scope()).size() >= kVpcsPerRegion)
        return refuse("VpcLimitExceeded", "The maximum number of VPCs has been reached.");
    return {};
}

}  // namespace

Result<CreateVpcResponse> create_vpc(Txn& txn, const CreateVpcRequest& request, const Caller& caller) {
    TRY(const Cidr block, requested_block(request));
    const std::string tenancy = request.instance_tenancy.value_or("default");
    if (tenancy != "default" && tenancy != "dedicated" && tenancy != "host") {
        return invalid_value(
            "Value (" + tenancy +
            ") for parameter instanceTenancy is invalid. Valid values: default, dedicated."
        );
    }
    TRY(Tags tags, requested_tags(request.tag_specifications, "vpc"));
    TRY_VOID(check_room(txn, caller));
    TRY_VOID(dry_run(request.dry_run));
    NewVpc made = build_vpc(caller.account, caller.region, block, fresh_ids(txn));
    made.vpc.tenancy = tenancy;
    made.vpc.tags = std::move(tags);
    put(txn, made);
    Vpc out = show(made.vpc);
    out.state = "pending";
    return CreateVpcResponse{std::move(out)};
}

Result<CreateDefaultVpcResponse> create_default_vpc(
    Txn& txn, const CreateDefaultVpcRequest& request, const Caller& caller
) {
    if (const auto vpc = default_vpc(txn, caller.account, caller.region)) {
        return refuse(
            "DefaultVpcAlreadyExists", "A Default VPC already exists for this account in this region."
        );
    }
    TRY_VOID(check_room(txn, caller));
    TRY_VOID(dry_run(request.dry_run));
    const DefaultVpc made = build_default_vpc(caller.account, caller.region, fresh_ids(txn));
    put(txn, made);
    return CreateDefaultVpcResponse{show(made.base.vpc)};
}

Result<DescribeVpcsResponse> describe_vpcs(
    Txn& txn, const DescribeVpcsRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    TRY(auto found, describe<VpcRecord>(txn, caller, request.vpc_ids, request, fields));
    DescribeVpcsResponse response{found.next_token, std::vector<Vpc>{}};
    for (const auto& vpc : found.records) response.vpcs->push_back(show(*vpc));
    return response;
}

Result<DescribeVpcAttributeResponse> describe_vpc_attribute(
    Txn& txn, const DescribeVpcAttributeRequest& request, const Caller& caller
) {
    TRY(const auto vpc, find<VpcRecord>(txn, caller, request.vpc_id));
    TRY_VOID(dry_run(request.dry_run));
    DescribeVpcAttributeResponse response;
    response.vpc_id = vpc->id;
    if (request.attribute == "enableDnsHostnames") {
        response.enable_dns_hostnames = AttributeBooleanValue{vpc->dns_hostnames};
    } else if (request.attribute == "enableDnsSupport") {
        response.enable_dns_support = AttributeBooleanValue{vpc->dns_support};
    } else if (request.attribute == "enableNetworkAddressUsageMetrics") {
        response.enable_network_address_usage_metrics = AttributeBooleanValue{vpc->address_usage_metrics};
    } else {
        return invalid_value(
            "Value (" + request.attribute + ") for parameter attribute is invalid. Unknown attribute."
        );
    }
    return response;
}

Result<ModifyVpcAttributeResponse> modify_vpc_attribute(
    Txn& txn, const ModifyVpcAttributeRequest& request, const Caller& caller
) {
    TRY(const auto vpc, find<VpcRecord>(txn, caller, request.vpc_id));
    const int given = request.enable_dns_hostnames.has_value() + request.enable_dns_support.has_value() +
                      request.enable_network_address_usage_metrics.has_value();
    if (given == 0) return refuse("MissingParameter", "The request must contain the parameter attribute");
    if (given > 1)
        return refuse("InvalidParameterCombination", "Fields for multiple attribute types specified");
    VpcRecord changed = *vpc;
    const auto set = [](bool& member, const std::optional<AttributeBooleanValue>& wanted) {
        if (wanted) member = wanted->value.value_or(false);
    };
    set(changed.dns_hostnames, request.enable_dns_hostnames);
    set(changed.dns_support, request.enable_dns_support);
    set(changed.address_usage_metrics, request.enable_network_address_usage_metrics);
    txn.put(std::move(changed));
    return ModifyVpcAttributeResponse{};
}

Result<DeleteVpcResponse> delete_vpc(Txn& txn, const DeleteVpcRequest& request, const Caller& caller) {
    TRY(const auto vpc, find<VpcRecord>(txn, caller, request.vpc_id));
    const auto key = vpc->key();
    // What came with the VPC goes with it; everything else the user removes first.
    const bool used = txn.count<SubnetsByVpc>(key) > 0 || txn.find_one<InternetGatewayByVpc>(key) ||
                      txn.find_one<EnisByVpc>(key) || txn.count<SecurityGroupsByVpc>(key) > 1 ||
                      txn.count<RouteTablesByVpc>(key) > 1;
    if (used) return in_use("vpc", vpc->id);
    TRY_VOID(dry_run(request.dry_run));
    txn.erase<VpcRecord>(key);
    txn.erase<RouteTableRecord>(key_of(vpc->account, vpc->region, vpc->main_route_table));
    txn.erase<SecurityGroupRecord>(key_of(vpc->account, vpc->region, vpc->default_group));
    txn.erase<NetworkAclRecord>(key_of(vpc->account, vpc->region, vpc->network_acl));
    return DeleteVpcResponse{};
}

}  // namespace gantry::ec2
