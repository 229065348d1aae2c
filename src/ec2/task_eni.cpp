#include "ec2/task_eni.h"

#include <algorithm>

#include "base/assertion.h"
#include "ec2/security_group.h"
#include "ec2/subnet.h"
#include "ec2/vpc.h"

namespace gantry::ec2 {
namespace {

// The accounts in which AWS itself runs Fargate and requests its interfaces; DescribeNetworkInterfaces shows
// numbers like these and nobody can name them.
constexpr const char* kFargateAccount = "578734482556";

void push_once(std::vector<std::string>& list, const std::string& item) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

std::string fresh_mac(state::Chance& chance) {
    std::string mac = "0a";  // locally administered, as AWS's are
    const std::string digits = chance.hex(10);
    for (std::size_t at = 0; at < digits.size(); at += 2) mac += ":" + digits.substr(at, 2);
    return mac;
}

}  // namespace

tl::expected<AwsvpcNetwork, AwsvpcFault> check_awsvpc(
    const state::View& view,
    const std::string& account,
    const std::string& region,
    const std::vector<std::string>& subnets,
    const std::vector<std::string>& groups
) {
    using Kind = AwsvpcFault::Kind;
    ASSERT(!subnets.empty(), "an awsvpc configuration without subnets");
    AwsvpcNetwork network;
    for (const auto& id : subnets) {
        const auto subnet = view.get<SubnetRecord>(key_of(account, region, id));
        if (!subnet) return tl::unexpected(AwsvpcFault{Kind::subnet_not_found, id});
        if (network.vpc.empty()) network.vpc = subnet->vpc;
        if (subnet->vpc != network.vpc) return tl::unexpected(AwsvpcFault{Kind::subnets_of_two_vpcs, id});
        push_once(network.subnets, id);
    }
    for (const auto& id : groups) {
        const auto group = view.get<SecurityGroupRecord>(key_of(account, region, id));
        if (!group) return tl::unexpected(AwsvpcFault{Kind::group_not_found, id});
        if (group->vpc != network.vpc) return tl::unexpected(AwsvpcFault{Kind::group_of_another_vpc, id});
        push_once(network.groups, id);
    }
    if (network.groups.empty()) {
        const auto vpc = view.get<VpcRecord>(key_of(account, region, network.vpc));
        ASSERT(vpc, "a subnet without its VPC");
        network.groups.push_back(vpc->default_group);
    }
    return network;
}

tl::expected<EniRecord, EniFault> EniAllocator::make(const TaskEniRequest& request, const state::Turn& turn) {
    using Kind = EniFault::Kind;
    ASSERT(!request.subnets.empty() && !request.groups.empty(), "an interface needs a subnet and a group");
    for (const auto& id : request.groups) {
        if (!view_.get<SecurityGroupRecord>(key_of(request.account, request.region, id)))
            return tl::unexpected(EniFault{Kind::group_not_found, id});
    }
    state::Pinned<SubnetRecord> subnet;
    std::optional<Ipv4> address;
    for (const auto& id : request.subnets) {
        subnet = view_.get<SubnetRecord>(key_of(request.account, request.region, id));
        if (!subnet) return tl::unexpected(EniFault{Kind::subnet_not_found, id});
        const Cidr block = subnet->block();
        address = pool_.take({block.first().bits + kReservedFirst}, {block.last().bits - 1});
        if (address) break;
    }
    if (!address) return tl::unexpected(EniFault{Kind::subnets_full, request.subnets.back()});

    EniRecord eni;
    if (request.public_address) {
        const auto open = pool_.take({kPublicAddresses.first().bits + 1}, {kPublicAddresses.last().bits - 1});
        if (!open) {
            pool_.free(*address);
            return tl::unexpected(EniFault{Kind::public_addresses_used_up, format(kPublicAddresses)});
        }
        eni.public_address = format(*open);
    }
    eni.account = request.account;
    eni.region = request.region;
    eni.id = fresh_id("eni-", turn.chance);
    eni.subnet = subnet->id;
    eni.vpc = subnet->vpc;
    eni.zone = subnet->zone;
    eni.address = format(*address);
    eni.mac = fresh_mac(turn.chance);
    eni.groups = request.groups;
    eni.description = attachment_arn(request.region, request.account, request.attachment_uuid);
    eni.requester = kFargateAccount;
    eni.attachment = fresh_id("eni-attach-", turn.chance);
    eni.attachment_owner = kFargateAccount;
    eni.device_index = 1;
    eni.attached_at = turn.now;
    eni.owner = request.owner;
    eni.worker = request.worker;
    eni.tags = request.tags;
    made_.emplace(eni.key(), eni);
    return eni;
}

tl::expected<EniRecord, EniFault> EniAllocator::make(
    const BalancerEniRequest& request, const state::Turn& turn
) {
    using Kind = EniFault::Kind;
    for (const auto& id : request.groups) {
        if (!view_.get<SecurityGroupRecord>(key_of(request.account, request.region, id)))
            return tl::unexpected(EniFault{Kind::group_not_found, id});
    }
    const auto subnet = view_.get<SubnetRecord>(key_of(request.account, request.region, request.subnet));
    if (!subnet) return tl::unexpected(EniFault{Kind::subnet_not_found, request.subnet});
    const Ipv4 first{subnet->block().first().bits + kReservedFirst};
    const Ipv4 last{subnet->block().last().bits - 1};
    std::optional<Ipv4> address;
    if (request.address.empty()) {
        address = pool_.take(first, last);
        if (!address) return tl::unexpected(EniFault{Kind::subnets_full, request.subnet});
    } else {
        const auto asked = parse_ipv4(request.address);
        if (!asked || *asked < first || *asked > last)
            return tl::unexpected(EniFault{Kind::address_not_usable, request.address});
        address = pool_.take(*asked, *asked);
        if (!address) return tl::unexpected(EniFault{Kind::address_in_use, request.address});
    }
    const bool network = request.path.starts_with("net/");
    EniRecord eni;
    eni.account = request.account;
    eni.region = request.region;
    eni.id = fresh_id("eni-", turn.chance);
    eni.subnet = subnet->id;
    eni.vpc = subnet->vpc;
    eni.zone = subnet->zone;
    eni.address = format(*address);
    eni.mac = fresh_mac(turn.chance);
    eni.groups = request.groups;
    eni.description = "ELB " + request.path;
    if (network) eni.interface_type = "network_load_balancer";
    // Clients find balancers' interfaces by these.
    eni.requester = eni.attachment_owner = network ? "amazon-aws" : "amazon-elb";
    eni.attachment = fresh_id("ela-attach-", turn.chance);
    eni.device_index = 1;
    eni.attached_at = turn.now;
    eni.owner = request.owner;
    eni.worker = request.worker;
    eni.tags = request.tags;
    made_.emplace(eni.key(), eni);
    return eni;
}

bool EniAllocator::release(const std::string& key) {
    if (released_.contains(key)) return false;
    const auto eni = view_.get<EniRecord>(key);
    if (!eni) return false;
    pool_.free(*parse_ipv4(eni->address));
    if (!eni->public_address.empty()) pool_.free(*parse_ipv4(eni->public_address));
    released_.insert(key);
    return true;
}

void EniAllocator::write(state::Plan& plan, const std::string& reason) const {
    for (const auto& [_, eni] : made_) plan.put(eni, reason);
    for (const auto& key : released_) plan.erase<EniRecord>(key, reason);
    pool_.write(plan, reason);
}

void EniAllocator::write(state::Txn& txn) const {
    for (const auto& [_, eni] : made_) txn.put(eni);
    for (const auto& key : released_) txn.erase<EniRecord>(key);
    pool_.write(txn);
}

std::string attachment_arn(const std::string& region, const std::string& account, const std::string& uuid) {
    return "arn:aws:ecs:" + region + ":" + account + ":attachment/" + uuid;
}

}  // namespace gantry::ec2
