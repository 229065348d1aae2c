#include "ec2/new_vpc.h"

#include "ec2/zones.h"

namespace gantry::ec2 {

SecurityRule allow_all_egress(const NewId& new_id) {
    SecurityRule rule;
    rule.id = new_id("sgr-");
    rule.egress = true;
    rule.protocol = "-1";
    rule.cidr = "0.0.0.0/0";
    return rule;
}

NewVpc build_vpc(
    const std::string& account, const std::string& region, const Cidr& block, const NewId& new_id
) {
    NewVpc made;
    auto& vpc = made.vpc;
    vpc.account = account;
    vpc.region = region;
    vpc.id = new_id("vpc-");
    vpc.cidr = format(block);
    vpc.cidr_association = new_id("vpc-cidr-assoc-");
    vpc.dhcp_options = seeded_id("dopt-", account, region, 0);
    vpc.main_route_table = new_id("rtb-");
    vpc.network_acl = new_id("acl-");
    vpc.default_group = new_id("sg-");

    auto& table = made.main_route_table;
    table.account = account;
    table.region = region;
    table.id = vpc.main_route_table;
    table.vpc = vpc.id;
    table.routes.push_back({vpc.cidr, {}, "local", "CreateRouteTable"});
    table.associations.push_back({new_id("rtbassoc-"), {}});

    auto& group = made.default_group;
    group.account = account;
    group.region = region;
    group.id = vpc.default_group;
    group.vpc = vpc.id;
    group.name = "default";
    group.description = "default VPC security group";
    SecurityRule among_members;
    among_members.id = new_id("sgr-");
    among_members.protocol = "-1";
    among_members.group = group.id;
    among_members.group_account = account;
    group.rules = {among_members, allow_all_egress(new_id)};

    made.network_acl = {account, region, vpc.network_acl, vpc.id, {}};
    return made;
}

void put(state::Txn& txn, const NewVpc& vpc) {
    txn.put(vpc.vpc);
    txn.put(vpc.main_route_table);
    txn.put(vpc.default_group);
    txn.put(vpc.network_acl);
}

DefaultVpc build_default_vpc(const std::string& account, const std::string& region, const NewId& new_id) {
    DefaultVpc made;
    const Cidr block = *parse_cidr("172.31.0.0/16");
    made.base = build_vpc(account, region, block, new_id);
    made.base.vpc.is_default = true;
    made.base.vpc.dns_hostnames = true;
    made.gateway = {account, region, new_id("igw-"), made.base.vpc.id, {}};
    made.base.main_route_table.routes.push_back({"0.0.0.0/0", {}, made.gateway.id, "CreateRoute"});
    std::uint32_t next = block.network.bits;
    for (const auto& zone : zones_of(region)) {
        SubnetRecord subnet;
        subnet.account = account;
        subnet.region = region;
        subnet.id = new_id("subnet-");
        subnet.vpc = made.base.vpc.id;
        const Cidr part{{next}, 20};
        subnet.cidr = format(part);
        next += static_cast<std::uint32_t>(part.size());
        subnet.zone = zone.name;
        subnet.zone_id = zone.id;
        subnet.default_for_zone = true;
        subnet.map_public_ip = true;
        subnet.acl_association = new_id("aclassoc-");
        made.subnets.push_back(std::move(subnet));
    }
    return made;
}

void put(state::Txn& txn, const DefaultVpc& vpc) {
    put(txn, vpc.base);
    txn.put(vpc.gateway);
    for (const auto& subnet : vpc.subnets) txn.put(subnet);
}

state::Pinned<VpcRecord> default_vpc(
    const state::View& view, const std::string& account, const std::string& region
) {
    for (auto& vpc : view.list<VpcRecord>(key_of(account, region, {}))) {
        if (vpc->is_default) return vpc;
    }
    return nullptr;
}

}  // namespace gantry::ec2
