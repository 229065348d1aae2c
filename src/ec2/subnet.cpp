#include "ec2/subnet.h"

#include <algorithm>

#include "ec2/limits.h"
#include "ec2/listing.h"
#include "ec2/tagging.h"
#include "ec2/zones.h"

namespace gantry::ec2 {

using namespace shapes::ec2;
using state::Txn;

namespace {

std::int32_t free_addresses(const state::View& view, const SubnetRecord& subnet) {
    const auto used = static_cast<std::int64_t>(view.count<EnisBySubnet>(subnet.key()));
    return static_cast<std::int32_t>(static_cast<std::int64_t>(subnet.block().size()) - kReserved - used);
}

Subnet show(const state::View& view, const SubnetRecord& subnet) {
    Subnet out;
    out.availability_zone_id = subnet.zone_id;
    out.map_customer_owned_ip_on_launch = false;
    out.owner_id = subnet.account;
    out.assign_ipv6_address_on_creation = false;
    out.ipv6_cidr_block_association_set.emplace();
    out.tags = shown(subnet.tags);
    out.subnet_arn = arn_of(subnet.account, subnet.region, "subnet", subnet.id);
    out.enable_dns64 = false;
    out.ipv6_native = false;
    out.private_dns_name_options_on_launch =
        PrivateDnsNameOptionsOnLaunch{subnet.hostname_type, subnet.resource_name_a_record, false};
    out.subnet_id = subnet.id;
    out.state = "available";
    out.vpc_id = subnet.vpc;
    out.cidr_block = subnet.cidr;
    out.available_ip_address_count = free_addresses(view, subnet);
    out.availability_zone = subnet.zone;
    out.default_for_az = subnet.default_for_zone;
    out.map_public_ip_on_launch = subnet.map_public_ip;
    return out;
}

FilterValues fields(const state::View& view, const SubnetRecord& subnet, const std::string& name) {
    if (name == "availability-zone" || name == "availabilityZone") return Values{subnet.zone};
    if (name == "availability-zone-id" || name == "availabilityZoneId") return Values{subnet.zone_id};
    if (name == "available-ip-address-count")
        return subnet.cidr.empty() ? Values{} : Values{std::to_string(free_addresses(view, subnet))};
    if (name == "cidr-block" || name == "cidr" || name == "cidrBlock") return Values{subnet.cidr};
    if (name == "default-for-az" || name == "defaultForAz") return Values{text_of(subnet.default_for_zone)};
    if (name == "map-public-ip-on-launch") return Values{text_of(subnet.map_public_ip)};
    if (name == "ipv6-native" || name == "enable-dns64" || name == "map-customer-owned-ip-on-launch")
        return Values{"false"};
    if (name == "owner-id") return Values{subnet.account};
    if (name == "private-dns-name-options-on-launch.enable-resource-name-dns-a-record" ||
        name == "private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record")
        return Values{"false"};
    if (name == "private-dns-name-options-on-launch.hostname-type") return Values{subnet.hostname_type};
    if (name == "state") return Values{"available"};
    if (name == "subnet-arn") return Values{arn_of(subnet.account, subnet.region, "subnet", subnet.id)};
    if (name == "subnet-id") return Values{subnet.id};
    if (name == "vpc-id") return Values{subnet.vpc};
    if (name == "outpost-arn" || name == "customer-owned-ipv4-pool" || name == "enable-lni-at-device-index" || name.starts_with("ipv6-cidr-block-association.")) return Values{};
    return {};
}

Result<Cidr> requested_block(const CreateSubnetRequest& request, const VpcRecord& vpc) {
    if (request.ipv6_cidr_block || request.ipv6_native.value_or(false) || request.ipv6_ipam_pool_id)
        return not_built("An IPv6 CIDR block of a subnet");
    if (request.ipv4_ipam_pool_id || request.ipv4_netmask_length) return not_built("IPAM");
    if (request.outpost_arn) return not_built("A subnet on an Outpost");
    if (!request.cidr_block || request.cidr_block->empty())
        return refuse("MissingParameter", "Either 'cidrBlock' or 'ipv4IpamPoolId' should be provided.");
    const auto parsed = parse_cidr(*request.cidr_block);
    if (!parsed) {
        return invalid_value(
            "Value (" + *request.cidr_block +
            ") for parameter cidrBlock is invalid. This is not a valid CIDR block."
        );
    }
    const Cidr block = normalised(*parsed);
    if (block.prefix < 16 || block.prefix > 28 || !vpc.block().contains(block))
        return refuse("InvalidSubnet.Range", "The CIDR '" + *request.cidr_block + "' is invalid.");
    return block;
}

Result<Zone> requested_zone(const CreateSubnetRequest& request, const Caller& caller) {
    const auto zones = zones_of(caller.region);
    if (!request.availability_zone && !request.availability_zone_id) return zones.front();
    const bool by_name = request.availability_zone.has_value();
    const std::string wanted = by_name ? *request.availability_zone : *request.availability_zone_id;
    std::string names;
    for (const auto& zone : zones) {
        const auto& name = by_name ? zone.name : zone.id;
        if (name == wanted) return zone;
        names += (names.empty() ? "" : ", ") + name;
    }
    return invalid_value(
        "Value (" + wanted + ") for parameter " + (by_name ? "availabilityZone" : "availabilityZoneId") +
        " is invalid. Subnets can currently only be created in the following availability zones: " + names +
        "."
    );
}

}  // namespace

Result<CreateSubnetResponse> create_subnet(
    Txn& txn, const CreateSubnetRequest& request, const Caller& caller
) {
    TRY(const auto vpc, find<VpcRecord>(txn, caller, request.vpc_id));
    TRY(const Cidr block, requested_block(request, *vpc));
    TRY(const Zone zone, requested_zone(request, caller));
    TRY(Tags tags, requested_tags(request.tag_specifications, "subnet"));
    const auto others = txn.find<SubnetsByVpc>(vpc->key());
    if (others.size() >= kSubnetsPerVpc)
        return refuse("SubnetLimitExceeded", "The maximum number of subnets has been reached.");
    for (const auto& other : others) {
        if (other->block().overlaps(block)) {
            return refuse(
                "InvalidSubnet.Conflict",
                "The CIDR '" + *request.cidr_block + "' conflicts with another subnet"
            );
        }
    }
    TRY_VOID(dry_run(request.dry_run));
    SubnetRecord subnet;
    subnet.account = caller.account;
    subnet.region = caller.region;
    subnet.id = fresh_id("subnet-", txn.chance());
    subnet.vpc = vpc->id;
    subnet.cidr = format(block);
    subnet.zone = zone.name;
    subnet.zone_id = zone.id;
    subnet.acl_association = fresh_id("aclassoc-", txn.chance());
    subnet.tags = std::move(tags);
    txn.put(subnet);
    return CreateSubnetResponse{show(txn, subnet)};
}

Result<DescribeSubnetsResponse> describe_subnets(
    Txn& txn, const DescribeSubnetsRequest& request, const Caller& caller
) {
    TRY_VOID(dry_run(request.dry_run));
    const auto values = [&](const SubnetRecord& subnet, const std::string& name) {
        return fields(txn, subnet, name);
    };
    TRY(auto found, describe<SubnetRecord>(txn, caller, request.subnet_ids, request, values));
    DescribeSubnetsResponse response{found.next_token, std::vector<Subnet>{}};
    for (const auto& subnet : found.records) response.subnets->push_back(show(txn, *subnet));
    return response;
}

Result<ModifySubnetAttributeResponse> modify_subnet_attribute(
    Txn& txn, const ModifySubnetAttributeRequest& request, const Caller& caller
) {
    TRY(const auto subnet, find<SubnetRecord>(txn, caller, request.subnet_id));
    const auto on = [](const std::optional<AttributeBooleanValue>& wanted) {
        return wanted && wanted->value.value_or(false);
    };
    if (on(request.assign_ipv6_address_on_creation) || on(request.enable_dns64) ||
        on(request.enable_resource_name_dns_aaaa_record_on_launch))
        return not_built("IPv6 in subnets");
    if (on(request.map_customer_owned_ip_on_launch) || request.customer_owned_ipv4_pool ||
        request.enable_lni_at_device_index)
        return not_built("A subnet on an Outpost");
    SubnetRecord changed = *subnet;
    if (request.map_public_ip_on_launch) changed.map_public_ip = on(request.map_public_ip_on_launch);
    if (request.enable_resource_name_dns_a_record_on_launch)
        changed.resource_name_a_record = on(request.enable_resource_name_dns_a_record_on_launch);
    if (request.private_dns_hostname_type_on_launch) {
        const auto& type = *request.private_dns_hostname_type_on_launch;
        if (type != "ip-name" && type != "resource-name") {
            return invalid_value(
                "Value (" + type + ") for parameter privateDnsHostnameTypeOnLaunch is invalid."
            );
        }
        changed.hostname_type = type;
    }
    txn.put(std::move(changed));
    return ModifySubnetAttributeResponse{};
}

Result<DeleteSubnetResponse> delete_subnet(
    Txn& txn, const DeleteSubnetRequest& request, const Caller& caller
) {
    TRY(const auto subnet, find<SubnetRecord>(txn, caller, request.subnet_id));
    if (txn.find_one<EnisBySubnet>(subnet->key())) return in_use("subnet", subnet->id);
    TRY_VOID(dry_run(request.dry_run));
    if (const auto table = txn.find_one<RouteTableByAssociation>(subnet->key())) {
        RouteTableRecord changed = *table;
        std::erase_if(changed.associations, [&](const RouteAssociation& association) {
            return association.subnet == subnet->id;
        });
        txn.put(std::move(changed));
    }
    txn.erase<SubnetRecord>(subnet->key());
    return DeleteSubnetResponse{};
}

}  // namespace gantry::ec2
